use switchover_sdk::prelude::*;

use super::client::Login;

#[derive(Params)]
pub struct DataParams {
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Option<String>,
    /// Whether the key is there.
    #[param(default = "present")]
    pub state: State,
    /// Milliseconds until the key goes; changes each time.
    pub expiration: Option<u64>,
    /// Keeps the time at which the key goes.
    pub keep_ttl: Option<bool>,
    /// Sets only a key that is there.
    pub existing: Option<bool>,
    /// Sets only a key that is not there.
    pub non_existing: Option<bool>,
    /// Speaks TLS.
    #[param(default = true)]
    pub tls: bool,
    #[param(flatten)]
    pub login: Login,
}

/// Whether a key is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Present,
    Absent,
}

pub struct Data;

impl Module for Data {
    type Params = DataParams;
    const SPEC: Spec = Spec {
        name: "community.general.redis_data",
        aliases: &["redis_data"],
        summary: "Keeps a key of Redis that holds text.",
        mutually_exclusive: &[&["expiration", "keep_ttl"], &["non_existing", "existing"]],
        required_if: &[("state", "present", &["value"])],
        examples: &[
            ("A key", "redis_data: { key: foo, value: bar, tls: false }"),
            ("No such key", "community.general.redis_data: { key: foo, state: absent, tls: false }"),
        ],
        returns: &[
            ("msg", "what was done"),
            ("old_value", "the value before"),
            ("value", "the value that was set"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &DataParams, host: &Host) -> Result<Delta, Failure> {
        let key = params.key.as_str();
        let there = params.login.ask(params.tls, &["EXISTS", key], true, host)?.trim() == "1";
        let old = if there { Some(params.login.ask(params.tls, &["GET", key], true, host)?) } else { None };
        let value = params.value.as_deref().unwrap_or_default();
        let result = |msg: String| json!({ "msg": msg, "old_value": old, "value": params.value });
        if params.state == State::Absent {
            let gone = |msg: &str| json!({ "msg": format!("{msg} key: {key}"), "old_value": old });
            return Ok(match there {
                true => Delta::change(key, json!(old), Value::Null).with_result(gone("Deleted")),
                false => {
                    Delta::none_with(json!({ "msg": format!("Key: {key} not present"), "old_value": null }))
                }
            });
        }
        if params.existing == Some(true) && !there {
            return Err(Failure::new(format!("Could not set key: {key}. Key not present.")));
        }
        if params.non_existing == Some(true) && there {
            return Err(Failure::new(format!("Could not set key: {key}. Key already present.")));
        }
        if old.as_deref() == Some(value) && params.expiration.is_none() {
            let msg = format!("Key {key} already has desired value");
            return Ok(Delta::none_with(result(msg)));
        }
        Ok(Delta::change(key, json!(old), value).with_result(result(format!("Set key: {key}"))))
    }

    fn apply(params: &DataParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        if params.state == State::Absent {
            params.login.ask(params.tls, &["DEL", &params.key], false, host)?;
        } else {
            params.set(host)?;
        }
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

/// The value comes last, so that it need not stand on a command line.
const SET: &str = r"local how = {}
for i = 1, #ARGV - 1 do how[i] = ARGV[i] end
return redis.call('SET', KEYS[1], ARGV[#ARGV], unpack(how))";

impl DataParams {
    fn set(&self, host: &Host) -> Result<(), Failure> {
        let expiration = self.expiration.map(|milliseconds| milliseconds.to_string());
        let mut command = vec!["EVAL", SET, "1", self.key.as_str()];
        if let Some(milliseconds) = &expiration {
            command.extend(["PX", milliseconds]);
        }
        command.extend((self.keep_ttl == Some(true)).then_some("KEEPTTL"));
        command.extend((self.existing == Some(true)).then_some("XX"));
        command.extend((self.non_existing == Some(true)).then_some("NX"));
        let said = self.login.run(self.tls, None, &command, self.value.as_deref(), false, host)?;
        match said.as_str() {
            "OK" => Ok(()),
            _ => Err(Failure::new(format!("the key was not set: another client was faster ({said})"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Data>(env!("CARGO_MANIFEST_DIR"));
        examples::<Data>();
    }

    #[test]
    fn neither_password_nor_value_is_on_a_command_line() {
        let said = |text: &str| ExecOutput { stdout: text.into(), ..ExecOutput::default() };
        let host = FakeHost::new().script("EXISTS", said("0\n")).script("EVAL", said("OK\n"));
        let arguments = json!({ "key": "k", "value": "token", "login_password": "sesame", "tls": false });
        host.run::<Data>(arguments).unwrap();
        assert!(host.programs().iter().all(|line| !line.contains("sesame") && !line.contains("token")));
    }
}
