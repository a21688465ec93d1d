use switchover_sdk::prelude::*;

use crate::{Role, Settings, Shell, conf};

/// The key that holds a host's place in the pair.
pub const KEY: &str = "alation.cluster.replication_mode";

/// A host's place in the pair, as the product itself reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Master,
    Slave,
    Standalone,
}

impl Mode {
    /// Returns the word that the modules report, whatever the product calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Slave => "slave",
            Self::Standalone => "standalone",
        }
    }

    /// Reads a mode in the product's words.
    pub fn from_words(settings: &Settings, text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        for (mode, default) in [
            (Self::Standalone, &["standalone"][..]),
            (Self::Master, &["master"][..]),
            (Self::Slave, &["slave"][..]),
        ] {
            let given = settings.replication_modes.as_ref().and_then(|map| map.get(mode.word()));
            let matches = match given {
                Some(words) => words_of(words)?.iter().any(|word: &String| word.eq_ignore_ascii_case(text)),
                None => default.iter().any(|word| word.eq_ignore_ascii_case(text)),
            };
            if matches {
                return Ok(mode);
            }
        }
        Err(Failure::new(format!("{KEY} is `{text}`, a word that is not known here")).remedy(
            "say what it means: alation_replication_modes: {master: [..], slave: [..], standalone: [..]}",
        ))
    }

    /// Asks the host.
    pub fn observe(host: &Host, settings: &Settings) -> Result<Self, Failure> {
        let text = conf::read_one(host, &Shell::new(settings), KEY)?;
        Self::from_words(settings, &text)
    }

    /// Returns the failure of a host whose mode says the opposite of what the inventory declares.
    pub fn contradicts(self, role: Option<Role>) -> Option<Failure> {
        let (declared, is) = match (role, self) {
            (Some(Role::Primary), Self::Slave) => ("Primary", "the slave"),
            (Some(Role::Secondary), Self::Master) => ("Secondary", "the master"),
            _ => return None,
        };
        Some(
            Failure::new(format!(
                "the inventory calls this host the {declared}, but it is {is} of the pair ({KEY} = {})",
                self.word()
            ))
            .remedy("the roles look swapped: correct alation_primary and alation_secondary in the inventory")
            .with("mode", self.word()),
        )
    }
}

fn words_of(value: &Value) -> Result<Vec<String>, Failure> {
    use switchover_sdk::ParamType as _;
    Vec::from_value(value)
        .map_err(|problem| Failure::arguments(format!("argument `replication_modes` {problem}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(arguments: Value) -> Settings {
        Settings::parse(arguments.as_object().unwrap()).unwrap()
    }

    #[test]
    fn known_words_are_read_in_any_case() {
        assert_eq!(Mode::from_words(&settings(json!({})), "Standalone").unwrap(), Mode::Standalone);
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_variable_that_explains_it() {
        let failure = Mode::from_words(&settings(json!({})), "active").unwrap_err();
        assert!(failure.remedy.unwrap().contains("alation_replication_modes"));
        let settings = settings(json!({ "replication_modes": { "master": ["active", "master"] } }));
        assert_eq!(Mode::from_words(&settings, "active").unwrap(), Mode::Master);
    }

    #[test]
    fn swapped_roles_contradict_and_a_split_host_contradicts_nobody() {
        assert!(Mode::Slave.contradicts(Some(Role::Primary)).is_some());
        assert!(Mode::Master.contradicts(Some(Role::Secondary)).is_some());
        assert!(Mode::Standalone.contradicts(Some(Role::Primary)).is_none());
        assert!(Mode::Master.contradicts(Some(Role::Primary)).is_none());
    }
}
