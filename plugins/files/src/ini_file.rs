mod settings;

use switchover_sdk::prelude::*;

use crate::edit::{self, Before, Edit, EditParams};
use settings::{HasValues, Settings};

#[derive(Params)]
pub struct IniFileParams {
    /// The file. A link is followed.
    #[param(alias = "dest")]
    pub path: HostPath,
    /// The section; without it what is before the first one.
    pub section: Option<String>,
    /// Of several sections of this name, the one that has these: `option` with `value` or `values`.
    pub section_has_values: Option<Vec<Map>>,
    /// The option; without it the task is about the whole section.
    pub option: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Its values, a line each.
    pub values: Option<Vec<String>>,
    /// Whether it is there.
    #[param(default = "present")]
    pub state: State,
    /// No other line of this option is there; else others stay.
    #[param(default = true)]
    pub exclusive: bool,
    /// Writes no blanks around `=`.
    #[param(default = false)]
    pub no_extra_spaces: bool,
    /// Leaves a line where only blanks around `=` differ.
    #[param(default = false)]
    pub ignore_spaces: bool,
    /// An option may stand without `=`.
    #[param(default = false)]
    pub allow_no_value: bool,
    /// A comment that has the option becomes the option.
    #[param(default = true)]
    pub modify_inactive_option: bool,
    /// Makes a file that is missing.
    #[param(default = true)]
    pub create: bool,
    /// Follows a link; it is always followed.
    #[param(default = false)]
    #[expect(dead_code, reason = "a link is followed with both values")]
    pub follow: bool,
    /// Keeps the old file, with a time in its name.
    #[param(default = false)]
    pub backup: bool,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

/// Whether an option or section is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct IniFile;

impl Module for IniFile {
    type Params = IniFileParams;
    const SPEC: Spec = Spec {
        name: "community.general.ini_file",
        aliases: &["ini_file", "ansible.builtin.ini_file"],
        summary: "Keeps settings in a file with sections.",
        mutually_exclusive: &[&["value", "values"]],
        examples: &[
            (
                "A setting",
                "ini_file: { path: /etc/app.conf, section: server, option: port, value: '8080', mode: '0644' }",
            ),
            (
                "Before the first section",
                "community.general.ini_file: { path: /etc/app.conf, option: debug, value: 'no' }",
            ),
            (
                "Several lines",
                "ini_file: { path: /etc/app.conf, section: peers, option: peer, values: [a, b] }",
            ),
            (
                "One section of several",
                "ini_file: { path: /etc/wg0.conf, section: Peer, section_has_values: [{ option: AllowedIps, value: 10.0.0.1/32 }], state: absent }",
            ),
        ],
        returns: &[("msg", "what was done"), ("path", "the file"), ("backup_file", "where the old file is")],
        ..Spec::DEFAULT
    };

    fn check(params: &IniFileParams, host: &Host) -> Result<Delta, Failure> {
        let settings = params.settings()?;
        let before = Before::read(&params.path, host)?;
        if before.stat.is_none() && !params.create {
            return Err(Failure::new(format!("Destination {} does not exist!", params.path)).with("rc", 257));
        }
        let (after, msg) = settings.edited(&before.text);
        let nothing = before.stat.is_none() && params.state == State::Absent && after.trim().is_empty();
        let edit = Edit {
            after: (after != before.text && !nothing).then_some(after),
            msg,
            result: Map::from_iter([("path".to_owned(), json!(*params.path))]),
            lists_diff: false,
            told: true,
        };
        params.edit().delta(&before, edit, "backup_file")
    }

    fn apply(_: &IniFileParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        edit::apply(delta, host)
    }
}

impl IniFileParams {
    fn edit(&self) -> EditParams {
        EditParams { backup: self.backup, validate: None, attributes: self.attributes.clone() }
    }

    fn settings(&self) -> Result<Settings<'_>, Failure> {
        let values: Vec<&str> =
            self.value.iter().chain(self.values.iter().flatten()).map(String::as_str).collect();
        if self.state == State::Present && values.is_empty() && !self.allow_no_value {
            return Err(Failure::arguments(
                "Parameter 'value(s)' must be defined if state=present and allow_no_value=False.",
            ));
        }
        if self.section.is_none() && self.option.is_none() {
            return Err(Failure::arguments("one of the following is required: section, option"));
        }
        let has = self.section_has_values.iter().flatten().map(HasValues::read);
        Ok(Settings { params: self, values, has: has.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<IniFile>(env!("CARGO_MANIFEST_DIR"));
        examples::<IniFile>();
    }
}
