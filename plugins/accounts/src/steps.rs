use switchover_sdk::Command;

/// Programs that run one after the other in one round trip, until one fails.
///
/// They travel as arguments of one script, each with its length before it: nothing of them is read by the shell.
#[derive(Default)]
pub struct Steps(Vec<Vec<String>>);

/// Runs `COUNT ARG... COUNT ARG...`; ends with the exit code of the first program that fails.
const RUN: &str = r#"PATH=$PATH:/usr/sbin:/sbin
step() {
  count=$1
  shift
  all=$# index=0
  while [ "$index" -lt "$count" ]; do
    set -- "$@" "$1"
    shift
    index=$((index + 1))
  done
  shift $((all - count))
  "$@"
}
while [ $# -gt 0 ]; do
  step "$@" || exit
  shift $(($1 + 1))
done"#;

impl Steps {
    /// Adds a program.
    pub fn push<S: Into<String>>(&mut self, argv: impl IntoIterator<Item = S>) {
        self.0.push(argv.into_iter().map(Into::into).collect());
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the whole as one program.
    pub fn command(&self) -> Command {
        let head = ["sh", "-c", RUN, "sh"].map(str::to_owned);
        let tail = self
            .0
            .iter()
            .flat_map(|argv| std::iter::once(argv.len().to_string()).chain(argv.iter().cloned()));
        Command::new(head.into_iter().chain(tail))
    }

    /// Reads what [`Steps::to_value`] wrote.
    pub fn from_value(value: &switchover_sdk::Value) -> Self {
        Self(switchover_sdk::from_value(value.clone()).unwrap_or_default())
    }

    /// Returns the programs as data, for the state of a delta.
    pub fn to_value(&self) -> switchover_sdk::Value {
        switchover_sdk::json!(self.0)
    }
}

#[cfg(test)]
pub mod tests {
    use switchover_sdk::testing::FakeHost;
    use switchover_sdk::{HostCall, Program};

    use super::*;

    /// Returns the programs that a module ran through [`Steps`], as lines.
    pub fn steps_of(host: &FakeHost) -> Vec<String> {
        let mut calls = Vec::new();
        for call in host.calls() {
            match call {
                HostCall::Many(inner) => calls.extend(inner),
                other => calls.push(other),
            }
        }
        let runs = calls.iter().filter_map(|call| match call {
            HostCall::Exec(exec) => match &exec.program {
                Program::Argv(argv) if argv.get(2).is_some_and(|text| text == RUN) => Some(&argv[4..]),
                _ => None,
            },
            _ => None,
        });
        runs.flat_map(lines).collect()
    }

    fn lines(mut rest: &[String]) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some((count, tail)) = rest.split_first() {
            let (argv, tail) = tail.split_at(count.parse().unwrap());
            lines.push(argv.join(" "));
            rest = tail;
        }
        lines
    }

    fn run(steps: &Steps) -> (Option<i32>, String) {
        let exec = steps.command().into_exec();
        let Program::Argv(argv) = exec.program else { unreachable!() };
        let output = std::process::Command::new(&argv[0]).args(&argv[1..]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn runs_programs_with_any_arguments_in_order() {
        let mut steps = Steps::default();
        steps.push(["printf", "%s|", "a b", "", "$(id)", "'\"\\", "*"]);
        steps.push(["echo", "2"]);
        assert_eq!(run(&steps), (Some(0), "a b||$(id)|'\"\\|*|2\n".to_owned()));
    }

    #[test]
    fn stops_at_the_first_that_fails() {
        let mut steps = Steps::default();
        steps.push(["echo", "one"]);
        steps.push(["sh", "-c", "exit 7"]);
        steps.push(["echo", "three"]);
        assert_eq!(run(&steps), (Some(7), "one\n".to_owned()));
    }
}
