//! Databases, users and queries of PostgreSQL and MariaDB, keys and settings of Redis, through their own command-line clients.
//!
//! Passwords reach a client by standard input and its environment or a private file; names and values become SQL only
//! in [`sql`].

mod client;
mod compression;
mod mysql;
mod placeholders;
mod postgres;
mod redis;
mod sql;
mod statements;

use mysql::db::Db as MysqlDb;
use mysql::query::Query as MysqlQuery;
use mysql::user::User as MysqlUser;
use mysql::variables::Variables as MysqlVariables;
use postgres::db::Db as PostgresqlDb;
use postgres::ext::Ext as PostgresqlExt;
use postgres::privs::Privs as PostgresqlPrivs;
use postgres::query::Query as PostgresqlQuery;
use postgres::user::User as PostgresqlUser;
use redis::data::Data as RedisData;
use redis::data_info::DataInfo as RedisDataInfo;
use redis::info::Info as RedisInfo;
use redis::redis_module::Redis;

switchover_sdk::export_modules!(
    MysqlDb,
    MysqlQuery,
    MysqlUser,
    MysqlVariables,
    PostgresqlDb,
    PostgresqlExt,
    PostgresqlPrivs,
    PostgresqlQuery,
    PostgresqlUser,
    Redis,
    RedisData,
    RedisDataInfo,
    RedisInfo,
);
