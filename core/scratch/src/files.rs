use std::fs;
use std::io::{Error, Read as _, Seek as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use switchover_protocol::{
    Algorithm, Attributes, Bytes, Content, Entry, Exec, FileKind, FileStat, HostError, HostReply, Program,
    WriteFile, Written,
};

use crate::ScratchHost;
use crate::stat::{checksum, stat};
use crate::whole::whole;

/// Turns an error of the file system into that of a host call.
pub(crate) fn failed(what: &str, error: &Error) -> HostReply {
    // Hosts say it without the number.
    let stderr = error.to_string().split(" (os error").next().unwrap_or_default().to_owned();
    HostReply::Error(HostError::Failed { what: what.to_owned(), rc: 1, stderr })
}

type Answer = Result<HostReply, HostReply>;

impl ScratchHost {
    pub(crate) fn stat(&self, path: &str, follow: bool, algorithm: Option<Algorithm>) -> Answer {
        let place = if follow { self.root.follow(path)? } else { self.root.place(path)? };
        let Ok(metadata) = place.symlink_metadata() else { return Ok(HostReply::Stat(None)) };
        let mut found = self.named(&place, stat(&metadata));
        found.checksum = algorithm
            .filter(|_| found.kind == FileKind::File)
            .and_then(|algorithm| checksum(&place, algorithm));
        Ok(HostReply::Stat(Some(Box::new(found))))
    }

    /// Adds owner and group as they were set, and where a link leads.
    fn named(&self, place: &Path, mut found: FileStat) -> FileStat {
        let owners = self.owners.borrow();
        let (owner, group) = owners.get(place).cloned().unwrap_or_default();
        found.owner = owner.unwrap_or_else(|| "root".into());
        found.group = group.unwrap_or_else(|| "root".into());
        if found.kind == FileKind::Link {
            let target = fs::read_link(place).ok();
            let name = |target: &Path| match target.is_absolute() {
                true => self.root.name(target),
                false => target.display().to_string(),
            };
            found.link_target = target.as_deref().map(name);
            found.link_source = place.canonicalize().ok().map(|real| self.root.name(&real));
        }
        found
    }

    pub(crate) fn read(&self, path: &str, limit: u64) -> Answer {
        let what = format!("read {path}");
        let content = whole(self.root.follow(path)?).map_err(|error| failed(&what, &error))?;
        let size = content.len() as u64;
        if size > limit {
            return Err(HostReply::Error(HostError::TooLarge { path: path.to_owned(), size, limit }));
        }
        Ok(HostReply::Content(Bytes(content)))
    }

    pub(crate) fn read_from(&self, path: &str, offset: u64, limit: u64) -> Answer {
        let mut bytes = Vec::new();
        if let Ok(mut file) = fs::File::open(self.root.follow(path)?) {
            let read = file.seek(std::io::SeekFrom::Start(offset));
            read.and_then(|_| file.take(limit).read_to_end(&mut bytes))
                .map_err(|error| failed(path, &error))?;
        }
        Ok(HostReply::Content(Bytes(bytes)))
    }

    pub(crate) fn write(&self, write: &WriteFile) -> Answer {
        let what = format!("write {}", write.path);
        let failed = |error: Error| failed(&what, &error);
        let content = match &write.content {
            Content::Inline(bytes) => bytes.0.clone(),
            Content::Controller(path) => whole(path).map_err(failed)?,
            Content::Host(path) => whole(self.root.follow(path)?).map_err(failed)?,
        };
        let place =
            if write.follow { self.root.follow(&write.path)? } else { self.root.place(&write.path)? };
        let mut beside = place.clone().into_os_string();
        beside.push(".switchover");
        let beside = Path::new(&beside);
        fs::write(beside, content).map_err(failed)?;
        if let Some(validate) = &write.validate {
            self.validate(validate, beside).inspect_err(|_| drop(fs::remove_file(beside)))?;
        }
        let mode = place.metadata().map_or(0o644, |old| old.permissions().mode() & 0o7777);
        fs::set_permissions(beside, fs::Permissions::from_mode(mode)).map_err(failed)?;
        let backup = (write.backup && place.exists()).then(|| format!("{}.backup~", place.display()));
        if let Some(backup) = &backup {
            fs::copy(&place, backup).map_err(failed)?;
        }
        fs::rename(beside, &place).map_err(failed)?;
        self.give(&place, &write.attributes)?;
        let backup = backup.map(|backup| self.root.name(Path::new(&backup)));
        Ok(HostReply::Written(Written { backup }))
    }

    fn validate(&self, command: &str, file: &Path) -> Result<(), HostReply> {
        let text = command.replace("%s", &file.display().to_string());
        let program = Program::Shell { text, executable: None };
        match self.exec(&Exec { program, ..Exec::default() })? {
            HostReply::Exec(output) if output.rc != 0 => Err(HostReply::Error(HostError::Failed {
                what: "validate".into(),
                rc: output.rc,
                stderr: output.stderr.to_text(),
            })),
            _ => Ok(()),
        }
    }

    pub(crate) fn set_attributes(
        &self,
        path: &str,
        attributes: &Attributes,
        recursive: bool,
        follow: bool,
    ) -> Answer {
        let place = if follow { self.root.follow(path)? } else { self.root.place(path)? };
        self.give(&place, attributes)?;
        if recursive {
            for below in walk(&place, true).map_err(|error| failed(path, &error))? {
                self.give(&below, attributes)?;
            }
        }
        Ok(HostReply::Done)
    }

    /// Owners are remembered; modes are real.
    fn give(&self, place: &Path, attributes: &Attributes) -> Result<(), HostReply> {
        let what = format!("set attributes of {}", self.root.name(place));
        let metadata = place.metadata().map_err(|error| failed(&what, &error))?;
        if let Some(mode) = &attributes.mode {
            let mode = match u32::from_str_radix(mode, 8) {
                Ok(bits) => bits,
                Err(_) => return self.chmod(mode, place),
            };
            if metadata.permissions().mode() & 0o7777 != mode {
                fs::set_permissions(place, fs::Permissions::from_mode(mode))
                    .map_err(|error| failed(&what, &error))?;
            }
        }
        let mut owners = self.owners.borrow_mut();
        let entry = owners.entry(place.to_owned()).or_default();
        entry.0 = attributes.owner.clone().or_else(|| entry.0.take());
        entry.1 = attributes.group.clone().or_else(|| entry.1.take());
        Ok(())
    }

    /// The symbolic form means what the program of this machine says that it means.
    fn chmod(&self, mode: &str, place: &Path) -> Result<(), HostReply> {
        let argv = ["chmod", "--", mode, &place.display().to_string()].map(str::to_owned).to_vec();
        let program = Program::Argv(argv);
        match crate::programs::run(&Exec { program, ..Exec::default() }, &self.root.0) {
            HostReply::Exec(output) if output.rc == 0 => Ok(()),
            HostReply::Exec(output) => {
                let stderr = output.stderr.to_text();
                Err(HostReply::Error(HostError::Failed {
                    what: format!("chmod {mode}"),
                    rc: output.rc,
                    stderr,
                }))
            }
            other => Err(other),
        }
    }

    pub(crate) fn remove(&self, path: &str, recursive: bool) -> Answer {
        let place = self.root.place(path)?;
        let removed = match place.symlink_metadata() {
            Err(_) => Ok(()),
            Ok(metadata) if metadata.is_dir() && recursive => fs::remove_dir_all(&place),
            Ok(metadata) if metadata.is_dir() => fs::remove_dir(&place),
            Ok(_) => fs::remove_file(&place),
        };
        removed.map(|()| HostReply::Done).map_err(|error| failed(&format!("remove {path}"), &error))
    }

    pub(crate) fn mkdir(&self, path: &str, attributes: &Attributes) -> Answer {
        let place = self.root.follow(path)?;
        let missing: Vec<_> = place.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(|error| failed(&format!("mkdir {path}"), &error))?;
            self.give(folder, attributes)?;
        }
        Ok(HostReply::Done)
    }

    pub(crate) fn link(&self, target: &str, path: &str, force: bool, hard: bool) -> Answer {
        let place = self.root.place(path)?;
        let what = format!("link {path}");
        if force && place.symlink_metadata().is_ok_and(|old| !old.is_dir()) {
            fs::remove_file(&place).map_err(|error| failed(&what, &error))?;
        }
        let made = if hard {
            fs::hard_link(self.root.follow(target)?, &place)
        } else if target.starts_with('/') {
            symlink(self.root.place(target)?, &place)
        } else {
            symlink(target, &place)
        };
        made.map(|()| HostReply::Done).map_err(|error| failed(&what, &error))
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> Answer {
        let (old, new) = (self.root.place(from)?, self.root.place(to)?);
        fs::rename(&old, &new).map_err(|error| failed(&format!("rename {from}"), &error))?;
        let mut owners = self.owners.borrow_mut();
        if let Some(known) = owners.remove(&old) {
            owners.insert(new, known);
        }
        Ok(HostReply::Done)
    }

    pub(crate) fn list(&self, path: &str, recursive: bool) -> Answer {
        let place = self.root.follow(path)?;
        let found = walk(&place, recursive).map_err(|error| failed(&format!("list {path}"), &error))?;
        let entry = |place: &std::path::PathBuf| {
            let metadata = place.symlink_metadata().ok()?;
            Some(Entry { path: self.root.name(place), stat: self.named(place, stat(&metadata)) })
        };
        Ok(HostReply::List(found.iter().filter_map(entry).collect()))
    }

    pub(crate) fn checksum(&self, path: &str, algorithm: Algorithm) -> Answer {
        Ok(HostReply::Checksum(checksum(&self.root.follow(path)?, algorithm)))
    }
}

/// Returns what lies below a folder, sorted; links are not followed.
fn walk(folder: &Path, recursive: bool) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if recursive && path.symlink_metadata()?.is_dir() {
            found.extend(walk(&path, true)?);
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}
