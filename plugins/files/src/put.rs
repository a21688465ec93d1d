use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, HostCall};

use crate::attributes::Wanted;
use crate::diff;
use crate::plan::Plan;
use crate::source::Source;
use crate::steps;

/// One file to be put on the host: what `copy`, `template` and `assemble` share.
pub struct Put<'a> {
    pub source: Source,
    /// The name it gets when `dest` is a folder; without one, `dest` must be the file itself.
    pub name: Option<String>,
    pub dest: &'a str,
    pub wanted: Wanted,
    /// What folders get that have to be made for a `dest` that ends with a slash.
    pub folders: Wanted,
    /// Replaces a file that differs.
    pub force: bool,
    pub backup: bool,
    pub validate: Option<&'a str>,
    /// Writes to what a link leads to, instead of replacing the link.
    pub follow: bool,
    /// The SHA-1 that the source must have.
    pub expected: Option<&'a str>,
}

/// The path that the file gets, and what is there.
struct Place {
    path: String,
    stat: Option<FileStat>,
    /// A link stands there that is to be replaced.
    replaces_link: bool,
    /// A folder that has to be made first.
    make: Option<String>,
}

impl Put<'_> {
    /// Looks and plans; the answer of `check`.
    pub fn check(&self, host: &Host) -> Result<Delta, Failure> {
        self.refuse()?;
        let place = self.place(host)?;
        let mut plan = Plan::default();
        plan.key("dest", place.path.clone());
        if place.stat.is_some() && !self.force {
            plan.key("src", self.source.label.clone());
            return Ok(plan.delta(None));
        }
        plan.key("checksum", self.source.checksum.clone());
        let same = place.stat.as_ref().and_then(|stat| stat.checksum.as_ref()) == Some(&self.source.checksum);
        match &place.stat {
            Some(stat) if same && !place.replaces_link => {
                let path = place.path.clone();
                plan.key("path", place.path.clone());
                let difference = self.wanted.difference(stat)?;
                if !difference.is_empty() {
                    plan.changes.push(difference.change(&path));
                    let attributes = difference.attributes;
                    plan.calls.push(HostCall::SetAttributes {
                        path,
                        attributes,
                        recursive: false,
                        follow: true,
                    });
                }
                plan.told = Some((place.path.clone(), true));
                Ok(plan.delta(Some(stat)))
            }
            _ => self.write(plan, place, host),
        }
    }

    fn refuse(&self) -> Result<(), Failure> {
        if let Some(expected) = self.expected.filter(|expected| *expected != self.source.checksum) {
            let msg = "Copied file does not match the expected checksum. Transfer failed.";
            let failure = Failure::new(msg).with("checksum", self.source.checksum.clone());
            return Err(failure.with("expected_checksum", expected));
        }
        match self.validate {
            Some(command) if !command.contains("%s") => {
                Err(Failure::new(format!("validate must contain %s: {command}")))
            }
            _ => Ok(()),
        }
    }

    fn place(&self, host: &Host) -> Result<Place, Failure> {
        let folder = self.dest.trim_end_matches('/');
        let folder = if folder.is_empty() { "/" } else { folder };
        let inside = self.name.as_ref().map(|name| format!("{}/{name}", folder.trim_end_matches('/')));
        let sum = Some(Algorithm::Sha1);
        match (&inside, self.dest.ends_with('/')) {
            (None, true) => Err(Failure::new("can not use content with a dir as dest")),
            (Some(inside), true) => {
                let calls = vec![steps::stat(inside, false, sum), steps::stat(folder, true, None)];
                let mut stats = steps::stats(calls, host)?;
                let make = stats.pop().flatten().is_none().then(|| folder.to_owned());
                self.at(inside.clone(), stats.pop().flatten(), make, host)
            }
            (_, false) => {
                let (parent, _) = steps::split(self.dest);
                let mut calls = vec![steps::stat(self.dest, false, sum), steps::stat(parent, true, None)];
                calls.extend(inside.iter().map(|path| steps::stat(path, false, sum)));
                let mut stats = steps::stats(calls, host)?.into_iter();
                let (dest, parent_stat) = (stats.next().flatten(), stats.next().flatten());
                let is_folder = self.is_folder(dest.as_ref(), host)?;
                match inside {
                    Some(inside) if is_folder => self.at(inside, stats.next().flatten(), None, host),
                    None if is_folder => Err(Failure::new("can not use content with a dir as dest")),
                    _ if parent_stat.is_none() && !host.about.check_mode => Err(self.no_folder(parent)),
                    _ => self.at(self.dest.to_owned(), dest, None, host),
                }
            }
        }
    }

    /// In check mode a step before this one may only have said that it would make the folder.
    fn no_folder(&self, folder: &str) -> Failure {
        Failure::new(format!("Destination directory {folder} does not exist"))
            .with("checksum", self.source.checksum.clone())
    }

    fn is_folder(&self, stat: Option<&FileStat>, host: &Host) -> Result<bool, Failure> {
        match stat {
            Some(stat) if stat.kind == FileKind::Link => {
                let target = host.stat_with(self.dest, true, None)?;
                Ok(target.is_some_and(|target| target.kind == FileKind::Directory))
            }
            stat => Ok(stat.is_some_and(|stat| stat.kind == FileKind::Directory)),
        }
    }

    fn at(
        &self,
        path: String,
        stat: Option<FileStat>,
        make: Option<String>,
        host: &Host,
    ) -> Result<Place, Failure> {
        match stat {
            Some(stat) if stat.kind == FileKind::Link => {
                let target = host.stat_with(&path, true, Some(Algorithm::Sha1))?;
                match (self.follow, target, &stat.link_source) {
                    (true, Some(target), Some(source)) => {
                        Ok(Place { path: source.clone(), stat: Some(target), replaces_link: false, make })
                    }
                    // A link to nothing is replaced even when it would be followed, as Ansible does.
                    (_, target, _) => {
                        Ok(Place { path, stat: target.or(Some(stat)), replaces_link: true, make })
                    }
                }
            }
            Some(stat) if stat.kind == FileKind::Directory => {
                Err(Failure::new(format!("Cannot overwrite the folder {path} with a file"))
                    .with("dest", path))
            }
            stat => Ok(Place { path, stat, replaces_link: false, make }),
        }
    }

    fn write(&self, mut plan: Plan, place: Place, host: &Host) -> Result<Delta, Failure> {
        if let Some(folder) = &place.make {
            let attributes = self.folders.for_new(true)?;
            plan.calls.push(HostCall::Mkdir { path: folder.clone(), attributes });
        }
        let attributes = match &place.stat {
            Some(stat) if !place.replaces_link => self.wanted.difference(stat)?.attributes,
            _ => self.wanted.for_new(false)?,
        };
        plan.calls.push(HostCall::Write(WriteFile {
            path: place.path.clone(),
            content: self.source.content.clone(),
            attributes,
            backup: self.backup,
            validate: self.validate.map(str::to_owned),
            follow: false,
        }));
        plan.key("src", self.source.label.clone());
        plan.changes.push(self.change(&place, host)?);
        if host.about.diff {
            plan.key("diff", diff::list(&plan.changes));
        }
        plan.told = Some((place.path.clone(), true));
        plan.md5_of = Some(place.path);
        Ok(plan.delta(None))
    }

    /// Returns the difference of the contents, read only when it will be shown.
    fn change(&self, place: &Place, host: &Host) -> Result<Change, Failure> {
        let unread = |why: &str| Change { what: format!("{}{why}", place.path), ..Change::default() };
        if !host.about.diff {
            return Ok(unread(""));
        }
        if self.source.secret {
            return Ok(unread(" (encrypted on the controller, not shown)"));
        }
        let before = match &place.stat {
            Some(stat) if stat.kind == FileKind::File && stat.size > diff::LIMIT as u64 => None,
            Some(stat) if stat.kind == FileKind::File => Some(host.read(&place.path)?.0),
            _ => Some(Vec::new()),
        };
        let before_header = place.stat.as_ref().map_or_else(String::new, |_| place.path.clone());
        let headers = (before_header, self.source.title(&place.path).to_owned());
        Ok(match (before, self.source.bytes(host)?) {
            (Some(before), Some(after)) => diff::content(&place.path, &before, &after, headers),
            _ => unread(" (larger than 100 KiB)"),
        })
    }
}
