use std::ffi::OsString;
use std::path::Path;

use crate::tools;

/// The commands that stand for Ansible's tools, by the name of the link.
const TOOLS: [(&str, &[&str]); 6] = [
    ("ansible-playbook", &["run"]),
    ("ansible", &["exec"]),
    ("ansible-inventory", &["inventory"]),
    ("ansible-vault", &["vault"]),
    ("ansible-doc", &["ansible-doc"]),
    ("ansible-config", &["ansible-config"]),
];

/// Returns the words of the command line, for the tool under whose name the program was called.
///
/// A link with the name of one of Ansible's tools is that tool; every other name is this program's own.
pub fn words(given: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut given = given.into_iter();
    let name = given.next().unwrap_or_else(|| "switchover".into());
    let first = tool(&name).unwrap_or_default().iter().map(OsString::from);
    std::iter::once(name.clone()).chain(first).chain(given).collect()
}

/// Returns the name of the tool whose version is asked for.
///
/// Scripts look at the version of the language in it, so it is told as that tool would.
pub fn version_asked() -> Option<String> {
    let mut words = std::env::args_os();
    let name = words.next().filter(|name| tool(name).is_some())?;
    let asked = words.take_while(|word| word != "--").any(|word| word == "--version");
    asked.then(|| Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned())
}

/// Refuses a tool or an option of Ansible's that is not here; returns the exit code.
pub fn refused() -> Option<u8> {
    let mut given = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let name = given.next()?;
    let name = Path::new(&name).file_name()?.to_string_lossy().into_owned();
    let words: Vec<String> = given.collect();
    let tool = if tool(&OsString::from(&name)).is_some() { None } else { words.first() };
    if let Some(tool) = tools::refused_tool(&name).or_else(|| tools::refused_tool(tool?)) {
        return Some(tools::refuse_tool(tool));
    }
    // `switchover run` takes the options of `ansible-playbook`.
    let ours = TOOLS.iter().find(|(_, command)| words.first().map(String::as_str) == Some(command[0]));
    let name = ours.map_or(name, |(tool, _)| (*tool).to_owned());
    let with_command = words.iter().find(|word| !word.starts_with('-')).map(|word| format!("{name} {word}"));
    let names = std::iter::once(name).chain(with_command);
    names.into_iter().find_map(|name| tools::refused_option(&name, &words)).map(tools::refuse_option)
}

/// Returns whether the program was called by the name of one of Ansible's tools.
pub fn is_ansible() -> bool {
    std::env::args_os().next().is_some_and(|name| tool(&name).is_some())
}

fn tool(name: &OsString) -> Option<&'static [&'static str]> {
    let name = Path::new(name).file_name()?;
    TOOLS.iter().find(|(tool, _)| name == *tool).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::words;

    fn read(given: &[&str]) -> String {
        let words = words(given.iter().map(Into::into));
        words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_link_has_the_name_of_the_tool_it_stands_for() {
        assert_eq!(
            read(&["/usr/bin/ansible-playbook", "-v", "x.yml"]),
            "/usr/bin/ansible-playbook run -v x.yml"
        );
        assert_eq!(read(&["ansible-inventory", "--list"]), "ansible-inventory inventory --list");
        assert_eq!(read(&["ansible", "all", "-m", "ping"]), "ansible exec all -m ping");
        assert_eq!(read(&["switchover", "run", "x.yml"]), "switchover run x.yml");
    }
}
