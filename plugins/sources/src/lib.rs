//! Things that come from elsewhere, and archives: `git`, `unarchive`, `archive`.

mod archive;
mod git;
#[cfg(test)]
mod local;
mod owned;
mod unarchive;

use archive::Archive;
use git::Git;
use unarchive::Unarchive;

switchover_sdk::export_modules!(Archive, Git, Unarchive);
