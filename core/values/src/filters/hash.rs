use blake2::{Blake2b512, Blake2s256};
use minijinja::{Error, Value};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

use crate::call::{Call, fail};
use crate::names_table::{Entry, filter};

/// Filters that compute digests.
pub const TABLE: &[Entry] = &[
    filter("hash", hash),
    filter("md5", |call| Ok(Value::from(hex(&md5::Md5::digest(call.text("data")?))))),
    filter("sha1", |call| Ok(Value::from(hex(&Sha1::digest(call.text("data")?))))),
    filter("checksum", |call| Ok(Value::from(hex(&Sha1::digest(call.text("data")?))))),
    filter("to_uuid", to_uuid),
];

/// Returns bytes as small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let data = call.text("data")?;
    let kind = call.text_or("hashtype", "sha1");
    let digest = match kind.as_str() {
        "md5" => hex(&md5::Md5::digest(data)),
        "sha1" => hex(&Sha1::digest(data)),
        "sha224" => hex(&Sha224::digest(data)),
        "sha256" => hex(&Sha256::digest(data)),
        "sha384" => hex(&Sha384::digest(data)),
        "sha512" => hex(&Sha512::digest(data)),
        "sha512_224" => hex(&Sha512_224::digest(data)),
        "sha512_256" => hex(&Sha512_256::digest(data)),
        "sha3_224" => hex(&Sha3_224::digest(data)),
        "sha3_256" => hex(&Sha3_256::digest(data)),
        "sha3_384" => hex(&Sha3_384::digest(data)),
        "sha3_512" => hex(&Sha3_512::digest(data)),
        "blake2b" => hex(&Blake2b512::digest(data)),
        "blake2s" => hex(&Blake2s256::digest(data)),
        _ => {
            return Err(fail(format!(
                "unsupported hash type {kind}: use md5, sha1, sha224, sha256, sha384, sha512, sha512_224, sha512_256, \
                 sha3_224, sha3_256, sha3_384, sha3_512, blake2b or blake2s"
            )));
        }
    };
    Ok(Value::from(digest))
}

/// Ansible's namespace for UUIDs made from names.
const NAMESPACE: &str = "361E6D51-FAEC-444A-9079-341386DA8E2E";

/// A UUID of version 5 (RFC 9562, section 5.5).
fn to_uuid(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let name = call.text("string")?;
    let written = call.text_or("namespace", NAMESPACE);
    let digits: String = written.chars().filter(|c| *c != '-').collect();
    let namespace: Option<Vec<u8>> = (digits.len() == 32 && digits.is_ascii())
        .then(|| (0..16).map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).ok()).collect())
        .flatten();
    let refused =
        || fail(format!("Invalid value '{written}' for 'namespace': badly formed hexadecimal UUID string"));
    let namespace = namespace.ok_or_else(refused)?;
    let mut bytes = Sha1::new().chain_update(namespace).chain_update(name).finalize().to_vec();
    bytes.truncate(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x50;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = hex(&bytes);
    let parts = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]];
    Ok(Value::from(parts.join("-")))
}
