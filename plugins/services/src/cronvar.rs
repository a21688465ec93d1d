use switchover_sdk::prelude::*;

use crate::cron::job::Times;
use crate::cron::{Cron, CronParams, State};

#[derive(Params)]
pub struct CronvarParams {
    /// The variable.
    pub name: String,
    /// Its value.
    pub value: Option<String>,
    /// Whether it is there.
    #[param(default = "present")]
    pub state: State,
    /// Whose table; root's without it.
    pub user: Option<String>,
    /// A file instead of a user's table; a name without `/` is one in `/etc/cron.d`.
    pub cron_file: Option<HostPath>,
    /// Puts a new variable after this one.
    pub insertafter: Option<String>,
    /// Puts a new variable before this one.
    pub insertbefore: Option<String>,
    /// Keeps the old table in a temporary file.
    #[param(default = false)]
    pub backup: bool,
}

pub struct Cronvar;

impl Module for Cronvar {
    type Params = CronvarParams;
    const SPEC: Spec = Spec {
        name: "community.general.cronvar",
        aliases: &["cronvar"],
        summary: "Keeps a variable in a table of cron; `cron` with `env` does the same.",
        mutually_exclusive: &[&["insertafter", "insertbefore"]],
        required_if: &[("state", "present", &["value"])],
        examples: &[
            ("Who gets mail", "cronvar: { name: EMAIL, value: ops@example.com, user: root }"),
            (
                "In a file",
                "community.general.cronvar: { name: LOGFILE, value: /var/log/x.log, cron_file: x }",
            ),
        ],
        returns: &[
            ("vars", "the names of all variables of the table"),
            ("backup", "where the old table is kept"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &CronvarParams, host: &Host) -> Result<Delta, Failure> {
        Ok(match Cron::check(&params.cron(), host)? {
            Delta::None { result } => Delta::None { result: told(result) },
            Delta::Some { changes, result, state } => Delta::Some { changes, result: told(result), state },
            unknown => unknown,
        })
    }

    fn apply(params: &CronvarParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let outcome = Cron::apply(&params.cron(), delta, host)?;
        Ok(Outcome { result: told(outcome.result), ..outcome })
    }
}

impl CronvarParams {
    /// Returns the same task for `cron`.
    fn cron(&self) -> CronParams {
        CronParams {
            name: self.name.clone(),
            job: self.value.clone(),
            state: self.state,
            user: self.user.clone().or_else(|| Some("root".to_owned())),
            cron_file: self.cron_file.clone(),
            backup: self.backup,
            special_time: None,
            times: Times::always(),
            disabled: false,
            env: true,
            insertafter: self.insertafter.clone(),
            insertbefore: self.insertbefore.clone(),
        }
    }
}

/// Puts a result of `cron` under the keys that this module has.
fn told(mut result: Map) -> Map {
    result.remove("jobs");
    for (from, to) in [("envs", "vars"), ("backup_file", "backup")] {
        if let Some(value) = result.remove(from) {
            result.insert(to.to_owned(), value);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Cronvar>(env!("CARGO_MANIFEST_DIR"));
        examples::<Cronvar>();
    }
}
