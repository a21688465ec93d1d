use switchover_sdk::prelude::*;

use super::login::Login;
use super::session::Session;
use crate::sql::Dialect::Mysql;

#[derive(Params)]
pub struct VariablesParams {
    /// The variable of the server.
    pub variable: String,
    /// What it has; without it, it is only told.
    pub value: Option<String>,
    /// How long: `global` until the next start, `persist` for good, `persist_only` from the next start on. MariaDB knows
    /// the first alone.
    #[param(default = "global", choices("global", "persist", "persist_only"))]
    pub mode: String,
    #[param(flatten)]
    pub login: Login,
}

pub struct Variables;

impl Module for Variables {
    type Params = VariablesParams;
    const SPEC: Spec = Spec {
        name: "community.mysql.mysql_variables",
        aliases: &["mysql_variables"],
        summary: "Tells or sets a variable of a server of MariaDB or MySQL.",
        examples: &[
            ("More clients", "mysql_variables: { variable: max_connections, value: '300' }"),
            ("What is it?", "community.mysql.mysql_variables: { variable: sql_mode }"),
        ],
        returns: &[("msg", "the value, or what was done"), ("queries", "the statement, when one was run")],
        ..Spec::DEFAULT
    };

    fn check(params: &VariablesParams, host: &Host) -> Result<Delta, Failure> {
        let name = &params.variable;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')) {
            return Err(Failure::arguments(format!("invalid variable name \"{name}\"")));
        }
        let Some(now) = params.look(host)? else {
            return Err(Failure::new(format!("Variable not available \"{name}\"")));
        };
        let Some(wanted) = &params.value else { return Ok(Delta::none_with(json!({ "msg": now }))) };
        if is_same(&now, wanted) {
            return Ok(Delta::none_with(json!({ "msg": "Variable is already set to requested value." })));
        }
        let statement = params.statement(wanted);
        let msg = format!("Variable change succeeded prev_value={now}");
        let result = json!({ "msg": msg, "queries": [statement] });
        Ok(Delta::change(name, now, wanted.as_str()).with_result(result).with_state(json!(statement)))
    }

    fn apply(params: &VariablesParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let statement = delta.state().as_str().unwrap_or_default();
        params.session().run(&params.login, &format!("{statement};"), false, host)?;
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl VariablesParams {
    fn session(&self) -> Session<'_> {
        Session {
            arguments: vec!["--raw".to_owned(), "--skip-column-names".to_owned()],
            ..Session::default()
        }
    }

    /// Returns the value; of `persist_only` the one that the next start brings, when there is one.
    fn look(&self, host: &Host) -> Result<Option<String>, Failure> {
        let name = Mysql.literal(&self.variable);
        let query = match self.mode.as_str() {
            "persist_only" => format!(
                "SELECT 'x', variable_value FROM performance_schema.persisted_variables WHERE variable_name = {name} \
                 UNION ALL SELECT 'x', variable_value FROM performance_schema.global_variables WHERE variable_name = {name} \
                 LIMIT 1"
            ),
            _ => format!("SHOW GLOBAL VARIABLES WHERE Variable_name = {name}"),
        };
        let said = self.session().run(&self.login, &format!("{query};"), true, host)?;
        let value = said.split_once('\t').map(|(_, value)| value);
        Ok(value.map(|value| value.strip_suffix('\n').unwrap_or(value).to_owned()))
    }

    fn statement(&self, wanted: &str) -> String {
        let value = match (switch(wanted), wanted.trim().parse::<f64>()) {
            (_, Ok(_)) => wanted.trim().to_owned(),
            (Some(on), _) => if on { "ON" } else { "OFF" }.to_owned(),
            _ => Mysql.literal(wanted),
        };
        format!("SET {} {} = {value}", self.mode.to_uppercase(), Mysql.identifier(&self.variable))
    }
}

/// Returns whether the server takes both for one value.
fn is_same(now: &str, wanted: &str) -> bool {
    if let (Some(now), Some(wanted)) = (switch(now), switch(wanted)) {
        return now == wanted;
    }
    match (now.trim().parse::<f64>(), wanted.trim().parse::<f64>()) {
        (Ok(now), Ok(wanted)) => now == wanted,
        _ => now == wanted,
    }
}

/// Reads what is on or off.
fn switch(text: &str) -> Option<bool> {
    match text.trim().to_uppercase().as_str() {
        "ON" | "YES" | "TRUE" | "1" => Some(true),
        "OFF" | "NO" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Variables>(env!("CARGO_MANIFEST_DIR"));
        examples::<Variables>();
    }

    #[test]
    fn one_value_has_many_spellings() {
        assert!(is_same("ON", "1") && is_same("OFF", "off") && is_same("0.500000", "0.5"));
        assert!(!is_same("ON", "OFF") && !is_same("151", "1510") && !is_same("STRICT", "strict"));
    }
}
