//! MariaDB and MySQL, through mysql and mysqldump, or mariadb and mariadb-dump.

mod answers;
pub mod db;
mod dump;
mod login;
mod privileges;
pub mod query;
mod session;
pub mod user;
