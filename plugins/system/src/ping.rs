use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct PingParams {
    /// What is answered; `crash` fails.
    #[param(default = "pong")]
    pub data: String,
}

pub struct Ping;

impl Module for Ping {
    type Params = PingParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.ping",
        aliases: &["ping"],
        summary: "Logs in and runs a command that does nothing: the host can be worked with.",
        effect: Spec::READS,
        examples: &[("Does it answer?", "ping:")],
        returns: &[("ping", "the value of `data`")],
        ..Spec::DEFAULT
    };

    fn check(params: &PingParams, host: &Host) -> Result<Delta, Failure> {
        if params.data == "crash" {
            return Err(Failure::new("boom"));
        }
        host.output(&Command::new(["true"]).reads())?;
        Ok(Delta::none_with(json!({ "ping": params.data })))
    }

    fn apply(_: &PingParams, _: &Delta, _: &Host) -> Result<Outcome, Failure> {
        Ok(Outcome::default())
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn asks_the_host_itself() {
        let host = FakeHost::new().command("true", 0, "");
        assert_eq!(host.run::<Ping>(json!({})).unwrap().result["ping"], "pong");
        assert_eq!(host.programs(), ["true"]);
        assert_eq!(FakeHost::new().run::<Ping>(json!({ "data": "crash" })).unwrap_err().msg, "boom");
        examples::<Ping>();
    }
}
