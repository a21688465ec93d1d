//! Reading of ssh's configuration files, as far as it matters for us (ssh_config(5)).

use std::path::{Path, PathBuf};

use super::pattern;
use super::settings::{Fate, fate};
use crate::ConnectError;

/// Includes deeper than this are taken for a circle, as in ssh.
const DEPTH: usize = 16;

/// The lines of one or more files, in order.
#[derive(Debug, Default)]
pub(super) struct Config {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    file: PathBuf,
    number: usize,
    /// The condition of the file that included this one, then its own blocks: all must hold.
    within: Vec<Condition>,
    key: String,
    value: String,
}

#[derive(Clone, Debug)]
enum Condition {
    Host(Vec<String>),
    Match { words: Vec<String>, file: PathBuf, number: usize },
}

/// The settings that hold for one host: the first of each name, and every identity file.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pairs: Vec<(String, String)>,
    /// Names of settings in files that are not supported, for when the connection fails.
    pub passed_over: Vec<String>,
}

/// What a `Match` line may ask about.
pub(super) struct Asker<'a> {
    pub host: &'a str,
    pub user: Option<&'a str>,
    pub local_user: &'a str,
}

impl Config {
    /// Reads a file and what it includes; one that is not there is empty unless `required`.
    pub(super) fn read(&mut self, file: &Path, home: &Path, required: bool) -> Result<(), ConnectError> {
        match std::fs::read_to_string(file) {
            Ok(text) => self.parse(&text, file, home, &[], 0),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => Ok(()),
            Err(error) => Err(ConnectError::File { file: file.to_owned(), reason: error.to_string() }),
        }
    }

    fn parse(
        &mut self,
        text: &str,
        file: &Path,
        home: &Path,
        outer: &[Condition],
        depth: usize,
    ) -> Result<(), ConnectError> {
        let mut block = None;
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let Some((key, value)) = key_and_value(line) else { continue };
            let words =
                || crate::words::split(&value).ok_or_else(|| fault(file, number, "it has an open quote"));
            match key.as_str() {
                "host" => block = Some(Condition::Host(words()?)),
                "match" => block = Some(Condition::Match { words: words()?, file: file.to_owned(), number }),
                "include" => {
                    let within: Vec<_> = outer.iter().chain(&block).cloned().collect();
                    if depth >= DEPTH {
                        return Err(fault(file, number, "files include each other too deeply"));
                    }
                    for word in words()? {
                        for included in included(&word, file, home) {
                            if let Ok(text) = std::fs::read_to_string(&included) {
                                self.parse(&text, &included, home, &within, depth + 1)?;
                            }
                        }
                    }
                }
                _ => self.lines.push(Line {
                    file: file.to_owned(),
                    number,
                    within: outer.iter().chain(&block).cloned().collect(),
                    key,
                    value,
                }),
            }
        }
        Ok(())
    }

    /// Returns the settings for a host; those of `first` come before the files.
    pub(super) fn look_up(
        &self,
        first: &[(String, String)],
        asker: &Asker<'_>,
    ) -> Result<Settings, ConnectError> {
        let mut settings = Settings { pairs: first.to_vec(), passed_over: Vec::new() };
        for line in &self.lines {
            if !holds(&line.within, &settings, asker)? {
                continue;
            }
            match fate(&line.key, &line.value) {
                Fate::Used => settings.pairs.push((line.key.clone(), line.value.clone())),
                Fate::Refused(why) if line.key == "proxycommand" => {
                    // An earlier ProxyJump makes ssh pass over a later ProxyCommand.
                    if settings.get("proxyjump").is_none() {
                        return Err(fault(&line.file, line.number, why));
                    }
                }
                Fate::Refused(_) | Fate::Unknown => settings.passed_over.push(line.key.clone()),
                Fate::Harmless => {}
            }
        }
        Ok(settings)
    }
}

impl Settings {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Returns the value of a setting that is a number; `none` is as good as absent.
    pub(super) fn number<N: std::str::FromStr>(&self, key: &str) -> Result<Option<N>, ConnectError> {
        let Some(text) = self.get(key).filter(|text| *text != "none") else { return Ok(None) };
        let bad = |_| ConnectError::Config { reason: format!("ssh setting {key} cannot be {text:?}") };
        text.parse().map(Some).map_err(bad)
    }

    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

fn key_and_value(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end =
        line.find(|character: char| character.is_whitespace() || character == '=').unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim();
    let is_list = matches!(
        key.to_ascii_lowercase().as_str(),
        "host" | "match" | "include" | "userknownhostsfile" | "globalknownhostsfile"
    );
    let value = match rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if !is_list && !inner.contains('"') => inner,
        _ => rest,
    };
    Some((key.to_ascii_lowercase(), value.to_owned()))
}

fn holds(conditions: &[Condition], settings: &Settings, asker: &Asker<'_>) -> Result<bool, ConnectError> {
    for condition in conditions {
        let holds = match condition {
            Condition::Host(patterns) => {
                pattern::list_matches(patterns.iter().map(String::as_str), asker.host)
            }
            Condition::Match { words, file, number } => matches(words, file, *number, settings, asker)?,
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Looks at the words of a `Match` line in order, and no further than the first that does not hold.
fn matches(
    words: &[String],
    file: &Path,
    number: usize,
    settings: &Settings,
    asker: &Asker<'_>,
) -> Result<bool, ConnectError> {
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let (negated, word) = match word.strip_prefix('!') {
            Some(word) => (true, word),
            None => (false, word),
        };
        let lower = word.to_ascii_lowercase();
        let holds = match lower.as_str() {
            // There is no second pass here, so what waits for it is read in the first.
            "all" | "final" => true,
            "canonical" => false,
            "host" | "originalhost" | "user" | "localuser" => {
                let text = match lower.as_str() {
                    "host" => settings.get("hostname").unwrap_or(asker.host),
                    "originalhost" => asker.host,
                    "user" => asker.user.or_else(|| settings.get("user")).unwrap_or(asker.local_user),
                    _ => asker.local_user,
                };
                let list =
                    words.next().ok_or_else(|| fault(file, number, "a value is missing after Match"))?;
                pattern::list_matches(list.split(','), text)
            }
            _ => {
                let why = format!(
                    "`Match {word}` is not supported; use `Host`, or give the settings in the inventory and another \
                     file with -F"
                );
                return Err(fault(file, number, &why));
            }
        };
        if holds == negated {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the files of an `Include` word. Only `*` and `?` in the last part of a path are wild.
fn included(word: &str, from: &Path, home: &Path) -> Vec<PathBuf> {
    let path = match word.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None if word.starts_with('/') => PathBuf::from(word),
        None if from.starts_with("/etc/ssh") => Path::new("/etc/ssh").join(word),
        None => home.join(".ssh").join(word),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(folder) = path.parent().filter(|_| name.contains(['*', '?'])) else { return vec![path] };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let fits = |path: &PathBuf| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        !file.starts_with('.') && pattern::matches(&name, &file)
    };
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(fits).collect();
    files.sort();
    files
}

fn fault(file: &Path, number: usize, why: &str) -> ConnectError {
    ConnectError::File { file: file.to_owned(), reason: format!("line {number}: {why}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_up(text: &str, host: &str) -> Result<Settings, ConnectError> {
        let mut config = Config::default();
        config.parse(text, Path::new("/c"), Path::new("/home/me"), &[], 0)?;
        config.look_up(&[], &Asker { host, user: None, local_user: "me" })
    }

    #[test]
    fn the_first_value_wins_and_identity_files_add_up() {
        let text = "Port=2200\nHost web* !web9\n  HostName \"%h.example.org\"\n  IdentityFile ~/.ssh/a\n\
            Host *\n  Port 22\n  User bob # no comment in ssh\n  IdentityFile b\n";
        let settings = look_up(text, "web1").unwrap();
        assert_eq!((settings.get("port"), settings.get("hostname")), (Some("2200"), Some("%h.example.org")));
        assert_eq!(settings.all("identityfile").collect::<Vec<_>>(), ["~/.ssh/a", "b"]);
        assert_eq!(look_up(text, "web9").unwrap().get("hostname"), None);
    }

    #[test]
    fn match_lines_are_followed_or_refused_with_their_line() {
        let text = "Match originalhost db user me\n Port 1\nMatch final all\n User x\nMatch host h exec \"true\"\n Port 3\n";
        assert_eq!(look_up(text, "db").unwrap().get("port"), Some("1"));
        assert_eq!(look_up(text, "other").unwrap().get("user"), Some("x"));
        let error = look_up(text, "h").unwrap_err().to_string();
        assert!(error.contains("line 5") && error.contains("Match exec"), "{error}");
    }

    #[test]
    fn refuses_a_proxy_command_unless_a_jump_comes_first() {
        let error = look_up("Host a\nProxyCommand nc %h %p\n", "a").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("ProxyJump"), "{error}");
        assert!(look_up("Host a\nProxyCommand nc %h %p\n", "b").is_ok());
        assert!(look_up("ProxyJump j\nProxyCommand nc %h %p\n", "b").is_ok());
    }

    #[test]
    fn includes_files_within_the_block_that_includes_them() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("1.conf"), "Port 7\n").unwrap();
        std::fs::write(folder.path().join("2.conf"), "Host *\nUser two\n").unwrap();
        let text = format!("Host a\nInclude {}/*.conf\n", folder.path().display());
        let settings = look_up(&text, "a").unwrap();
        assert_eq!((settings.get("port"), settings.get("user")), (Some("7"), Some("two")));
        assert_eq!(look_up(&text, "b").unwrap().get("user"), None);
    }
}
