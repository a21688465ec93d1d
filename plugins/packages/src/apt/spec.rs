use switchover_sdk::Failure;

use super::version;
use crate::tool::refuse_bad_name;

/// A package as a playbook names it.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageSpec {
    /// May hold `*` and `?`, and an architecture after `:`.
    pub name: String,
    pub wanted: Wanted,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    Any,
    /// This version; may hold `*`.
    Exactly(String),
    AtLeast(String),
}

impl PackageSpec {
    /// Reads `name`, `name=version` or `name>=version`.
    pub fn read(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let (name, wanted) = if let Some((name, version)) = text.split_once(">=") {
            (name, Wanted::AtLeast(version.trim().to_owned()))
        } else if let Some((name, version)) = text.split_once('=') {
            (name, Wanted::Exactly(version.trim().to_owned()))
        } else {
            (text, Wanted::Any)
        };
        let name = name.trim();
        refuse_bad_name(name)?;
        if let Wanted::Exactly(version) | Wanted::AtLeast(version) = &wanted {
            refuse_bad_name(version)?;
        }
        if name.is_empty() {
            return Err(Failure::new(format!("No package matching '{text}' is available")));
        }
        Ok(Self { name: name.to_owned(), wanted })
    }

    /// Returns the package as `apt-get install` takes it.
    pub fn word(&self) -> String {
        match &self.wanted {
            Wanted::Exactly(version) => format!("{}={version}", self.name),
            Wanted::Any | Wanted::AtLeast(_) => self.name.clone(),
        }
    }

    pub fn is_pattern(&self) -> bool {
        self.name.contains(['*', '?', '['])
    }

    /// Returns whether an installed version is what is wanted, as far as the lists need not be asked.
    pub fn allows(&self, version: &str) -> bool {
        match &self.wanted {
            Wanted::Any => true,
            Wanted::Exactly(wanted) => wanted == version,
            Wanted::AtLeast(wanted) => version::compare(version, wanted).is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        let spec = PackageSpec::read("foo=1.*").unwrap();
        assert_eq!((spec.word().as_str(), spec.is_pattern()), ("foo=1.*", false));
        assert!(PackageSpec::read("foo >= 1.9").unwrap().allows("1.10"));
        assert!(!PackageSpec::read("foo>=1.9").unwrap().allows("1.9~rc1"));
        assert_eq!(PackageSpec::read("").unwrap_err().msg, "No package matching '' is available");
        assert!(PackageSpec::read("-o=x").is_err());
    }
}
