use switchover_sdk::prelude::*;

use super::client::Login;

#[derive(Params)]
pub struct DataInfoParams {
    /// The key.
    pub key: String,
    /// Speaks TLS.
    #[param(default = true)]
    pub tls: bool,
    #[param(flatten)]
    pub login: Login,
}

pub struct DataInfo;

impl Module for DataInfo {
    type Params = DataInfoParams;
    const SPEC: Spec = Spec {
        name: "community.general.redis_data_info",
        aliases: &["redis_data_info"],
        summary: "Reads a key of Redis that holds text.",
        effect: Spec::READS,
        examples: &[("A key", "redis_data_info: { key: foo, tls: false }")],
        returns: &[
            ("exists", "whether the key is there"),
            ("value", "its value"),
            ("msg", "the same in words"),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &DataInfoParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &DataInfoParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let key = params.key.as_str();
        if params.login.ask(params.tls, &["EXISTS", key], true, host)?.trim() != "1" {
            let msg = format!("Key \"{key}\" does not exist in database");
            return Ok(Outcome::unchanged(json!({ "exists": false, "msg": msg })));
        }
        let value = params.login.ask(params.tls, &["GET", key], true, host)?;
        Ok(Outcome::unchanged(json!({ "exists": true, "value": value, "msg": format!("Got key \"{key}\"") })))
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<DataInfo>(env!("CARGO_MANIFEST_DIR"));
        examples::<DataInfo>();
    }
}
