//! MariaDB and MySQL, through mysql and mysqldump, or mariadb and mariadb-dump.

mod account;
mod answers;
pub mod db;
mod dump;
mod login;
mod options;
mod privileges;
pub mod query;
mod session;
pub mod user;
pub mod variables;
