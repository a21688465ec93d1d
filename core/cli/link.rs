use std::ffi::OsString;
use std::path::Path;

/// Returns the words of the command line, for the tool under whose name the program was called.
///
/// A link named `ansible-playbook` runs playbooks and prints as Ansible does, one named `ansible-inventory` shows
/// inventories; every other name is this program's own.
pub fn words(given: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut given = given.into_iter();
    let name = given.next().unwrap_or_else(|| "switchover".into());
    let tool = Path::new(&name).file_name().map(|tool| tool.to_string_lossy().into_owned());
    let first: &[&str] = match tool.as_deref() {
        Some("ansible-playbook") => &["run", "--output", "ansible"],
        Some("ansible-inventory") => &["inventory"],
        _ => &[],
    };
    let first = first.iter().map(OsString::from);
    std::iter::once(name).chain(first).chain(given).collect()
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
            "/usr/bin/ansible-playbook run --output ansible -v x.yml"
        );
        assert_eq!(read(&["ansible-inventory", "--list"]), "ansible-inventory inventory --list");
        assert_eq!(read(&["switchover", "run", "x.yml"]), "switchover run x.yml");
    }
}
