use switchover_protocol::{ExecOutput, Failure, FailureKind, HostError};

use crate::Command;

impl Command {
    /// Returns the failure of a program that ended with an exit code that it should not have.
    pub fn failure(&self, output: &ExecOutput) -> Failure {
        let stderr = output.stderr.to_text();
        let stdout = output.stdout.to_text();
        let said = if stderr.trim().is_empty() { &stdout } else { &stderr };
        let last = said.trim_end().rsplit('\n').next().unwrap_or_default();
        let program = self.display();
        Failure::new(format!("`{program}` ended with exit code {}: {last}", output.rc))
            .with("rc", output.rc)
            .with("stdout", stdout)
            .with("stderr", stderr)
    }
}

/// Turns what the host side answered into what the task reports.
pub(crate) fn from_host(error: HostError) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        HostError::Unreachable { .. } => Failure { kind: FailureKind::Unreachable, ..failure },
        HostError::Lost { .. } => Failure { kind: FailureKind::Unknown, ..failure },
        HostError::Cancelled => Failure { kind: FailureKind::Cancelled, ..failure },
        HostError::Failed { what, rc, stderr } => {
            let last = stderr.trim_end().rsplit('\n').next().unwrap_or_default();
            Failure::new(format!("{what} failed: {last}")).with("rc", rc).with("stderr", stderr)
        }
        // The reason alone: a template that cannot be rendered is no mistake of the module.
        HostError::Invalid { reason } => Failure::new(reason),
        HostError::RefusedDuringCheck { .. } | HostError::TooLarge { .. } => failure,
    }
}
