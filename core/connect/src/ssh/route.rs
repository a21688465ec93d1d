//! From the options of a host and the ssh configuration to the hops that lead there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::config::{Asker, Config, Settings};
use super::{HostKeyChecking, SshOptions, known_hosts};
use crate::{ConnectError, Secret};

/// Hosts that lead to each other in a circle end here.
const LONGEST: usize = 8;

/// One SSH server on the way, with everything that is needed to get in.
#[derive(Clone, Debug)]
pub(super) struct Hop {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// The name in known_hosts files.
    pub known_as: String,
    pub known_hosts_files: Vec<PathBuf>,
    pub hash_known_hosts: bool,
    pub checking: HostKeyChecking,
    pub password: Option<Secret>,
    pub passphrase: Option<Secret>,
    /// Keys that were named, in order.
    pub keys: Vec<PathBuf>,
    /// Keys that are tried because they are there.
    pub usual_keys: Vec<PathBuf>,
    pub identities_only: bool,
    /// Methods that may be used, by their names in the protocol.
    pub methods: Vec<&'static str>,
    pub connect_timeout: Duration,
    pub alive_interval: Duration,
    pub alive_max: usize,
    pub family: Family,
    /// Settings in the ssh configuration that were passed over.
    pub passed_over: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Any,
    V4,
    V6,
}

/// The user who runs the controller.
#[derive(Clone, Debug)]
pub(super) struct Me {
    pub name: String,
    pub home: PathBuf,
}

impl Me {
    pub(super) fn now() -> Self {
        let name = ["USER", "LOGNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
        let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("/"));
        Self { name: name.unwrap_or_else(|| "root".to_owned()), home }
    }
}

/// Returns the hops to a host, the host itself last.
pub(super) fn route(options: &SshOptions, config: &Config, me: &Me) -> Result<Vec<Hop>, ConnectError> {
    let mut hops = Vec::new();
    add(&mut hops, options, config, me, 0)?;
    Ok(hops)
}

fn add(
    hops: &mut Vec<Hop>,
    options: &SshOptions,
    config: &Config,
    me: &Me,
    depth: usize,
) -> Result<(), ConnectError> {
    if depth > LONGEST {
        return Err(ConnectError::Config {
            reason: format!("the jump hosts of {} lead in a circle", options.host),
        });
    }
    let asker = Asker { host: &options.host, user: options.user.as_deref(), local_user: &me.name };
    let settings = config.look_up(&options.settings, &asker)?;
    let jump = options.jump.as_deref().or_else(|| settings.get("proxyjump")).filter(|jump| *jump != "none");
    let jumps: Vec<_> = jump.into_iter().flat_map(|jump| jump.split(',')).map(str::trim).collect();
    for (index, jump) in jumps.iter().enumerate() {
        let mut via = jump_options(jump, options)?;
        // Only the first may have jump hosts of its own: the others are reached through the one before.
        via.jump = (index > 0).then(|| "none".to_owned());
        add(hops, &via, config, me, depth + 1)?;
    }
    hops.push(hop(options, &settings, me)?);
    Ok(())
}

/// Reads `[ssh://][user@]host[:port]`. What proves who we are is never handed on to a jump host.
fn jump_options(text: &str, options: &SshOptions) -> Result<SshOptions, ConnectError> {
    let bad = || ConnectError::Config { reason: format!("{text:?} is no jump host ([user@]host[:port])") };
    let rest = text.strip_prefix("ssh://").unwrap_or(text).trim_end_matches('/');
    let (user, rest) = match rest.rsplit_once('@') {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, rest),
    };
    let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let port = port.map(str::parse).transpose().map_err(|_| bad())?;
    if host.is_empty() {
        return Err(bad());
    }
    Ok(SshOptions {
        host: host.to_owned(),
        port,
        user,
        key_passphrase: options.key_passphrase.clone(),
        connect_timeout: options.connect_timeout,
        host_key_checking: options.host_key_checking,
        known_hosts_files: options.known_hosts_files.clone(),
        ssh_config: options.ssh_config.clone(),
        ..SshOptions::default()
    })
}

fn hop(options: &SshOptions, settings: &Settings, me: &Me) -> Result<Hop, ConnectError> {
    let host =
        settings.get("hostname").map_or(options.host.clone(), |name| name.replace("%h", &options.host));
    let port = match options.port {
        Some(port) => port,
        None => settings.number("port")?.unwrap_or(22),
    };
    let user =
        options.user.clone().or_else(|| settings.get("user").map(str::to_owned)).unwrap_or(me.name.clone());
    let expand = |text: &str| path(text, me, &host, &user);
    let mut keys: Vec<PathBuf> =
        options.private_key_file.iter().map(|file| expand(&file.to_string_lossy())).collect();
    keys.extend(settings.all("identityfile").filter(|text| *text != "none").map(expand));
    keys.dedup();
    let usual_keys = if keys.is_empty() { usual_keys(&me.home) } else { Vec::new() };
    let known_as = match settings.get("hostkeyalias") {
        Some(alias) => alias.to_ascii_lowercase(),
        None => known_hosts::name(&host, port),
    };
    let alive = settings.number("serveraliveinterval")?.filter(|seconds| *seconds > 0).unwrap_or(15);
    Ok(Hop {
        known_as,
        known_hosts_files: known_hosts_files(options, settings, &expand),
        hash_known_hosts: settings.get("hashknownhosts").is_some_and(is_yes),
        checking: checking(options, settings)?,
        password: options.password.clone(),
        passphrase: options.key_passphrase.clone(),
        keys,
        usual_keys,
        identities_only: settings.get("identitiesonly").is_some_and(is_yes),
        methods: methods(settings),
        connect_timeout: connect_timeout(options, settings)?,
        alive_interval: Duration::from_secs(alive),
        alive_max: settings.number("serveralivecountmax")?.unwrap_or(3),
        family: match settings.get("addressfamily") {
            Some("inet") => Family::V4,
            Some("inet6") => Family::V6,
            _ => Family::Any,
        },
        passed_over: settings.passed_over.clone(),
        host,
        port,
        user,
    })
}

/// The inventory always names a time, so only an argument for ssh overrides it, as with ssh itself.
fn connect_timeout(options: &SshOptions, settings: &Settings) -> Result<Duration, ConnectError> {
    if options.settings.iter().any(|(key, _)| key == "connecttimeout") {
        return Ok(settings.number("connecttimeout")?.map_or(options.connect_timeout, Duration::from_secs));
    }
    Ok(options.connect_timeout)
}

fn is_yes(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "yes" | "true")
}

fn usual_keys(home: &Path) -> Vec<PathBuf> {
    let names = ["id_ed25519", "id_ecdsa", "id_rsa"];
    names.iter().map(|name| home.join(".ssh").join(name)).filter(|file| file.exists()).collect()
}

fn known_hosts_files(
    options: &SshOptions,
    settings: &Settings,
    expand: &dyn Fn(&str) -> PathBuf,
) -> Vec<PathBuf> {
    if !options.known_hosts_files.is_empty() {
        return options.known_hosts_files.clone();
    }
    let users = settings.get("userknownhostsfile").unwrap_or("~/.ssh/known_hosts ~/.ssh/known_hosts2");
    let systems =
        settings.get("globalknownhostsfile").unwrap_or("/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2");
    let words = |text: &str| crate::words::split(text).unwrap_or_default();
    words(users)
        .iter()
        .chain(&words(systems))
        .filter(|text| *text != "none")
        .map(|text| expand(text))
        .collect()
}

/// The inventory may loosen the check; left at strict, the ssh configuration may.
fn checking(options: &SshOptions, settings: &Settings) -> Result<HostKeyChecking, ConnectError> {
    if options.host_key_checking != HostKeyChecking::Strict {
        return Ok(options.host_key_checking);
    }
    match settings.get("stricthostkeychecking").map(str::to_ascii_lowercase).as_deref() {
        None | Some("yes" | "true" | "ask") => Ok(HostKeyChecking::Strict),
        Some("accept-new") => Ok(HostKeyChecking::AcceptNew),
        Some("no" | "off" | "false") => Ok(HostKeyChecking::Off),
        Some(other) => {
            Err(ConnectError::Config { reason: format!("StrictHostKeyChecking cannot be {other:?}") })
        }
    }
}

fn methods(settings: &Settings) -> Vec<&'static str> {
    let allowed = |key: &str| !settings.get(key).is_some_and(|text| matches!(text, "no" | "false"));
    let preferred: Option<Vec<&str>> =
        settings.get("preferredauthentications").map(|list| list.split(',').collect());
    let mut methods = Vec::new();
    for (name, key) in [
        ("publickey", "pubkeyauthentication"),
        ("password", "passwordauthentication"),
        ("keyboard-interactive", "kbdinteractiveauthentication"),
    ] {
        if allowed(key) && preferred.as_ref().is_none_or(|list| list.contains(&name)) {
            methods.push(name);
        }
    }
    methods
}

/// Expands `~`, and the tokens of ssh that such paths use.
fn path(text: &str, me: &Me, host: &str, user: &str) -> PathBuf {
    let home = me.home.to_string_lossy();
    let text = text.replace("%d", &home).replace("%h", host).replace("%r", user).replace("%u", &me.name);
    match text.strip_prefix("~/") {
        Some(rest) => me.home.join(rest),
        None => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me() -> Me {
        Me { name: "me".to_owned(), home: PathBuf::from("/nonexistent") }
    }

    fn config(text: &str) -> Config {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut config = Config::default();
        config.read(file.path(), Path::new("/nonexistent"), true).unwrap();
        config
    }

    #[test]
    fn the_inventory_wins_over_the_configuration() {
        let config = config(
            "Host web\nHostName %h.example.org\nPort 2200\nUser bob\nStrictHostKeyChecking accept-new\n",
        );
        let options = SshOptions { user: Some("ann".to_owned()), ..SshOptions::new("web") };
        let hops = route(&options, &config, &me()).unwrap();
        let hop = &hops[0];
        assert_eq!((hop.host.as_str(), hop.port, hop.user.as_str()), ("web.example.org", 2200, "ann"));
        assert_eq!(hop.known_as, "[web.example.org]:2200");
        assert_eq!(hop.checking, HostKeyChecking::AcceptNew);
    }

    #[test]
    fn jump_hosts_come_in_order_and_get_no_password() {
        let config = config("Host b\nProxyJump ignored\nHost a\nProxyJump first\nHost first\nPort 7\n");
        let password = Some(Secret::from("pw"));
        let options = SshOptions { jump: Some("u@a:1,b".to_owned()), password, ..SshOptions::new("end") };
        let hops = route(&options, &config, &me()).unwrap();
        let told: Vec<_> = hops.iter().map(|hop| (hop.user.as_str(), hop.host.as_str(), hop.port)).collect();
        assert_eq!(told, [("me", "first", 7), ("u", "a", 1), ("me", "b", 22), ("me", "end", 22)]);
        assert_eq!(hops.iter().filter(|hop| hop.password.is_some()).count(), 1);
    }

    #[test]
    fn jump_hosts_in_a_circle_are_an_error() {
        let config = config("Host a\nProxyJump b\nHost b\nProxyJump a\n");
        let error = route(&SshOptions::new("a"), &config, &me()).unwrap_err().to_string();
        assert!(error.contains("circle"), "{error}");
    }
}
