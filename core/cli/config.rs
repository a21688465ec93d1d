//! Ansible's configuration: `ansible.cfg` and `ANSIBLE_*`, by the settings of one table.

mod file;
mod others;
mod setting;
mod table;
mod value;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use switchover_syntax::{Diagnostic, Source, Span};

use file::File;
use others::OTHERS;
pub use setting::{Here, Kind, Setting};
use table::SETTINGS;

/// Returns every setting of Ansible's that is known.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().chain(OTHERS)
}

/// The configuration of a run: the environment's word before the file's.
pub struct Config {
    /// The file that was read.
    pub file: Option<PathBuf>,
    read: File,
    /// What is odd about the configuration, and what it asks for in vain.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads the file that Ansible would read, and holds every setting against its form.
    pub fn load() -> Result<Self, Vec<Diagnostic>> {
        let mut warnings = Vec::new();
        let file = find(&mut warnings);
        let read = match &file {
            None => File::default(),
            Some(path) => match std::fs::read_to_string(path) {
                Ok(text) => File::parse(path, text)?,
                Err(error) => return Err(vec![unreadable(path, &error)]),
            },
        };
        let mut config = Self { file, read, warnings };
        config.check()?;
        config.note_unknown();
        config.note_ignored();
        Ok(config)
    }

    /// Returns a setting as text; nothing when nobody says anything and there is no default.
    pub fn text(&self, name: &str) -> Option<String> {
        let setting = setting(name);
        let given = self.given(setting).map(|given| given.value);
        given.or_else(|| (!setting.default.is_empty()).then(|| setting.default.to_owned()))
    }

    /// Returns a setting that is on or off.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| value::flag(&text).unwrap_or(false))
    }

    /// Returns a number; a wrong one was refused before.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name).and_then(|text| text.trim().parse().ok())
    }

    /// Returns the words of a setting with commas between them.
    pub fn words(&self, name: &str) -> Vec<String> {
        self.text(name).map(|text| value::words(&text)).unwrap_or_default()
    }

    /// Returns a path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let setting = setting(name);
        let folder = self.given(setting).and_then(|given| given.folder);
        self.text(name).map(|text| value::path(&text, folder.as_deref()))
    }

    /// Returns paths with colons between them.
    pub fn paths(&self, name: &str) -> Vec<PathBuf> {
        let folder = self.given(setting(name)).and_then(|given| given.folder);
        let text = self.text(name).unwrap_or_default();
        let parts = text.split(':').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| value::path(part, folder.as_deref())).collect()
    }

    /// Returns inventory sources: paths or lists of hosts.
    pub fn sources(&self, name: &str) -> Option<Vec<String>> {
        let given = self.given(setting(name))?;
        let folder = given.folder.as_deref();
        let parts = given.value.split(',').map(str::trim).filter(|part| !part.is_empty());
        Some(parts.map(|part| value::path(part, folder).to_string_lossy().into_owned()).collect())
    }

    /// Returns whether the environment or the file says anything of a setting.
    pub fn says(&self, name: &str) -> bool {
        self.given(setting(name)).is_some()
    }

    /// Returns every setting that has a value here, for `lookup('config', ...)`.
    pub fn values(&self) -> Vec<(String, serde_json::Value)> {
        let known = settings().filter(|setting| !matches!(setting.here, Here::Moot(_)));
        known.map(|setting| (setting.name.to_owned(), self.json(setting))).collect()
    }

    /// Returns who set a setting: a variable or the file.
    pub fn origin(&self, name: &str) -> Option<String> {
        let setting = setting(name);
        let variable = setting.env.iter().find(|name| std::env::var_os(name).is_some());
        match (variable, self.given(setting)?) {
            (Some(name), _) => Some(format!("env: {name}")),
            (None, _) => Some(self.read.path.display().to_string()),
        }
    }

    fn json(&self, setting: &Setting) -> serde_json::Value {
        let name = setting.name;
        let paths = |paths: Vec<PathBuf>| paths.iter().map(|path| path.to_string_lossy()).collect();
        match setting.kind {
            Kind::Flag => self.flag(name).into(),
            Kind::Number => self.number(name).into(),
            Kind::Words => self.words(name).into(),
            Kind::Path => self.path(name).map(|path| path.to_string_lossy().into_owned()).into(),
            Kind::Paths => paths(self.paths(name)),
            Kind::Sources => self.sources(name).unwrap_or_else(|| vec![setting.default.to_owned()]).into(),
            Kind::Text | Kind::Choice(_) => self.text(name).into(),
        }
    }

    fn given(&self, setting: &Setting) -> Option<Given> {
        let named = setting.env.iter().find_map(|name| Some((name, std::env::var(name).ok()?)));
        if let Some((name, value)) = named {
            let source = Source::new("<environment>", format!("{name}={value}"));
            let span = Span::new(&source, 0, source.text.len() as u32);
            return Some(Given { value: value::unquoted(&value).to_owned(), folder: None, span });
        }
        let entry = setting.keys.iter().find_map(|(section, key)| self.read.get(section, key))?;
        let value = value::unquoted(&entry.value).to_owned();
        Some(Given { value, folder: self.read.path.parent().map(Path::to_owned), span: entry.span.clone() })
    }

    fn check(&self) -> Result<(), Vec<Diagnostic>> {
        let used = settings().filter(|setting| setting.here == Here::Used);
        let wrong: Vec<Diagnostic> = used
            .filter_map(|setting| {
                let given = self.given(setting)?;
                let problem = value::problem(setting.kind, &given.value)?;
                let text = format!("`{}` of the setting {} {problem}", given.value, setting.name);
                Some(Diagnostic::error("config::value", text, &given.span))
            })
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn note_ignored(&mut self) {
        for setting in settings() {
            let (Here::Ignored(why), Some(given)) = (setting.here, self.given(setting)) else { continue };
            let same = match setting.kind {
                Kind::Flag => value::flag(&given.value) == value::flag(setting.default),
                _ => given.value == setting.default,
            };
            if !same {
                self.warnings.push(format!("the setting {} is not followed: {why}", setting.name));
            }
        }
    }

    fn note_unknown(&mut self) {
        let known =
            |section: &str, key: &str| settings().any(|setting| setting.keys.contains(&(section, key)));
        // What other tools of Ansible read stands in sections of their own.
        let ours =
            |section: &str| !matches!(section, "galaxy" | "colors" | "persistent_connection" | "selinux");
        let mut ignored: Vec<String> = self
            .read
            .entries
            .iter()
            .filter(|entry| ours(&entry.section) && !known(&entry.section, &entry.key))
            .map(|entry| format!("{} of [{}]", entry.key, entry.section))
            .collect();
        ignored.dedup();
        if !ignored.is_empty() {
            let path = self.read.path.display();
            self.warnings.push(format!("{path}: these settings are ignored: {}", ignored.join(", ")));
        }
    }
}

/// Returns a path that somebody typed, with `~` and `$NAME` filled in.
pub fn expanded(path: &str) -> PathBuf {
    value::path(path, None)
}

/// Returns a truth in Ansible's words.
pub fn truth(text: &str) -> Option<bool> {
    value::flag(text)
}

/// What somebody said of a setting, and the folder that its relative paths are beside.
struct Given {
    value: String,
    folder: Option<PathBuf>,
    span: Span,
}

fn setting(name: &str) -> &'static Setting {
    settings().find(|setting| setting.name == name).expect("callers name settings of the table")
}

/// Returns the first of `ANSIBLE_CONFIG`, `./ansible.cfg`, `~/.ansible.cfg` and `/etc/ansible/ansible.cfg` that is there.
fn find(warnings: &mut Vec<String>) -> Option<PathBuf> {
    let named = std::env::var_os("ANSIBLE_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(path) = named {
        let path = value::path(&path.to_string_lossy(), None);
        let path = if path.is_dir() { path.join("ansible.cfg") } else { path };
        if path.exists() {
            return std::path::absolute(path).ok();
        }
    }
    let here = std::env::current_dir().ok();
    if let Some(path) = here.map(|here| here.join("ansible.cfg")).filter(|path| path.exists()) {
        if !is_open_to_all(path.parent().unwrap_or(Path::new("/"))) {
            return Some(path);
        }
        warnings.push(format!(
            "anybody may write in {}: its ansible.cfg is not read (set ANSIBLE_CONFIG to read it)",
            path.parent().unwrap_or(Path::new("/")).display()
        ));
    }
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".ansible.cfg"));
    let system = Some(PathBuf::from("/etc/ansible/ansible.cfg"));
    [home, system].into_iter().flatten().find(|path| path.exists())
}

/// Whoever may write into the folder could choose what is run.
fn is_open_to_all(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o002 != 0)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    crate::problems::general("config::unreadable", format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::settings;

    /// The names that `ansible-config list` prints.
    const NAMES: &str = include_str!("config/names.txt");

    #[test]
    fn every_setting_of_ansible_is_followed_or_has_its_reason() {
        let missing: Vec<&str> =
            NAMES.lines().filter(|name| !settings().any(|setting| setting.name == *name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn no_setting_is_there_twice() {
        let mut names: Vec<&str> = settings().map(|setting| setting.name).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
