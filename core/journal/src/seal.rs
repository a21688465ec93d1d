use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit as _, Nonce};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::Broken;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// Keeps what may hold secrets unreadable without the run's key, and tells when it was altered.
pub struct Seal {
    cipher: Aes256Gcm,
}

impl Seal {
    /// Makes a key and keeps it in a file that only its owner can read.
    pub fn create(path: &Path) -> Result<Self, Broken> {
        let failed = |reason: String| Broken::Key { path: path.to_owned(), reason };
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|error| failed(error.to_string()))?;
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| failed(error.to_string()))?;
        file.write_all(&key).and_then(|()| file.sync_all()).map_err(|error| failed(error.to_string()))?;
        Ok(Self::of(key))
    }

    /// Reads the key of a run.
    pub fn open(path: &Path) -> Result<Self, Broken> {
        let failed = |reason: String| Broken::Key { path: path.to_owned(), reason };
        let bytes = fs::read(path).map_err(|error| failed(error.to_string()))?;
        let key = bytes.try_into().map_err(|_| failed("it is not 32 bytes long".to_owned()))?;
        Ok(Self::of(key))
    }

    fn of(key: [u8; KEY_BYTES]) -> Self {
        Self { cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)) }
    }

    /// Returns the text compressed and sealed; `about` is what it belongs to and cannot be exchanged.
    pub fn close(&self, text: &[u8], about: &[u8]) -> Result<Vec<u8>, String> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| error.to_string())?;
        let small = compress(text).map_err(|error| error.to_string())?;
        let payload = Payload { msg: &small, aad: about };
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload).map_err(|error| error.to_string())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Returns the text again; `None` when it is not as it was written.
    pub fn read(&self, sealed: &[u8], about: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: about };
        let small = self.cipher.decrypt(&Nonce::from(*nonce), payload).ok()?;
        expand(&small).ok()
    }
}

/// Returns bytes compressed.
pub fn compress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Returns what was compressed.
pub fn expand(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    ZlibDecoder::new(bytes).read_to_end(&mut whole)?;
    Ok(whole)
}
