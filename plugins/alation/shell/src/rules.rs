use fancy_regex::Regex;
use switchover_sdk::ParamType as _;
use switchover_sdk::prelude::*;

use crate::{Ran, Settings, prompt};

/// What counts as success of an action.
#[derive(Debug)]
pub struct Rules {
    name: String,
    rc: Vec<i64>,
    success: Vec<Regex>,
    failure: Vec<Regex>,
    ignore: Vec<Regex>,
    has_input: bool,
}

/// Lines that mean trouble although the exit code may be 0. `0 errors` and `errors: none` are not trouble.
const FAILURE: &[&str] = &[
    r"\b(ERROR|CRITICAL|FATAL)\b(?!\s*[:=]?\s*(0|none|None)\b)",
    r"Traceback \(most recent call last\)",
    r"(?i)(^|\s|\])(error|fatal|exception|failure)\s*:(?!\s*(0|none)\b)",
    r"^[\w.]*(Error|Exception)\b",
    r"(?i)^\W*(failed|failure|unable to|could not|cannot|can't)\b",
    r"(?i)\b(has|have) failed\b|(?<!\b0 )(?<!\bno )(?<!\bnone )\bfailed[.!]*$",
    r"(?i)\b(aborted|aborting)\b",
];

impl Rules {
    /// Returns the rules of one action: the operator's, those for `default`, then the shipped ones.
    pub fn of(settings: &Settings, action: &str) -> Result<Self, Failure> {
        let given = |key: &str| {
            let all = settings.action_rules.as_ref()?;
            [action, "default"].iter().find_map(|name| all.get(*name)?.get(key)).cloned()
        };
        let texts = |key: &str, default: &[&str]| match given(key) {
            Some(value) => {
                let texts = match value {
                    Value::String(one) => Ok(vec![one]),
                    list => Vec::<String>::from_value(&list),
                };
                patterns(action, key, &texts.map_err(|problem| wrong(action, key, &problem))?)
            }
            None => patterns(action, key, default),
        };
        known_words(settings, action)?;
        Ok(Self {
            name: action.to_owned(),
            rc: match given("rc") {
                Some(value) => Vec::from_value(&value).map_err(|problem| wrong(action, "rc", &problem))?,
                None => vec![0],
            },
            success: texts("success", &[])?,
            failure: texts("failure", FAILURE)?,
            ignore: texts("ignore", &[])?,
            has_input: settings.action_input.as_ref().is_some_and(|map| map.contains_key(action)),
        })
    }

    /// Judges an action that has ended.
    pub fn judge(&self, ran: &Ran) -> Result<(), Failure> {
        let said = format!("{}\n{}", ran.stdout, ran.stderr);
        let name = &self.name;
        if !self.rc.contains(&i64::from(ran.rc)) {
            let failure = match said.lines().find_map(prompt::unanswered) {
                Some(line) if !self.has_input => asked(name, line),
                _ => ended_badly(name, ran, &said),
            };
            return Err(with_output(failure, ran));
        }
        if let Some(line) = said.lines().find(|line| self.is_trouble(line)) {
            let failure = match said.lines().find_map(prompt::unanswered) {
                Some(question) if !self.has_input => asked(name, question),
                _ => but_said(name, ran, line.trim()),
            };
            return Err(with_output(failure, ran));
        }
        if self.succeeds(&said) {
            return Ok(());
        }
        let failure = match prompt::unanswered(&said) {
            Some(line) => asked(name, line),
            None => Failure::new(format!(
                "{name} ended with exit code {}, but said nothing that counts as success: {}",
                ran.rc,
                last_line(&said)
            ))
            .remedy(format!("see alation_action_rules: {{{name}: {{success: [...]}}}}")),
        };
        Err(with_output(failure, ran))
    }

    fn is_trouble(&self, line: &str) -> bool {
        let any = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(line).unwrap_or(false));
        any(&self.failure) && !any(&self.ignore)
    }

    /// With a pattern for success, one line must match it; without, an unanswered question as the last word is none.
    fn succeeds(&self, said: &str) -> bool {
        if self.success.is_empty() {
            return self.has_input || prompt::unanswered(said).is_none();
        }
        said.lines().any(|line| self.success.iter().any(|pattern| pattern.is_match(line).unwrap_or(false)))
    }
}

fn but_said(name: &str, ran: &Ran, line: &str) -> Failure {
    Failure::new(format!("{name} ended with exit code {}, but said: {line}", ran.rc)).remedy(format!(
        "if this line is harmless, say so: alation_action_rules: {{{name}: {{ignore: [...]}}}}"
    ))
}

fn ended_badly(name: &str, ran: &Ran, said: &str) -> Failure {
    let (rc, last) = (ran.rc, last_line(said));
    Failure::new(format!("{name} ended with exit code {rc}: {last}")).remedy(format!(
        "mend what it names, then run again; if {rc} is success for it, say so: \
         alation_action_rules: {{{name}: {{rc: [0, {rc}]}}}}"
    ))
}

/// Returns the failure of an action that asked for input and has none.
pub fn asked(action: &str, line: &str) -> Failure {
    Failure::new(format!("{action} waits for input: {line}"))
        .remedy(format!("give the answer on its input: alation_action_input: {{{action}: \"YES\\n\"}}"))
}

/// Adds what an action wrote to its failure.
pub fn with_output(failure: Failure, ran: &Ran) -> Failure {
    failure.with("rc", ran.rc).with("stdout", ran.stdout.clone()).with("stderr", ran.stderr.clone())
}

/// Returns the last line that is not empty.
pub fn last_line(said: &str) -> &str {
    said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it printed nothing")
}

/// Returns at most the last `keep` bytes of a text.
pub fn end_of(text: &str, keep: usize) -> String {
    let mut from = text.len().saturating_sub(keep);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text[from..].to_owned()
}

fn known_words(settings: &Settings, action: &str) -> Result<(), Failure> {
    let all = settings.action_rules.as_ref();
    for name in [action, "default"] {
        let Some(rules) = all.and_then(|all| all.get(name)) else { continue };
        let Some(rules) = rules.as_object() else {
            return Err(wrong(name, "", "must be a mapping"));
        };
        if let Some(word) =
            rules.keys().find(|key| !["rc", "success", "failure", "ignore"].contains(&key.as_str()))
        {
            return Err(wrong(name, word, "is unknown; there are: rc, success, failure, ignore"));
        }
    }
    Ok(())
}

fn wrong(action: &str, key: &str, problem: &str) -> Failure {
    Failure::arguments(format!("argument `action_rules`: {action}: {key} {problem}"))
}

fn patterns<S: AsRef<str>>(action: &str, key: &str, texts: &[S]) -> Result<Vec<Regex>, Failure> {
    texts
        .iter()
        .map(|text| {
            Regex::new(text.as_ref()).map_err(|error| wrong(action, key, &format!("is no pattern: {error}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(arguments: Value) -> Rules {
        let settings = Settings::parse(arguments.as_object().unwrap()).unwrap();
        Rules::of(&settings, "cluster_add_slaves").unwrap()
    }

    fn judge(rules: &Rules, rc: i32, stdout: &str) -> Result<(), String> {
        rules.judge(&Ran { rc, stdout: stdout.into(), ..Ran::default() }).map_err(|failure| failure.msg)
    }

    #[test]
    fn exit_code_0_and_plain_words_are_success() {
        for text in [
            "",
            "done\n",
            "0 errors\n",
            "Errors: 0\n",
            "ERROR: 0 rows\n",
            "error: none\n",
            "checks: 5 passed, 0 failed\n",
            "replication started\n",
        ] {
            assert_eq!(judge(&rules(json!({})), 0, text), Ok(()), "{text}");
        }
    }

    #[test]
    fn an_error_text_is_a_failure_whatever_the_exit_code() {
        for text in [
            "ERROR could not reach slave",
            "2021-01-01 [ERROR] x",
            "Error: no slave",
            "Traceback (most recent call last):",
            "ValueError: x",
            "copy failed",
            "Failed to add slave",
            "psycopg2.OperationalError: x",
            "FATAL: role missing",
        ] {
            let answer = judge(&rules(json!({})), 0, &format!("starting\n{text}\nbye\n"));
            assert!(answer.clone().is_err_and(|msg| msg.contains("but said")), "{text}: {answer:?}");
        }
    }

    #[test]
    fn the_operator_may_ignore_lines_and_accept_codes() {
        let rules = rules(
            json!({ "action_rules": { "cluster_add_slaves": { "rc": [0, 3], "ignore": ["harmless"] } } }),
        );
        assert_eq!(judge(&rules, 3, "ERROR harmless\n"), Ok(()));
        assert!(judge(&rules, 4, "").is_err());
    }

    #[test]
    fn a_success_pattern_must_be_met() {
        let rules = rules(json!({ "action_rules": { "default": { "success": "^slave added" } } }));
        assert_eq!(judge(&rules, 0, "slave added\n"), Ok(()));
        assert!(judge(&rules, 0, "ok\n").is_err());
    }

    #[test]
    fn a_question_at_the_end_is_reported_with_the_answer_to_give() {
        let failure = rules(json!({}))
            .judge(&Ran { rc: 1, stdout: "Type YES to continue: ".into(), ..Ran::default() })
            .unwrap_err();
        assert_eq!(failure.msg, "cluster_add_slaves waits for input: Type YES to continue:");
        assert!(failure.remedy.unwrap().contains("alation_action_input: {cluster_add_slaves: \"YES\\n\"}"));
    }

    #[test]
    fn a_question_is_found_before_the_complaint_that_follows_it() {
        let ran =
            Ran { rc: 1, stdout: "Type YES to continue: ".into(), stderr: "ERROR: not confirmed\n".into() };
        let failure = rules(json!({})).judge(&ran).unwrap_err();
        assert_eq!(failure.msg, "cluster_add_slaves waits for input: Type YES to continue:");
        let ran = Ran { rc: 0, stderr: "Aborted.\n".into(), ..ran };
        assert!(rules(json!({})).judge(&ran).unwrap_err().msg.contains("waits for input"));
        let ran = Ran { rc: 1, stderr: "ERROR: not confirmed\n".into(), ..ran };
        let answered = json!({ "action_input": { "cluster_add_slaves": "NO\n" } });
        let failure = rules(answered).judge(&ran).unwrap_err();
        assert_eq!(failure.msg, "cluster_add_slaves ended with exit code 1: ERROR: not confirmed");
    }

    #[test]
    fn a_misspelt_rule_is_refused() {
        let arguments = json!({ "action_rules": { "default": { "sucess": "x" } } });
        let settings = Settings::parse(arguments.as_object().unwrap()).unwrap();
        assert!(Rules::of(&settings, "x").unwrap_err().msg.contains("sucess is unknown"));
    }
}
