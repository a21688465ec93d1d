//! `postgres.conf`: reads, verifies and sets settings of a running server.

mod value;

use cluster_kit::secret;
use postgres_server::{Settings, sql};
use switchover_sdk::prelude::*;
use value::{assignment, is_name, same_value};

#[derive(Params)]
struct ConfParams {
    /// Settings to read.
    read: Option<Vec<String>>,
    /// Settings that must have these values; nothing is set.
    expect: Option<Map>,
    /// Settings to set, by ALTER SYSTEM. A list becomes a list (`shared_preload_libraries`); null takes the setting back.
    set: Option<Map>,
    /// Reloads the configuration after a change, so that what needs no restart takes effect.
    #[param(default = true)]
    reload: bool,
    #[param(flatten)]
    settings: Settings,
}

struct Conf;

impl Module for Conf {
    type Params = ConfParams;
    const SPEC: Spec = Spec {
        name: "postgres.conf",
        summary: "Reads, verifies or sets settings of a running PostgreSQL server.",
        description: "Values mean the same in any unit (`1GB`, `1024MB`). A set value is read back, and one that something else outweighs (the server's command line, ALTER ROLE) is a failure; what takes effect with a restart only is \
                      told in `pending_restart`, and the restart is left to you. Values of settings that look like secrets are masked, and a \
                      statement that sets one is kept out of the server's log.",
        required_one_of: &[&["read", "expect", "set"]],
        examples: &[
            ("Read", "postgres.conf: { data: /srv/pg/data, read: [archive_mode, archive_command] }"),
            (
                "Verify",
                "postgres.conf: { data: /srv/pg/data, expect: { wal_level: replica, archive_mode: true } }",
            ),
            ("Set", "postgres.conf: { data: /srv/pg/data, set: { work_mem: 64MB, shared_buffers: 2GB } }"),
        ],
        returns: &[
            ("values", "The value of each setting that was named."),
            ("pending_restart", "Those whose new value waits for a restart."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &ConfParams, host: &Host) -> Result<Delta, Failure> {
        let found = look(params, host)?;
        for (name, wanted) in params.expect.iter().flatten() {
            verify(name, wanted, &found)?;
        }
        let mut changes = Vec::new();
        for (name, wanted) in params.set.iter().flatten() {
            let now = text(&found[name]["value"]);
            let is_set = if wanted.is_null() {
                found[name]["auto"] != json!(true)
            } else {
                is_already(&found[name], wanted)
            };
            if !is_set {
                let after = if wanted.is_null() { "(taken back)".to_owned() } else { text(wanted) };
                changes.push(Change {
                    what: name.clone(),
                    before: secret::masked(name, &now).into(),
                    after: secret::masked(name, &after).into(),
                    ..Change::default()
                });
            }
        }
        let result = result(&found);
        Ok(if changes.is_empty() {
            Delta::none_with(result)
        } else {
            Delta::changes(changes).with_result(result)
        })
    }

    fn apply(params: &ConfParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let mut statements = "SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic';\n".to_owned();
        for (name, wanted) in params.set.iter().flatten() {
            statements.push_str(&assignment(name, wanted)?);
        }
        if params.reload {
            // The server takes the file up a moment after it was asked to.
            statements.push_str("SELECT pg_reload_conf(); SELECT pg_sleep(0.2);\n");
        }
        sql::execute(host, &params.settings, &statements, params.settings.read_timeout)?;
        let found = look(params, host)?;
        for (name, wanted) in params.set.iter().flatten().filter(|_| params.reload) {
            took(name, wanted, &found)?;
        }
        Ok(Outcome::changed(result(&found)))
    }
}

/// Sees that a value which was set is in force, unless it waits for a restart.
fn took(name: &str, wanted: &Value, found: &Map) -> Result<(), Failure> {
    let setting = &found[name];
    // The file is read in order, and postgresql.auto.conf is its last part.
    let from_file = setting["source"] == "configuration file" || setting["pending"] == json!(true);
    if wanted.is_null() || from_file || is_already(setting, wanted) {
        return Ok(());
    }
    let now = text(&setting["value"]);
    let source = setting["source"].as_str().unwrap_or("elsewhere");
    let failure = Failure::new(format!(
        "{name} was set to `{}`, and is still `{}`: what comes from `{source}` goes before postgresql.auto.conf",
        secret::masked(name, &text(wanted)),
        secret::masked(name, &now)
    ));
    let remedy = match source {
        "command line" => "take it off the server's command line (pg_ctl -o, pg_ctl.conf, the unit)",
        "user" | "database" | "database user" => "ALTER ROLE or ALTER DATABASE has set it: RESET it there",
        _ => "see pg_settings (source, sourcefile) and pg_file_settings (error) on the server",
    };
    Err(failure.remedy(remedy).with_result(result(found).as_object().cloned().unwrap_or_default()))
}

fn names(params: &ConfParams) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = params.read.clone().unwrap_or_default();
    names.extend([&params.expect, &params.set].into_iter().flatten().flat_map(|map| map.keys().cloned()));
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(Failure::arguments(format!("`{name}` is no name of a setting"))),
        None => Ok(names),
    }
}

fn look(params: &ConfParams, host: &Host) -> Result<Map, Failure> {
    let names = names(params)?;
    let list: Vec<String> = names.iter().map(|name| sql::literal(&name.to_lowercase())).collect();
    let question = format!(
        "SELECT coalesce(json_object_agg(lower(name), json_build_object('value', current_setting(name), 'raw', setting, 'unit', unit,
           'pending', pending_restart, 'source', source,
           'auto', coalesce(sourcefile LIKE '%/postgresql.auto.conf', false),
           'file', (SELECT f.setting FROM pg_file_settings f WHERE lower(f.name) = lower(s.name) ORDER BY seqno DESC LIMIT 1))), '{{}}')
         FROM pg_settings s WHERE lower(name) IN ({})",
        list.join(", ")
    );
    let answer = sql::json(host, &params.settings, &question)?;
    let mut found = Map::new();
    for name in names {
        let Some(setting) = answer.get(name.to_lowercase()) else {
            return Err(Failure::new(format!("the server knows no setting {name}"))
                .remedy("check its name and the server's version"));
        };
        found.insert(name, setting.clone());
    }
    Ok(found)
}

/// A value that waits for a restart stands in the file already.
fn is_already(setting: &Value, wanted: &Value) -> bool {
    let wanted = text(wanted);
    let now =
        if setting["pending"] == json!(true) { text(&setting["file"]) } else { text(&setting["value"]) };
    let unit = setting["unit"].as_str().unwrap_or_default();
    // The server quotes the items of a list where it has to.
    same_value(&now.replace('"', ""), &wanted.replace('"', ""), unit)
        || (setting["pending"] != json!(true) && text(&setting["raw"]) == wanted)
}

fn verify(name: &str, wanted: &Value, found: &Map) -> Result<(), Failure> {
    let now = text(&found[name]["value"]);
    let unit = found[name]["unit"].as_str().unwrap_or_default();
    if same_value(&now, &text(wanted), unit) || text(&found[name]["raw"]) == text(wanted) {
        return Ok(());
    }
    let (now, wanted) = (secret::masked(name, &now).to_owned(), text(wanted));
    let failure = Failure::new(format!("{name} is `{now}`, not `{}`", secret::masked(name, &wanted)));
    Err(failure.with_result(result(found).as_object().cloned().unwrap_or_default()))
}

fn result(found: &Map) -> Value {
    let values: Map = found
        .iter()
        .map(|(name, setting)| (name.clone(), json!(secret::masked(name, &text(&setting["value"])))))
        .collect();
    let pending: Vec<&String> =
        found.iter().filter(|(_, setting)| setting["pending"] == json!(true)).map(|(name, _)| name).collect();
    json!({ "values": values, "pending_restart": pending })
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

export_modules!(Conf);

#[cfg(test)]
mod tests {
    use switchover_sdk::ExecOutput;
    use switchover_sdk::testing::FakeHost;

    use super::*;

    const ANSWER: &str = r#"{"shared_buffers": {"value": "1GB", "raw": "131072", "unit": "8kB", "pending": false, "auto": false},
        "ssl_passphrase_command": {"value": "echo hunter2", "raw": "echo hunter2", "unit": null, "pending": false, "auto": false}}"#;

    fn check(arguments: Value) -> Result<Delta, Failure> {
        let output = ExecOutput { stdout: ANSWER.into(), ..ExecOutput::default() };
        let mut all = json!({ "data": "/pg" });
        all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
        FakeHost::new().script("reach; ask", output).check::<Conf>(all)
    }

    #[test]
    fn a_value_in_another_unit_is_the_same() {
        assert!(matches!(
            check(json!({ "set": { "shared_buffers": "1024MB" } })).unwrap(),
            Delta::None { .. }
        ));
        assert!(matches!(
            check(json!({ "set": { "shared_buffers": 131_072 } })).unwrap(),
            Delta::None { .. }
        ));
        assert!(matches!(check(json!({ "set": { "shared_buffers": "2GB" } })).unwrap(), Delta::Some { .. }));
    }

    #[test]
    fn what_is_expected_is_verified() {
        assert_eq!(
            check(json!({ "expect": { "shared_buffers": "2GB" } })).unwrap_err().msg,
            "shared_buffers is `1GB`, not `2GB`"
        );
        assert!(check(json!({ "read": ["no_such"] })).is_err());
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Conf>();
    }
}
