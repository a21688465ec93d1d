use crate::{HostCall, Program};

impl HostCall {
    /// Says in words what the call would change, such as `writing /etc/motd`. Of a program only its name is told: its
    /// arguments may hold a secret.
    pub fn in_words(&self) -> String {
        match self {
            Self::Exec(exec) | Self::JobStart { exec, .. } => running(&exec.program),
            Self::Write(file) => format!("writing {}", file.path),
            Self::SetAttributes { path, .. } => format!("changing mode or owner of {path}"),
            Self::Remove { path, .. } => format!("removing {path}"),
            Self::Mkdir { path, .. } => format!("making the folder {path}"),
            Self::Symlink { path, .. } | Self::Hardlink { path, .. } => format!("making the link {path}"),
            Self::Rename { from, to } => format!("renaming {from} to {to}"),
            Self::JobKill { .. } | Self::JobForget { .. } => "ending a job".to_owned(),
            Self::Many(calls) => calls
                .iter()
                .find(|call| call.writes())
                .map_or_else(|| "several calls".to_owned(), Self::in_words),
            _ => "a call that writes".to_owned(),
        }
    }
}

fn running(program: &Program) -> String {
    match program {
        Program::Argv(words) => {
            format!("running `{}`", words.first().map_or("", String::as_str))
        }
        Program::Shell { .. } => "running a shell command".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_would_be_written_and_keeps_arguments_to_itself() {
        let of = |json: &str| serde_json::from_str::<HostCall>(json).unwrap().in_words();
        assert_eq!(of(r#"{"remove": {"path": "/tmp/x"}}"#), "removing /tmp/x");
        assert_eq!(of(r#"{"exec": {"program": {"argv": ["mysql", "-psecret"]}}}"#), "running `mysql`");
        let many = r#"{"many": [{"stat": {"path": "/a"}}, {"mkdir": {"path": "/b"}}]}"#;
        assert_eq!(of(many), "making the folder /b");
    }
}
