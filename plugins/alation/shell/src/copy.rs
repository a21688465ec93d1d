//! Actions of the Secondary that overwrite its own data with the Primary's: run on the wrong host, they would lose
//! the only copy.

use switchover_sdk::prelude::*;

use crate::action::{Action, Finished};
use crate::{Mode, Role, Settings, guard};

/// Looks whether the action is already done, and refuses on a host or against a peer where it would do harm.
pub fn check(
    host: &Host,
    settings: &Settings,
    action: &Action,
    peer_mode: Option<&str>,
    doing: &str,
) -> Result<Delta, Failure> {
    let mode = guard::role(host, settings, Role::Secondary, doing)?;
    let Some(delta) = action.delta(host)? else {
        return Ok(Delta::none_with(json!({ "mode": mode.word(), "job": action.key() })));
    };
    guard::peer(host, peer_mode, &[Mode::Master], doing)?;
    Ok(delta.with_result(json!({ "mode": mode.word(), "job": action.key() })))
}

/// Does it, after looking once more that this is no master.
pub fn apply(host: &Host, settings: &Settings, action: &Action, doing: &str) -> Result<Outcome, Failure> {
    guard::role(host, settings, Role::Secondary, doing)?;
    let finished = action.run(host)?;
    Ok(Outcome::changed(result(&finished)))
}

/// Returns the return keys of an action that ended well.
pub fn result(finished: &Finished) -> Value {
    json!({
        "rc": finished.ran.rc,
        "stdout": finished.ran.stdout,
        "stderr": finished.ran.stderr,
        "job": finished.job.key,
        "attached": finished.attached,
        "started": finished.job.started,
        "ended": finished.job.ended,
    })
}
