use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use aes::cipher::{KeyIvInit, StreamCipher};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::envelope::Envelope;
use super::{VaultError, VaultSecrets};

type Counter = ctr::Ctr128BE<aes::Aes256>;

const ROUNDS: u32 = 10_000;
const BLOCK: usize = 16;

/// Two keys and the counter's start, made from password and salt.
#[derive(Clone, Copy)]
struct Keys {
    cipher: [u8; 32],
    mac: [u8; 32],
    start: [u8; 16],
}

type Derived = HashMap<(Vec<u8>, Vec<u8>), Keys>;

/// Keys that were derived: it takes 15 ms each time, and a file of many values has many salts but is read often.
static DERIVED: LazyLock<Mutex<Derived>> = LazyLock::new(Mutex::default);

impl Keys {
    fn derive(password: &[u8], salt: &[u8]) -> Self {
        let cache = || DERIVED.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (password.to_vec(), salt.to_vec());
        if let Some(known) = cache().get(&key) {
            return *known;
        }
        let mut bytes = [0; 80];
        pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, ROUNDS, &mut bytes);
        let mut keys = Self { cipher: [0; 32], mac: [0; 32], start: [0; 16] };
        keys.cipher.copy_from_slice(&bytes[..32]);
        keys.mac.copy_from_slice(&bytes[32..64]);
        keys.start.copy_from_slice(&bytes[64..]);
        cache().insert(key, keys);
        keys
    }

    fn apply(&self, data: &mut [u8]) {
        Counter::new(&self.cipher.into(), &self.start.into()).apply_keystream(data);
    }

    fn mac(&self, data: &[u8]) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(&self.mac).expect("HMAC takes keys of any length").chain_update(data)
    }
}

/// What a vault text holds, and how it is closed again.
pub struct Opened {
    pub plain: Vec<u8>,
    /// The id that the text bears.
    pub id: Option<String>,
    /// The password that fitted.
    pub password: Vec<u8>,
}

/// Decrypts a vault text with the first password that fits.
pub fn decrypt(text: &str, secrets: &VaultSecrets) -> Result<Vec<u8>, VaultError> {
    open(text, secrets).map(|opened| opened.plain)
}

/// Decrypts a vault text and tells which password fitted.
pub fn open(text: &str, secrets: &VaultSecrets) -> Result<Opened, VaultError> {
    let envelope = Envelope::parse(text)?;
    if secrets.is_empty() {
        return Err(VaultError::NoPassword);
    }
    for password in secrets.candidates(envelope.id.as_deref()) {
        let keys = Keys::derive(password, &envelope.salt);
        if keys.mac(&envelope.data).verify_slice(&envelope.mac).is_ok() {
            let mut data = envelope.data;
            keys.apply(&mut data);
            let plain = unpadded(data)?;
            return Ok(Opened { plain, id: envelope.id.clone(), password: password.to_vec() });
        }
    }
    Err(VaultError::WrongPassword { id: envelope.id })
}

/// Encrypts bytes; with an id the format is 1.2, without 1.1.
pub fn encrypt(plain: &[u8], password: &[u8], id: Option<&str>) -> Result<String, VaultError> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|source| VaultError::Salt { source })?;
    encrypt_with_salt(plain, password, id, &salt)
}

/// Encrypts bytes with a given salt: the same input gives the same text.
pub fn encrypt_with_salt(
    plain: &[u8],
    password: &[u8],
    id: Option<&str>,
    salt: &[u8],
) -> Result<String, VaultError> {
    let keys = Keys::derive(password.trim_ascii(), salt);
    let mut data = plain.to_vec();
    let missing = BLOCK - data.len() % BLOCK;
    data.extend(std::iter::repeat_n(missing as u8, missing));
    keys.apply(&mut data);
    let mac = keys.mac(&data).finalize().into_bytes().to_vec();
    Ok(Envelope { id: id.map(str::to_string), salt: salt.to_vec(), mac, data }.write())
}

fn unpadded(mut data: Vec<u8>) -> Result<Vec<u8>, VaultError> {
    let padding = usize::from(*data.last().ok_or(VaultError::Damaged)?);
    if padding == 0 || padding > BLOCK || padding > data.len() {
        return Err(VaultError::Damaged);
    }
    data.truncate(data.len() - padding);
    Ok(data)
}
