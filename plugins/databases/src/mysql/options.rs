use std::collections::BTreeMap;

use switchover_sdk::prelude::*;

use super::account::Account;
use crate::sql::Dialect::Mysql;

/// What the server demands of an account, and grants it, besides a password and privileges.
#[derive(Params)]
pub struct Options {
    /// What must be there of TLS: `SSL`, `X509`, or any of `SUBJECT`, `ISSUER` and `CIPHER` with their values; empty for nothing.
    pub tls_requires: Option<Map>,
    /// Limits of what the account may use: `MAX_QUERIES_PER_HOUR`, `MAX_UPDATES_PER_HOUR`, `MAX_CONNECTIONS_PER_HOUR` and
    /// `MAX_USER_CONNECTIONS`.
    pub resource_limits: Option<Map>,
    /// When the password ends: `now`, `never`, by the server's `default`, or after an `interval`.
    #[param(choices("now", "never", "default", "interval"))]
    pub password_expire: Option<String>,
    /// After how many days, with `password_expire: interval`.
    #[param(min = 1)]
    pub password_expire_interval: Option<i64>,
}

const LIMITS: [&str; 4] =
    ["MAX_QUERIES_PER_HOUR", "MAX_UPDATES_PER_HOUR", "MAX_CONNECTIONS_PER_HOUR", "MAX_USER_CONNECTIONS"];
const TLS_ALONE: [&str; 2] = ["SSL", "X509"];
const TLS_VALUES: [&str; 3] = ["CIPHER", "ISSUER", "SUBJECT"];

/// One change of an account: what it is in a word, and the end of its `ALTER USER`.
pub struct Clause {
    pub msg: &'static str,
    pub text: String,
}

impl Options {
    /// Returns what of the wishes the account does not have yet.
    ///
    /// # Errors
    /// Fails for words that no server knows.
    pub fn changes(&self, now: &Account) -> Result<Vec<Clause>, Failure> {
        let tls = self.tls()?.filter(|wanted| *wanted != now.tls()).map(|wanted| Clause {
            msg: "TLS requires updated",
            text: format!("REQUIRE {}", written(&wanted)),
        });
        let has = now.limits();
        let differs = |(word, wanted): &(&str, u64)| has.get(*word).copied().unwrap_or(0) != *wanted;
        let limits: Vec<String> = self
            .limits()?
            .into_iter()
            .filter(differs)
            .map(|(word, wanted)| format!("{word} {wanted}"))
            .collect();
        let limits = (!limits.is_empty())
            .then(|| Clause { msg: "Resource limits updated", text: format!("WITH {}", limits.join(" ")) });
        let expiry = self.expiry().filter(|wanted| *wanted != now.expiry()).map(|wanted| Clause {
            msg: "Password expiration updated",
            text: format!("PASSWORD EXPIRE {wanted}").trim_end().to_owned(),
        });
        Ok([tls, limits, expiry].into_iter().flatten().collect())
    }

    fn tls(&self) -> Result<Option<BTreeMap<String, String>>, Failure> {
        let Some(given) = &self.tls_requires else { return Ok(None) };
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let wanted: BTreeMap<String, String> =
            given.iter().map(|(word, value)| (word.to_uppercase(), text(value))).collect();
        for (word, value) in &wanted {
            let alone = TLS_ALONE.contains(&word.as_str());
            if alone && wanted.len() > 1 {
                return Err(Failure::arguments(format!("tls_requires: {word} goes with nothing else")));
            }
            if !alone && (!TLS_VALUES.contains(&word.as_str()) || value.is_empty()) {
                return Err(Failure::arguments(format!(
                    "tls_requires: {word} is not SSL, X509, or SUBJECT, ISSUER or CIPHER with a value"
                )));
            }
        }
        let plain = |(word, value): (String, String)| {
            let value = if TLS_ALONE.contains(&word.as_str()) { String::new() } else { value };
            (word, value)
        };
        Ok(Some(wanted.into_iter().map(plain).collect()))
    }

    fn limits(&self) -> Result<Vec<(&'static str, u64)>, Failure> {
        let read = |(word, value): (&String, &Value)| {
            let known = LIMITS.into_iter().find(|known| known.eq_ignore_ascii_case(word));
            let known = known.ok_or_else(|| {
                Failure::arguments(format!("resource_limits: key '{word}' is unsupported."))
                    .remedy(format!("give any of {}", LIMITS.join(", ")))
            })?;
            let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
            let number = number.ok_or_else(|| {
                Failure::arguments(format!("resource_limits: Can't convert value '{value}' to integer."))
            })?;
            Ok((known, number))
        };
        self.resource_limits.iter().flatten().map(read).collect()
    }

    /// As `SHOW CREATE USER` writes it; empty for a password that has ended.
    fn expiry(&self) -> Option<String> {
        Some(match self.password_expire.as_deref()? {
            "never" => "NEVER".to_owned(),
            "default" => "DEFAULT".to_owned(),
            "interval" => format!("INTERVAL {} DAY", self.password_expire_interval.unwrap_or_default()),
            _ => String::new(),
        })
    }
}

fn written(tls: &BTreeMap<String, String>) -> String {
    let one = |(word, value): (&String, &String)| match value.as_str() {
        "" => word.clone(),
        value => format!("{word} {}", Mysql.literal(value)),
    };
    if tls.is_empty() { "NONE".to_owned() } else { tls.iter().map(one).collect::<Vec<_>>().join(" AND ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(tls: Value, limits: Value, expire: &str) -> Options {
        let days = (expire == "interval").then_some(30);
        Options {
            tls_requires: tls.as_object().cloned(),
            resource_limits: limits.as_object().cloned(),
            password_expire: (!expire.is_empty()).then(|| expire.to_owned()),
            password_expire_interval: days,
        }
    }

    fn changes(wanted: &Options, now: &str) -> Vec<String> {
        let account = Account { lines: vec![now.to_owned()], ..Account::default() };
        wanted.changes(&account).unwrap().into_iter().map(|clause| clause.text).collect()
    }

    const NOW: &str = "CREATE USER `u`@`h` IDENTIFIED BY PASSWORD '*A' REQUIRE ISSUER '/CN=b' SUBJECT '/CN=a REQUIRE SSL' \
                       WITH MAX_QUERIES_PER_HOUR 10 MAX_USER_CONNECTIONS 3 PASSWORD EXPIRE INTERVAL 30 DAY ACCOUNT LOCK";

    #[test]
    fn only_what_differs_is_changed() {
        let same = options(
            json!({ "subject": "/CN=a REQUIRE SSL", "ISSUER": "/CN=b" }),
            json!({ "MAX_QUERIES_PER_HOUR": 10, "max_updates_per_hour": 0 }),
            "interval",
        );
        assert_eq!(changes(&same, NOW), Vec::<String>::new());
        let other = options(json!({ "SSL": null }), json!({ "MAX_QUERIES_PER_HOUR": "11" }), "never");
        assert_eq!(
            changes(&other, NOW),
            ["REQUIRE SSL", "WITH MAX_QUERIES_PER_HOUR 11", "PASSWORD EXPIRE NEVER"]
        );
        assert_eq!(changes(&options(json!({}), json!(null), ""), NOW), ["REQUIRE NONE"]);
    }

    #[test]
    fn what_is_not_told_is_the_default() {
        let plain = "CREATE USER `u`@`h` IDENTIFIED BY PASSWORD '*A'";
        assert_eq!(changes(&options(json!({}), json!(null), "default"), plain), Vec::<String>::new());
        assert_eq!(changes(&options(json!(null), json!(null), "now"), plain), ["PASSWORD EXPIRE"]);
        assert_eq!(
            changes(&options(json!({ "subject": "a'b", "cipher": "c" }), json!(null), ""), plain),
            ["REQUIRE CIPHER 'c' AND SUBJECT 'a''b'"]
        );
    }

    #[test]
    fn unknown_words_are_refused() {
        let refused =
            |tls: Value, limits: Value| options(tls, limits, "").changes(&Account::default()).is_err();
        assert!(refused(json!({ "SSL": null, "X509": null }), json!(null)));
        assert!(refused(json!({ "subject": null }), json!(null)));
        assert!(refused(json!({ "TLS": "x" }), json!(null)));
        assert!(refused(json!(null), json!({ "FOO": 1 })));
        assert!(refused(json!(null), json!({ "MAX_USER_CONNECTIONS": "many" })));
    }
}
