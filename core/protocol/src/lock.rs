use serde::{Deserialize, Serialize};

/// What is done about the lock of a host.
///
/// A *claim* is `RUN.TOKEN`: the run and a random word of the process that works on it. Nothing but its holder and
/// an operator's word gives a lock away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockAct {
    pub verb: LockVerb,
    /// The lock's file; without it the host chooses one that all its users can see.
    #[serde(default)]
    pub file: Option<String>,
}

/// See [`LockAct`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockVerb {
    /// Takes the lock when it is free; renews it, with new words about the holder, when the claim holds it.
    Take {
        claim: String,
        about: String,
    },
    /// Takes the lock from this claim, when it is still that which holds it.
    Replace {
        claim: String,
        about: String,
        from: String,
    },
    /// Gives the lock back when the claim holds it.
    Release {
        claim: String,
    },
    Look,
}

impl LockAct {
    /// Returns whether the host is changed.
    pub fn writes(&self) -> bool {
        self.verb != LockVerb::Look
    }
}

/// A lock that is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockSeen {
    pub claim: String,
    /// What the holder wrote about itself, one line.
    pub about: String,
    /// Seconds for which it has not been renewed, at least, by a clock of the host that does not jump: when the host
    /// restarted meanwhile, those since the restart.
    pub age: u64,
    /// Jobs of the holder's run are running on the host now.
    pub jobs_run: bool,
    /// The lock's file on the host.
    pub file: String,
}
