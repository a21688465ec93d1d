use switchover_sdk::prelude::*;

/// Known only to be refused: a program that asks on a terminal has none here.
#[derive(Params)]
#[expect(dead_code, reason = "the module is refused whole")]
pub struct ExpectParams {
    /// The program that asks.
    #[param(
        refused = "programs get no terminal here; give the answers on standard input: `command: { cmd: ..., stdin: ... }`"
    )]
    pub command: String,
    /// Expressions, and what is answered when one is seen.
    pub responses: Map,
    /// Runs in this folder.
    pub chdir: Option<HostPath>,
    /// Does nothing when this is there.
    pub creates: Option<HostPath>,
    /// Does nothing when this is not there.
    pub removes: Option<HostPath>,
    /// Shows what is answered.
    #[param(default = false)]
    pub echo: bool,
    /// Seconds to wait for each expression.
    #[param(default = 30)]
    pub timeout: u64,
}

pub struct Expect;

const REASON: &str = "expect is not supported: programs get no terminal here";

impl Module for Expect {
    type Params = ExpectParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.expect",
        aliases: &["expect"],
        summary: "Refused: `command` with `stdin` answers programs that read their answers.",
        ..Spec::DEFAULT
    };

    fn check(_: &ExpectParams, _: &Host) -> Result<Delta, Failure> {
        Err(Failure::arguments(REASON).remedy("use `command` or `shell` with `stdin`"))
    }

    fn apply(params: &ExpectParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        Self::check(params, host).map(|_| Outcome::default())
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::FakeHost;

    use super::*;

    #[test]
    fn is_refused_before_a_host_is_touched() {
        let host = FakeHost::new();
        let failure = host.run::<Expect>(json!({ "command": "passwd", "responses": {} })).unwrap_err();
        assert_eq!((failure.msg.as_str(), host.round_trips()), (REASON, 0));
        let spec = Expect::SPEC.full::<ExpectParams>();
        assert!(spec.params[0].refused.as_ref().is_some_and(|reason| reason.contains("stdin")));
    }
}
