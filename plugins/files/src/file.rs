mod absent;
mod directory;
mod existing;
mod hard;
mod link;
mod times;
mod touch;

use switchover_sdk::prelude::*;

use crate::attributes::{Wanted, state_word};
use crate::plan::Plan;
use crate::steps;
use times::Times;

#[derive(Params)]
pub struct FileParams {
    /// The path on the host.
    #[param(alias = "dest", alias = "name")]
    pub path: HostPath,
    /// What should be there. Without it, what is there gets the attributes.
    pub state: Option<State>,
    /// Where a link leads: for `link` and `hard`.
    pub src: Option<String>,
    /// Gives all below a folder the same owner, group and mode.
    #[param(default = false)]
    pub recurse: bool,
    /// Makes links to what is not there, and replaces files by links.
    #[param(default = false)]
    pub force: bool,
    /// Changes what a link leads to, not the link.
    #[param(default = true)]
    pub follow: bool,
    #[param(flatten)]
    pub attributes: FileAttributes,
    #[param(flatten)]
    pub times: Times,
}

/// What should be at a path.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Directory,
    File,
    Hard,
    Link,
    Touch,
}

/// What was found at the path of a task.
pub struct Found {
    pub path: String,
    /// The path itself.
    pub stat: Option<FileStat>,
    /// What it leads to; the same when it is no link.
    pub target: Option<FileStat>,
}

pub struct File;

impl Module for File {
    type Params = FileParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.file",
        aliases: &["file"],
        summary: "Keeps a file, folder or link, its mode and its owner; or removes it.",
        examples: &[
            ("A folder", "file: { path: /srv/data, state: directory, owner: www-data, mode: '0750' }"),
            ("A link", "file: { src: /srv/data, path: /data, state: link }"),
            ("Gone", "file: { path: /tmp/old, state: absent }"),
        ],
        returns: &[
            ("path", "the path, for states absent, directory and file"),
            ("dest", "the path, for states link, hard and touch"),
            ("mode", "its mode; also `owner`, `group`, `uid`, `gid`, `size`, `state`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &FileParams, host: &Host) -> Result<Delta, Failure> {
        let wanted = Wanted::from(&params.attributes);
        let found = find(&params.path, host)?;
        let state = params.state(&found);
        params.refuse_nonsense(state, &found)?;
        match state {
            State::Absent => absent::plan(&found, host),
            State::Directory => directory::plan(params, &wanted, &found, host),
            State::File => existing::plan(params, &wanted, &found, host),
            State::Touch => touch::plan(params, &wanted, &found, host),
            State::Link => link::plan(params, &wanted, &found, host),
            State::Hard => hard::plan(params, &wanted, found, host),
        }
    }

    fn apply(_: &FileParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        Plan::apply(delta, host)
    }
}

fn find(path: &str, host: &Host) -> Result<Found, Failure> {
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let mut stats = steps::stats(vec![steps::stat(path, false, None), steps::stat(path, true, None)], host)?;
    let target = stats.pop().flatten();
    Ok(Found { path: path.to_owned(), stat: stats.pop().flatten(), target })
}

impl FileParams {
    /// Returns the wanted state: what is there, when the task names none.
    fn state(&self, found: &Found) -> State {
        match (self.state, &found.stat) {
            (Some(state), _) => state,
            (None, None) => {
                if self.recurse {
                    State::Directory
                } else {
                    State::File
                }
            }
            (None, Some(stat)) => match state_word(stat) {
                "directory" => State::Directory,
                "link" => State::Link,
                "hard" => State::Hard,
                _ => State::File,
            },
        }
    }

    fn refuse_nonsense(&self, state: State, found: &Found) -> Result<(), Failure> {
        let msg = if self.recurse && state != State::Directory {
            "recurse option requires state to be 'directory'"
        } else if self.src.as_ref().is_some_and(|src| !src.is_empty())
            && !matches!(state, State::Link | State::Hard)
        {
            "src option requires state to be 'link' or 'hard'"
        } else {
            return Ok(());
        };
        Err(found.failure(msg.to_owned()))
    }
}

impl Found {
    /// Returns the path that attributes go to, and what is there.
    fn followed(&self, follow: bool) -> (String, Option<&FileStat>) {
        match &self.stat {
            Some(stat) if stat.kind == FileKind::Link && follow => {
                let source = stat.link_source.clone().unwrap_or_else(|| self.path.clone());
                (source, self.target.as_ref())
            }
            stat => (self.path.clone(), stat.as_ref()),
        }
    }

    /// Returns a failure that also tells what is at the path.
    fn failure(&self, msg: String) -> Failure {
        let failure = Failure::new(msg).with("path", self.path.clone());
        match &self.stat {
            Some(stat) => failure.with_result(crate::attributes::path_result(stat)),
            None => failure.with("state", "absent"),
        }
    }

    /// Returns the word for what is there.
    fn word(&self) -> &'static str {
        self.stat.as_ref().map_or("absent", state_word)
    }

    /// Returns the change of the state itself.
    fn state_change(&self, after: &str) -> Change {
        Change {
            what: self.path.clone(),
            before: json!({ "path": self.path, "state": self.word() }),
            after: json!({ "path": self.path, "state": after }),
            ..Change::default()
        }
    }
}

/// Plans the attributes of a path that is there.
fn plan_attributes(plan: &mut Plan, path: &str, stat: &FileStat, wanted: &Wanted) -> Result<(), Failure> {
    let difference = wanted.difference(stat)?;
    if !difference.is_empty() {
        plan.changes.push(difference.change(path));
        plan.calls.push(switchover_sdk::HostCall::SetAttributes {
            path: path.to_owned(),
            attributes: difference.attributes,
            recursive: false,
            follow: false,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<File>(env!("CARGO_MANIFEST_DIR"));
        examples::<File>();
    }
}
