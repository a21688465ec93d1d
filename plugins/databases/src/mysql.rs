//! MariaDB and MySQL, through mysql and mysqldump, or mariadb and mariadb-dump.

pub mod db;
mod dump;
mod login;
mod privileges;
mod session;
pub mod user;
