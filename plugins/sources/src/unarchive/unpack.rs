use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use super::{Archive, UnarchiveParams};
use crate::owned::{differs, words};
use switchover_sdk::script::{script, sections};

/// `$1` `look` or `do`, `$2` the archive (empty: standard input has where curl and wget get it), `$3` the folder, `$4` to
/// `$6` mode, owner and group, `$7` `newer` or nothing, `$8` a private folder, then words: `x=` stays out, `i=` is taken, `o=`
/// an option. Sections: see [`Said`]. Exit codes: 65 no tool, 66 no archive, 67 not fetched.
const RUN: &str = include_str!("unpack.sh");

/// An archive that lies on the host.
pub struct Unpack<'a> {
    pub params: &'a UnarchiveParams,
    pub path: &'a str,
    /// The script itself has to get it there.
    pub fetch: bool,
}

/// What the script said.
struct Said<'a> {
    handler: &'a str,
    names: Vec<&'a str>,
    differs: bool,
    /// One line for each name: mode, owner, number, group, number.
    stats: Vec<&'a str>,
    command: Vec<&'a str>,
    rc: i32,
    out: &'a str,
    err: &'a str,
    attributes_changed: bool,
}

impl<'a> Said<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let parts = sections(text);
        let [handler, names, differs, stats, command, rc, out, err, attributes] = parts[..] else {
            return None;
        };
        Some(Self {
            handler,
            names: names.lines().collect(),
            differs: !differs.trim().is_empty(),
            stats: stats.lines().collect(),
            command: command.lines().collect(),
            rc: rc.trim().parse().unwrap_or(0),
            out,
            err,
            attributes_changed: !attributes.trim().is_empty(),
        })
    }
}

impl Unpack<'_> {
    fn command(&self, verb: &str, work: &str) -> Command {
        let params = self.params;
        let [mode, owner, group] = words(&params.attributes);
        let newer = if params.keep_newer { "newer" } else { "" };
        let path = if self.fetch { "" } else { self.path };
        let fixed = [verb, path, &params.dest, mode, owner, group, newer, work].map(str::to_owned);
        let tagged = |tag: &str, words: &[String]| -> Vec<String> {
            words.iter().filter(|word| !word.is_empty()).map(|word| format!("{tag}={word}")).collect()
        };
        let words = [
            fixed.to_vec(),
            tagged("o", &params.extra_opts),
            tagged("x", &params.exclude),
            tagged("i", &params.include),
        ];
        script(RUN, &words.concat())
    }

    /// Compares without writing; a zip archive can only be compared by unpacking it.
    pub fn look(&self, host: &Host) -> Result<Delta, Failure> {
        let output = host.exec(&self.command("look", "").reads())?;
        let text = output.stdout.to_text();
        let said = self.said(&output, &text)?;
        let attributes: Option<Vec<bool>> =
            said.stats.iter().map(|line| differs(&self.params.attributes, line)).collect();
        match attributes {
            _ if said.handler == "ZipArchive" => Ok(Delta::unknown()),
            _ if said.differs => Ok(Delta::change(&*self.params.dest, Value::Null, self.path)),
            Some(found) if !found.contains(&true) => Ok(Delta::none_with(Value::Object(self.result(&said)))),
            Some(_) => Ok(Delta::change(&*self.params.dest, Value::Null, "mode, owner or group")),
            None => Ok(Delta::unknown()),
        }
    }

    fn said<'b>(&self, output: &ExecOutput, text: &'b str) -> Result<Said<'b>, Failure> {
        let src = &self.params.src;
        let stderr = output.stderr.to_text();
        let msg = match output.rc {
            65 | 66 => format!(
                "Failed to find handler for \"{}\". Make sure the required command to extract the file is installed.\n{}",
                self.path,
                stderr.trim()
            ),
            67 => {
                format!("Failure downloading {}, {}", crate::git::without_credentials(src).0, stderr.trim())
            }
            _ => match Said::read(text) {
                Some(said) => return Ok(said),
                None => format!("the host did not say how unpacking ended: {}", stderr.trim()),
            },
        };
        Err(Failure::new(msg).with("rc", output.rc).with("stderr", stderr))
    }

    fn result(&self, said: &Said) -> Map {
        let mut result = Map::new();
        result.insert("dest".into(), json!(*self.params.dest));
        result.insert("src".into(), json!(self.path));
        result.insert("handler".into(), json!(said.handler));
        if self.params.list_files {
            result.insert("files".into(), json!(said.names));
        }
        if !said.command.is_empty() {
            let results = json!({ "cmd": said.command, "rc": said.rc, "out": said.out, "err": said.err });
            result.insert("extract_results".into(), results);
        }
        result
    }
}

/// Brings the archive to the host where it is not there yet, compares and unpacks it, in one round trip.
pub fn apply(params: &UnarchiveParams, archive: &Archive, host: &Host) -> Result<Outcome, Failure> {
    let work = private_folder();
    let brought = format!("{work}/source");
    let path = match archive {
        Archive::Host(path) => path.as_str(),
        Archive::Controller(_) | Archive::Url(_) => &brought,
    };
    let unpack = Unpack { params, path, fetch: matches!(archive, Archive::Url(_)) };
    let private = Attributes { mode: Some("0700".into()), ..Attributes::default() };
    let mut calls = vec![HostCall::Mkdir { path: work.clone(), attributes: private }];
    let mut command = unpack.command("do", &work);
    match archive {
        Archive::Controller(path) => calls.push(HostCall::Write(WriteFile {
            path: brought.clone(),
            content: Content::Controller(path.clone()),
            attributes: Attributes { mode: Some("0600".into()), ..Attributes::default() },
            backup: false,
            validate: None,
            follow: false,
        })),
        Archive::Url(url) => command = command.stdin(fetch_input(url, params.validate_certs)?),
        Archive::Host(_) => {}
    }
    let remove = HostCall::Remove { path: work, recursive: true };
    calls.push(HostCall::Exec(command.into_exec()));
    calls.push(HostCall::Stat { path: params.dest.0.clone(), follow: true, checksum: None });
    calls.push(remove.clone());
    let replies = match host.many(calls) {
        Ok(replies) => replies,
        Err(failure) => {
            // What was brought must not stay; the first failure is the one to tell.
            let _ = host.done(remove);
            return Err(failure);
        }
    };
    outcome(&unpack, replies)
}

fn outcome(unpack: &Unpack, replies: Vec<HostReply>) -> Result<Outcome, Failure> {
    let output = replies
        .iter()
        .find_map(|reply| if let HostReply::Exec(output) = reply { Some(output) } else { None });
    let Some(output) = output else { return Err(Failure::new("the host did not say how unpacking ended")) };
    let text = output.stdout.to_text();
    let said = unpack.said(output, &text)?;
    let mut result = unpack.result(&said);
    if said.rc != 0 {
        let msg = format!("failed to unpack {} to {}", unpack.params.src, unpack.params.dest);
        return Err(Failure::new(msg).with_result(result));
    }
    for reply in &replies {
        if let HostReply::Stat(Some(stat)) = reply {
            result.extend(folder(stat));
        }
    }
    let changed = said.differs || said.attributes_changed;
    Ok(Outcome { changed, result, ..Outcome::default() })
}

fn folder(stat: &FileStat) -> Map {
    let keys = [
        ("uid", json!(stat.uid)),
        ("gid", json!(stat.gid)),
        ("owner", json!(stat.owner)),
        ("group", json!(stat.group)),
        ("mode", json!(format!("0{:03o}", stat.mode))),
        ("state", json!("directory")),
        ("size", json!(stat.size)),
    ];
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Returns what curl and wget read: the URL may hold a password, which must not be on a command line.
fn fetch_input(url: &str, validate: bool) -> Result<String, Failure> {
    if url.contains(['\n', '"', '\\']) {
        return Err(Failure::arguments("src is no URL"));
    }
    Ok(format!("{}\n{url}\n", if validate { "check" } else { "trust" }))
}

/// Returns a path that nobody can guess.
fn private_folder() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("/tmp/.switchover-{:016x}{:016x}", random(), random())
}
