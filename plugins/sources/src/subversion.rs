use switchover_sdk::prelude::*;

/// Known only to be refused.
#[derive(Params)]
#[expect(dead_code, reason = "the module is refused whole")]
pub struct SubversionParams {
    /// The repository.
    #[param(
        alias = "name",
        alias = "repository",
        refused = "Subversion is not among the systems this program knows; run `svn` with `command`, or use `git`"
    )]
    pub repo: String,
    /// The folder.
    pub dest: Option<HostPath>,
    /// The revision.
    #[param(default = "HEAD", alias = "rev", alias = "version")]
    pub revision: String,
    /// Throws local changes away.
    #[param(default = false)]
    pub force: bool,
    /// Checks out over what is there.
    #[param(default = false)]
    pub in_place: bool,
    /// Who logs in.
    pub username: Option<String>,
    /// The password.
    #[param(secret)]
    pub password: Option<String>,
    /// The program.
    pub executable: Option<HostPath>,
    /// Makes a working copy that is not there.
    #[param(default = true)]
    pub checkout: bool,
    /// Updates a working copy that is there.
    #[param(default = true)]
    pub update: bool,
    /// Exports without a working copy.
    #[param(default = false)]
    pub export: bool,
    /// Switches to another address first.
    #[param(default = true)]
    pub switch: bool,
    /// Looks at certificates.
    #[param(default = false)]
    pub validate_certs: bool,
}

pub struct Subversion;

const REASON: &str = "subversion is not supported";

impl Module for Subversion {
    type Params = SubversionParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.subversion",
        aliases: &["subversion"],
        summary: "Refused: run `svn` with `command`.",
        ..Spec::DEFAULT
    };

    fn check(_: &SubversionParams, _: &Host) -> Result<Delta, Failure> {
        Err(Failure::arguments(REASON).remedy("run `svn` with `command`, or use `git`"))
    }

    fn apply(params: &SubversionParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
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
        let failure = host.run::<Subversion>(json!({ "repo": "svn://x", "dest": "/d" })).unwrap_err();
        assert_eq!((failure.msg.as_str(), host.round_trips()), (REASON, 0));
        let spec = Subversion::SPEC.full::<SubversionParams>();
        assert!(spec.params[0].refused.as_ref().is_some_and(|reason| reason.contains("svn")));
    }
}
