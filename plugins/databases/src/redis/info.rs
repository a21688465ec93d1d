use switchover_sdk::prelude::*;

use super::client::Login;

#[derive(Params)]
pub struct InfoParams {
    /// Tells of the cluster too.
    #[param(default = false)]
    pub cluster: bool,
    /// Speaks TLS.
    #[param(default = false)]
    pub tls: bool,
    #[param(flatten)]
    pub login: Login,
}

pub struct Info;

impl Module for Info {
    type Params = InfoParams;
    const SPEC: Spec = Spec {
        name: "community.general.redis_info",
        aliases: &["redis_info"],
        summary: "Tells what a Redis server says of itself.",
        effect: Spec::READS,
        examples: &[("All", "redis_info: { login_host: db1 }")],
        returns: &[("info", "what `INFO` answers, by name"), ("cluster", "what `CLUSTER INFO` answers")],
        ..Spec::DEFAULT
    };

    fn check(_: &InfoParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &InfoParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let info = read(&params.login.ask(params.tls, &["INFO"], true, host)?);
        let mut result = json!({ "info": info });
        if params.cluster {
            result["cluster"] =
                Value::Object(read(&params.login.ask(params.tls, &["CLUSTER", "INFO"], true, host)?));
        }
        Ok(Outcome::unchanged(result))
    }
}

/// Reads lines `name:value`; `keys=1,expires=0` is a mapping.
fn read(said: &str) -> Map {
    let lines = said.lines().filter_map(|line| line.trim_end().split_once(':'));
    lines.map(|(name, value)| (name.to_owned(), typed(value))).collect()
}

fn typed(value: &str) -> Value {
    let pairs: Option<Vec<(&str, &str)>> = value.split(',').map(|pair| pair.split_once('=')).collect();
    match pairs {
        Some(pairs) => {
            Value::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), typed(value))).collect())
        }
        None => match (value.parse::<i64>(), value.parse::<f64>()) {
            (Ok(number), _) => json!(number),
            (_, Ok(number)) if number.is_finite() => json!(number),
            _ => json!(value),
        },
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Info>(env!("CARGO_MANIFEST_DIR"));
        examples::<Info>();
    }

    #[test]
    fn values_have_types() {
        let info =
            read("# Server\r\nredis_version:7.0.15\r\nuptime:3\r\nratio:1.5\r\ndb0:keys=1,expires=0\r\n");
        let expected = json!({ "redis_version": "7.0.15", "uptime": 3, "ratio": 1.5, "db0": { "keys": 1, "expires": 0 } });
        assert_eq!(Value::Object(info), expected);
    }
}
