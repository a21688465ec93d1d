use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use minijinja::{Error, Value};

use crate::call::{Call, fail, into_engine};
use crate::lazy::force;
use crate::names_table::{Entry, filter};
use crate::scope_of;
use crate::vault::{self, VaultSecrets};
use crate::vaulted::Vaulted;

/// Filters that encode and decode.
pub const TABLE: &[Entry] = &[
    filter("b64encode", b64encode),
    filter("b64decode", b64decode),
    filter("vault", encrypt),
    filter("unvault", decrypt).lazy(),
];

fn known_encoding(call: &mut Call<'_, '_, '_>) -> Result<String, Error> {
    let encoding = call.text_or("encoding", "utf-8").to_ascii_lowercase();
    match encoding.as_str() {
        "utf-8" | "utf8" | "ascii" | "utf-16-le" => Ok(encoding),
        _ => Err(fail(format!("unknown encoding: {encoding}; use utf-8 or utf-16-le"))),
    }
}

fn b64encode(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("string")?;
    let encoding = known_encoding(call)?;
    let urlsafe = call.flag("urlsafe", false);
    let text = crate::template::python::text(&value);
    let bytes = match encoding.as_str() {
        "utf-16-le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => text.into_bytes(),
    };
    Ok(Value::from(if urlsafe { URL_SAFE.encode(bytes) } else { STANDARD.encode(bytes) }))
}

fn b64decode(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("string")?;
    let encoding = known_encoding(call)?;
    let urlsafe = call.flag("urlsafe", false);
    let alphabet = if urlsafe { base64::alphabet::URL_SAFE } else { base64::alphabet::STANDARD };
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&alphabet, lenient);
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = engine.decode(compact).map_err(|error| fail(format!("the text is not base64: {error}")))?;
    let decoded = match encoding.as_str() {
        "utf-16-le" => {
            let units: Vec<u16> =
                bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).map_err(|_| fail("the decoded bytes are not text"))?
        }
        _ => String::from_utf8(bytes).map_err(|_| fail("the decoded bytes are not text (UTF-8)"))?,
    };
    Ok(Value::from(decoded))
}

fn encrypt(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (data, secret) = (call.text("data")?, call.text("secret")?);
    let salt = call.maybe_text("salt");
    let id = call.text_or("vault_id", "");
    let wrapped = call.flag("wrap_object", false);
    let id = match id.as_str() {
        "" => Some("filter_default"),
        "default" => None,
        id => Some(id),
    };
    let result = match salt {
        Some(salt) => vault::encrypt_with_salt(data.as_bytes(), secret.as_bytes(), id, salt.as_bytes()),
        None => vault::encrypt(data.as_bytes(), secret.as_bytes(), id),
    };
    let text = result.map_err(|error| fail(error.to_string()))?;
    Ok(if wrapped { Vaulted::value(&text, &scope_of(call.state)?) } else { Value::from(text) })
}

fn decrypt(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let vault = call.need("vault")?;
    let text = match Vaulted::of(&vault) {
        Some(vaulted) => vaulted.text.to_string(),
        None => crate::template::python::text(&force(&vault).map_err(into_engine)?),
    };
    let secret = call.text("secret")?;
    call.next("vault_id");
    let mut secrets = VaultSecrets::default();
    secrets.add("default", secret.as_bytes());
    let plain = vault::decrypt(&text, &secrets).map_err(|error| fail(error.to_string()))?;
    let plain = String::from_utf8(plain).map_err(|_| fail("the decrypted value is not text (UTF-8)"))?;
    if let Some(redactor) = &scope_of(call.state)?.settings().redactor {
        redactor.add(&plain);
    }
    Ok(Value::from(plain))
}
