use std::collections::{BTreeMap, BTreeSet};

use switchover_sdk::prelude::*;

use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct DebconfParams {
    /// The package that owns the question.
    #[param(alias = "pkg")]
    pub name: String,
    /// The question, such as `tzdata/Areas`; without it, all answers of the package are told.
    #[param(alias = "selection", alias = "setting")]
    pub question: Option<String>,
    /// The type of the answer.
    pub vtype: Option<Kind>,
    /// The answer; several of a `multiselect` may be a list.
    #[param(alias = "answer")]
    pub value: Option<Value>,
    /// Leaves the question unseen, so that it will be asked.
    #[param(default = false)]
    pub unseen: bool,
}

/// The type of an answer.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Error,
    Multiselect,
    Note,
    Password,
    Seen,
    Select,
    String,
    Text,
    Title,
}

pub struct Debconf;

/// `$1` the package, `$2` a question whose answer debconf-show hides. Sections: all answers, the hidden one.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin LC_ALL=C.UTF-8; export LC_ALL
command -v debconf-show >/dev/null 2>&1 || exit 64
debconf-show "$1" || exit
printf '\036'
[ -z "$2" ] || printf 'GET %s\n' "$2" | debconf-communicate 2>/dev/null; :"#;

/// The answer comes by standard input. `$1` `-u` or nothing.
const ANSWER: &str = r#"PATH=$PATH:/usr/sbin; exec debconf-set-selections $1"#;

/// What stands in results for the answer to a password.
const HIDDEN: &str = "(password omitted)";

impl Module for Debconf {
    type Params = DebconfParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.debconf",
        aliases: &["debconf"],
        summary: "Answers questions of Debian's packages before they ask.",
        required_together: &[&["question", "vtype", "value"]],
        examples: &[
            (
                "An answer",
                "debconf: { name: locales, question: locales/default_environment_locale, value: fr_FR.UTF-8, vtype: select }",
            ),
            ("All answers of a package", "ansible.builtin.debconf: { name: tzdata }"),
        ],
        returns: &[
            ("current", "answers by question: the new one, or all of the package"),
            ("previous", "the answers before, when one changed"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &DebconfParams, host: &Host) -> Result<Delta, Failure> {
        let question = params.question.as_deref().unwrap_or_default();
        if question.contains(char::is_whitespace) || params.name.contains(char::is_whitespace) {
            return Err(Failure::arguments("names of packages and questions have no blanks"));
        }
        let wanted = params.wanted()?;
        let hidden = if params.vtype == Some(Kind::Password) { question } else { "" };
        let [said, hidden] = look(LOOK, &[&params.name, hidden], "debconf-show", host)?;
        let now = answers(&said);
        let current = |shown: Value| json!({ "current": shown, "msg": "" });
        let all: Map = now.iter().map(|(name, answer)| (name.clone(), json!(answer.text))).collect();
        let (Some(wanted), Some(kind)) = (wanted, params.vtype) else {
            return Ok(Delta::none_with(current(json!(all))));
        };
        let before = now.get(question);
        if params.is_so(kind, &wanted, before, &hidden) {
            return Ok(Delta::none_with(current(json!(all))));
        }
        // Of a question that was never asked Ansible tells the neighbours, too.
        let mut previous = if before.is_some() { Map::new() } else { all };
        let before = before.map(|answer| answer.text.as_str()).unwrap_or_default();
        previous.insert(question.to_owned(), json!(before));
        let shown = if kind == Kind::Password { HIDDEN } else { &wanted };
        let result = json!({ "current": { question: shown }, "previous": previous, "msg": "" });
        let change = Delta::change(question, json!({ question: before }), json!({ question: shown }));
        Ok(change.with_result(result))
    }

    fn apply(params: &DebconfParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let (Delta::Some { result, .. }, Some(kind)) = (delta, params.vtype) else {
            return Ok(Outcome::default());
        };
        let question = params.question.as_deref().unwrap_or_default();
        let wanted = params.wanted()?.unwrap_or_default();
        let line = format!("{} {question} {} {wanted}\n", params.name, kind.word());
        let command = script(ANSWER, &[if params.unseen { "-u" } else { "" }]).stdin(line);
        change(&command, str::to_owned, host)?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

/// An answer as debconf-show tells it.
struct Answer {
    text: String,
    /// Someone has seen the question.
    seen: bool,
}

/// Reads lines such as `* tzdata/Areas: Etc`.
fn answers(said: &str) -> BTreeMap<String, Answer> {
    let read = |line: &str| {
        let seen = line.starts_with('*');
        let (name, text) = line.trim_start_matches('*').trim_start().split_once(':')?;
        Some((name.to_owned(), Answer { text: text.strip_prefix(' ').unwrap_or(text).to_owned(), seen }))
    };
    said.lines().filter_map(read).collect()
}

impl DebconfParams {
    /// Returns the answer as debconf stores it.
    fn wanted(&self) -> Result<Option<String>, Failure> {
        let text = match &self.value {
            None => return Ok(None),
            Some(Value::Array(items)) if self.vtype == Some(Kind::Multiselect) => {
                let word = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                items.iter().map(word).collect::<Vec<_>>().join(", ")
            }
            Some(Value::Array(_) | Value::Object(_)) => {
                return Err(Failure::arguments("only a `multiselect` has a list of answers"));
            }
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if text.contains('\n') {
            return Err(Failure::arguments("an answer has one line"));
        }
        let lower = matches!(self.vtype, Some(Kind::Boolean | Kind::Seen));
        Ok(Some(if lower { text.to_lowercase() } else { text }))
    }

    fn is_so(&self, kind: Kind, wanted: &str, now: Option<&Answer>, hidden: &str) -> bool {
        let set = |text: &str| text.split(',').map(|item| item.trim().to_owned()).collect::<BTreeSet<_>>();
        match (kind, now) {
            (_, None) => false,
            (Kind::Seen, Some(now)) => now.seen == (wanted == "true"),
            // The protocol of debconf answers `0 TEXT`.
            (Kind::Password, Some(_)) => hidden.trim_end_matches('\n').strip_prefix("0 ") == Some(wanted),
            (Kind::Multiselect, Some(now)) if matches!(self.value, Some(Value::Array(_))) => {
                set(&now.text) == set(wanted)
            }
            (_, Some(now)) => now.text == wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Debconf>(env!("CARGO_MANIFEST_DIR"));
        examples::<Debconf>();
    }

    #[test]
    fn a_password_goes_in_by_standard_input_and_is_shown_nowhere() {
        let looked = ExecOutput { stdout: "\u{1e}".into(), ..ExecOutput::default() };
        let host =
            FakeHost::new().script("debconf-show", looked).script("set-selections", ExecOutput::default());
        let args = json!({ "name": "p", "question": "p/q", "vtype": "password", "value": "hunter2" });
        let outcome = host.run::<Debconf>(args).unwrap();
        assert!(!format!("{outcome:?}{:?}", host.programs()).contains("hunter2"));
        let switchover_sdk::HostCall::Exec(answer) = &host.calls()[1] else { unreachable!() };
        assert_eq!(answer.stdin.as_ref().unwrap().to_text(), "p p/q password hunter2\n");
    }
}
