use switchover_sdk::prelude::*;

/// `creates` and `removes`: paths, with shell wildcards, that tell whether a program has to run at all.
#[derive(Params)]
pub struct Condition {
    /// Runs in this folder.
    pub chdir: Option<HostPath>,
    /// A path, possibly with wildcards; when it is there, the program does not run.
    pub creates: Option<HostPath>,
    /// A path, possibly with wildcards; when it is not there, the program does not run.
    pub removes: Option<HostPath>,
}

/// Why a program need not run.
pub enum Idle {
    Exists(String),
    Missing(String),
}

/// Says `exists` or `missing`; IFS is empty so that a pattern with blanks stays one pattern.
const LOOK: &str = r#"IFS=
there() { for f in $1; do if [ -e "$f" ] || [ -L "$f" ]; then return 0; fi; done; return 1; }
if [ -n "$1" ]; then cd -- "$1" || exit 3; fi
if [ -n "$2" ] && there "$2"; then echo exists; exit; fi
if [ -n "$3" ] && ! there "$3"; then echo missing; fi"#;

impl Condition {
    /// Returns whether there is anything to look for.
    pub fn is_given(&self) -> bool {
        self.creates.is_some() || self.removes.is_some()
    }

    /// Looks, in one round trip; none when nothing is asked for.
    pub fn idle(&self, host: &Host) -> Result<Option<Idle>, Failure> {
        if !self.is_given() {
            return Ok(None);
        }
        let text = |path: &Option<HostPath>| path.as_deref().unwrap_or_default().to_owned();
        let (creates, removes) = (text(&self.creates), text(&self.removes));
        let look = Command::new(["sh", "-c", LOOK, "sh", &text(&self.chdir), &creates, &removes]).reads();
        let output = host.exec(&look)?;
        match (output.rc, output.stdout.to_text().trim()) {
            (0, "exists") => Ok(Some(Idle::Exists(creates))),
            (0, "missing") => Ok(Some(Idle::Missing(removes))),
            (0, _) => Ok(None),
            (3, _) => Err(Failure::new("Unable to change directory before execution.")
                .remedy(format!("make the folder {} on the host, or correct `chdir`", text(&self.chdir)))),
            _ => Err(look.failure(&output)),
        }
    }
}

impl Idle {
    /// Returns the keys of a program that did not run.
    pub fn result(&self, cmd: &Value, check_mode: bool) -> Value {
        let did = if check_mode { "Would" } else { "Did" };
        let (stdout, msg) = match self {
            Self::Exists(path) => (
                format!("skipped, since {path} exists"),
                format!("{did} not run command since '{path}' exists"),
            ),
            Self::Missing(path) => (
                format!("skipped, since {path} does not exist"),
                format!("{did} not run command since '{path}' does not exist"),
            ),
        };
        json!({
            "cmd": cmd, "rc": 0, "start": null, "end": null, "delta": null, "msg": msg,
            "stdout_lines": [stdout], "stdout": stdout, "stderr": "", "stderr_lines": [],
        })
    }

    /// Returns the keys of an action (`script`) that was skipped.
    pub fn skipped(&self) -> Value {
        let msg = match self {
            Self::Exists(path) => format!("{path} exists, matching creates option"),
            Self::Missing(path) => format!("{path} does not exist, matching removes option"),
        };
        json!({ "skipped": true, "msg": msg })
    }
}
