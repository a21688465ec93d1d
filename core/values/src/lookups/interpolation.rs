/// The values of one section, where `%(name)s` stands for another value, as Python's `configparser` has it.
pub struct Values<'a> {
    pub section: &'a str,
    pub entries: &'a [(String, Option<String>)],
    /// How names are compared.
    pub fold: &'a dyn Fn(&str) -> String,
}

/// Values that stand for values deeper than this go round in a circle.
const DEEPEST: usize = 10;

impl Values<'_> {
    /// Returns what a value means; the errors are Python's words.
    pub fn interpolated(&self, option: &str, raw: &str) -> Result<String, String> {
        let mut out = String::new();
        self.write(&mut out, option, raw, raw, 1)?;
        Ok(out)
    }

    fn write(
        &self,
        out: &mut String,
        option: &str,
        raw: &str,
        text: &str,
        depth: usize,
    ) -> Result<(), String> {
        let about = |what: &str, rest: String| {
            format!(
                "{what}: option '{option}' in section '{}' contains an interpolation key {rest} Raw value: '{raw}'",
                self.section
            )
        };
        if depth > DEEPEST {
            let rest = "which cannot be substituted in 10 steps.".to_string();
            return Err(about("Recursion limit exceeded in value substitution", rest));
        }
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            let mark = &rest[at..];
            if let Some(after) = mark.strip_prefix("%%") {
                out.push('%');
                rest = after;
                continue;
            }
            let Some(inner) = mark.strip_prefix("%(") else {
                return Err(format!("'%' must be followed by '%' or '(', found: '{mark}'"));
            };
            let Some((name, after)) = inner.split_once(")s") else {
                return Err(format!("bad interpolation variable reference '{mark}'"));
            };
            let Some(value) = self.value(name) else {
                let rest = format!("'{}' which is not a valid option name.", (self.fold)(name));
                return Err(about("Bad value substitution", rest));
            };
            self.write(out, option, raw, value, depth + 1)?;
            rest = after;
        }
        out.push_str(rest);
        Ok(())
    }

    fn value(&self, name: &str) -> Option<&str> {
        let name = (self.fold)(name);
        let found = self.entries.iter().rfind(|(other, _)| (self.fold)(other) == name)?;
        Some(found.1.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers are those of ansible-core.
    #[test]
    fn values_stand_for_values_as_in_python() {
        let entries = [
            ("base", "/d"),
            ("a", "%(base)s/x"),
            ("b", "%(A)s/%(c)s"),
            ("c", "50%%"),
            ("d", "50% off"),
            ("e", "%(Nope)s"),
            ("f", "%(f)s"),
            ("h", "%(a"),
        ];
        let entries = entries.map(|(name, value)| (name.to_string(), Some(value.to_string())));
        let values = Values { section: "global", entries: &entries, fold: &|name| name.to_lowercase() };
        let answer = |option: &str| {
            let (_, raw) = entries.iter().find(|(name, _)| name == option).expect("it is there");
            values.interpolated(option, raw.as_deref().expect("all have values"))
        };
        assert_eq!(answer("a"), Ok("/d/x".into()));
        assert_eq!(answer("b"), Ok("/d/x/50%".into()));
        assert_eq!(answer("d"), Err("'%' must be followed by '%' or '(', found: '% off'".into()));
        let missing = "Bad value substitution: option 'e' in section 'global' contains an interpolation key 'nope' which \
                       is not a valid option name. Raw value: '%(Nope)s'";
        assert_eq!(answer("e"), Err(missing.into()));
        assert!(answer("f").is_err_and(|why| why.starts_with("Recursion limit exceeded")));
        assert_eq!(answer("h"), Err("bad interpolation variable reference '%(a'".into()));
    }
}
