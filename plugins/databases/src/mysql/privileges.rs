use std::collections::{BTreeMap, BTreeSet};

use switchover_sdk::prelude::*;

use crate::sql::Dialect::Mysql;

/// What a user may, by object. Objects are SQL already: `` `shop`.* ``. The right to grant is the word `GRANT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privileges(pub BTreeMap<String, BTreeSet<String>>);

impl Privileges {
    /// Reads `shop.*:SELECT,INSERT/log.t:ALL`, or a mapping from objects to privileges.
    pub fn read(given: &Value) -> Result<Self, Failure> {
        let mut read = Self::default();
        match given {
            Value::Null => {}
            Value::Object(map) => {
                for (object, words) in map {
                    read.put(object, words.as_str().unwrap_or_default())?;
                }
            }
            Value::String(text) => {
                for part in split(text, '/') {
                    let Some((object, words)) = part.rsplit_once(':') else {
                        return Err(Failure::arguments(format!("`{part}` is no `OBJECT:PRIVILEGES`")));
                    };
                    read.put(object, words)?;
                }
            }
            other => {
                return Err(Failure::arguments(format!("privileges are text or a mapping, not {other}")));
            }
        }
        Ok(read)
    }

    fn put(&mut self, object: &str, words: &str) -> Result<(), Failure> {
        let words: Result<BTreeSet<String>, Failure> =
            split(words, ',').iter().map(|word| privilege(word)).collect();
        self.0.insert(self::object(object), words?);
        Ok(())
    }

    /// Reads the lines of `SHOW GRANTS`.
    pub fn granted(lines: &[&str]) -> Self {
        let mut read = Self::default();
        for line in lines {
            let Some((words, rest)) = line.strip_prefix("GRANT ").and_then(|line| line.split_once(" ON "))
            else {
                continue;
            };
            let Some((object, to)) = rest.split_once(" TO ") else { continue };
            let words = split(words, ',').into_iter().filter_map(|word| privilege(&word).ok());
            let mut words: BTreeSet<String> = words.collect();
            if to.contains("WITH GRANT OPTION") {
                words.insert("GRANT".to_owned());
            }
            read.0.entry(self::object(object)).or_default().extend(words);
        }
        read
    }

    /// Returns the statements that turn `self` into `wanted`; with `append` nothing is taken away.
    pub fn changes(&self, wanted: &Self, append: bool, user: &str) -> Vec<String> {
        let none = BTreeSet::new();
        let (mut grants, mut revokes) = (Vec::new(), Vec::new());
        let gone = self.0.keys().filter(|object| !append && !wanted.0.contains_key(*object));
        for object in gone {
            revokes.extend(revoke(object, &usable(&self.0[object]), user));
        }
        for (object, words) in &wanted.0 {
            let (now, words) = (usable(self.0.get(object).unwrap_or(&none)), usable(words));
            if now.contains("ALL") && append {
                let option = words.difference(&now).filter(|word| *word == "GRANT").cloned().collect();
                grants.extend(grant(object, &option, user));
            } else if now.contains("ALL") != words.contains("ALL") && !append {
                grants.extend(revoke(object, &now, user));
                grants.extend(grant(object, &words, user));
            } else {
                if !append {
                    revokes.extend(revoke(object, &now.difference(&words).cloned().collect(), user));
                }
                grants.extend(grant(object, &words.difference(&now).cloned().collect(), user));
            }
        }
        // What the server does not take fails before anything was taken away.
        grants.extend(revokes);
        grants
    }

    /// Returns the statements that take `unwanted` away from `self`.
    pub fn without(&self, unwanted: &Self, user: &str) -> Vec<String> {
        let taken = |(object, words): (&String, &BTreeSet<String>)| {
            let now = self.0.get(object)?;
            let both = now.intersection(words).cloned().collect();
            Some(revoke(object, &usable(&both), user))
        };
        unwanted.0.iter().filter_map(taken).flatten().collect()
    }
}

/// `USAGE` means nothing at all.
fn usable(words: &BTreeSet<String>) -> BTreeSet<String> {
    words.iter().filter(|word| *word != "USAGE").cloned().collect()
}

fn grant(object: &str, words: &BTreeSet<String>, user: &str) -> Option<String> {
    let option = if words.contains("GRANT") { " WITH GRANT OPTION" } else { "" };
    let mut plain: Vec<&str> = words.iter().map(String::as_str).filter(|word| *word != "GRANT").collect();
    if words.is_empty() {
        return None;
    }
    if plain.is_empty() {
        plain.push("USAGE");
    }
    Some(format!("GRANT {} ON {object} TO {user}{option}", plain.join(", ")))
}

fn revoke(object: &str, words: &BTreeSet<String>, user: &str) -> Vec<String> {
    let word = |word: &String| match word.as_str() {
        "GRANT" => "GRANT OPTION".to_owned(),
        other => other.to_owned(),
    };
    // `ALL` and `GRANT OPTION` together would mean all objects.
    let (grant, plain): (Vec<_>, Vec<_>) = words.iter().map(word).partition(|word| word == "GRANT OPTION");
    let statement = |words: Vec<String>| {
        (!words.is_empty()).then(|| format!("REVOKE {} ON {object} FROM {user}", words.join(", ")))
    };
    statement(grant).into_iter().chain(statement(plain)).collect()
}

/// Returns a privilege as one spelling: `` SELECT (`A`, `B`) ``.
fn privilege(text: &str) -> Result<String, Failure> {
    let (word, columns) = match text.split_once('(') {
        Some((word, rest)) => (word, Some(rest.trim_end().trim_end_matches(')'))),
        None => (text, None),
    };
    let word = word.trim().to_uppercase();
    if word.is_empty() || !word.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, ' ' | '_')) {
        return Err(Failure::arguments(format!("`{text}` is no privilege")));
    }
    let word = match word.as_str() {
        "ALL PRIVILEGES" => "ALL",
        "GRANT OPTION" => "GRANT",
        // MariaDB 10.5 gave it another name.
        "BINLOG MONITOR" => "REPLICATION CLIENT",
        other => other,
    };
    let Some(columns) = columns else { return Ok(word.to_owned()) };
    let names: BTreeSet<String> = columns
        .split(',')
        .map(|name| Mysql.identifier(&name.trim().trim_matches('`').to_uppercase()))
        .collect();
    Ok(format!("{word} ({})", names.into_iter().collect::<Vec<_>>().join(", ")))
}

/// Writes an object of a grant: `shop.*`, `FUNCTION shop.f`.
fn object(text: &str) -> String {
    let text = text.trim();
    let kind = ["FUNCTION", "PROCEDURE"].into_iter().find_map(|kind| {
        let rest = text
            .get(..kind.len())
            .filter(|word| word.eq_ignore_ascii_case(kind))
            .map(|_| &text[kind.len()..])?;
        rest.starts_with(' ').then(|| (kind, rest.trim_start()))
    });
    let (kind, text) = kind.map_or((String::new(), text), |(kind, rest)| (format!("{kind} "), rest));
    let part = |part: &str| match part {
        "*" => "*".to_owned(),
        name => match name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
            Some(inner) => Mysql.identifier(&inner.replace("``", "`")),
            None => Mysql.identifier(name),
        },
    };
    let parts = split(text, '.');
    format!("{kind}{}", parts.iter().map(|text| part(text)).collect::<Vec<_>>().join("."))
}

/// Splits outside of backticks and parentheses.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut parts, mut quoted, mut depth) = (vec![String::new()], false, 0);
    for c in text.chars() {
        match c {
            '`' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if c == at && !quoted && depth == 0 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Privileges {
        Privileges::read(&json!(text)).unwrap()
    }

    #[test]
    fn only_what_differs_is_granted_and_revoked() {
        let now = Privileges::granted(&[
            "GRANT USAGE ON *.* TO `bob`@`%` IDENTIFIED BY PASSWORD '*A'",
            "GRANT SELECT, INSERT ON `shop`.* TO `bob`@`%`",
            "GRANT SELECT (`a`, `B`) ON `x.y`.`t` TO `bob`@`%` WITH GRANT OPTION",
        ]);
        let wanted = read("shop.*:select,update/`x.y`.t:SELECT(b,a),GRANT");
        assert_eq!(
            now.changes(&wanted, false, "u"),
            ["GRANT UPDATE ON `shop`.* TO u", "REVOKE INSERT ON `shop`.* FROM u"]
        );
        assert_eq!(now.changes(&wanted, true, "u"), ["GRANT UPDATE ON `shop`.* TO u"]);
        assert_eq!(now.without(&read("shop.*:SELECT,DROP"), "u"), ["REVOKE SELECT ON `shop`.* FROM u"]);
    }

    #[test]
    fn all_stands_for_itself() {
        let now = Privileges::granted(&["GRANT ALL PRIVILEGES ON `a`.* TO `u`@`h` WITH GRANT OPTION"]);
        assert_eq!(now.changes(&read("a.*:ALL,GRANT"), false, "u"), Vec::<String>::new());
        assert_eq!(
            now.changes(&read("a.*:SELECT"), false, "u"),
            [
                "REVOKE GRANT OPTION ON `a`.* FROM u",
                "REVOKE ALL ON `a`.* FROM u",
                "GRANT SELECT ON `a`.* TO u"
            ]
        );
    }

    #[test]
    fn nothing_but_words_is_a_privilege() {
        assert!(Privileges::read(&json!("*.*:SELECT ON *.* TO x; DROP")).is_err());
        assert!(Privileges::read(&json!("SELECT")).is_err());
    }
}
