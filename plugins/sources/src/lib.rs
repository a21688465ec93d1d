//! Things that come from elsewhere: `git` and `unarchive`.

mod git;
#[cfg(test)]
mod local;
mod script;
mod unarchive;

use git::Git;
use unarchive::Unarchive;

switchover_sdk::export_modules!(Git, Unarchive);
