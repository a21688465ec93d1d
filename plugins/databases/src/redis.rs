//! Redis and Valkey, through redis-cli or valkey-cli.

pub mod client;
pub mod data;
pub mod data_info;
pub mod info;
pub mod redis_module;
