mod entry;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use entry::Entry;

#[derive(Params)]
pub struct KnownHostsParams {
    /// The host, as `ssh` looks it up: `host`, or `[host]:port`.
    #[param(alias = "host")]
    pub name: String,
    /// The line with the key, as it stands in the file; needed to add it.
    pub key: Option<String>,
    /// The file.
    #[param(default = "~/.ssh/known_hosts")]
    pub path: HostPath,
    /// Hides the host's name in the file.
    #[param(default = false)]
    pub hash_host: bool,
    /// Whether the key should be there. Without `key`, `absent` means all keys of the host.
    #[param(default = "present")]
    pub state: State,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct KnownHosts;

impl Module for KnownHosts {
    type Params = KnownHostsParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.known_hosts",
        aliases: &["known_hosts"],
        summary: "Keeps the host keys that `ssh` trusts.",
        examples: &[
            ("Trust a host", "known_hosts: { name: db1, key: \"{{ lookup('file', 'db1.hostkey') }}\" }"),
            ("Forget a host", "known_hosts: { name: '[db1]:2222', state: absent }"),
        ],
        returns: &[
            ("name", "as asked"),
            ("key", "as asked"),
            ("path", "the file"),
            ("hash_host", "as asked"),
            ("state", "`file`, or `absent` when there is no file"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &KnownHostsParams, host: &Host) -> Result<Delta, Failure> {
        let name = params.name.to_lowercase();
        let wanted = params.wanted(&name)?;
        let (stat, before) = read(&params.path, host)?;
        let edited = params.edit(&before, &name, &wanted);
        let changes = edited.is_some();
        let after = edited.unwrap_or_else(|| Ok(before.clone()))?;
        let header = Some(params.path.0.clone());
        let before_header = if stat.is_some() { header.clone() } else { Some("/dev/null".into()) };
        let change = Change {
            what: params.path.0.clone(),
            before: json!(before),
            after: json!(after),
            before_header,
            after_header: header,
        };
        let mut result = params.result(stat.as_ref());
        result["diff"] = json!({
            "before": before, "after": after,
            "before_header": change.before_header, "after_header": change.after_header,
        });
        match changes {
            true => Ok(Delta::changes(vec![change]).with_result(result).with_state(json!(after))),
            false => Ok(Delta::none_with(result)),
        }
    }

    fn apply(params: &KnownHostsParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let write = HostCall::Write(WriteFile {
            path: params.path.0.clone(),
            content: Content::Inline(delta.state().as_str().unwrap_or_default().into()),
            attributes: Attributes::default(),
            backup: false,
            validate: None,
            follow: true,
        });
        let stat = HostCall::Stat { path: params.path.0.clone(), follow: true, checksum: None };
        let mut replies = host.many(vec![write, stat])?;
        match replies.pop() {
            Some(HostReply::Stat(stat)) => {
                let mut outcome = Outcome::changed(params.result(stat.as_deref()));
                if let Delta::Some { result, .. } = delta {
                    outcome.result.extend(result.get("diff").map(|diff| ("diff".to_owned(), diff.clone())));
                }
                Ok(outcome)
            }
            other => host.fail_with(other),
        }
    }
}

/// Looks at the file and reads it in one round trip.
fn read(path: &str, host: &Host) -> Result<(Option<FileStat>, String), Failure> {
    let stat = HostCall::Stat { path: path.to_owned(), follow: true, checksum: None };
    let content = HostCall::Read { path: path.to_owned(), limit: 16 * 1024 * 1024 };
    match host.call(HostCall::Many(vec![stat, content]))? {
        HostReply::Many(mut replies) => match (replies.pop(), replies.pop()) {
            (Some(HostReply::Content(bytes)), Some(HostReply::Stat(stat))) => {
                Ok((stat.map(|stat| *stat), bytes.to_text()))
            }
            (Some(HostReply::Error(_)), Some(HostReply::Stat(None))) => Ok((None, String::new())),
            (last, _) => host.fail_with(last),
        },
        other => host.fail_with(Some(other)),
    }
}

impl KnownHostsParams {
    /// Returns the lines that are asked for.
    fn wanted(&self, name: &str) -> Result<Vec<Entry>, Failure> {
        if name.contains(',') {
            return Err(Failure::arguments(
                "Comma separated list of names is not supported. Please pass a single name to lookup in the \
                 known_hosts file.",
            ));
        }
        let Some(key) = &self.key else {
            return match self.state {
                State::Present => Err(Failure::arguments("No key specified when adding a host")),
                State::Absent => Ok(Vec::new()),
            };
        };
        let lines = key.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let wanted: Option<Vec<Entry>> =
            lines.map(|line| Entry::read(line).filter(|entry| entry.is_for(name))).collect();
        wanted.filter(|wanted| !wanted.is_empty()).ok_or_else(|| {
            Failure::arguments("Host parameter does not match hashed host field in supplied key")
        })
    }

    /// Returns the text that the file should have; `None` when it is right.
    fn edit(&self, before: &str, name: &str, wanted: &[Entry]) -> Option<Result<String, Failure>> {
        let entries: Vec<(&str, Option<Entry>)> =
            before.lines().map(|line| (line, Entry::read(line).filter(|entry| entry.is_for(name)))).collect();
        match self.state {
            State::Absent => {
                let goes = |entry: &Entry| wanted.is_empty() || wanted.iter().any(|key| key.same_key(entry));
                let kept = entries.iter().filter(|(_, entry)| !entry.as_ref().is_some_and(goes));
                let kept: Vec<&str> = kept.map(|(line, _)| *line).collect();
                (kept.len() < entries.len()).then(|| Ok(text(&kept)))
            }
            State::Present => {
                let there =
                    |entry: &Entry, key: &Entry| entry.same_key(key) && entry.is_hashed() == self.hash_host;
                let found =
                    |key: &&Entry| entries.iter().flat_map(|(_, entry)| entry).any(|entry| there(entry, key));
                let missing: Vec<&Entry> = wanted.iter().filter(|key| !found(key)).collect();
                if missing.is_empty() {
                    return None;
                }
                let replaced = |entry: &Entry| missing.iter().any(|key| key.replaces(entry));
                let kept = entries.iter().filter(|(_, entry)| !entry.as_ref().is_some_and(replaced));
                let mut lines: Vec<String> = kept.map(|(line, _)| (*line).to_owned()).collect();
                for key in missing {
                    match if self.hash_host { key.hashed(name) } else { Ok(key.clone()) } {
                        Ok(entry) => lines.push(entry.write()),
                        Err(failure) => return Some(Err(failure)),
                    }
                }
                Some(Ok(text(&lines)))
            }
        }
    }

    fn result(&self, stat: Option<&FileStat>) -> Value {
        let mut result = json!({
            "name": self.name, "key": self.key, "path": *self.path, "hash_host": self.hash_host,
            "state": stat.map_or("absent", |_| "file"),
        });
        if let Some(stat) = stat {
            result["mode"] = json!(format!("{:04o}", stat.mode));
            result["uid"] = json!(stat.uid);
            result["gid"] = json!(stat.gid);
            result["owner"] = json!(stat.owner);
            result["group"] = json!(stat.group);
            result["size"] = json!(stat.size);
        }
        result
    }
}

fn text<S: AsRef<str>>(lines: &[S]) -> String {
    lines.iter().map(|line| format!("{}\n", line.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, cases, examples};

    use super::*;

    const KEY: &str = "ssh-ed25519 AAAA";

    #[test]
    fn cases_hold() {
        cases::<KnownHosts>(env!("CARGO_MANIFEST_DIR"));
        examples::<KnownHosts>();
    }

    #[test]
    fn hides_a_name_and_finds_it_again() {
        let host = FakeHost::new().file("/k", &format!("db1 {KEY}\n"));
        let args = json!({ "path": "/k", "name": "db1", "key": format!("db1 {KEY}"), "hash_host": true });
        assert!(host.run::<KnownHosts>(args.clone()).unwrap().changed);
        let text = host.content("/k").unwrap();
        assert!(text.starts_with("|1|") && text.ends_with(&format!(" {KEY}\n")), "{text}");
        assert_eq!(text.lines().count(), 1);
        assert!(matches!(host.check::<KnownHosts>(args).unwrap(), Delta::None { .. }));
        host.run::<KnownHosts>(json!({ "path": "/k", "name": "db1", "state": "absent" })).unwrap();
        assert_eq!(host.content("/k").unwrap(), "");
    }
}
