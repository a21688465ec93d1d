//! Deciding whether a server is the one it should be.
//!
//! What the known_hosts files say is read here, with patterns, revocations and all; the check itself is done by
//! the SSH library, against a private file that holds nothing but the keys to be trusted. Only when it says
//! no (or nothing is known) is the server asked a second time which key it shows, to tell why.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use async_ssh2_tokio::ServerCheckMethod;
use russh::client::{Config, Handler};
use russh::keys::{Algorithm, HashAlg, PublicKey, PublicKeyBase64 as _};
use tempfile::NamedTempFile;

use super::HostKeyChecking;
use super::dial::Way;
use super::known_hosts::{Known, KnownKey, add};
use super::route::Hop;
use crate::ConnectError;

/// What the library is to check, with the file that it reads.
pub(super) struct Check {
    pub method: ServerCheckMethod,
    pub known: Known,
    _file: Option<NamedTempFile>,
}

/// The name that the library looks for in our private file.
pub(super) const PRIVATE_NAME: &str = "host";

/// Prepares the check of a hop; learns the key first when new keys are to be accepted.
pub(super) async fn prepare(hop: &Hop, way: &Way<'_>) -> Result<Check, ConnectError> {
    if hop.checking == HostKeyChecking::Off {
        return Ok(Check { method: ServerCheckMethod::NoCheck, known: Known::default(), _file: None });
    }
    let known = Known::read(&hop.known_hosts_files, &hop.known_as);
    if known.trusted.is_empty() {
        let key = show(hop, way).await?;
        let error = judge(hop, &known, &key);
        if hop.checking != HostKeyChecking::AcceptNew || !matches!(error, ConnectError::HostKeyUnknown { .. })
        {
            return Err(error);
        }
        if let Some(file) = hop.known_hosts_files.first() {
            let fault =
                |error: std::io::Error| ConnectError::File { file: file.clone(), reason: error.to_string() };
            add(file, &hop.known_as, &key, hop.hash_known_hosts).map_err(fault)?;
        }
        let method = ServerCheckMethod::with_public_key(&key.public_key_base64());
        return Ok(Check { method, known, _file: None });
    }
    let fault = |error: std::io::Error| ConnectError::Config {
        reason: format!("cannot write a temporary file: {error}"),
    };
    let mut file = NamedTempFile::new().map_err(fault)?;
    for KnownKey { key, .. } in &known.trusted {
        let line = format!(
            "{} {} {}\n",
            super::known_hosts::name(PRIVATE_NAME, hop.port),
            key.algorithm(),
            key.public_key_base64()
        );
        file.write_all(line.as_bytes()).map_err(fault)?;
    }
    let method = ServerCheckMethod::with_known_hosts_file(&file.path().to_string_lossy());
    Ok(Check { method, known, _file: Some(file) })
}

/// Explains why the library did not take the key.
pub(super) async fn explain(hop: &Hop, known: &Known, way: &Way<'_>) -> ConnectError {
    match show(hop, way).await {
        Ok(key) => judge(hop, known, &key),
        Err(error) => error,
    }
}

/// Orders the algorithms so that the server shows a key of a kind that is known.
pub(super) fn prefer(known: &Known, algorithms: &[Algorithm]) -> Vec<Algorithm> {
    let is_known = |algorithm: &Algorithm| {
        known.trusted.iter().any(|one| match algorithm {
            Algorithm::Rsa { .. } => one.key.algorithm().is_rsa(),
            algorithm => one.key.algorithm() == *algorithm,
        })
    };
    let (first, rest): (Vec<_>, Vec<_>) = algorithms.iter().cloned().partition(is_known);
    first.into_iter().chain(rest).collect()
}

fn judge(hop: &Hop, known: &Known, key: &PublicKey) -> ConnectError {
    let host = hop.known_as.clone();
    let fingerprint = |key: &PublicKey| key.fingerprint(HashAlg::Sha256).to_string();
    let same = |one: &&KnownKey| one.key.key_data() == key.key_data();
    if let Some(bad) = known.revoked.iter().find(same) {
        let (file, line) = (bad.file.clone(), bad.line);
        return ConnectError::HostKeyRevoked { host, file, line, fingerprint: fingerprint(key) };
    }
    let alike = |one: &&KnownKey| one.key.algorithm() == key.algorithm();
    if let Some(other) = known.trusted.iter().find(alike) {
        let (file, line, known) = (other.file.clone(), other.line, fingerprint(&other.key));
        return ConnectError::HostKeyChanged { host, file, line, known, shown: fingerprint(key) };
    }
    let file = hop.known_hosts_files.first().cloned().unwrap_or_default();
    let algorithm = key.algorithm().as_str().to_owned();
    ConnectError::HostKeyUnknown { host, algorithm, fingerprint: fingerprint(key), file }
}

/// Asks the server for its key and leaves.
async fn show(hop: &Hop, way: &Way<'_>) -> Result<PublicKey, ConnectError> {
    let unreachable = |reason: String| ConnectError::Unreachable { host: hop.host.clone(), reason };
    let shown = Arc::new(Mutex::new(None));
    let config = Arc::new(way.config());
    let asking = ask(config, way, Viewer(Arc::clone(&shown)));
    let result = tokio::time::timeout(hop.connect_timeout, asking).await;
    let key = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (key, result) {
        (Some(key), _) => Ok(key),
        (None, Err(_)) => Err(unreachable(format!("no answer within {} s", hop.connect_timeout.as_secs()))),
        (None, Ok(Err(reason))) => Err(unreachable(reason)),
        (None, Ok(Ok(()))) => Err(unreachable("it showed no host key".to_owned())),
    }
}

async fn ask(config: Arc<Config>, way: &Way<'_>, viewer: Viewer) -> Result<(), String> {
    let mut last = "the name has no address".to_owned();
    for address in &way.addresses {
        let viewer = Viewer(Arc::clone(&viewer.0));
        let shown = Arc::clone(&viewer.0);
        let connected = match way.via {
            None => russh::client::connect(Arc::clone(&config), *address, viewer).await.map(drop),
            Some(via) => match via.open_direct_tcpip_channel(*address, None).await {
                Ok(channel) => {
                    russh::client::connect_stream(Arc::clone(&config), channel.into_stream(), viewer)
                        .await
                        .map(drop)
                }
                Err(error) => {
                    last = error.to_string();
                    continue;
                }
            },
        };
        if shown.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        if let Err(error) = connected {
            last = error.to_string();
        }
    }
    Err(last)
}

/// Looks at the key and refuses to go on.
struct Viewer(Arc<Mutex<Option<PublicKey>>>);

impl Handler for Viewer {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKey) -> Result<bool, Self::Error> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        Ok(false)
    }
}
