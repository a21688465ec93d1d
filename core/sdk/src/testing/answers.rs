use std::collections::BTreeMap;

use sha1::{Digest as _, Sha1};
use switchover_protocol::{
    Algorithm, Attributes, Bytes, Content, Entry, Exec, ExecOutput, FileKind, FileStat, HostCall, HostError,
    HostReply, Program, Value, WriteFile, Written,
};

use super::files::{Files, failed};

/// How a test recognises a program, and what it answers.
pub struct Announced {
    pub line: String,
    /// The line is only a part of the program.
    pub part: bool,
    pub once: bool,
    pub output: ExecOutput,
}

/// What a fake host is, and how it answers.
#[derive(Default)]
pub struct State {
    pub files: Files,
    pub controller: BTreeMap<String, Vec<u8>>,
    pub commands: Vec<Announced>,
    pub calls: Vec<HostCall>,
    pub checking: bool,
    pub check_mode: bool,
    pub about: switchover_protocol::Map,
    pub fetched: BTreeMap<String, Vec<u8>>,
    /// What calls speak of, and the error that answers them.
    pub faults: Vec<(String, HostError)>,
}

impl State {
    /// Answers a call that was found allowed.
    pub fn answer(&mut self, call: &HostCall) -> HostReply {
        if let Some((_, error)) = self.faults.iter().find(|(about, _)| speaks_of(call, about)) {
            return HostReply::Error(error.clone());
        }
        match call {
            HostCall::Exec(exec) => self.exec(exec),
            HostCall::Stat { path, follow, checksum } => self.stat(path, *follow, *checksum),
            HostCall::Read { path, limit } => self.read(path, *limit),
            HostCall::Write(file) => self.write(file),
            HostCall::SetAttributes { path, attributes, recursive, follow } => {
                let path = if *follow { self.files.resolve(path) } else { path.clone() };
                self.attributes(&path, attributes, *recursive)
            }
            HostCall::Remove { path, recursive } => self.files.remove(path, *recursive),
            HostCall::Mkdir { path, attributes } => self.mkdir(path, attributes),
            HostCall::Symlink { target, path, .. } => self.files.link(path, target),
            HostCall::Hardlink { target, path, .. } => self.files.hard_link(path, target),
            HostCall::Rename { from, to } => self.files.rename(from, to),
            HostCall::List { path, recursive } => self.files.list(path, *recursive),
            HostCall::Checksum { path, algorithm } => {
                let file = self.files.0.get(&self.files.resolve(path));
                HostReply::Checksum(file.map(|file| checksum(*algorithm, &file.content)))
            }
            HostCall::Fetch { path, to } => self.fetch(path, to),
            HostCall::Many(calls) => self.many(calls),
            HostCall::Log { .. } | HostCall::Progress { .. } => HostReply::Done,
            HostCall::Render { text, name, .. } if *text == format!("{{{{ {name} | default(none) }}}}") => {
                HostReply::Value(self.about.get(name).cloned().unwrap_or_default())
            }
            HostCall::Render { text, .. } => HostReply::Value(Value::String(text.clone())),
            HostCall::ControllerFile { path, search } => self.controller_file(path, search.as_deref()),
            HostCall::ControllerRead { path, decrypt } => match self.controller.get(path) {
                Some(content) if *decrypt && content.starts_with(b"$ANSIBLE_VAULT;") => {
                    failed(&format!("decrypting {path}"), "none of the vault passwords fits")
                }
                Some(content) => HostReply::Content(Bytes(content.clone())),
                None => failed(&format!("read {path}"), "No such file or directory"),
            },
            HostCall::ControllerList { path } => self.controller_list(path),
            other => HostReply::Error(HostError::Invalid {
                reason: format!("a fake host cannot answer {other:?}"),
            }),
        }
    }

    fn exec(&mut self, exec: &Exec) -> HostReply {
        let line = line(&exec.program);
        let matches = |known: &Announced| {
            if known.part { line.contains(&known.line) } else { known.line == line }
        };
        match self.commands.iter().position(matches) {
            Some(index) if self.commands[index].once => HostReply::Exec(self.commands.remove(index).output),
            Some(index) => HostReply::Exec(self.commands[index].output.clone()),
            None => HostReply::Error(HostError::Invalid {
                reason: format!("the test announced no program `{line}`"),
            }),
        }
    }

    fn many(&mut self, calls: &[HostCall]) -> HostReply {
        let mut replies = Vec::new();
        for call in calls {
            let reply = self.answer(call);
            let failed = matches!(reply, HostReply::Error(_));
            replies.push(reply);
            if failed {
                break;
            }
        }
        HostReply::Many(replies)
    }

    fn stat(&self, path: &str, follow: bool, algorithm: Option<Algorithm>) -> HostReply {
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        let path = if follow { self.files.resolve(path) } else { path.to_owned() };
        let found = self.files.0.get(&path).map(|file| {
            let mut stat = file.stat.clone();
            stat.checksum = algorithm
                .filter(|_| stat.kind == FileKind::File)
                .map(|algorithm| checksum(algorithm, &file.content));
            Box::new(stat)
        });
        HostReply::Stat(found)
    }

    fn read(&self, path: &str, limit: u64) -> HostReply {
        match self.files.0.get(&self.files.resolve(path)) {
            Some(file) if file.content.len() as u64 > limit => HostReply::Error(HostError::TooLarge {
                path: path.to_owned(),
                size: file.content.len() as u64,
                limit,
            }),
            Some(file) => HostReply::Content(Bytes(file.content.clone())),
            None => failed(&format!("read {path}"), "No such file or directory"),
        }
    }

    fn write(&mut self, write: &WriteFile) -> HostReply {
        let content = match &write.content {
            Content::Inline(content) => Some(content.0.clone()),
            Content::Controller(path) => self.controller.get(path).cloned(),
            Content::Host(path) => self.files.0.get(&self.files.resolve(path)).map(|f| f.content.clone()),
        };
        let Some(content) = content else {
            return failed(&format!("write {}", write.path), "No such file or directory");
        };
        if let Some(validate) = &write.validate {
            let exec = Exec {
                program: Program::Shell { text: validate.clone(), executable: None },
                ..Exec::default()
            };
            match self.exec(&exec) {
                HostReply::Exec(output) if output.rc == 0 => {}
                HostReply::Exec(output) => return failed("validate", &output.stderr.to_text()),
                other => return other,
            }
        }
        let path = if write.follow { self.files.resolve(&write.path) } else { write.path.clone() };
        let old = self.files.0.get(&path).cloned();
        let mode = old.as_ref().map_or(0o644, |file| file.stat.mode);
        self.files.put(&path, FileKind::File, mode, &content);
        self.attributes(&path, &write.attributes, false);
        let backup = old.filter(|_| write.backup).map(|file| {
            let name = format!("{path}.backup~");
            self.files.put(&name, FileKind::File, file.stat.mode, &file.content);
            name
        });
        HostReply::Written(Written { backup })
    }

    fn mkdir(&mut self, path: &str, attributes: &Attributes) -> HostReply {
        if self.files.0.contains_key(path) {
            return HostReply::Done;
        }
        self.files.put(path, FileKind::Directory, 0o755, b"");
        self.attributes(path, attributes, false)
    }

    fn attributes(&mut self, path: &str, attributes: &Attributes, recursive: bool) -> HostReply {
        if !self.files.0.contains_key(path) {
            return failed(&format!("set attributes of {path}"), "No such file or directory");
        }
        let below = format!("{path}/");
        for (name, file) in &mut self.files.0 {
            if name == path || (recursive && name.starts_with(&below)) {
                set(&mut file.stat, attributes);
            }
        }
        HostReply::Done
    }

    fn fetch(&mut self, path: &str, to: &str) -> HostReply {
        match self.files.0.get(&self.files.resolve(path)) {
            Some(file) => {
                self.fetched.insert(to.to_owned(), file.content.clone());
                self.controller.insert(to.to_owned(), file.content.clone());
                HostReply::Done
            }
            None => failed(&format!("fetch {path}"), "No such file or directory"),
        }
    }

    fn controller_file(&self, path: &str, search: Option<&str>) -> HostReply {
        let bare = path.trim_end_matches('/');
        let searched = search.map(|folder| format!("/play/{folder}/{bare}"));
        let candidates = [Some(bare.to_owned()), searched];
        for path in candidates.into_iter().flatten() {
            if let Some(content) = self.controller.get(&path) {
                let sum = checksum(Algorithm::Sha1, content);
                let size = content.len() as u64;
                return HostReply::ControllerFile { path, size, is_dir: false, checksum: Some(sum) };
            }
            if self.controller.keys().any(|other| other.starts_with(&format!("{path}/"))) {
                return HostReply::ControllerFile { path, size: 0, is_dir: true, checksum: None };
            }
        }
        failed("search", &format!("Could not find or access '{path}'"))
    }

    fn controller_list(&self, folder: &str) -> HostReply {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let mut found: BTreeMap<String, FileStat> = BTreeMap::new();
        for (path, content) in &self.controller {
            let Some(rest) = path.strip_prefix(&prefix) else { continue };
            for (end, _) in rest.match_indices('/') {
                let stat = FileStat { kind: FileKind::Directory, mode: 0o755, ..FileStat::default() };
                found.insert(rest[..end].to_owned(), stat);
            }
            let stat = FileStat {
                mode: 0o644,
                size: content.len() as u64,
                checksum: Some(checksum(Algorithm::Sha1, content)),
                ..FileStat::default()
            };
            found.insert(rest.to_owned(), stat);
        }
        HostReply::List(found.into_iter().map(|(path, stat)| Entry { path, stat }).collect())
    }
}

/// Returns whether a call is about this path, or about a program with this text.
fn speaks_of(call: &HostCall, about: &str) -> bool {
    match call {
        HostCall::Exec(exec) | HostCall::JobStart { exec, .. } => line(&exec.program).contains(about),
        HostCall::Write(write) => write.path == about,
        HostCall::Rename { from, to } => from == about || to == about,
        HostCall::Stat { path, .. }
        | HostCall::Read { path, .. }
        | HostCall::ReadFrom { path, .. }
        | HostCall::SetAttributes { path, .. }
        | HostCall::Remove { path, .. }
        | HostCall::Mkdir { path, .. }
        | HostCall::Symlink { path, .. }
        | HostCall::Hardlink { path, .. }
        | HostCall::List { path, .. }
        | HostCall::Checksum { path, .. }
        | HostCall::Fetch { path, .. } => path == about,
        _ => false,
    }
}

fn set(stat: &mut FileStat, attributes: &Attributes) {
    if let Some(bits) = attributes.mode.as_deref().and_then(|mode| u32::from_str_radix(mode, 8).ok()) {
        stat.mode = bits;
    }
    if let Some(owner) = &attributes.owner {
        stat.owner = owner.clone();
    }
    if let Some(group) = &attributes.group {
        stat.group = group.clone();
    }
}

/// Returns a real SHA-1; other algorithms get a stand-in that differs when the content does.
fn checksum(algorithm: Algorithm, content: &[u8]) -> String {
    let hex: String = Sha1::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    match algorithm {
        Algorithm::Sha1 => hex,
        other => format!("{other:?}-{hex}").to_lowercase(),
    }
}

pub fn line(program: &Program) -> String {
    match program {
        Program::Argv(argv) => argv.join(" "),
        Program::Shell { text, .. } => text.clone(),
    }
}
