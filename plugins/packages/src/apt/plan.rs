use switchover_sdk::prelude::*;

use super::look::{Seen, command, outputs};
use super::simulated::Simulated;
use super::spec::{PackageSpec, Wanted};
use super::{AptParams, State, Upgrade};

/// One thing that `apt-get` is asked for. A task may ask for several.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// Only the lists.
    Lists,
    Clean,
    Autoclean,
    Upgrade(Reach),
    /// A file of the host.
    File(String),
    /// A file that has to be fetched first.
    Address(String),
    Install(Vec<PackageSpec>),
    Latest(Vec<PackageSpec>),
    BuildDep(Vec<PackageSpec>),
    Remove(Vec<PackageSpec>),
    Fixed,
    Autoremove,
}

/// How far an upgrade goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Safe,
    Dist,
}

/// How a look is made: when to simulate, the names to look for, the arguments of `apt-get`.
pub struct Look {
    pub when: &'static str,
    pub names: Vec<String>,
    pub args: Vec<String>,
}

/// What has to be done.
#[derive(Default)]
pub struct Plan {
    /// Arguments of `apt-get`, one list for each run.
    pub steps: Vec<Vec<String>>,
    pub changes: Vec<Change>,
    /// Return keys that are known before.
    pub result: Map,
    /// Only doing it can tell.
    pub unknown: bool,
}

impl Goal {
    /// Returns what a task asks for, in the order in which it is done.
    pub fn all(params: &AptParams) -> Result<Vec<Self>, Failure> {
        let mut goals = Vec::new();
        let words = params.name.iter().flatten().flat_map(|name| name.split(','));
        let specs: Vec<PackageSpec> = words.map(PackageSpec::read).collect::<Result<_, _>>()?;
        if params.clean {
            goals.push(Self::Clean);
        }
        let all = specs.iter().any(|spec| spec.name == "*") && params.state == State::Latest;
        if all && specs.len() > 1 {
            return Err(Failure::arguments(
                "unable to install additional packages when upgrading all installed packages",
            ));
        }
        match params.upgrade {
            Upgrade::Dist | Upgrade::Full => goals.push(Self::Upgrade(Reach::Dist)),
            Upgrade::Yes | Upgrade::Safe => goals.push(Self::Upgrade(Reach::Safe)),
            Upgrade::No if all => goals.push(Self::Upgrade(Reach::Safe)),
            Upgrade::No => {}
        }
        match &params.deb {
            Some(deb) if deb.contains("://") => goals.push(Self::Address(deb.0.clone())),
            Some(deb) if deb.starts_with('/') => goals.push(Self::File(deb.0.clone())),
            Some(deb) => goals.push(Self::File(format!("./{}", deb.0))),
            None => {}
        }
        if !specs.is_empty() && !all {
            goals.push(match params.state {
                State::Absent => Self::Remove(specs),
                State::Latest => Self::Latest(specs),
                State::BuildDep => Self::BuildDep(specs),
                State::Present | State::Fixed => Self::Install(specs),
            });
        } else if params.state == State::Fixed {
            goals.push(Self::Fixed);
        }
        let alone = goals.iter().all(|goal| *goal == Self::Clean);
        if params.autoremove && alone {
            goals.push(Self::Autoremove);
        }
        if params.autoclean {
            goals.push(Self::Autoclean);
        }
        if goals.is_empty() {
            goals.push(Self::Lists);
        }
        Ok(goals)
    }

    /// Returns how to look.
    pub fn look(&self, params: &AptParams) -> Look {
        let names = |specs: &[PackageSpec]| specs.iter().map(|spec| spec.name.clone()).collect();
        let at_least =
            |specs: &[PackageSpec]| specs.iter().any(|spec| matches!(spec.wanted, Wanted::AtLeast(_)));
        let when = match self {
            Self::Lists | Self::Clean | Self::Address(_) => "never",
            // What is there decides what apt-get may be asked for.
            Self::Install(specs) if at_least(specs) => "never",
            Self::Install(specs) if specs.iter().all(is_plain) => "missing",
            Self::Install(_) => "rest",
            Self::Remove(_) if params.purge => "purge",
            Self::Remove(_) => "remove",
            _ => "always",
        };
        let names = match self {
            Self::Install(specs) if when != "never" => {
                specs.iter().filter(|spec| is_plain(spec)).map(|spec| spec.name.clone()).collect()
            }
            Self::Install(specs) | Self::Latest(specs) | Self::Remove(specs) => names(specs),
            _ => Vec::new(),
        };
        let args = match (when, self) {
            ("never", _) => Vec::new(),
            // The look itself adds the plain ones that are missing.
            (_, Self::Install(specs)) => self.args(params, &words_of(specs, |spec| !is_plain(spec))),
            _ => self.args(params, &self.words()),
        };
        Look { when, names, args }
    }

    fn words(&self) -> Vec<String> {
        match self {
            Self::Install(specs) | Self::Latest(specs) | Self::BuildDep(specs) => words_of(specs, |_| true),
            Self::File(path) => vec![path.clone()],
            _ => Vec::new(),
        }
    }

    /// Returns the arguments of `apt-get`.
    pub fn args(&self, params: &AptParams, words: &[String]) -> Vec<String> {
        let mut args = vec!["-y".to_owned()];
        for option in params.dpkg_options.split(',').map(str::trim).filter(|option| !option.is_empty()) {
            args.extend(["-o".to_owned(), format!("Dpkg::Options::=--{option}")]);
        }
        args.extend(["-o".to_owned(), format!("DPkg::Lock::Timeout={}", params.lock_timeout)]);
        let action = match self {
            Self::Clean => "clean",
            Self::Autoclean => "autoclean",
            Self::Upgrade(Reach::Safe) => "upgrade",
            Self::Upgrade(Reach::Dist) => "dist-upgrade",
            Self::BuildDep(_) => "build-dep",
            Self::Remove(_) => "remove",
            Self::Autoremove => "autoremove",
            Self::Lists => "update",
            Self::File(_) | Self::Address(_) | Self::Install(_) | Self::Latest(_) | Self::Fixed => "install",
        };
        let removes = matches!(self, Self::Remove(_) | Self::Autoremove);
        let flags = [
            (params.force, "--force-yes"),
            (params.purge && (removes || params.autoremove), "--purge"),
            (params.autoremove && !matches!(self, Self::Autoremove | Self::BuildDep(_)), "--auto-remove"),
            (params.only_upgrade && !removes, "--only-upgrade"),
            (*self == Self::Upgrade(Reach::Safe), "--with-new-pkgs"),
            (*self == Self::Fixed, "--fix-broken"),
            (params.fail_on_autoremove && !removes, "--no-remove"),
            (params.allow_unauthenticated, "--allow-unauthenticated"),
            (params.allow_downgrade, "--allow-downgrades"),
            (params.allow_change_held_packages, "--allow-change-held-packages"),
            (params.install_recommends == Some(false), "--no-install-recommends"),
            (params.install_recommends == Some(true), "--install-recommends"),
        ];
        args.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| (*flag).to_owned()));
        if let Some(release) = &params.default_release {
            args.extend(["-t".to_owned(), release.clone()]);
        }
        args.push(action.to_owned());
        args.extend(words.iter().cloned());
        args
    }
}

/// Returns whether any version will do of this one package.
fn is_plain(spec: &PackageSpec) -> bool {
    spec.wanted == Wanted::Any && !spec.is_pattern()
}

fn words_of(specs: &[PackageSpec], which: impl Fn(&PackageSpec) -> bool) -> Vec<String> {
    specs.iter().filter(|spec| which(spec)).map(PackageSpec::word).collect()
}

impl Plan {
    /// Compares what is wanted with what was seen. May look once more for `name>=version`.
    pub fn make(params: &AptParams, goals: &[Goal], seen: &[Seen], host: &Host) -> Result<Self, Failure> {
        let mut plan = Self::default();
        for (goal, seen) in goals.iter().zip(seen) {
            plan.add(params, goal, seen, host)?;
        }
        Ok(plan)
    }

    fn add(&mut self, params: &AptParams, goal: &Goal, seen: &Seen, host: &Host) -> Result<(), Failure> {
        match goal {
            Goal::Lists => {}
            Goal::Clean => {
                // To Ansible this is a change even where there is nothing to clean.
                self.steps.push(goal.args(params, &[]));
                let (before, what) = (json!("files"), "/var/cache/apt/archives".to_owned());
                self.changes.push(Change { what, before, ..Change::default() });
                for key in ["stdout", "stderr", "msg"] {
                    self.result.insert(key.into(), json!(""));
                }
            }
            Goal::Address(_) => self.unknown = true,
            Goal::Install(specs) if specs.iter().any(|spec| matches!(spec.wanted, Wanted::AtLeast(_))) => {
                return self.at_least(params, specs, seen, host);
            }
            Goal::Remove(_) => {
                let kept =
                    |status: &str| status == "not-installed" || (status == "config-files" && !params.purge);
                let mut words: Vec<String> = Vec::new();
                for found in seen.installed.iter().filter(|found| !kept(&found.status)) {
                    if !words.contains(&found.binary) {
                        words.push(found.binary.clone());
                    }
                }
                self.simulated(goal.args(params, &words), seen.simulated.as_ref(), goal)?;
            }
            Goal::Install(specs) => {
                // What is there is not named: apt-get would bring it up to date.
                let missing = |spec: &PackageSpec| seen.version(&spec.name).is_none();
                let mut words = words_of(specs, |spec| !is_plain(spec));
                words.extend(words_of(specs, |spec| is_plain(spec) && missing(spec)));
                self.simulated(goal.args(params, &words), seen.simulated.as_ref(), goal)?;
            }
            _ => self.simulated(goal.args(params, &goal.words()), seen.simulated.as_ref(), goal)?,
        }
        Ok(())
    }

    /// Leaves out what is new enough; for the rest, the newest version must be new enough.
    fn at_least(
        &mut self,
        params: &AptParams,
        specs: &[PackageSpec],
        seen: &Seen,
        host: &Host,
    ) -> Result<(), Failure> {
        let there =
            |spec: &&PackageSpec| seen.version(&spec.name).is_some_and(|version| spec.allows(version));
        let rest: Vec<PackageSpec> = specs.iter().filter(|spec| !there(spec)).cloned().collect();
        if rest.is_empty() {
            return Ok(());
        }
        let goal = Goal::Latest(rest.clone());
        let seen = Seen::read_all(&outputs(vec![command(&goal, params)], host)?)?.pop().unwrap_or_default();
        let before = self.changes.len();
        self.simulated(goal.args(params, &goal.words()), seen.simulated.as_ref(), &goal)?;
        for spec in &rest {
            let change = self.changes[before..].iter().find(|change| change.what == spec.name);
            let version =
                change.and_then(|change| change.after.as_str()).or_else(|| seen.version(&spec.name));
            if !version.is_some_and(|version| spec.allows(version)) {
                let Wanted::AtLeast(wanted) = &spec.wanted else { continue };
                let msg = format!("no available installation candidate for {}>={wanted}", spec.name);
                return Err(Failure::new(msg));
            }
        }
        Ok(())
    }

    fn simulated(
        &mut self,
        args: Vec<String>,
        simulated: Option<&Simulated>,
        goal: &Goal,
    ) -> Result<(), Failure> {
        let Some(simulated) = simulated else { return Ok(()) };
        if simulated.rc != 0 {
            return Err(failure(&args, simulated));
        }
        let changes = simulated.changes();
        let tells = matches!(goal, Goal::Autoremove | Goal::Autoclean | Goal::Upgrade(_));
        if matches!(goal, Goal::File(_)) {
            self.result.insert("stdout".into(), json!(""));
            self.result.insert("stderr".into(), json!(""));
        }
        if tells || !changes.is_empty() {
            self.result.insert("stdout".into(), json!(simulated.stdout));
            self.result.insert("stderr".into(), json!(simulated.stderr));
        }
        if matches!(goal, Goal::Upgrade(_)) {
            self.result.insert("msg".into(), json!(simulated.stdout));
        }
        if !changes.is_empty() {
            self.steps.push(args);
            self.changes.extend(changes);
        }
        Ok(())
    }
}

/// Says in Ansible's words why `apt-get` cannot do it.
fn failure(args: &[String], simulated: &Simulated) -> Failure {
    let unknown = simulated.stderr.lines().find_map(|line| line.strip_prefix("E: Unable to locate package "));
    if let Some(name) = unknown {
        return Failure::new(format!("No package matching '{name}' is available"));
    }
    let unknown = simulated
        .stderr
        .lines()
        .find(|line| line.starts_with("E: Version '") && line.ends_with("was not found"));
    let quoted: Vec<&str> = unknown.unwrap_or_default().split('\'').collect();
    if let [_, version, _, name, ..] = quoted.as_slice() {
        return Failure::new(format!("no available installation candidate for {name}={version}"));
    }
    Failure::new(format!("'apt-get {}' failed: {}", args.join(" "), simulated.stderr))
        .with("rc", simulated.rc)
        .with("stdout", &*simulated.stdout)
        .with("stderr", &*simulated.stderr)
}
