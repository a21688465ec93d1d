use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct AtParams {
    /// The command.
    pub command: Option<String>,
    /// A script of the host instead.
    pub script_file: Option<String>,
    /// How many units from now.
    pub count: Option<u64>,
    /// The unit.
    #[param(choices("minutes", "hours", "days", "weeks"))]
    pub units: Option<String>,
    /// Whether the job waits.
    #[param(default = "present")]
    pub state: State,
    /// Adds nothing when the same job waits already.
    #[param(default = false)]
    pub unique: bool,
}

/// Whether a job waits.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct At;

/// `$1` the command, or nothing, `$2` the script. Sections: the last lines that a job of it has, the numbers of the jobs
/// that end with them.
const LOOK: &str = r#"command -v at >/dev/null 2>&1 && command -v atq >/dev/null 2>&1 || exit 64
if [ -n "$2" ]; then text=$(cat -- "$2") || exit; else text=$1; fi
printf '%s\036' "$text"
atq | while read -r number rest; do case $(at -c "$number" 2>/dev/null) in *"
$text") printf '%s\n' "$number";; esac; done"#;

/// `$1` when; the job comes by standard input.
const ADD: &str = r#"exec at now + $1"#;

impl Module for At {
    type Params = AtParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.at",
        aliases: &["at", "ansible.builtin.at"],
        summary: "Has a command run once, later.",
        description: "Without `unique` each run adds one more job. Needs `at` on the host, and its daemon to run the job.",
        mutually_exclusive: &[&["command", "script_file"]],
        required_one_of: &[&["command", "script_file"]],
        required_if: &[("state", "present", &["count", "units"])],
        examples: &[
            (
                "In 20 minutes",
                "at: { command: /usr/local/bin/cleanup, count: 20, units: minutes, unique: true }",
            ),
            ("Not after all", "ansible.posix.at: { command: /usr/local/bin/cleanup, state: absent }"),
        ],
        returns: &[("state", "whether it waits"), ("count", "how many units"), ("units", "the unit")],
        ..Spec::DEFAULT
    };

    fn check(params: &AtParams, host: &Host) -> Result<Delta, Failure> {
        let words = [
            params.command.as_deref().unwrap_or_default(),
            params.script_file.as_deref().unwrap_or_default(),
        ];
        let [text, waiting] = look(LOOK, &words, "at", host)?;
        let waiting: Vec<&str> = waiting.lines().collect();
        let result = json!({ "state": params.state.word() });
        match params.state {
            State::Absent if waiting.is_empty() => Ok(Delta::none_with(result)),
            State::Absent => Ok(Delta::change("jobs of at", json!(waiting), json!([]))
                .with_result(result)
                .with_state(json!(waiting))),
            State::Present if params.unique && !waiting.is_empty() => Ok(Delta::none_with(result)),
            State::Present => Ok(Delta::change("jobs of at", Value::Null, json!(text))
                .with_result(params.result())
                .with_state(json!(text))),
        }
    }

    fn apply(params: &AtParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let command = match delta.state() {
            Value::Array(numbers) => {
                Command::new(["atrm"].into_iter().chain(numbers.iter().filter_map(Value::as_str)))
            }
            text => {
                let when = format!(
                    "{} {}",
                    params.count.unwrap_or_default(),
                    params.units.as_deref().unwrap_or_default()
                );
                script(ADD, &[when]).stdin(format!("{}\n", text.as_str().unwrap_or_default()))
            }
        };
        change(&command, |said| format!("at failed: {said}"), host)?;
        Ok(Outcome::changed(if params.state == State::Present {
            params.result()
        } else {
            json!({ "state": "absent" })
        }))
    }
}

impl AtParams {
    fn result(&self) -> Value {
        json!({ "state": "present", "count": self.count, "units": self.units, "script_file": self.script_file })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<At>(env!("CARGO_MANIFEST_DIR"));
        examples::<At>();
    }
}
