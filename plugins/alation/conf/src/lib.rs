//! `alation.conf`: reads, verifies or sets one key of Alation's configuration.

use alation_shell::{Mode, Role, Settings, Shell, conf, guard, secret};
use switchover_sdk::prelude::*;

const NAME: &str = "alation.conf";
const PROTECTED: &str = "alation.cluster.protected_instance";

/// Keys that only the product's own actions may set, and the module that runs the action.
const NOT_BY_HAND: &[(&str, &str)] = &[
    ("alation.backup_v2.enabled", "alation.backup"),
    ("pgsql.config.archive_mode", "alation.backup"),
    ("pgsql.config.archive_command", "alation.backup"),
    (alation_shell::mode::KEY, "alation.split or alation.master_mode"),
];

#[derive(Params)]
struct ConfParams {
    /// The whole key, such as `alation.cluster.override_ip`.
    key: String,
    /// The value to set. Without it the key is only read.
    value: Option<String>,
    /// Fails unless the key has this value; nothing is set.
    expect: Option<String>,
    /// Takes a key that the host does not know as an empty value, when reading.
    #[param(default = false)]
    optional: bool,
    #[param(flatten)]
    settings: Settings,
}

struct Conf;

impl Module for Conf {
    type Params = ConfParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Reads, verifies or sets one key of Alation's configuration.",
        description: "A key is matched as a whole. A set value is read back. Values of keys that look like secrets are masked. \
                      Keys that the product's own actions keep (Backup V2, the replication mode) are refused.",
        mutually_exclusive: &[&["value", "expect"]],
        examples: &[
            ("Read", "alation.conf: { key: alation.cluster.replication_mode }"),
            ("Set", "alation.conf: { key: alation.cluster.override_ip, value: 10.0.0.1 }"),
            ("Verify", "alation.conf: { key: alation.backup.enabled, expect: 'True' }"),
        ],
        returns: &[
            ("key", "The key."),
            ("value", "Its value, masked when the key looks like a secret."),
            ("found", "Whether the host knows the key."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &ConfParams, host: &Host) -> Result<Delta, Failure> {
        let key = params.key.as_str();
        let now = conf::read(host, &Shell::new(&params.settings), &[key])?.remove(key);
        if params.value.is_none() && params.expect.is_none() {
            return read(params, now);
        }
        if let Some(expected) = &params.expect {
            return verify(key, expected, now);
        }
        let value = params.value.as_deref().unwrap_or_default();
        if now.as_deref().is_some_and(|now| conf::same_value(now, value)) {
            return Ok(Delta::none_with(result(key, now.as_deref())));
        }
        may_set(params, value, host)?;
        let masked = |text: &str| secret::masked(key, text).to_owned();
        Ok(Delta::change(key, masked(now.as_deref().unwrap_or_default()), masked(value))
            .with_result(result(key, Some(value))))
    }

    fn apply(params: &ConfParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let value = params.value.as_deref().unwrap_or_default();
        conf::set(host, &Shell::new(&params.settings), &params.key, value)?;
        Ok(Outcome::changed(result(&params.key, Some(value))))
    }
}

fn result(key: &str, value: Option<&str>) -> Value {
    let shown = value.map(|value| secret::masked(key, value)).unwrap_or_default();
    json!({ "key": key, "value": shown, "found": value.is_some() })
}

fn read(params: &ConfParams, now: Option<String>) -> Result<Delta, Failure> {
    if now.is_none() && !params.optional {
        return Err(Failure::new(format!("the host knows no key {}", params.key))
            .remedy("check the key's name; `optional: true` takes a missing key as empty"));
    }
    Ok(Delta::none_with(result(&params.key, now.as_deref())))
}

fn verify(key: &str, expected: &str, now: Option<String>) -> Result<Delta, Failure> {
    match &now {
        Some(value) if conf::same_value(value, expected) => Ok(Delta::none_with(result(key, now.as_deref()))),
        _ => {
            let shown = now.as_deref().map_or("not set", |value| secret::masked(key, value));
            let expected = secret::masked(key, expected);
            Err(Failure::new(format!("{key} is {shown}, not {expected}"))
                .with("key", key)
                .with("value", shown))
        }
    }
}

fn may_set(params: &ConfParams, value: &str, host: &Host) -> Result<(), Failure> {
    let key = params.key.as_str();
    if let Some((_, module)) = NOT_BY_HAND.iter().find(|(kept, _)| *kept == key) {
        return Err(Failure::new(format!(
            "refused: {key} is kept by the product's own actions; nothing was changed"
        ))
        .remedy(format!("use {module}")));
    }
    let unprotects = key == PROTECTED && conf::same_value(value, "False");
    if unprotects {
        let doing = "taking the protection from an instance";
        if params.settings.role == Some(Role::Primary) {
            return Err(guard::refuse(doing, "is for the Secondary, and this host is the Primary"));
        }
        if Mode::observe(host, &params.settings)? == Mode::Master {
            return Err(guard::refuse(doing, "is for the Secondary, and this host is the master"));
        }
    }
    Ok(())
}

export_modules!(Conf);

#[cfg(test)]
mod tests {
    use alation_shell::testing::FakeAlation;

    use super::*;

    fn host() -> FakeAlation {
        FakeAlation::new("10.0.0.1").mode("standalone").conf("a.b", "True").conf("x.password", "hunter2")
    }

    #[test]
    fn sets_once_and_reads_back() {
        let fake = host();
        let arguments = json!({ "key": "a.b", "value": "false" });
        assert!(fake.run::<Conf>(&arguments).unwrap().changed);
        assert!(!fake.run::<Conf>(&arguments).unwrap().changed);
        assert_eq!(fake.done(), ["a.b = false"]);
    }

    #[test]
    fn a_secret_is_never_shown() {
        let fake = host();
        let outcome = fake.run::<Conf>(&json!({ "key": "x.password" })).unwrap();
        assert_eq!(outcome.result["value"], "********");
        let delta = fake.check::<Conf>(&json!({ "key": "x.password", "value": "new" })).unwrap();
        assert!(!format!("{delta:?}").contains("hunter2"));
        assert!(!format!("{delta:?}").contains("new\""));
        let failure = fake.run::<Conf>(&json!({ "key": "x.password", "expect": "other" })).unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter2"));
    }

    #[test]
    fn a_missing_key_is_a_failure_unless_it_may_be_missing() {
        assert!(host().run::<Conf>(&json!({ "key": "no.such" })).is_err());
        let outcome = host().run::<Conf>(&json!({ "key": "no.such", "optional": true })).unwrap();
        assert_eq!(outcome.result["found"], false);
    }

    #[test]
    fn verifies_without_setting() {
        let fake = host();
        assert!(fake.run::<Conf>(&json!({ "key": "a.b", "expect": "true" })).is_ok());
        let failure = fake.run::<Conf>(&json!({ "key": "a.b", "expect": "False" })).unwrap_err();
        assert_eq!(failure.msg, "a.b is True, not False");
        assert_eq!(fake.done(), [""; 0]);
    }

    #[test]
    fn the_primary_keeps_its_protection() {
        for (role, mode) in [("primary", "standalone"), ("secondary", "master")] {
            let fake = host().mode(mode).conf(PROTECTED, "True");
            let arguments = json!({ "role": role, "key": PROTECTED, "value": "False" });
            assert!(fake.run::<Conf>(&arguments).unwrap_err().msg.contains("nothing was changed"));
            assert_eq!(fake.value(PROTECTED).unwrap(), "True");
        }
    }

    #[test]
    fn backup_keys_are_not_set_by_hand() {
        let fake = host().conf("alation.backup_v2.enabled", "False");
        let failure =
            fake.run::<Conf>(&json!({ "key": "alation.backup_v2.enabled", "value": "True" })).unwrap_err();
        assert_eq!(failure.remedy.unwrap(), "use alation.backup");
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Conf>();
    }
}
