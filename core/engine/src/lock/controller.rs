use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use switchover_connect::TransportConfig;

use super::{Holder, Life, LockProblem, LockWhy};
use crate::step::ConnectionPlan;

/// The controller's own lock for a set of targets: the system gives it back when the process ends, however it ends.
pub struct ControllerLock {
    _file: File,
}

impl ControllerLock {
    /// Takes the lock for these targets, and writes down who has it.
    pub fn take(folder: &Path, plans: &[ConnectionPlan], about: &Holder) -> Result<Self, LockProblem> {
        let path = folder.join(format!("{:016x}.lock", key(plans)));
        let failed = |error: std::io::Error| {
            problem(LockWhy::Failed { reason: format!("cannot use {}: {error}", path.display()) })
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(problem(held_by(file, &path))),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        writeln!(file, "{}", about.to_line()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn problem(why: LockWhy) -> LockProblem {
    LockProblem { host: None, why }
}

fn held_by(mut file: File, path: &Path) -> LockWhy {
    let mut text = String::new();
    // What cannot be read is told as held by an unknown run.
    file.read_to_string(&mut text).ok();
    match Holder::read(text.trim()) {
        Some(holder) => LockWhy::Held { holder: Box::new(holder), life: Life::Alive },
        None => LockWhy::Foreign { claim: "another run".to_owned(), file: path.display().to_string() },
    }
}

/// Returns a number for a set of targets, the same in every version of the program (FNV-1a).
fn key(plans: &[ConnectionPlan]) -> u64 {
    let mut names: Vec<String> = plans.iter().map(address).collect();
    names.sort();
    let bytes = names.iter().flat_map(|name| name.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Returns what is the same for all inventories that mean the same target.
fn address(plan: &ConnectionPlan) -> String {
    match &plan.target.transport {
        TransportConfig::Local(_) => format!("local {}", plan.target.name),
        TransportConfig::Ssh(options) => format!("ssh {} {}", options.host, options.port.unwrap_or(22)),
    }
}
