//! Databases, users and queries of PostgreSQL and MariaDB, through their own command-line clients.
//!
//! Passwords reach a client by standard input and its environment or a private file; names and values become SQL only
//! in [`sql`].

mod client;
mod compression;
mod mysql;
mod placeholders;
mod postgres;
mod sql;
mod statements;

use mysql::db::Db as MysqlDb;
use mysql::user::User as MysqlUser;
use postgres::db::Db as PostgresqlDb;
use postgres::ext::Ext as PostgresqlExt;
use postgres::query::Query as PostgresqlQuery;
use postgres::user::User as PostgresqlUser;

switchover_sdk::export_modules!(
    MysqlDb,
    MysqlUser,
    PostgresqlDb,
    PostgresqlExt,
    PostgresqlQuery,
    PostgresqlUser
);
