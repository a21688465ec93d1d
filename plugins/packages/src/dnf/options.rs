use switchover_sdk::prelude::*;

use super::{Backend, Goal, State};
use crate::tool::refuse_bad_name;

#[derive(Params)]
pub struct DnfParams {
    /// Packages: `foo`, `foo-1.0`, `@group`, a file of the host, an address, or `*` for all.
    #[param(alias = "pkg", default = [])]
    pub name: Vec<String>,
    /// What should be; there by default, or gone with `autoremove`.
    pub state: Option<State>,
    /// Removes dependencies that nothing needs any more.
    #[param(default = false)]
    pub autoremove: bool,
    /// Reads the metadata of the repositories anew.
    #[param(default = false, alias = "expire-cache")]
    pub update_cache: bool,
    /// With `latest`, only upgrades packages that are there.
    #[param(default = false)]
    pub update_only: bool,
    /// Repositories to use besides those that are enabled.
    #[param(default = [])]
    pub enablerepo: Vec<String>,
    /// Repositories not to use.
    #[param(default = [])]
    pub disablerepo: Vec<String>,
    /// Packages to leave out.
    #[param(default = [])]
    pub exclude: Vec<String>,
    /// Plugins to switch on.
    #[param(default = [])]
    pub enable_plugin: Vec<String>,
    /// Plugins to switch off.
    #[param(default = [])]
    pub disable_plugin: Vec<String>,
    /// Does not check the signatures of packages.
    #[param(default = false)]
    pub disable_gpg_check: bool,
    /// Another configuration file.
    pub conf_file: Option<String>,
    /// `all`, `main` or a repository, whose excludes do not count.
    pub disable_excludes: Option<String>,
    /// Another root than `/`.
    #[param(default = "/")]
    pub installroot: String,
    /// Another release than the host's.
    pub releasever: Option<String>,
    /// With `latest`, only security updates.
    #[param(default = false)]
    pub security: bool,
    /// With `latest`, only bug fixes.
    #[param(default = false)]
    pub bugfix: bool,
    /// Leaves out what cannot be installed.
    #[param(default = false)]
    pub skip_broken: bool,
    /// Takes the newest version or fails.
    pub best: Option<bool>,
    /// The opposite of `best`.
    pub nobest: Option<bool>,
    /// May remove packages to install others.
    #[param(default = false)]
    pub allowerasing: bool,
    /// Takes an older version than the one that is there.
    #[param(default = false)]
    pub allow_downgrade: bool,
    /// Installs weak dependencies too.
    #[param(default = true)]
    pub install_weak_deps: bool,
    /// Uses what is in the host's cache only.
    #[param(default = false)]
    pub cacheonly: bool,
    /// Fetches the packages and installs none.
    #[param(default = false)]
    pub download_only: bool,
    /// Where `download_only` puts them.
    pub download_dir: Option<String>,
    /// Checks the certificates of repositories.
    #[param(default = true)]
    pub sslverify: bool,
    /// Checks the certificate of a package's https address.
    #[param(default = true)]
    pub validate_certs: bool,
    /// Seconds to wait for another program that holds the lock.
    #[param(default = 30)]
    pub lock_timeout: i64,
    /// Which tool is used; found out on the host.
    #[param(default = "auto", alias = "use")]
    pub use_backend: Backend,
    /// Tells of packages instead of changing some.
    #[param(refused = "`package_facts` tells what is there")]
    pub list: Option<String>,
    /// Means nothing, as in Ansible.
    #[param(default = true)]
    #[expect(dead_code, reason = "taken because playbooks give it; Ansible ignores it too")]
    pub install_repoquery: bool,
    /// Means nothing here: nothing of Python is needed.
    #[param(default = true)]
    #[expect(dead_code, reason = "taken because playbooks give it; it has no meaning without Python")]
    pub auto_install_module_deps: bool,
}

impl DnfParams {
    /// Returns the packages, without empty words.
    pub fn names(&self) -> Vec<String> {
        let words = self.name.iter().flat_map(|name| name.split(',')).map(str::trim);
        words.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    pub fn refuse_nonsense(&self) -> Result<(), Failure> {
        let latest = self.state == Some(State::Latest);
        for name in self.names() {
            match name.split_once(['<', '>', '=']) {
                Some(_) if latest => {
                    let msg = format!("{name}: a comparison makes no sense with state=latest");
                    return Err(Failure::arguments(msg));
                }
                Some((name, _)) => refuse_bad_name(name.trim())?,
                None if name.starts_with('@') => {}
                None => refuse_bad_name(&name)?,
            }
        }
        Ok(())
    }

    /// Returns what the task asks for.
    pub fn goal(&self) -> Result<Goal, Failure> {
        let names = self.names();
        let all = names.iter().any(|name| name == "*");
        let state = self.state.unwrap_or(if self.autoremove { State::Absent } else { State::Present });
        match state {
            State::Absent | State::Removed if names.is_empty() && self.autoremove => Ok(Goal::Autoremove),
            State::Present | State::Installed | State::Latest if self.autoremove => {
                Err(Failure::arguments("Autoremove should be used alone or with state=absent"))
            }
            _ if names.is_empty() => Ok(Goal::Metadata),
            State::Latest if all => Ok(Goal::Upgrade),
            State::Latest => Ok(Goal::Latest),
            State::Present | State::Installed => Ok(Goal::Install),
            State::Absent | State::Removed => Ok(Goal::Remove),
        }
    }

    /// Returns the tools that may be used, the best first.
    pub fn tools(&self) -> &'static str {
        match self.use_backend {
            Backend::Auto | Backend::Yum => "dnf dnf5 yum microdnf",
            Backend::Dnf | Backend::Dnf4 | Backend::Yum4 => "dnf yum",
            Backend::Dnf5 => "dnf5",
        }
    }

    /// Returns the options that say where packages come from.
    pub fn source_options(&self) -> Vec<String> {
        let mut options = Vec::new();
        let lists = [
            ("--enablerepo", &self.enablerepo),
            ("--disablerepo", &self.disablerepo),
            ("--exclude", &self.exclude),
            ("--enableplugin", &self.enable_plugin),
            ("--disableplugin", &self.disable_plugin),
        ];
        for (option, words) in lists {
            let words =
                words.iter().flat_map(|word| word.split(',')).map(str::trim).filter(|word| !word.is_empty());
            options.extend(words.map(|word| format!("{option}={word}")));
        }
        let values = [
            ("--config", &self.conf_file),
            ("--disableexcludes", &self.disable_excludes),
            ("--releasever", &self.releasever),
            ("--installroot", &Some(self.installroot.clone()).filter(|root| root != "/")),
        ];
        options.extend(
            values.iter().filter_map(|(option, value)| Some(format!("{option}={}", value.as_ref()?))),
        );
        let flags = [
            (self.cacheonly, "--cacheonly"),
            (!self.sslverify || !self.validate_certs, "--setopt=sslverify=False"),
        ];
        options.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| (*flag).to_owned()));
        options
    }

    /// Returns the arguments of the tool.
    pub fn args(&self, tool: &str, goal: Goal, words: &[String]) -> Vec<String> {
        let mut args = vec!["-y".to_owned()];
        args.extend(self.source_options());
        let best = self.best.or(self.nobest.map(|nobest| !nobest));
        let flags = [
            (self.update_cache, "--refresh"),
            (self.disable_gpg_check, "--nogpgcheck"),
            (self.skip_broken, "--skip-broken"),
            (best == Some(true), "--best"),
            (best == Some(false), "--nobest"),
            (self.allowerasing, "--allowerasing"),
            // dnf 4 and yum take an older version without being told.
            (self.allow_downgrade && tool == "dnf5" && goal == Goal::Install, "--allow-downgrade"),
            (!self.install_weak_deps, "--setopt=install_weak_deps=False"),
            (goal == Goal::Remove && !self.autoremove, "--setopt=clean_requirements_on_remove=False"),
            (self.download_only, "--downloadonly"),
        ];
        args.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| (*flag).to_owned()));
        args.extend(
            self.download_dir.iter().filter(|_| self.download_only).map(|dir| format!("--destdir={dir}")),
        );
        let narrow = self.security || self.bugfix;
        args.extend((narrow && self.security).then(|| "--security".to_owned()));
        args.extend((narrow && self.bugfix).then(|| "--bugfix".to_owned()));
        args.push(
            match goal {
                Goal::Install => "install",
                Goal::Latest | Goal::Upgrade if narrow => "upgrade-minimal",
                Goal::Latest | Goal::Upgrade => "upgrade",
                Goal::Remove => "remove",
                Goal::Autoremove => "autoremove",
                Goal::Metadata => "makecache",
            }
            .to_owned(),
        );
        if goal != Goal::Upgrade {
            args.extend(words.iter().cloned());
        }
        args
    }
}
