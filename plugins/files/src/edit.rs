use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply, Written, from_value};

use crate::attributes::{Difference, Wanted, path_result};
use crate::diff;
use crate::failures;
use crate::steps::{self, look, split};
use crate::text::{decode, encode};

/// What modules share that change text in a file of the host.
#[derive(Params)]
pub struct EditParams {
    /// Keeps the old file, with a time in its name.
    #[param(default = false)]
    pub backup: bool,
    /// A command that must succeed before the file goes into place; `%s` stands for the file.
    pub validate: Option<String>,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

/// The file as it is.
pub struct Before {
    pub path: String,
    pub stat: Option<FileStat>,
    /// Empty when there is no file.
    pub text: String,
    /// A diff is wanted.
    diff: bool,
    check_mode: bool,
}

/// What a module wants to do with it.
pub struct Edit {
    /// `None` when the text stays.
    pub after: Option<String>,
    pub msg: String,
    /// Keys of the result besides `msg`.
    pub result: Map,
    /// The key `diff` of the result is a list: the content, then the attributes, changed or not.
    pub lists_diff: bool,
    /// The result also tells of the file: owner, mode, size.
    pub told: bool,
}

/// How attributes that change are told in `msg`.
pub const ATTRIBUTES_CHANGED: &str = "ownership, perms or SE linux context changed";

impl Before {
    /// Looks at the file and reads it, in one round trip.
    pub fn read(path: &str, host: &Host) -> Result<Self, Failure> {
        let (stat, content) = look(path, host)?;
        if stat.as_ref().is_some_and(|stat| stat.kind == FileKind::Directory) {
            return Err(Failure::new(format!("Path {path} is a directory !")).with("rc", 256));
        }
        let text = decode(&content.unwrap_or_default().0, path)?;
        let about = &host.about;
        Ok(Self { path: path.to_owned(), stat, text, diff: about.diff, check_mode: about.check_mode })
    }

    /// A module that tells of content and attributes apart says which is which.
    fn content(&self, after: &str, apart: bool) -> Change {
        let header = if apart { format!("{} (content)", self.path) } else { self.path.clone() };
        diff::content(&self.path, &encode(&self.text), &encode(after), (header.clone(), header))
    }

    fn attributes(&self, differing: Option<&Difference>) -> Change {
        let header = Some(format!("{} (file attributes)", self.path));
        let shown = |pick: fn(&Difference) -> &Map| {
            differing.map_or(Value::Null, |found| Value::Object(pick(found).clone()))
        };
        Change {
            what: self.path.clone(),
            before: shown(|found| &found.before),
            after: shown(|found| &found.after),
            before_header: header.clone(),
            after_header: header,
        }
    }

    fn diff(&self, after: &str, differing: Option<&Difference>) -> Value {
        diff::list(&[self.content(after, true), self.attributes(differing)])
    }
}

impl EditParams {
    /// Plans an edit: new text, attributes, or nothing. The result's `backup_key` names the old file.
    pub fn delta(&self, before: &Before, edit: Edit, backup_key: &str) -> Result<Delta, Failure> {
        let wanted = Wanted::from(&self.attributes);
        let mut changes = Vec::new();
        let mut calls = Vec::new();
        let mut msg = edit.msg;
        let differing = match &before.stat {
            Some(stat) => wanted.difference(stat)?,
            None => Difference { attributes: wanted.for_new(false)?, ..wanted.difference(&new_file())? },
        };
        if let Some(after) = &edit.after {
            changes.push(before.content(after, edit.lists_diff));
            calls.extend(self.make_folder(before));
            calls.push(self.write(before, encode(after), differing.attributes.clone())?);
        }
        // In check mode a new file is not there yet to have other attributes.
        let attributes_differ =
            !differing.before.is_empty() && (before.stat.is_some() || edit.lists_diff && !before.check_mode);
        if attributes_differ {
            changes.push(before.attributes(Some(&differing)));
            msg = if msg.is_empty() {
                ATTRIBUTES_CHANGED.to_owned()
            } else {
                format!("{msg} and {ATTRIBUTES_CHANGED}")
            };
            if calls.is_empty() {
                let (path, attributes) = (before.path.clone(), differing.attributes.clone());
                calls.push(HostCall::SetAttributes { path, attributes, recursive: false, follow: true });
            }
        }
        let mut result = edit.result;
        result.insert("msg".into(), json!(msg));
        if edit.lists_diff && before.diff {
            let after = edit.after.as_deref().unwrap_or(&before.text);
            result.insert("diff".into(), before.diff(after, attributes_differ.then_some(&differing)));
        }
        if let (true, Some(stat)) = (edit.told, &before.stat) {
            result.extend(path_result(stat));
        }
        if calls.is_empty() {
            return Ok(Delta::None { result });
        }
        if edit.told {
            calls.push(steps::stat(&before.path, true, None));
        }
        Ok(Delta::Some { changes, result, state: json!({ "calls": calls, "backup_key": backup_key }) })
    }

    /// A file that is made may need its folder first.
    fn make_folder(&self, before: &Before) -> Option<HostCall> {
        let path = split(&before.path).0.to_owned();
        before.stat.is_none().then_some(HostCall::Mkdir { path, attributes: Attributes::default() })
    }

    fn write(&self, before: &Before, content: Vec<u8>, attributes: Attributes) -> Result<HostCall, Failure> {
        if let Some(command) = self.validate.as_ref().filter(|command| !command.contains("%s")) {
            return Err(Failure::new(format!("validate must contain %s: {command}")));
        }
        Ok(HostCall::Write(WriteFile {
            path: before.path.clone(),
            content: Content::Inline(content.into()),
            attributes,
            backup: self.backup,
            validate: self.validate.clone(),
            follow: true,
        }))
    }
}

/// A file as it is right after it was made.
fn new_file() -> FileStat {
    let root = "root".to_owned();
    FileStat { mode: crate::mode::of_new(false), owner: root.clone(), group: root, ..FileStat::default() }
}

/// Does what was planned.
pub fn apply(delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
    let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
    let calls: Vec<HostCall> = from_value(state["calls"].clone())
        .map_err(|error| Failure::new(format!("the plan of `check` cannot be read: {error}")))?;
    let mut result = result.clone();
    for reply in host.many(calls).map_err(failures::of_an_edit)? {
        match reply {
            HostReply::Written(Written { backup: Some(backup) }) => {
                let key = state["backup_key"].as_str().unwrap_or("backup_file");
                result.insert(key.to_owned(), json!(backup));
            }
            HostReply::Stat(Some(stat)) => result.extend(path_result(&stat)),
            _ => {}
        }
    }
    Ok(Outcome { changed: true, result, ..Outcome::default() })
}
