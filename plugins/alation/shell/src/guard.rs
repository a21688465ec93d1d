//! Refusals that come before anything is lost.

use switchover_sdk::prelude::*;

use crate::record::Record;
use crate::{Mode, Role, Settings};

pub use cluster_kit::refuse;

/// Refuses unless the inventory declares this role for the host, and neither the host's mode nor the record of its
/// procedure says the opposite. Returns the mode.
pub fn role(host: &Host, settings: &Settings, needed: Role, doing: &str) -> Result<Mode, Failure> {
    match settings.role {
        Some(role) if role == needed => {}
        Some(role) => {
            return Err(refuse(
                doing,
                &format!("runs on the {} only, and this host is the {}", needed.word(), role.word()),
            ));
        }
        None => {
            return Err(Failure::arguments(format!(
                "{doing} needs the argument `role`, to be sure that it runs on the {}",
                needed.word()
            )));
        }
    }
    let mode = Mode::observe(host, settings)?;
    if let Some(failure) = mode.contradicts(settings.role) {
        return Err(failure);
    }
    if let Some(failure) = Record::read(host)?.and_then(|record| record.contradicts(settings.role)) {
        return Err(failure);
    }
    Ok(mode)
}

/// Refuses when the other host of the pair is not in one of these modes. Check mode is lenient, since the steps that
/// would have brought the other host there were only checked.
pub fn peer(host: &Host, peer: Option<&str>, wanted: &[Mode], doing: &str) -> Result<(), Failure> {
    if host.about.check_mode {
        return Ok(());
    }
    let words: Vec<&str> = wanted.iter().map(|mode| mode.word()).collect();
    match peer {
        Some(word) if words.contains(&word) => Ok(()),
        Some(word) => Err(refuse(
            doing,
            &format!("needs the other host to be {}, and it is {word}", words.join(" or ")),
        )),
        None => Err(Failure::arguments(format!(
            "{doing} needs the argument `peer_mode`: what was observed on the other host"
        ))),
    }
}
