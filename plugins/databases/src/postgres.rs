//! PostgreSQL, through psql, pg_dump and pg_restore.

pub mod db;
mod dump;
pub mod ext;
mod flags;
mod login;
mod password;
pub mod privs;
mod psql;
pub mod query;
mod rows;
pub mod user;
