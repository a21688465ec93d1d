mod key;
mod options;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply, from_value};

use key::Key;
pub use options::Deb822RepositoryParams;
use switchover_sdk::text_file::{TextFile, write};

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Deb822Repository;

impl Module for Deb822Repository {
    type Params = Deb822RepositoryParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.deb822_repository",
        aliases: &["deb822_repository"],
        summary: "Keeps a repository of packages for apt, as a file of fields with its key.",
        examples: &[
            (
                "With a key",
                "deb822_repository: { name: docker, uris: 'https://d/linux/debian', suites: bookworm, components: stable, \
                 signed_by: 'https://d/linux/debian/gpg' }",
            ),
            ("No such repository", "ansible.builtin.deb822_repository: { name: docker, state: absent }"),
        ],
        returns: &[
            ("repo", "the file's text"),
            ("dest", "the file"),
            ("key_filename", "the file of the key"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &Deb822RepositoryParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let file = TextFile::read(&params.path(), host)?;
        if params.state == State::Absent {
            return params.check_absent(&file, host);
        }
        let key = Key::find(params, host)?;
        let text = params.text(key.signed_by.as_deref());
        let attributes = params.attributes();
        let mut calls = Vec::new();
        let mut changes = Vec::new();
        if let Some(fetched) = key.fetched {
            let what = key.file.clone().unwrap_or_default();
            changes.push(Change { what: what.clone(), after: json!("another key"), ..Change::default() });
            let open = |mode: &str| Attributes { mode: Some(mode.to_owned()), ..Attributes::default() };
            calls.push(HostCall::Mkdir { path: key::FOLDER.to_owned(), attributes: open("0755") });
            calls.push(write(&what, fetched, open("0644")));
        }
        if let Some(change) = file.change(&text, &attributes)? {
            changes.push(change);
            calls.push(write(&params.path(), &*text, attributes));
        }
        let mut result = json!({ "repo": text, "dest": params.path(), "key_filename": key.file });
        if calls.is_empty() {
            put_stat(&mut result, file.stat.as_ref());
            return Ok(Delta::none_with(result));
        }
        Ok(Delta::changes(changes).with_result(result).with_state(json!(calls)))
    }

    fn apply(params: &Deb822RepositoryParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let mut calls: Vec<HostCall> = from_value(state.clone())
            .map_err(|error| Failure::new(format!("the plan of `check` cannot be read: {error}")))?;
        calls.push(HostCall::Stat { path: params.path(), follow: true, checksum: None });
        let mut result = Value::Object(result.clone());
        if let Some(HostReply::Stat(stat)) = host.many(calls)?.pop() {
            put_stat(&mut result, stat.as_deref());
        }
        Ok(Outcome::changed(result))
    }
}

impl Deb822RepositoryParams {
    fn check_absent(&self, file: &TextFile, host: &Host) -> Result<Delta, Failure> {
        let keys = [self.key_path("asc"), self.key_path("gpg")];
        let result = json!({ "repo": null, "dest": file.path, "key_filename": keys[1] });
        let stat = |path: &String| HostCall::Stat { path: path.clone(), follow: false, checksum: None };
        let replies = host.many(keys.iter().map(stat).collect())?;
        let there = keys.iter().zip(replies).filter(|(_, reply)| matches!(reply, HostReply::Stat(Some(_))));
        let mut paths: Vec<&String> = there.map(|(path, _)| path).collect();
        if file.stat.is_some() {
            paths.push(&file.path);
        }
        if paths.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let change = |path: &&String| {
            let before = if **path == file.path { json!(file.text) } else { json!("a key") };
            let after_header = Some("/dev/null".to_owned());
            Change {
                what: (*path).clone(),
                before,
                after: json!(""),
                before_header: Some((*path).clone()),
                after_header,
            }
        };
        let calls: Vec<HostCall> =
            paths.iter().map(|path| HostCall::Remove { path: (*path).clone(), recursive: false }).collect();
        Ok(Delta::changes(paths.iter().map(change).collect()).with_result(result).with_state(json!(calls)))
    }
}

fn put_stat(result: &mut Value, stat: Option<&FileStat>) {
    let Some(stat) = stat else { return };
    result["mode"] = json!(format!("{:04o}", stat.mode));
    result["uid"] = json!(stat.uid);
    result["gid"] = json!(stat.gid);
    result["owner"] = json!(stat.owner);
    result["group"] = json!(stat.group);
    result["size"] = json!(stat.size);
    result["state"] = json!("file");
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn cases_hold() {
        cases::<Deb822Repository>(env!("CARGO_MANIFEST_DIR"));
        examples::<Deb822Repository>();
    }
}
