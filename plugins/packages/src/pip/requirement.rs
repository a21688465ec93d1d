use super::version::Version;

/// A package by name, with conditions on its version (PEP 508, without markers and addresses).
#[derive(Debug, PartialEq)]
pub struct Requirement {
    /// Normal form.
    pub name: String,
    conditions: Vec<(String, String)>,
}

/// Operators, the longer ones first.
const OPERATORS: &[&str] = &["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// Returns a name as PEP 503 compares it.
pub fn normal_name(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            letter => out.extend(letter.to_lowercase()),
        }
    }
    out
}

impl Requirement {
    /// Reads a word; `None` when only pip can tell what it means (an address, a path, a marker).
    pub fn read(word: &str) -> Option<Self> {
        if word.contains([';', '/', '@']) {
            return None;
        }
        let end = word
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
            .unwrap_or(word.len());
        let (name, mut rest) = word.split_at(end);
        rest = rest.trim_start();
        if let Some(extras) = rest.strip_prefix('[') {
            rest = extras.split_once(']')?.1.trim_start();
        }
        let mut conditions = Vec::new();
        for condition in rest.split(',').map(str::trim).filter(|condition| !condition.is_empty()) {
            let operator = OPERATORS.iter().find(|operator| condition.starts_with(**operator))?;
            conditions.push(((*operator).to_owned(), condition[operator.len()..].trim().to_owned()));
        }
        let file = [".whl", ".gz", ".zip", ".txt"].iter().any(|end| name.ends_with(end));
        (!name.is_empty() && !file).then(|| Self { name: normal_name(name), conditions })
    }

    /// Returns whether a version meets every condition; one that cannot be read meets none but `===`.
    pub fn allows(&self, version: &str) -> bool {
        self.conditions.iter().all(|(operator, wanted)| allows(version, operator, wanted))
    }
}

fn allows(is: &str, operator: &str, wanted: &str) -> bool {
    if operator == "===" {
        return is == wanted;
    }
    let Some(version) = Version::read(is) else { return false };
    if let Some(prefix) = wanted.strip_suffix(".*") {
        let Some(prefix) = Version::read(prefix) else { return false };
        return version.begins_with(&prefix) == (operator == "==");
    }
    let Some(wanted) = Version::read(wanted) else { return false };
    let order = version.cmp(&wanted);
    match operator {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        "<" => order.is_lt() && !(version.is_pre() && !wanted.is_pre() && version.same_release(&wanted)),
        ">" => order.is_gt() && !(version.is_post() && !wanted.is_post() && version.same_release(&wanted)),
        _ => order.is_ge() && version.begins_with(&wanted.compatible()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_extras_and_conditions() {
        let requirement = Requirement::read("Foo.Bar_baz[a,b] >=1.0, <2").unwrap();
        assert_eq!(requirement.name, "foo-bar-baz");
        assert!(requirement.allows("1.5"));
        assert!(!requirement.allows("2.0"));
        for word in ["git+https://x/y", "./here", "a ; python_version < '3'", "a @ x", "x.whl"] {
            assert_eq!(Requirement::read(word), None, "{word}");
        }
    }

    #[test]
    fn conditions_mean_what_pep_440_says() {
        let allows =
            |is: &str, condition: &str| Requirement::read(&format!("x{condition}")).unwrap().allows(is);
        for (is, condition) in [
            ("1.0", "==1"),
            ("1.16.0", "==1.16.*"),
            ("1.4.5", "~=1.4.2"),
            ("2.9", "~=2.2"),
            ("1.0.post1", ">=1.0"),
            ("1.0rc1", "<1.0.1"),
            ("1.0+local", "==1.0"),
        ] {
            assert!(allows(is, condition), "{is} {condition}");
        }
        for (is, condition) in [
            ("1.5", "~=1.4.2"),
            ("3.0", "~=2.2"),
            ("1.0.post1", ">1.0"),
            ("1.0rc1", "<1.0"),
            ("1.16", "!=1.16.*"),
        ] {
            assert!(!allows(is, condition), "{is} {condition}");
        }
    }
}
