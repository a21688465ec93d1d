mod filter;

use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, Entry, HostCall, HostReply};

use crate::permissions::permissions;
use crate::stat::Checksum;
use crate::steps;
use filter::Filter;

#[derive(Params)]
pub struct FindParams {
    /// The folders.
    #[param(alias = "name", alias = "path")]
    pub paths: Vec<HostPath>,
    /// Names: shell patterns, or Python expressions with `use_regex`.
    #[param(default = "", alias = "pattern")]
    pub patterns: Vec<String>,
    /// Names that are left out.
    #[param(alias = "exclude")]
    pub excludes: Option<Vec<String>>,
    /// Takes patterns as Python expressions for the whole name.
    #[param(default = false)]
    pub use_regex: bool,
    /// What is looked for.
    #[param(default = "file")]
    pub file_type: FileType,
    /// Looks into folders below.
    #[param(default = false)]
    pub recurse: bool,
    /// How many folders deep, with `recurse`.
    pub depth: Option<u64>,
    /// Also names that begin with a dot.
    #[param(default = false)]
    pub hidden: bool,
    /// Looks into folders that links lead to.
    #[param(default = false)]
    pub follow: bool,
    /// At least this old: `2d`, `3h`, seconds without a unit; younger with a minus.
    pub age: Option<String>,
    /// Which time `age` means.
    #[param(default = "mtime")]
    pub age_stamp: AgeStamp,
    /// At least this large: `10m`, bytes without a unit; smaller with a minus.
    pub size: Option<String>,
    /// A Python expression that a line of the file begins with (found anywhere in it when `read_whole_file`).
    pub contains: Option<String>,
    /// Looks for `contains` in the whole file at once.
    #[param(default = false)]
    pub read_whole_file: bool,
    /// The encoding of the files that are searched.
    #[param(
        default = "utf-8",
        refused = "files are searched as UTF-8; other bytes are skipped over, not translated"
    )]
    pub encoding: String,
    /// Permission bits that it must have.
    pub mode: Option<Mode>,
    /// All bits of `mode` and no others.
    #[param(default = true)]
    pub exact_mode: bool,
    /// Computes a checksum of each file.
    #[param(default = false)]
    pub get_checksum: bool,
    /// Which checksum.
    #[param(default = "sha1", alias = "checksum", alias = "checksum_algo")]
    pub checksum_algorithm: Checksum,
    /// Stops after so many.
    pub limit: Option<u64>,
}

#[derive(Choice, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    Any,
    Directory,
    File,
    Link,
}

#[derive(Choice, Clone, Copy)]
pub enum AgeStamp {
    Atime,
    Ctime,
    Mtime,
}

pub struct Find;

impl Module for Find {
    type Params = FindParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.find",
        aliases: &["find"],
        summary: "Finds files by name, age, size or content.",
        effect: Spec::READS,
        examples: &[
            ("Old logs", "find: { paths: /var/log, patterns: '*.log', age: 4w, recurse: true }"),
            ("Large files", "find: { paths: /srv, size: 1g, recurse: true }"),
        ],
        returns: &[
            ("files", "what was found, with the keys of `stat`"),
            ("matched", "how many were found"),
            ("examined", "how many were looked at"),
            ("skipped_paths", "why a folder was not looked into, by its path"),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &FindParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &FindParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let mut search = Search { filter: Filter::new(params, host)?, found: Vec::new(), examined: 0 };
        let mut skipped = Map::new();
        for path in &params.paths {
            if params.limit.is_some_and(|limit| search.found.len() as u64 >= limit) {
                break;
            }
            if let Err(why) = search.look_into(path, params, host)? {
                skipped.insert(path.0.clone(), json!(why));
            }
        }
        let warnings: Vec<String> = skipped
            .iter()
            .map(|(path, why)| {
                format!(
                    "Skipped '{path}' path due to this access issue: {}",
                    why.as_str().unwrap_or_default()
                )
            })
            .collect();
        let full = params.limit.is_some_and(|limit| search.found.len() as u64 >= limit);
        let msg = match (full, skipped.is_empty()) {
            (true, _) => "Limit of matches reached",
            (false, true) => "All paths examined",
            (false, false) => "Not all paths examined, check warnings for details",
        };
        let files = params.described(search.found, host)?;
        let outcome = Outcome::unchanged(json!({
            "matched": files.len(), "files": files, "examined": search.examined, "skipped_paths": skipped, "msg": msg,
        }));
        Ok(Outcome { warnings, ..outcome })
    }
}

/// What was found so far.
struct Search {
    filter: Filter,
    found: Vec<Entry>,
    examined: usize,
}

impl Search {
    /// Looks into a folder; the inner error says why it was skipped.
    fn look_into(
        &mut self,
        path: &str,
        params: &FindParams,
        host: &Host,
    ) -> Result<Result<(), String>, Failure> {
        match host.stat_with(path, true, None)? {
            Some(stat) if stat.kind == FileKind::Directory => {}
            _ => return Ok(Err(format!("'{path}' is not a directory"))),
        }
        let entries = match host.list(path, params.recurse) {
            Ok(entries) if params.follow && params.recurse => top_down(followed(entries, host)?),
            Ok(entries) => top_down(entries),
            Err(failure) if failure.kind == switchover_sdk::FailureKind::Failed => {
                return Ok(Err(failure.msg));
            }
            Err(failure) => return Err(failure),
        };
        for entry in entries {
            let below = entry.path.strip_prefix(path).unwrap_or(&entry.path).trim_start_matches('/');
            let level = below.split('/').count() as u64;
            let beyond =
                params.depth.filter(|depth| *depth > 0).map_or(0, |depth| level.saturating_sub(depth));
            // Ansible counts what is in the first folder that lies too deep.
            self.examined += usize::from(beyond < 2);
            if beyond == 0 && self.filter.takes(&entry, below, host)? {
                self.found.push(entry);
                if params.limit.is_some_and(|limit| self.found.len() as u64 >= limit) {
                    break;
                }
            }
        }
        Ok(Ok(()))
    }
}

/// Adds what is in the folders that links lead to; a folder that is below itself is not looked into again.
fn followed(entries: Vec<Entry>, host: &Host) -> Result<Vec<Entry>, Failure> {
    let mut all: Vec<Entry> = Vec::new();
    let mut waiting = vec![(entries, Vec::new())];
    while let Some((entries, above)) = waiting.pop() {
        let links: Vec<&Entry> = entries.iter().filter(|entry| entry.stat.kind == FileKind::Link).collect();
        let looks = links.iter().map(|link| steps::stat(&link.path, true, None)).collect();
        let targets = if links.is_empty() { Vec::new() } else { steps::stats(looks, host)? };
        for (link, target) in links.into_iter().zip(targets) {
            let Some(target) = target.filter(|target| target.kind == FileKind::Directory) else { continue };
            let place = (target.dev, target.inode);
            if !above.contains(&place) {
                waiting.push((host.list(&link.path, true)?, [above.as_slice(), &[place]].concat()));
            }
        }
        all.extend(entries);
    }
    Ok(all)
}

/// Puts what is in a folder before what is in the folders below it, its files first.
fn top_down(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by_cached_key(|entry| {
        let (folder, name) = entry.path.rsplit_once('/').unwrap_or_default();
        (folder.to_owned(), entry.stat.kind == FileKind::Directory, name.to_owned())
    });
    entries
}

impl FindParams {
    fn described(&self, found: Vec<Entry>, host: &Host) -> Result<Vec<Value>, Failure> {
        let mut sums = self.checksums(&found, host)?.into_iter();
        let mut described = Vec::new();
        for entry in found {
            let mut keys = permissions(&entry.stat);
            keys.insert("path".into(), json!(entry.path));
            keys.insert("mode".into(), json!(format!("{:04o}", entry.stat.mode)));
            if self.get_checksum && entry.stat.kind == FileKind::File {
                keys.insert("checksum".into(), json!(sums.next().flatten()));
            }
            described.push(Value::Object(keys));
        }
        Ok(described)
    }

    /// Asks for all checksums in one round trip.
    fn checksums(&self, found: &[Entry], host: &Host) -> Result<Vec<Option<String>>, Failure> {
        if !self.get_checksum {
            return Ok(Vec::new());
        }
        let algorithm: Algorithm = self.checksum_algorithm.into();
        let files = found.iter().filter(|entry| entry.stat.kind == FileKind::File);
        let calls: Vec<HostCall> =
            files.map(|entry| HostCall::Checksum { path: entry.path.clone(), algorithm }).collect();
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let sums = host.many(calls)?.into_iter();
        Ok(sums.map(|reply| if let HostReply::Checksum(sum) = reply { sum } else { None }).collect())
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{LocalHost, cases, examples};

    use super::*;

    #[test]
    fn follows_links_to_folders_and_out_of_a_ring() {
        let host = LocalHost::new();
        host.file("t/f", "x");
        let (folder, at) = (host.path("s"), |name: &str| host.path(name));
        std::fs::create_dir(&folder).unwrap();
        for (target, name) in [(at("t"), at("s/l")), (at("s"), at("t/ring"))] {
            std::os::unix::fs::symlink(target, name).unwrap();
        }
        let asked = |follow: bool| {
            let args = json!({ "paths": folder, "recurse": true, "follow": follow });
            host.run::<Find>(args).unwrap().result["files"].as_array().unwrap().len()
        };
        assert_eq!((asked(false), asked(true)), (0, 1));
    }

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Find>(env!("CARGO_MANIFEST_DIR"));
        examples::<Find>();
    }
}
