use switchover_sdk::prelude::*;

use crate::report::{streams, verdict};

#[derive(Params)]
pub struct RawParams {
    /// The text that the shell gets, as it is.
    #[param(name = "_raw_params", alias = "free_form")]
    pub text: String,
    /// Another shell, by its absolute path.
    pub executable: Option<HostPath>,
}

pub struct Raw;

impl Module for Raw {
    type Params = RawParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.raw",
        aliases: &["raw"],
        summary: "Gives text to the host's shell and tidies nothing.",
        free_form: true,
        one_exec: true,
        examples: &[("Any host", "raw: cat /etc/os-release")],
        returns: &[("rc", "the exit code"), ("stdout", "what it wrote"), ("stderr", "its errors")],
        ..Spec::DEFAULT
    };

    fn check(_: &RawParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &RawParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let command = match &params.executable {
            Some(shell) => Command::shell_in(&params.text, &**shell),
            None => Command::shell(&params.text),
        };
        let output = host.exec(&command.live())?;
        let mut outcome = verdict(&output, streams(&output, false))?;
        outcome.result.shift_remove("msg");
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Raw>(env!("CARGO_MANIFEST_DIR"));
        examples::<Raw>();
    }
}
