//! Databases, users and queries of PostgreSQL, MariaDB and Redis, through their own command-line clients.
//!
//! Passwords reach a client by standard input and its environment or a private file; names and values become SQL only
//! in [`sql`].

mod client;
mod compression;
mod placeholders;
mod postgres;
mod sql;
mod statements;

use postgres::db::Db as PostgresqlDb;
use postgres::ext::Ext as PostgresqlExt;
use postgres::query::Query as PostgresqlQuery;
use postgres::user::User as PostgresqlUser;

switchover_sdk::export_modules!(PostgresqlDb, PostgresqlExt, PostgresqlQuery, PostgresqlUser);
