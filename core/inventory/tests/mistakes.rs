//! What is wrong with an inventory is told with its place; nothing is passed over silently.

mod common;

use common::load;

/// File, text, place and code of the first error, and a part of its message or help.
const MISTAKES: &[(&str, &str, &str, &str, &str)] = &[
    ("h", "a x y=1\n", "1:3", "inventory::variable", "found `x`"),
    ("h", "a =y\n", "1:3", "inventory::variable", "name=value"),
    ("h", "a x=\"b\n", "1:5", "inventory::quotes", "never closed"),
    ("h", "a x=b\\\n", "1:6", "inventory::quotes", "nothing follows"),
    ("h", "a[3:1]\n", "1:1", "inventory::host", "ends before it begins"),
    ("h.ini", "a[1:2\n", "1:1", "inventory::host", "not closed"),
    ("h", "a:999999\n", "1:1", "inventory::host", "65535"),
    ("h", "b\na:\n", "2:1", "inventory::host", ".yml"),
    ("h.ini", "---\na:\n", "1:1", "inventory::host", "YAML file"),
    ("h", "[g] c\na\n", "1:1", "inventory::host", "sections are"),
    ("h", "[a b]\nx\n", "1:1", "inventory::section", "no spaces"),
    ("h", "[]\nx\n", "1:1", "inventory::section", "sections are"),
    ("h", "[g:var]\nx=1\n", "1:2", "inventory::section", "[g:vars]"),
    ("h", "[g:vars]\nx=1\n", "1:2", "inventory::undefined-group", "no group `g`"),
    ("h", "[web]\na\n[dc:children]\nwbe\n", "4:1", "inventory::undefined-group", "did you mean `web`?"),
    ("h", "[g]\na\n[g:vars]\nx: 1\n", "4:1", "inventory::variable", "this is YAML"),
    ("h", "[g]\na\n[h:children]\ng x=1\n", "4:1", "inventory::child", "without `:children`"),
    ("h", "[a:children]\nb\n[b:children]\na\n", "4:1", "inventory::loop", "`a` cannot be below `b`"),
    ("h", "[g]\na\n[g:vars]\nansible_group_priority=x\n", "4:24", "inventory::priority", "whole number"),
    ("h.yml", "web:\n  hosts: [a]\n", "2:10", "inventory::shape", "without `- `"),
    ("h.yml", "web:\n  hosts:\n    a: 1\n", "3:8", "inventory::shape", "a number"),
    ("h.yml", "web:\n  vars: x\n", "2:9", "inventory::shape", "`vars` must be a mapping"),
    ("h.yml", "web:\n  hosts:\n    1:\n", "3:5", "inventory::host", "quotes"),
    ("h.yml", "1:\n  hosts:\n", "1:1", "inventory::group-name", "quotes"),
    ("h.yml", "web:\n  hosts:\n    a[1]:\n", "3:5", "inventory::host", "[begin:end]"),
    ("h.yml", "a:\n  children:\n    b:\n      children:\n        a:\n", "3:5", "inventory::loop", "holds"),
    ("h.yml", "- a\n", "1:1", "inventory::shape", "a list"),
    ("h.yml", "plugin: aws_ec2\n", "1:9", "inventory::plugin", "`aws_ec2`"),
    ("h", "all:\n  hosts: {{ x }}\n", "2:10", "yaml::unquoted-template", "quotes"),
];

#[test]
fn each_mistake_is_named_at_its_place() {
    for (file, text, place, code, words) in MISTAKES {
        let error = load(&[(file, text)], &[file]).expect_err(text).remove(0);
        let at = error.labels[0].span.position();
        assert_eq!((format!("{}:{}", at.line, at.column).as_str(), error.code), (*place, *code), "{text:?}");
        let told = error.render(false);
        assert!(told.contains(words), "{text:?}: {told}");
    }
}

#[test]
fn all_mistakes_of_all_sources_are_told_at_once() {
    let files =
        [("a", "x y\n[g:vars]\nz=1\n"), ("b.yml", "web: {hosts: [a]}\n"), ("group_vars/all.yml", "- x\n")];
    let codes: Vec<_> = load(&files, &["a", "b.yml"]).unwrap_err().iter().map(|e| e.code).collect();
    assert_eq!(
        codes,
        ["inventory::variable", "inventory::undefined-group", "inventory::shape", "inventory::shape"]
    );
}

#[test]
fn what_is_not_there_or_not_supported_is_an_error() {
    let code = |files: &[(&str, &str)], source: &str| load(files, &[source]).unwrap_err().remove(0).code;
    assert_eq!(code(&[], "nowhere"), "inventory::missing");
    assert_eq!(code(&[("h.toml", "[web.hosts\n")], "h.toml"), "inventory::toml");
    assert_eq!(code(&[("h", "$ANSIBLE_VAULT;1.1;AES256\n30\n")], "h"), "inventory::unreadable");
}

#[test]
fn variables_that_are_no_mapping_are_an_error() {
    let files = [("h", "a\n"), ("host_vars/a.yml", "- x\n")];
    let error = load(&files, &["h"]).unwrap_err().remove(0);
    assert_eq!((error.code, error.labels[0].span.position().line), ("inventory::shape", 1));
}

#[test]
fn oddities_warn() {
    let files = [
        ("h.yml", "web-1:\n  host: {a: }\n  hosts: {web-1: {1x: 1}}\nx: y\n"),
        ("group_vars/web-1.yml", "v: 1\n"),
        ("group_vars/web-1.yaml", "v: 2\n"),
    ];
    let loaded = load(&files, &["h.yml"]).unwrap();
    let mut codes: Vec<_> = loaded.warnings.iter().map(|w| w.code).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "inventory::group-name",
            "inventory::same-name",
            "inventory::shadowed-file",
            "inventory::shape",
            "inventory::unexpected-key",
            "inventory::variable-name"
        ]
    );
    let help = loaded.warnings.iter().find(|w| w.code == "inventory::unexpected-key").unwrap().help.clone();
    assert_eq!(help.as_deref(), Some("did you mean `hosts`?"));
}

mod scripts {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Mutex;

    use switchover_inventory::{Inventory, Loaded, PlainFiles};
    use switchover_syntax::Diagnostic;

    /// A process that starts while another thread writes a script would keep it open, and busy.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    fn run(text: &str) -> Result<Loaded, Vec<Diagnostic>> {
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("s");
        std::fs::write(&path, text).expect("a file can be written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("its mode can be set");
        Inventory::load(&[path.display().to_string()], &PlainFiles)
    }

    #[test]
    fn a_script_that_fails_or_prints_no_json_is_an_error() {
        for (script, words) in [
            ("#!/bin/sh\necho wrong >&2; exit 3\n", "it says: wrong"),
            ("#!/nonexistent/interpreter\n", "interpreter"),
            ("#!/bin/sh\necho x\n", "expected value"),
            ("#!/bin/sh\necho '[]'\n", "a mapping of groups, not a list"),
            (
                "#!/bin/sh\necho '{\"g\": {\"hosts\": \"a\"}, \"_meta\": {\"hostvars\": {}}}'\n",
                "a list of names",
            ),
            (
                "#!/bin/sh\necho '{\"g\": {\"a\": 1}, \"_meta\": {\"hostvars\": {}}}'\n",
                "neither hosts, vars nor children",
            ),
            ("#!/bin/sh\necho '{\"g\": [\"a\"], \"_meta\": {}}'\n", "`hostvars`"),
        ] {
            let told: String = run(script).expect_err(script).iter().map(|e| e.render(false)).collect();
            assert!(told.contains(words), "{script}: {told}");
        }
    }

    #[test]
    fn what_a_script_says_on_stderr_is_a_warning() {
        let loaded =
            run("#!/bin/sh\necho careful >&2; echo '{\"g\": [\"a\"], \"_meta\": {\"hostvars\": {}}}'\n")
                .unwrap();
        assert!(loaded.warnings[0].message.ends_with("says: careful"));
        assert_eq!(loaded.inventory.group_hosts("g").len(), 1);
    }

    #[test]
    fn an_executable_text_without_an_interpreter_is_read() {
        assert!(run("a x=1\n").unwrap().inventory.host("a").is_some());
    }
}
