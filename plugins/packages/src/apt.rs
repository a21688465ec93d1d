pub mod look;
mod plan;
mod run;
mod simulated;
mod spec;
mod version;

use switchover_sdk::prelude::*;

use look::Seen;
pub use plan::Goal;
use plan::Plan;

#[derive(Params)]
pub struct AptParams {
    /// Packages: `foo`, `foo=1.0`, `foo=1.*`, `foo>=1.0`, or with `*` and `?`.
    #[param(alias = "package", alias = "pkg")]
    pub name: Option<Vec<String>>,
    /// What should be: there, there in the newest version, gone, able to be built, or free of broken dependencies.
    #[param(default = "present")]
    pub state: State,
    /// A package file of the host, or the address of one.
    pub deb: Option<HostPath>,
    /// Reads the lists of the repositories anew.
    #[param(alias = "update-cache")]
    pub update_cache: Option<bool>,
    /// Seconds for which the lists are new enough; implies `update_cache`.
    #[param(default = 0)]
    pub cache_valid_time: i64,
    /// How often reading the lists is tried again.
    #[param(default = 5)]
    pub update_cache_retries: u32,
    /// The longest time between two such tries, in seconds.
    #[param(default = 12)]
    pub update_cache_retry_max_delay: u32,
    /// Brings all packages to their newest versions; `dist` and `full` may remove packages for it.
    #[param(default = "no")]
    pub upgrade: Upgrade,
    /// Takes packages from this release.
    #[param(alias = "default-release")]
    pub default_release: Option<String>,
    /// Installs recommended packages too, or not; as the host is set by default.
    #[param(alias = "install-recommends")]
    pub install_recommends: Option<bool>,
    /// Removes configuration files too.
    #[param(default = false)]
    pub purge: bool,
    /// Removes dependencies that nothing needs any more.
    #[param(default = false)]
    pub autoremove: bool,
    /// Removes package files that can no longer be had from the host's cache.
    #[param(default = false)]
    pub autoclean: bool,
    /// Removes all package files from the host's cache.
    #[param(default = false)]
    pub clean: bool,
    /// Only upgrades packages that are there.
    #[param(default = false)]
    pub only_upgrade: bool,
    /// Fails rather than remove a package.
    #[param(default = false)]
    pub fail_on_autoremove: bool,
    /// Takes packages that cannot be authenticated.
    #[param(default = false, alias = "allow-unauthenticated")]
    pub allow_unauthenticated: bool,
    /// Takes an older version than the one that is there.
    #[param(
        default = false,
        alias = "allow-downgrade",
        alias = "allow_downgrades",
        alias = "allow-downgrades"
    )]
    pub allow_downgrade: bool,
    /// Changes packages that are on hold.
    #[param(default = false)]
    pub allow_change_held_packages: bool,
    /// Takes any package, as `--force-yes`; dangerous.
    #[param(default = false)]
    pub force: bool,
    /// Options for dpkg, without their dashes, separated by commas.
    #[param(default = "force-confdef,force-confold")]
    pub dpkg_options: String,
    /// Seconds to wait for another program that holds the lock.
    #[param(default = 60)]
    pub lock_timeout: u32,
    /// What `policy-rc.d` answers meanwhile; 101 keeps services from starting.
    pub policy_rc_d: Option<u16>,
    /// Means nothing here: `apt-get` is always used.
    #[param(default = false)]
    #[expect(
        dead_code,
        reason = "taken because playbooks give it; it has no meaning without Python and aptitude"
    )]
    pub force_apt_get: bool,
    /// Means nothing here: nothing of Python is needed.
    #[param(default = true)]
    #[expect(
        dead_code,
        reason = "taken because playbooks give it; it has no meaning without Python and aptitude"
    )]
    pub auto_install_module_deps: bool,
}

#[derive(Choice, PartialEq, Eq, Clone, Copy)]
pub enum State {
    Absent,
    #[param(name = "build-dep")]
    BuildDep,
    Latest,
    Present,
    Fixed,
}

#[derive(Choice, PartialEq, Eq, Clone, Copy)]
pub enum Upgrade {
    Dist,
    Full,
    No,
    Safe,
    Yes,
}

pub struct Apt;

impl Module for Apt {
    type Params = AptParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.apt",
        aliases: &["apt"],
        summary: "Keeps packages of Debian and its kin.",
        description: "What would change is what `apt-get --simulate` tells.",
        long: true,
        mutually_exclusive: &[&["deb", "name", "upgrade"]],
        examples: &[
            (
                "Packages, with new lists",
                "apt: { name: [nginx, curl], update_cache: true, cache_valid_time: 3600 }",
            ),
            ("One version", "ansible.builtin.apt: { name: postgresql-15=15.6-*, allow_downgrade: true }"),
            ("Gone", "apt: { name: apache2, state: absent, purge: true, autoremove: true }"),
        ],
        returns: &[
            ("cache_updated", "whether the lists were read anew"),
            ("cache_update_time", "when the lists were last new, in seconds since 1970"),
            ("stdout", "what apt-get said"),
            ("stderr", "what apt-get complained of"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &AptParams, host: &Host) -> Result<Delta, Failure> {
        let goals = Goal::all(params)?;
        let looks = goals.iter().map(|goal| look::command(goal, params)).collect();
        let seen = Seen::read_all(&look::outputs(looks, host)?)?;
        check_seen(params, &goals, &seen, host)
    }

    fn apply(params: &AptParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        run::apply(params, delta, host)
    }
}

/// Says what would change, of what was seen for each goal.
pub fn check_seen(params: &AptParams, goals: &[Goal], seen: &[Seen], host: &Host) -> Result<Delta, Failure> {
    let update = seen.first().is_some_and(|seen| params.update_is_due(seen));
    let plan = match Plan::make(params, goals, seen, host) {
        Ok(plan) => plan,
        // Lists that are read anew may know the package.
        Err(_) if update => Plan::default(),
        Err(failure) => return Err(failure),
    };
    let mut result = plan.result.clone();
    if params.installs() {
        let time = seen.first().map_or(0, |seen| seen.stamp);
        result.insert("cache_update_time".into(), json!(time));
        result.insert("cache_updated".into(), json!(false));
    }
    let state = json!({ "update": update, "steps": plan.steps });
    if !plan.changes.is_empty() {
        return Ok(Delta::Some { changes: plan.changes, result, state });
    }
    if update || plan.unknown { Ok(Delta::Unknown { state }) } else { Ok(Delta::None { result }) }
}

impl AptParams {
    /// Returns whether the lists have to be read anew.
    fn update_is_due(&self, seen: &Seen) -> bool {
        let asked =
            self.update_cache == Some(true) || (self.update_cache.is_none() && self.cache_valid_time > 0);
        asked && (self.cache_valid_time <= 0 || seen.stamp + self.cache_valid_time < seen.now)
    }

    /// Returns whether the result tells of the cache.
    fn installs(&self) -> bool {
        let names = self.name.as_ref().is_some_and(|names| !names.is_empty());
        let only = self.autoremove || self.autoclean || self.clean;
        let asked = self.update_cache.is_some() || self.cache_valid_time > 0;
        if names {
            self.state != State::Absent
        } else {
            self.deb.is_none() && self.upgrade == Upgrade::No && (!only || asked)
        }
    }
}

#[cfg(test)]
mod tests;
