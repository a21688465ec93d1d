//! Getting from nothing to an authenticated connection with one hop.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_ssh2_tokio::{AuthMethod, Client, Config, Error, ServerCheckMethod, ToSocketAddrsWithHostname};

use russh::keys::Algorithm;

use super::auth::Keyring;
use super::host_key::{self, PRIVATE_NAME};
use super::route::{Family, Hop};
use crate::ConnectError;

/// A server with too many logins under way drops some at random (`MaxStartups`); these are the pauses.
const PAUSES: [Duration; 3] = [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(2)];

/// Where to connect to, and how.
pub(super) struct Way<'a> {
    pub addresses: Vec<SocketAddr>,
    pub via: Option<&'a Client>,
    pub preferred: Vec<Algorithm>,
    pub hop: &'a Hop,
}

/// The addresses with the name under which the library looks the key up.
struct Place(Vec<SocketAddr>);

impl ToSocketAddrsWithHostname for Place {
    fn to_socket_addrs(&self) -> std::io::Result<Vec<SocketAddr>> {
        Ok(self.0.clone())
    }

    fn hostname(&self) -> String {
        PRIVATE_NAME.to_owned()
    }
}

impl Way<'_> {
    /// Returns the settings of a connection. Without `nodelay` each command takes 40 ms longer.
    pub(super) fn config(&self) -> Config {
        let mut config = Config {
            nodelay: true,
            window_size: 2 * 1024 * 1024,
            keepalive_interval: Some(self.hop.alive_interval),
            keepalive_max: self.hop.alive_max,
            ..Config::default()
        };
        config.preferred.key = self.preferred.clone().into();
        config
    }
}

/// Connects with a hop, directly or through the one before.
pub(super) async fn dial(hop: &Hop, via: Option<&Client>, keyring: &Keyring) -> Result<Client, ConnectError> {
    let addresses = addresses(hop, via).await?;
    let preferred = Config::default().preferred.key.into_owned();
    let mut way = Way { addresses, via, preferred, hop };
    let check = host_key::prepare(hop, &way).await?;
    way.preferred = host_key::prefer(&check.known, &way.preferred);
    let mut tried = Vec::new();
    for proof in keyring.proofs(hop, &mut tried).await {
        match connect(hop, &way, &proof.method, &check.method).await {
            Ok(client) => {
                keyring.worked(&proof.label);
                return Ok(client);
            }
            Err(Refusal::Key) => return Err(host_key::explain(hop, &check.known, &way).await),
            Err(Refusal::Proof(reason)) => tried.push(format!("{}: {reason}", proof.label)),
            Err(Refusal::Way(reason)) => {
                return Err(ConnectError::Unreachable { host: hop.host.clone(), reason });
            }
        }
    }
    if tried.is_empty() {
        tried.push("nothing: there is no key, no agent and no password".to_owned());
    }
    tried.extend(hop.passed_over.iter().map(|key| format!("not supported in the ssh configuration: {key}")));
    Err(ConnectError::AuthenticationFailed { host: hop.host.clone(), user: hop.user.clone(), tried })
}

enum Refusal {
    Key,
    Proof(String),
    Way(String),
}

async fn connect(
    hop: &Hop,
    way: &Way<'_>,
    method: &AuthMethod,
    check: &ServerCheckMethod,
) -> Result<Client, Refusal> {
    let mut pauses = PAUSES.iter();
    loop {
        let error = match once(hop, way, method, check).await? {
            Ok(client) => return Ok(client),
            Err(error) => error,
        };
        let refusal = sort(&error);
        match (refusal, pauses.next()) {
            (Refusal::Way(_), Some(pause)) if was_dropped(&error) => tokio::time::sleep(*pause).await,
            (refusal, _) => return Err(refusal),
        }
    }
}

/// Runs in a task of its own: the library panics when the agent goes away in the wrong moment.
async fn once(
    hop: &Hop,
    way: &Way<'_>,
    method: &AuthMethod,
    check: &ServerCheckMethod,
) -> Result<Result<Client, Error>, Refusal> {
    let place = Place(way.addresses.clone());
    let (user, method, check) = (hop.user.clone(), method.clone(), check.clone());
    let (config, via) = (way.config(), way.via.cloned());
    let mut task = tokio::spawn(async move {
        match via {
            None => Client::connect_with_config(place, &user, method, check, config).await,
            Some(via) => Client::connect_via_with_config(&via, place, &user, method, check, config).await,
        }
    });
    match tokio::time::timeout(hop.connect_timeout, &mut task).await {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(_)) => Err(Refusal::Proof("the ssh agent went away".to_owned())),
        Err(_) => {
            task.abort();
            Err(Refusal::Way(format!("no answer within {} s", hop.connect_timeout.as_secs())))
        }
    }
}

fn sort(error: &Error) -> Refusal {
    let refused = || Refusal::Proof("not accepted".to_owned());
    match error {
        Error::ServerCheckFailed | Error::SshError(russh::Error::UnknownKey) => Refusal::Key,
        Error::KeyAuthFailed | Error::PasswordWrong | Error::KeyboardInteractiveAuthFailed => refused(),
        Error::AgentAuthenticationFailed => Refusal::Proof("none of its keys was accepted".to_owned()),
        Error::KeyboardInteractiveNoResponseForPrompt(prompt) => {
            Refusal::Proof(format!("the server also asks {:?}, which cannot be answered", prompt.trim()))
        }
        Error::KeyInvalid(_)
        | Error::AgentAuthError(_)
        | Error::AgentConnectionFailed
        | Error::AgentRequestIdentitiesFailed
        | Error::AgentNoIdentities => Refusal::Proof(error.to_string()),
        Error::SshError(russh::Error::IO(cause)) => Refusal::Way(cause.to_string()),
        error => Refusal::Way(error.to_string()),
    }
}

fn was_dropped(error: &Error) -> bool {
    match error {
        Error::SshError(russh::Error::Disconnect | russh::Error::HUP) => true,
        Error::SshError(russh::Error::IO(cause)) | Error::IoError(cause) => matches!(
            cause.kind(),
            std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::UnexpectedEof
                | std::io::ErrorKind::BrokenPipe
        ),
        _ => false,
    }
}

/// Finds the addresses of a hop. Behind another hop its names are asked first: they may be known only there.
async fn addresses(hop: &Hop, via: Option<&Client>) -> Result<Vec<SocketAddr>, ConnectError> {
    let unreachable = |reason: String| ConnectError::Unreachable { host: hop.host.clone(), reason };
    if let Ok(address) = hop.host.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, hop.port)]);
    }
    if let Some(via) = via {
        let found = super::names::ask(via, &hop.host, hop.connect_timeout).await;
        if !found.is_empty() {
            return Ok(found.into_iter().map(|address| SocketAddr::new(address, hop.port)).collect());
        }
    }
    let looking = tokio::net::lookup_host((hop.host.as_str(), hop.port));
    let found = tokio::time::timeout(hop.connect_timeout, looking)
        .await
        .map_err(|_| unreachable("its name could not be resolved in time".to_owned()))?
        .map_err(|error| unreachable(format!("its name cannot be resolved: {error}")))?;
    let fits = |address: &SocketAddr| match hop.family {
        Family::Any => true,
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
    };
    Ok(found.filter(fits).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::route::{Me, route};
    use crate::ssh::{SshOptions, config};

    #[test]
    fn every_connection_has_nodelay_and_keepalives() {
        let me = Me { name: "me".to_owned(), home: "/nonexistent".into() };
        let hops = route(&SshOptions::new("h"), &config::Config::default(), &me).unwrap();
        let way = Way { addresses: Vec::new(), via: None, preferred: Vec::new(), hop: &hops[0] };
        let config = way.config();
        assert!(config.nodelay);
        assert_eq!((config.keepalive_interval, config.keepalive_max), (Some(Duration::from_secs(15)), 3));
        assert_eq!(config.window_size, 2 * 1024 * 1024);
    }
}
