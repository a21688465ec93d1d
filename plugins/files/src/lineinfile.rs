mod lines;

use fancy_regex::Regex;
use switchover_sdk::Level;
use switchover_sdk::prelude::*;

use crate::edit::{self, Before, Edit, EditParams};
use crate::regex::{Flags, compile};
use lines::{Found, Lines, Place};

#[derive(Params)]
pub struct LineinfileParams {
    /// The file.
    #[param(alias = "dest", alias = "destfile", alias = "name")]
    pub path: HostPath,
    /// Whether the line should be there.
    #[param(default = "present")]
    pub state: State,
    /// The line; required unless it should be absent.
    #[param(alias = "value")]
    pub line: Option<String>,
    /// The line to replace: the last one in which this Python expression is found.
    #[param(alias = "regex")]
    pub regexp: Option<String>,
    /// The line to replace: the last one that holds this text.
    pub search_string: Option<String>,
    /// Fills groups of `regexp` into `line`; without a match nothing changes.
    #[param(default = false)]
    pub backrefs: bool,
    /// Where a line goes that replaces none: after the last line in which this expression is found, or `EOF`.
    pub insertafter: Option<String>,
    /// Where a line goes that replaces none: before the last line in which this expression is found, or `BOF`.
    pub insertbefore: Option<String>,
    /// Makes the file, and its folder, when it is not there.
    #[param(default = false)]
    pub create: bool,
    /// Takes the first line that is found instead of the last.
    #[param(default = false)]
    pub firstmatch: bool,
    /// Ansible's name for a codec of the file; only UTF-8 is supported.
    #[param(default = "utf-8")]
    pub encoding: String,
    #[param(flatten)]
    pub edit: EditParams,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Present,
    Absent,
}

pub struct Lineinfile;

impl Module for Lineinfile {
    type Params = LineinfileParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.lineinfile",
        aliases: &["lineinfile"],
        summary: "Keeps one line of a file.",
        mutually_exclusive: &[
            &["insertbefore", "insertafter"],
            &["regexp", "search_string"],
            &["backrefs", "search_string"],
        ],
        examples: &[
            (
                "A setting",
                "lineinfile: { path: /etc/selinux/config, regexp: '^SELINUX=', line: SELINUX=permissive }",
            ),
            (
                "After a comment",
                "lineinfile: { path: /etc/hosts, line: '10.0.0.1 db', insertafter: '^# local' }",
            ),
            ("No such line", "lineinfile: { path: /etc/sudoers, regexp: '^%wheel', state: absent }"),
        ],
        returns: &[
            ("msg", "`line added`, `line replaced`, `N line(s) removed`, or empty"),
            ("backup", "the copy of the old file; empty when there is none"),
            ("found", "how many lines were removed"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &LineinfileParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        params.warn(host)?;
        let before = Before::read(&params.path, host)?;
        let edit = match params.state {
            State::Present => params.present(&before)?,
            State::Absent if before.stat.is_none() => {
                return Ok(Delta::none_with(json!({ "msg": "file not present" })));
            }
            State::Absent => params.absent(&before)?,
        };
        params.edit.delta(&before, edit, "backup")
    }

    fn apply(_: &LineinfileParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        edit::apply(delta, host)
    }
}

impl LineinfileParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let nothing = self.regexp.is_none() && self.search_string.is_none() && self.line.is_none();
        let msg = match self.state {
            _ if !matches!(self.encoding.to_lowercase().as_str(), "utf-8" | "utf8") => {
                return Err(Failure::arguments(format!(
                    "encoding {} is not supported, only utf-8",
                    self.encoding
                )));
            }
            State::Present if self.backrefs && self.regexp.is_none() => {
                "regexp is required with backrefs=true"
            }
            State::Present if self.line.is_none() => "line is required with state=present",
            State::Absent if nothing => "one of line, search_string, or regexp is required with state=absent",
            _ => return Ok(()),
        };
        Err(Failure::arguments(msg))
    }

    /// An empty pattern or line to look for is in every line.
    fn warn(&self, host: &Host) -> Result<(), Failure> {
        const WAY_OUT: &str =
            " If this is desired, use '^' to match every line in the file and avoid this warning.";
        let named =
            [("regular expression", &self.regexp, WAY_OUT), ("search string", &self.search_string, "")];
        for (what, _, way_out) in named.iter().filter(|(_, text, _)| text.as_deref() == Some("")) {
            host.log(
                Level::Warning,
                format!(
                    "The {what} is an empty string, which will match every line in the file. This may have unintended \
                     consequences, such as replacing the last line in the file rather than appending.{way_out}"
                ),
            )?;
        }
        Ok(())
    }

    fn expression(&self) -> Result<Option<Regex>, Failure> {
        self.regexp.as_deref().map(|pattern| compile(pattern, Flags::default())).transpose()
    }

    /// Returns where a new line goes.
    fn place(&self) -> Result<Place, Failure> {
        let regex = |pattern: &str| compile(pattern, Flags::default());
        Ok(match (self.insertafter.as_deref(), self.insertbefore.as_deref()) {
            (Some("BOF"), _) | (None, Some("BOF")) => Place::Begin,
            (None | Some("EOF"), None) | (Some("EOF"), _) => Place::End,
            (Some(pattern), _) => Place::After(regex(pattern)?),
            (None, Some(pattern)) => Place::Before(regex(pattern)?),
        })
    }

    fn present(&self, before: &Before) -> Result<Edit, Failure> {
        if before.stat.is_none() && !self.create {
            return Err(Failure::new(format!("Destination {} does not exist !", before.path)).with("rc", 257));
        }
        let line = self.line.clone().unwrap_or_default();
        let mut lines = Lines::read(&before.text);
        let (expression, place) = (self.expression()?, self.place()?);
        let found =
            lines.look(&line, expression.as_ref(), self.search_string.as_deref(), &place, self.firstmatch)?;
        let msg = match found {
            Found::Line { index, captured } => {
                let wanted = match &captured {
                    Some(captured) if self.backrefs => captured.expand(&line)?,
                    _ => line,
                };
                if lines.replace(index, &wanted) { "line replaced" } else { "" }
            }
            Found::Nothing { .. } if self.backrefs => "",
            Found::Nothing { place: index } => {
                if lines.insert(&place, index, &line) {
                    "line added"
                } else {
                    ""
                }
            }
        };
        let after = (!msg.is_empty() || before.stat.is_none()).then(|| lines.text());
        let after = after.filter(|_| !msg.is_empty());
        Ok(Edit {
            after,
            msg: msg.to_owned(),
            result: Map::from_iter([("backup".to_owned(), json!(""))]),
            lists_diff: true,
            told: false,
        })
    }

    fn absent(&self, before: &Before) -> Result<Edit, Failure> {
        let mut lines = Lines::read(&before.text);
        let expression = self.expression()?;
        let count = lines.remove(expression.as_ref(), self.search_string.as_deref(), self.line.as_deref())?;
        let msg = if count > 0 { format!("{count} line(s) removed") } else { String::new() };
        let result = Map::from_iter([("backup".to_owned(), json!("")), ("found".to_owned(), json!(count))]);
        Ok(Edit { after: (count > 0).then(|| lines.text()), msg, result, lists_diff: true, told: false })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Lineinfile>(env!("CARGO_MANIFEST_DIR"));
        examples::<Lineinfile>();
    }
}
