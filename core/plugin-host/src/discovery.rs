use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::child::{Child, Patience};
use crate::descriptions::{Descriptions, Kept, sha256};
use crate::library::Library;
use crate::lock::{Lock, Locked};
use crate::own::Own;
use crate::plugin::{Place, stem};
use crate::stamp::Stamp;
use crate::trust::Operator;
use crate::{Plugin, PluginError, elf};

/// How many libraries are asked at once when they are new.
const ASKED_AT_ONCE: usize = 4;

/// Where plugins are looked for, and how they are run.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// In order; see [`default_folders`](crate::default_folders).
    pub folders: Vec<PathBuf>,
    /// The folders of plugins that came with the program; see [`own_folders`](crate::own_folders). The names of their
    /// modules are nobody else's. Empty: nobody came first.
    pub own: Vec<PathBuf>,
    /// The program that is a plugin's own process when its first argument is [`CHILD_ARGUMENT`](crate::CHILD_ARGUMENT).
    /// Without one a library that is new is asked in this process, which it may take with it.
    pub child: Option<PathBuf>,
    /// Where descriptions are kept between runs.
    pub cache: Option<PathBuf>,
    pub isolation: Isolation,
    /// The folder whose `plugins.lock` is for all plugins; that of a folder of plugins is for those in it.
    pub project: Option<PathBuf>,
}

/// Which plugins run in processes of their own, besides those that a lock names. What is said of none: those that did
/// not come with the program, since only a process of its own can be ended without an end of the run.
#[derive(Clone, Debug, Default)]
pub struct Isolation {
    pub all: bool,
    /// None but those that are named.
    pub none: bool,
    /// Names of plugins (`hello` of `libswitchover_hello.so`) or of their modules.
    pub names: Vec<String>,
}

impl Discovery {
    /// Returns one that looks in these folders, asks within this process and keeps nothing.
    pub fn in_process(folders: &[PathBuf]) -> Self {
        Self { folders: folders.to_vec(), ..Self::default() }
    }

    /// Loads the files that were found, several at once; the results are in the order of the files.
    pub(crate) fn load(
        &self,
        files: &[PathBuf],
        you: &Operator,
        own: &Own,
    ) -> Vec<Result<Plugin, PluginError>> {
        let locks = match self.locks(files) {
            Ok(locks) => locks,
            Err(problem) => return vec![Err(problem)],
        };
        let kept = Descriptions { folder: self.cache.as_deref(), you };
        let load = |file: &PathBuf| Loading { discovery: self, kept, own, locks: &locks, file }.load(you);
        if self.child.is_none() {
            return files.iter().map(load).collect();
        }
        let next = Mutex::new(files.iter().enumerate());
        let results = Mutex::new(Vec::new());
        // Most descriptions are kept, and a thread costs more than reading one.
        let is_new = |file: &&PathBuf| {
            file.metadata().is_ok_and(|now| kept.get(file, &Stamp::of(&now)).description.is_none())
        };
        let threads = files.iter().filter(is_new).take(ASKED_AT_ONCE).count().max(1);
        let work = || {
            while let Some((index, file)) = { next.lock().ok().and_then(|mut files| files.next()) } {
                let result = load(file);
                if let Ok(mut results) = results.lock() {
                    results.push((index, result));
                }
            }
        };
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        let mut results = results.into_inner().unwrap_or_default();
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| result).collect()
    }

    fn locks(&self, files: &[PathBuf]) -> Result<Vec<(Option<PathBuf>, Lock)>, PluginError> {
        let mut locks = Vec::new();
        if let Some(lock) = self.project.as_deref().map(Lock::read).transpose()?.flatten() {
            locks.push((None, lock));
        }
        let mut folders: Vec<&Path> = files.iter().filter_map(|file| file.parent()).collect();
        folders.dedup();
        for folder in folders {
            if self.project.as_deref().and_then(|project| project.canonicalize().ok()).as_deref()
                == Some(folder)
            {
                continue;
            }
            locks.extend(Lock::read(folder)?.map(|lock| (Some(folder.to_owned()), lock)));
        }
        Ok(locks)
    }

    fn isolates(&self, plugin: &Plugin, own: &Own) -> bool {
        let is_named = |name: &str| self.isolation.names.iter().any(|wanted| wanted == name);
        self.isolation.all
            || (own.excludes(&plugin.file) && !self.isolation.none)
            || is_named(plugin.stem())
            || is_named(&plugin.name)
            || plugin
                .modules
                .iter()
                .any(|spec| is_named(&spec.name) || spec.aliases.iter().any(|a| is_named(a)))
    }
}

/// One file on its way to being a plugin.
struct Loading<'a> {
    discovery: &'a Discovery,
    kept: Descriptions<'a>,
    own: &'a Own,
    locks: &'a [(Option<PathBuf>, Lock)],
    file: &'a Path,
}

impl Loading<'_> {
    fn load(&self, you: &Operator) -> Result<Plugin, PluginError> {
        judge(self.file, you)?;
        let unreadable = |source| PluginError::Unreadable { path: self.file.to_owned(), source };
        let stamp = Stamp::of(&self.file.metadata().map_err(unreadable)?);
        let mut kept = self.kept.get(self.file, &stamp);
        let known = |kept: &Kept| (kept.description.is_some(), kept.sha256.is_some(), kept.hangs);
        let was_known = known(&kept);
        let is_apart = self.locked(&mut kept)?.iter().any(|entry| entry.isolated);
        let result = self.plugin(&stamp, &mut kept, is_apart);
        if was_known != known(&kept) {
            self.kept.put(self.file, &stamp, &kept);
        }
        result
    }

    /// Returns what the locks say of the file; fails when it is not what they say.
    fn locked(&self, kept: &mut Kept) -> Result<Vec<&Locked>, PluginError> {
        let is_meant = |folder: &Option<PathBuf>| folder.is_none() || folder.as_deref() == self.file.parent();
        let mut entries = Vec::new();
        for (_, lock) in self.locks.iter().filter(|(folder, _)| is_meant(folder)) {
            if kept.sha256.is_none() {
                let unreadable = |source| PluginError::Unreadable { path: self.file.to_owned(), source };
                kept.sha256 = Some(sha256(self.file).map_err(unreadable)?);
            }
            entries.push(lock.find(
                self.file,
                stem(self.file),
                kept.sha256.as_deref().unwrap_or_default(),
            )?);
        }
        Ok(entries)
    }

    fn plugin(&self, stamp: &Stamp, kept: &mut Kept, is_apart: bool) -> Result<Plugin, PluginError> {
        let Some(program) = &self.discovery.child else {
            return self.asked_here(stamp);
        };
        let mut first = None;
        if kept.description.is_none() {
            elf::inspect(self.file)?;
            if kept.hangs {
                return Err(PluginError::Hung { file: self.file.to_owned() });
            }
            let started = Child::start(program, self.file, Patience::default());
            // What came with the program is asked again: the machine was too busy.
            kept.hangs = matches!(started, Err(PluginError::Hangs { .. })) && self.own.excludes(self.file);
            let (child, description) = started?;
            first = Some(child);
            kept.description = Some(description);
        }
        let description = kept.description.as_deref().unwrap_or_default();
        let plugin = Plugin::described(self.file, description, Place::here(stamp.clone()))?;
        if is_apart || self.discovery.isolates(&plugin, self.own) {
            return Ok(plugin.moved(Place::apart(program.clone(), first)));
        }
        Ok(plugin)
    }

    fn asked_here(&self, stamp: &Stamp) -> Result<Plugin, PluginError> {
        elf::inspect(self.file)?;
        let library = Library::open(self.file)?;
        let description = library
            .describe()
            .map_err(|source| PluginError::Describe { file: self.file.to_owned(), source })?;
        Plugin::described(self.file, &description, Place::loaded(stamp.clone(), library))
    }
}

/// Refuses a file that others could have changed, or that is none.
pub(crate) fn judge(file: &Path, you: &Operator) -> Result<(), PluginError> {
    if let Some(folder) = file.parent() {
        you.judge_folder(folder)?;
    }
    if !file.is_file() {
        // A pipe or device would block or act when opened.
        return Err(PluginError::NotALibrary { file: file.to_owned(), why: "it is not a regular file" });
    }
    you.judge_file(file)
}
