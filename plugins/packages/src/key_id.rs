//! Names of OpenPGP keys: 8 or 16 hexadecimal digits, or a whole fingerprint.

use switchover_sdk::Failure;

/// Returns a key's name as capital digits without blanks and `0x`; `None` when it is none.
pub fn normal(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.to_uppercase();
    let text = text.strip_prefix("0X").unwrap_or(&text);
    let right = matches!(text.len(), 8 | 16 | 32 | 40 | 64) && text.chars().all(|c| c.is_ascii_hexdigit());
    right.then(|| text.to_owned())
}

/// Returns whether two names mean the same key: one ends with the other.
pub fn same(left: &str, right: &str) -> bool {
    left.ends_with(right) || right.ends_with(left)
}

/// The keys that `gpg --with-colons` names.
#[derive(Debug, Default, PartialEq)]
pub struct Keys {
    /// Names of keys and of their subkeys, 16 digits.
    pub ids: Vec<String>,
    /// Whole names of primary keys.
    pub fingerprints: Vec<String>,
}

impl Keys {
    /// Reads `pub:...`, `sub:...` and `fpr:...` lines.
    pub fn read(said: &str) -> Self {
        let mut keys = Self::default();
        let mut primary = false;
        for line in said.lines() {
            let fields: Vec<&str> = line.split(':').collect();
            match fields.as_slice() {
                ["pub", _, _, _, id, ..] => {
                    primary = true;
                    keys.ids.push((*id).to_owned());
                }
                ["sub", _, _, _, id, ..] => {
                    primary = false;
                    keys.ids.push((*id).to_owned());
                }
                ["fpr", rest @ ..] if primary && rest.len() >= 9 => {
                    primary = false;
                    keys.fingerprints.push(rest[8].to_owned());
                }
                _ => {}
            }
        }
        keys
    }

    /// Returns the first key's name, or says that there is none in `what`.
    pub fn first(&self, what: &str) -> Result<String, Failure> {
        self.ids.first().cloned().ok_or_else(|| Failure::new(format!("Unable to extract key from '{what}'")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names() {
        assert_eq!(normal("0x8783 d481").as_deref(), Some("8783D481"));
        assert_eq!(normal("zz"), None);
        assert!(same("F8D2585B8783D481", "8783D481"));
    }

    #[test]
    fn reads_keys_and_subkeys() {
        let said = "tru::1\npub:-:255:22:F8D2585B8783D481:1:2::-:::scSC:::\nfpr:::::::::4D64FEC1F8D2585B8783D481:\n\
            uid:x\nsub:-:255:18:AAAA:1::::::e:\nfpr:::::::::BBBBAAAA:\n";
        let keys = Keys::read(said);
        assert_eq!(keys.ids, ["F8D2585B8783D481", "AAAA"]);
        assert_eq!(keys.fingerprints, ["4D64FEC1F8D2585B8783D481"]);
        assert!(Keys::default().first("x").is_err());
    }
}
