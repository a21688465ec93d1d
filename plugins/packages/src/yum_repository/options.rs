use switchover_sdk::prelude::*;

use super::State;

#[derive(Params)]
pub struct YumRepositoryParams {
    /// The repository's name: the section of the file.
    pub name: String,
    /// Whether it should be there.
    #[param(default = "present")]
    pub state: State,
    /// What people call it; needed to add it.
    pub description: Option<String>,
    /// The file without `.repo`; the name by default.
    pub file: Option<String>,
    /// The folder of the files.
    #[param(default = "/etc/yum.repos.d")]
    pub reposdir: HostPath,
    /// Packages to leave out.
    #[param(alias = "excludepkgs")]
    pub exclude: Option<Vec<String>>,
    /// The only packages to use.
    pub includepkgs: Option<Vec<String>>,
    /// The password of the repository.
    #[param(secret)]
    pub password: Option<Secret>,
    /// The password of the proxy.
    #[param(secret)]
    pub proxy_password: Option<Secret>,
    #[param(flatten)]
    pub file_attributes: FileAttributes,
    /// Downloads packages and metadata at the same time.
    pub r#async: Option<bool>,
    /// The network's bandwidth, in bytes a second, for `throttle`.
    pub bandwidth: Option<String>,
    /// Where the folder with `repodata` is; several addresses are allowed.
    pub baseurl: Option<Vec<String>>,
    /// How dear the repository is compared with others.
    pub cost: Option<String>,
    /// Lets the repository's owner count the host.
    pub countme: Option<bool>,
    /// How large delta metadata may be, in percent.
    pub deltarpm_metadata_percentage: Option<String>,
    /// How large a delta may be, in percent of the package.
    pub deltarpm_percentage: Option<String>,
    /// Whether the repository is used.
    pub enabled: Option<bool>,
    /// Whether its groups of packages are used.
    pub enablegroups: Option<bool>,
    /// How an address is chosen.
    #[param(choices("roundrobin", "priority"))]
    pub failovermethod: Option<String>,
    /// Where the key of the authority is.
    pub gpgcakey: Option<String>,
    /// Checks the signatures of packages.
    pub gpgcheck: Option<bool>,
    /// Where the key of the packages is.
    pub gpgkey: Option<Vec<String>>,
    /// What web caches may keep.
    #[param(choices("all", "packages", "none"))]
    pub http_caching: Option<String>,
    /// Another configuration file to read.
    pub include: Option<String>,
    /// Which addresses are used.
    #[param(choices("4", "6", "IPv4", "IPv6", "whatever"))]
    pub ip_resolve: Option<String>,
    /// Uses one connection for several files.
    pub keepalive: Option<bool>,
    /// Whether packages are kept after installation.
    #[param(choices("0", "1"))]
    pub keepcache: Option<String>,
    /// Seconds after which metadata is old.
    pub metadata_expire: Option<String>,
    /// For which commands old metadata will do.
    #[param(choices("never", "read-only:past", "read-only:present", "read-only:future"))]
    pub metadata_expire_filter: Option<String>,
    /// Where a metalink file is.
    pub metalink: Option<String>,
    /// Where a list of addresses is.
    pub mirrorlist: Option<String>,
    /// Seconds after which the list of addresses is old.
    pub mirrorlist_expire: Option<String>,
    /// Shows packages in spite of modules.
    pub module_hotfixes: Option<bool>,
    /// Which repository wins, from 1 to 99.
    pub priority: Option<String>,
    /// Protects packages from other repositories.
    pub protect: Option<bool>,
    /// The proxy; `_none_` for none.
    pub proxy: Option<String>,
    /// The user of the proxy.
    pub proxy_username: Option<String>,
    /// Checks the signature of the metadata.
    pub repo_gpgcheck: Option<bool>,
    /// How often is tried again.
    pub retries: Option<String>,
    /// Uses S3.
    pub s3_enabled: Option<bool>,
    /// Goes on when the repository cannot be reached.
    pub skip_if_unavailable: Option<bool>,
    /// Checks who may read the certificates.
    pub ssl_check_cert_permissions: Option<bool>,
    /// The folder of the authorities' certificates.
    #[param(alias = "ca_cert")]
    pub sslcacert: Option<String>,
    /// The client's certificate.
    #[param(alias = "client_cert")]
    pub sslclientcert: Option<String>,
    /// The client's key.
    #[param(alias = "client_key")]
    pub sslclientkey: Option<String>,
    /// Checks the repository's certificate.
    #[param(alias = "validate_certs")]
    pub sslverify: Option<bool>,
    /// How much of the bandwidth may be used.
    pub throttle: Option<String>,
    /// Seconds to wait for a connection.
    pub timeout: Option<String>,
    /// Variables that are shown with the name.
    pub ui_repoid_vars: Option<String>,
    /// The user of the repository.
    pub username: Option<String>,
}

impl YumRepositoryParams {
    pub fn refuse_nonsense(&self) -> Result<(), Failure> {
        let file = self.file.as_deref().unwrap_or(&self.name);
        if file.contains('/') || self.name.contains(['\n', ']']) || self.name.is_empty() {
            return Err(Failure::arguments(format!("{file:?} cannot be the name of a repository")));
        }
        if self.state == State::Absent {
            return Ok(());
        }
        if self.baseurl.is_none() && self.mirrorlist.is_none() && self.metalink.is_none() {
            let msg = "state is present but any of the following are missing: baseurl, mirrorlist, metalink";
            return Err(Failure::arguments(msg));
        }
        if self.description.is_none() {
            return Err(Failure::arguments(
                "state is present but all of the following are missing: description",
            ));
        }
        match self
            .settings()
            .iter()
            .find(|(key, value)| value.contains('\n') && key != "baseurl" && key != "gpgkey")
        {
            Some((key, _)) => Err(Failure::arguments(format!("argument `{key}` must be one line"))),
            None => Ok(()),
        }
    }

    /// Returns the file.
    pub fn path(&self) -> String {
        let file = self.file.as_deref().unwrap_or(&self.name);
        format!("{}/{file}.repo", self.reposdir.trim_end_matches('/'))
    }

    pub fn has_secret(&self) -> bool {
        self.password.is_some() || self.proxy_password.is_some()
    }

    /// Returns the file's attributes; one with a password is for its owner alone unless a mode is given.
    pub fn attributes(&self) -> Attributes {
        let closed = self.has_secret().then(|| "0600".to_owned());
        let wanted = self.file_attributes.wanted();
        Attributes { mode: wanted.mode.or(closed), ..wanted }
    }

    /// Returns the settings of the section, sorted by key.
    pub fn settings(&self) -> Vec<(String, String)> {
        let text = |value: &Option<String>| value.clone();
        let flag = |value: Option<bool>| value.map(|on| u8::from(on).to_string());
        let lines = |value: &Option<Vec<String>>| value.as_ref().map(|words| words.join("\n"));
        let words = |value: &Option<Vec<String>>| value.as_ref().map(|words| words.join(" "));
        let secret = |value: &Option<Secret>| value.as_ref().map(|secret| secret.expose().to_owned());
        let settings = [
            ("async", flag(self.r#async)),
            ("bandwidth", text(&self.bandwidth)),
            ("baseurl", lines(&self.baseurl)),
            ("cost", text(&self.cost)),
            ("countme", flag(self.countme)),
            ("deltarpm_metadata_percentage", text(&self.deltarpm_metadata_percentage)),
            ("deltarpm_percentage", text(&self.deltarpm_percentage)),
            ("enabled", flag(self.enabled)),
            ("enablegroups", flag(self.enablegroups)),
            ("exclude", words(&self.exclude)),
            ("failovermethod", text(&self.failovermethod)),
            ("gpgcakey", text(&self.gpgcakey)),
            ("gpgcheck", flag(self.gpgcheck)),
            ("gpgkey", lines(&self.gpgkey)),
            ("http_caching", text(&self.http_caching)),
            ("include", text(&self.include)),
            ("includepkgs", words(&self.includepkgs)),
            ("ip_resolve", text(&self.ip_resolve)),
            ("keepalive", flag(self.keepalive)),
            ("keepcache", text(&self.keepcache)),
            ("metadata_expire", text(&self.metadata_expire)),
            ("metadata_expire_filter", text(&self.metadata_expire_filter)),
            ("metalink", text(&self.metalink)),
            ("mirrorlist", text(&self.mirrorlist)),
            ("mirrorlist_expire", text(&self.mirrorlist_expire)),
            ("module_hotfixes", flag(self.module_hotfixes)),
            ("name", text(&self.description)),
            ("password", secret(&self.password)),
            ("priority", text(&self.priority)),
            ("protect", flag(self.protect)),
            ("proxy", text(&self.proxy)),
            ("proxy_password", secret(&self.proxy_password)),
            ("proxy_username", text(&self.proxy_username)),
            ("repo_gpgcheck", flag(self.repo_gpgcheck)),
            ("retries", text(&self.retries)),
            ("s3_enabled", flag(self.s3_enabled)),
            ("skip_if_unavailable", flag(self.skip_if_unavailable)),
            ("ssl_check_cert_permissions", flag(self.ssl_check_cert_permissions)),
            ("sslcacert", text(&self.sslcacert)),
            ("sslclientcert", text(&self.sslclientcert)),
            ("sslclientkey", text(&self.sslclientkey)),
            ("sslverify", flag(self.sslverify)),
            ("throttle", text(&self.throttle)),
            ("timeout", text(&self.timeout)),
            ("ui_repoid_vars", text(&self.ui_repoid_vars)),
            ("username", text(&self.username)),
        ];
        settings.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}
