use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, from_value};

use crate::attributes::{Difference, Wanted};
use crate::diff;
use crate::failures;
use crate::steps::{look, split};
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
        Ok(Self { path: path.to_owned(), stat, text, diff: host.about.diff })
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
            None => Difference { attributes: wanted.for_new(false)?, ..Default::default() },
        };
        if let Some(after) = &edit.after {
            changes.push(before.content(after, edit.lists_diff));
            calls.extend(self.make_folder(before));
            calls.push(self.write(before, encode(after), differing.attributes.clone())?);
        }
        let attributes_differ = before.stat.is_some() && !differing.is_empty();
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
        if calls.is_empty() {
            return Ok(Delta::None { result });
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

/// Does what was planned.
pub fn apply(delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
    let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
    let calls: Vec<HostCall> = from_value(state["calls"].clone())
        .map_err(|error| Failure::new(format!("the plan of `check` cannot be read: {error}")))?;
    let mut result = result.clone();
    for reply in host.many(calls).map_err(failures::in_ansible_s_words)? {
        if let switchover_sdk::HostReply::Written(switchover_sdk::Written { backup: Some(backup) }) = reply {
            result.insert(state["backup_key"].as_str().unwrap_or("backup_file").to_owned(), json!(backup));
        }
    }
    Ok(Outcome { changed: true, result, ..Outcome::default() })
}
