use std::ffi::OsString;
use std::path::Path;

/// The commands that stand for Ansible's tools, by the name of the link.
const TOOLS: [(&str, &[&str]); 5] = [
    ("ansible-playbook", &["run"]),
    ("ansible", &["exec"]),
    ("ansible-inventory", &["inventory"]),
    ("ansible-vault", &["vault"]),
    ("ansible-doc", &["plugin", "doc"]),
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
