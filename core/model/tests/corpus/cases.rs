use std::path::{Path, PathBuf};

use switchover_model::{Loader, ModuleNames, Settings};
use switchover_syntax::Diagnostic;

/// Modules and actions that the corpus may use.
const MODULES: &str = "add_host apt assert command community.general.ini_file copy debug fail fetch file get_url \
    group_by include_vars lineinfile meta package pause ping raw script service set_fact setup shell slurp stat \
    systemd template uri user wait_for yum";

/// Returns a loader with modules by name, whose roles stand beside the playbook only.
pub fn loader() -> Loader {
    Loader::new(Settings {
        roles_path: vec![PathBuf::from("tests/roles")],
        collections_path: vec![PathBuf::from("tests/collections")],
        full_paths: false,
        judges_groups: true,
        modules: Box::new(MODULES.split_whitespace().collect::<ModuleNames>()),
        read: Box::new(|path: &Path| std::fs::read_to_string(path).map(Into::into)),
        known: Vec::new(),
    })
}

/// Returns the pictures of findings, one below the other.
pub fn pictures(findings: &[Diagnostic]) -> String {
    let pictures: Vec<_> = findings.iter().map(|finding| finding.render(false)).collect();
    pictures.iter().map(|picture| picture.trim_end()).collect::<Vec<_>>().join("\n\n") + "\n"
}

/// Runs a check over each case of a folder: `NAME.yml`, or `NAME/playbook.yml`, beside the expected `NAME.txt`.
///
/// With `UPDATE_EXPECTED` set, what is found is written down in place of being compared.
pub fn each_case(folder: &str, found: impl Fn(&Path) -> String) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of cases is there") {
        let path = entry.expect("a folder can be listed").path();
        let playbook = if path.is_dir() { path.join("playbook.yml") } else { path.clone() };
        if playbook.extension().is_none_or(|ending| ending != "yml") || !playbook.is_file() {
            continue;
        }
        count += 1;
        let (found, record) = (found(&playbook), path.with_extension("txt"));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&record, &found).expect("the record can be written");
        }
        let expected = std::fs::read_to_string(&record).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- found\n{found}", path.display()));
        }
    }
    assert!(count > 0, "no cases in {folder}");
    assert!(wrong.is_empty(), "{} of {count} cases differ:\n\n{}", wrong.len(), wrong.join("\n"));
}
