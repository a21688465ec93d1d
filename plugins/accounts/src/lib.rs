//! Who may use a host: `group`, `user`, `authorized_key` and `known_hosts`.
//!
//! Each module looks in one round trip and changes in another. The tools are the host's own (`useradd`, `groupadd`,
//! `chage`, `ssh-keygen`); secrets reach them on standard input only.

mod accounts;
mod authorized_key;
mod group;
mod key_line;
mod known_hosts;
mod steps;
mod user;

use authorized_key::AuthorizedKey;
use group::Group;
use known_hosts::KnownHosts;
use user::User;

switchover_sdk::export_modules!(AuthorizedKey, Group, KnownHosts, User);
