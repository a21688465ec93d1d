use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What stands in the place of a secret.
pub const MASK: &str = "********";

/// Texts that no output may show.
///
/// Secrets shorter than [`Redactor::SHORTEST`] characters are not masked: `a` or `12` is in every output, and masking
/// it would destroy the output and tell the secret. Whoever has such a secret hides the whole task (`no_log`).
/// Besides the secret itself its base64 form, its form in JSON and in URLs, and each long line of it are masked.
#[derive(Debug, Default)]
pub struct Redactor {
    /// Longest first, so that a secret that contains another is masked as a whole.
    needles: RwLock<BTreeSet<Needle>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Needle(String);

impl Ord for Needle {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.len().cmp(&self.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Needle {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Redactor {
    /// The fewest characters that a secret, or a line of one, must have to be masked.
    pub const SHORTEST: usize = 4;

    /// Returns a redactor that knows no secrets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a secret with its other forms.
    pub fn add(&self, secret: &str) {
        let secret = secret.trim_matches(['\n', '\r']);
        let mut forms = vec![secret.to_string()];
        forms.extend(secret.lines().filter(|_| secret.contains('\n')).map(|line| line.trim().to_string()));
        for form in forms.clone() {
            forms.extend(base64_forms(form.as_bytes()));
            forms.push(json_form(&form));
            forms.push(url_form(&form));
        }
        let mut needles = self.needles.write().unwrap_or_else(PoisonError::into_inner);
        needles.extend(forms.into_iter().filter(|form| form.chars().count() >= Self::SHORTEST).map(Needle));
    }

    /// Returns whether no secret is known.
    pub fn is_empty(&self) -> bool {
        self.needles.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Returns the text with all secrets replaced.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let needles = self.needles.read().unwrap_or_else(PoisonError::into_inner);
        let mut out = Cow::Borrowed(text);
        for Needle(needle) in needles.iter() {
            if out.contains(needle.as_str()) {
                out = Cow::Owned(out.replace(needle.as_str(), MASK));
            }
        }
        out
    }

    /// Replaces secrets in all strings and keys of a JSON value.
    pub fn mask_json(&self, json: &mut serde_json::Value) {
        match json {
            serde_json::Value::String(text) => self.mask_string(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.mask_json(item)),
            serde_json::Value::Object(map) => {
                let entries = std::mem::take(map);
                for (mut key, mut value) in entries {
                    self.mask_string(&mut key);
                    self.mask_json(&mut value);
                    map.insert(key, value);
                }
            }
            serde_json::Value::Number(number) => {
                let text = number.to_string();
                if let Cow::Owned(masked) = self.mask(&text) {
                    *json = serde_json::Value::String(masked);
                }
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) => {}
        }
    }

    fn mask_string(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.mask(text) {
            *text = masked;
        }
    }
}

/// Returns the base64 texts that are in the encoding of any text that contains the secret.
///
/// Where the secret begins decides its encoding, so there are three; the characters at the ends that also depend on
/// the neighbours are left away.
fn base64_forms(secret: &[u8]) -> Vec<String> {
    (0..3)
        .map(|offset| {
            let mut padded = vec![0; offset];
            padded.extend_from_slice(secret);
            let encoded = STANDARD_NO_PAD.encode(&padded);
            let start = [0, 2, 3][offset];
            let certain = padded.len() * 8 / 6;
            encoded.get(start..certain).unwrap_or_default().to_string()
        })
        // A short piece is in other texts as well; the whole secret in base64 has at least six characters.
        .filter(|form| form.len() >= 6)
        .collect()
}

/// The secret between the quotes of a JSON string.
fn json_form(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_string()
}

fn url_form(secret: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte);
    secret.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn masks_every_form() {
        let redactor = Redactor::new();
        redactor.add("s3cret pass\nword");
        for text in [
            "x s3cret pass\nword y",
            "s3cret pass",
            "{\"a\": \"s3cret pass\\nword\"}",
            "s3cret%20pass%0Aword",
        ] {
            assert!(redactor.mask(text).contains(MASK), "{text}");
        }
        let encoded = base64::engine::general_purpose::STANDARD.encode("user:s3cret pass");
        assert!(redactor.mask(&encoded).contains(MASK));
    }

    #[test]
    fn leaves_short_secrets() {
        let redactor = Redactor::new();
        redactor.add("abc");
        assert_eq!(redactor.mask("abc abcd"), "abc abcd");
    }

    #[test]
    fn masks_keys_and_numbers_of_json() {
        let redactor = Redactor::new();
        redactor.add("123456");
        let mut value = json!({"123456": [123456, {"a": "x123456"}], "b": 1});
        redactor.mask_json(&mut value);
        assert_eq!(value, json!({"********": ["********", {"a": "x********"}], "b": 1}));
    }

    proptest! {
        #[test]
        fn no_secret_survives(secret in "[a-z0-9 +/=\"\\\\]{4,30}", before in "[ -~\n]{0,20}", after in "[ -~\n]{0,20}") {
            let redactor = Redactor::new();
            redactor.add(&secret);
            let text = format!("{before}{secret}{after}");
            prop_assert!(!redactor.mask(&text).contains(&secret));
            let json = serde_json::Value::from(text.as_str()).to_string();
            prop_assert!(!redactor.mask(&json).contains(&json_form(&secret)));
            let encoded = base64::engine::general_purpose::STANDARD.encode(&text);
            let masked = redactor.mask(&encoded);
            prop_assert!(base64_forms(secret.as_bytes()).iter().all(|form| !masked.contains(form)));
        }
    }
}
