//! `postgres.role` and `postgres.peer`: what the server of this host is, and what the other one is as seen from here.

mod peer;
mod role;

use peer::PostgresPeer;
use role::PostgresRole;
use switchover_sdk::export_modules;

export_modules!(PostgresRole, PostgresPeer);
