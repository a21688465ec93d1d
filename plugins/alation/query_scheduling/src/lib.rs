//! `alation.query_scheduling`: switches scheduled queries off or on, where an installation knows how.
//!
//! The product's documents that are public do not tell the key or command, so there is no default.

use alation_shell::action::Action;
use alation_shell::{Settings, Shell, conf, copy, secret};
use switchover_sdk::prelude::*;

const NAME: &str = "alation.query_scheduling";

#[derive(Params)]
struct QuerySchedulingParams {
    /// Whether scheduled queries run.
    #[param(default = "disabled")]
    state: State,
    /// The configuration key that switches them.
    key: Option<String>,
    /// The key's value when they run.
    #[param(default = "True")]
    on_value: String,
    /// The key's value when they do not run.
    #[param(default = "False")]
    off_value: String,
    /// The `alation_action` that switches them to `state`; it cannot tell whether that is already so.
    action: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

#[derive(Choice, PartialEq)]
enum State {
    Disabled,
    Enabled,
}

struct QueryScheduling;

impl Module for QueryScheduling {
    type Params = QuerySchedulingParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Switches scheduled queries off or on.",
        description: "Give the key or the action that does it in this installation: Alation's public documents name neither. \
                      Without one, the playbook asks a human.",
        mutually_exclusive: &[&["key", "action"]],
        required_one_of: &[&["key", "action"]],
        examples: &[(
            "Off",
            "alation.query_scheduling: { state: disabled, key: alation.query_exec.scheduling.enabled }",
        )],
        returns: &[("key", "The key."), ("value", "Its value.")],
        ..Spec::DEFAULT
    };

    fn check(params: &QuerySchedulingParams, host: &Host) -> Result<Delta, Failure> {
        match (&params.key, &params.action) {
            (Some(key), None) => {
                let now = conf::read_one(host, &Shell::new(&params.settings), key)?;
                let wanted = params.value();
                if conf::same_value(&now, wanted) {
                    return Ok(Delta::none_with(json!({ "key": key, "value": secret::masked(key, &now) })));
                }
                Ok(Delta::change(key.as_str(), now, wanted))
            }
            (None, Some(action)) => {
                Ok(Delta::change(format!("alation_action {action}"), "cannot tell", params.state.word()))
            }
            _ => {
                Err(Failure::arguments("give either `key` or `action`: what switches scheduled queries here"))
            }
        }
    }

    fn apply(params: &QuerySchedulingParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        if let Some(action) = &params.action {
            let finished = Action::new(&params.settings, NAME, action)?.run_anew(host)?;
            return Ok(Outcome::changed(copy::result(&finished)));
        }
        let key = params.key.as_deref().unwrap_or_default();
        conf::set(host, &Shell::new(&params.settings), key, params.value())?;
        Ok(Outcome::changed(json!({ "key": key, "value": params.value() })))
    }
}

impl QuerySchedulingParams {
    fn value(&self) -> &str {
        if self.state == State::Enabled { &self.on_value } else { &self.off_value }
    }
}

export_modules!(QueryScheduling);

#[cfg(test)]
mod tests {
    use alation_shell::testing::{Behaviour, FakeAlation};

    use super::*;

    #[test]
    fn a_key_is_switched_once() {
        let fake = FakeAlation::new("9.0.0.1").conf("q.enabled", "True");
        let arguments = json!({ "key": "q.enabled" });
        assert!(fake.run::<QueryScheduling>(&arguments).unwrap().changed);
        assert!(!fake.run::<QueryScheduling>(&arguments).unwrap().changed);
        assert_eq!(fake.value("q.enabled").unwrap(), "False");
    }

    #[test]
    fn an_action_is_run_each_time() {
        let fake = FakeAlation::new("9.0.0.1").action("disable_queries", Behaviour::default());
        for _ in 0..2 {
            fake.run::<QueryScheduling>(&json!({ "action": "disable_queries" })).unwrap();
        }
        assert_eq!(fake.done(), ["disable_queries", "disable_queries"]);
    }

    #[test]
    fn nothing_is_guessed() {
        let failure = FakeAlation::new("9.0.0.1").run::<QueryScheduling>(&json!({})).unwrap_err();
        assert!(failure.msg.contains("either `key` or `action`"), "{}", failure.msg);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<QueryScheduling>();
    }
}
