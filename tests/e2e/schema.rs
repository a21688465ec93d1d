//! `switchover schema`: playbooks that run are valid, and what is wrong in one word is not.
//!
//! The judge is Debian's `python3-jsonschema`, which knows nothing of this program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::scenario::Scenario;

/// Prints, for each text, what is wrong with it first, or nothing.
const JUDGE: &str = r#"
import json, sys, yaml
from jsonschema import Draft202012Validator
asked = json.load(sys.stdin)
Draft202012Validator.check_schema(asked["schema"])
validator = Draft202012Validator(asked["schema"])
for name in ("!vault", "!unsafe"):
    yaml.SafeLoader.add_constructor(name, lambda loader, node: loader.construct_scalar(node))
def problem(text):
    found = next(validator.iter_errors(yaml.safe_load(text)), None)
    return found and "/".join(map(str, found.absolute_path)) + ": " + found.message[:300]
print(json.dumps([problem(text) for text in asked["texts"]]))
"#;

#[expect(clippy::print_stdout, reason = "a test says why it is skipped")]
fn has_judge() -> bool {
    let probe = ["-c", "import yaml; from jsonschema import Draft202012Validator"];
    let found = Command::new("/usr/bin/python3")
        .args(probe)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        println!("skipped: there are no python3-jsonschema and python3-yaml");
    }
    found
}

/// Returns what is wrong with each text, by the schema for this kind of file.
fn problems(document: &str, texts: &[String]) -> Vec<Option<String>> {
    let outcome = Scenario::new().args(["schema", "--for", document]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let schema: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let mut judge = Command::new("/usr/bin/python3")
        .args(["-c", JUDGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let asked = json!({ "schema": schema, "texts": texts }).to_string();
    judge.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    serde_json::from_slice(&judge.wait_with_output().unwrap().stdout).unwrap()
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yml") {
            found.push(path);
        }
    }
}

#[test]
fn every_playbook_that_is_shipped_is_valid() {
    if !has_judge() {
        return;
    }
    let mut files = Vec::new();
    yaml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("playbooks"), &mut files);
    let texts: Vec<(PathBuf, String)> = files
        .into_iter()
        .map(|file| (file.clone(), std::fs::read_to_string(file).unwrap()))
        // A list of plays or of tasks, not of variables.
        .filter(|(_, text)| text.lines().any(|line| line.starts_with("- ")))
        .collect();
    let is_plays = |text: &String| {
        ["hosts:", "import_playbook:"]
            .iter()
            .any(|word| text.contains(&format!("\n  {word}")) || text.contains(&format!("- {word}")))
    };
    for (document, wanted) in [("playbook", true), ("tasks", false)] {
        let (names, texts): (Vec<_>, Vec<_>) =
            texts.iter().filter(|(_, text)| is_plays(text) == wanted).cloned().unzip();
        assert!(!texts.is_empty(), "{document}");
        for (name, problem) in names.iter().zip(problems(document, &texts)) {
            assert_eq!(problem, None, "{}", name.display());
        }
    }
}

fn play(task: &str) -> String {
    format!("- hosts: all\n  tasks:\n    - {task}\n")
}

#[test]
fn what_is_wrong_in_one_word_is_not_valid() {
    if !has_judge() {
        return;
    }
    let broken = [
        "- tasks: []".to_owned(),
        "- hosts: all\n  task: []".to_owned(),
        "- hosts: all\n  gather_facts: perhaps".to_owned(),
        "- import_playbook: x.yml\n  hosts: all".to_owned(),
        play("coppy: { src: a, dest: b }"),
        play("copy: { scr: a, dest: b }"),
        play("copy: { src: a }"),
        play("file: { path: /x, state: gone }"),
        play("file: { path: /x, recurse: perhaps }"),
        play("wait_for: { port: many }"),
        play("whne: true"),
        play("block: {}"),
        play("debug: { mgs: x }"),
        play("copy: { src: a, dest: b }\n      file: { path: /x }"),
        play("ansible.builtin.ping:\n      command: ls"),
        play("action: ping\n      command: ls"),
        play("name: nothing to do"),
        play("ping:\n      become: perhaps"),
        play("ping:\n      register: [a]"),
        play("ping:\n      notfy: x"),
        play("name: x\n      block: [{ ping: }]\n      always: { ping: }"),
        play("block: [{ ping: }]\n      listen: x"),
        "- hosts: all\n  handlers: [{ name: x }]".to_owned(),
        "- hosts: all\n  pre_tasks: { ping: }".to_owned(),
        "- hosts: all\n  post_tasks: [ping]".to_owned(),
        "- hosts: all\n  vars: 3".to_owned(),
        "- hosts: all\n  serial: { a: 1 }".to_owned(),
        "- hosts: all\n  any_errors_fatal: sometimes".to_owned(),
        "hosts: all".to_owned(),
        "- hosts: all\n  tasks: [[{ ping: }]]".to_owned(),
        "- hosts: all\n  module_defaults: { file: { pth: /x } }".to_owned(),
        play("command: ls\n      retries: [1]"),
        "- hosts: all\n  module_defaults: { copy: { modee: '0644' } }".to_owned(),
        "- hosts: all\n  roles: [3]".to_owned(),
        "- hosts: all\n  roles: [{ nme: web }]".to_owned(),
        play("meta: flush_handler"),
        play("include_role: { nam: web }"),
        play("import_tasks: { path: x.yml }"),
        play("command: ls\n      effect: explodes"),
        play("command: ls\n      effect: { destroys: '' }"),
        play("command: ls\n      loop: [1]\n      loop_control: { loopvar: x }"),
        play("block: [{ ping: }]\n      rescue: [{ copy: { scr: a, dest: b } }]"),
        "- hosts: all\n  handlers: [{ service: { name: x, stat: restarted } }]".to_owned(),
    ];
    for (text, problem) in broken.iter().zip(problems("playbook", &broken)) {
        assert!(problem.is_some(), "{text}");
    }
}

/// A file, whether it is sound, and for which kind of file.
const FILES: [(&str, bool, &str); 34] = [
    ("vars", true, "a: 1\nb_2: [x]"),
    ("vars", true, ""),
    ("vars", false, "- a: 1"),
    ("vars", false, "with-dash: 1"),
    (
        "inventory",
        true,
        "all:\n  hosts:\n    a: { ansible_port: 22 }\n    b:\n  children:\n    web: { hosts: a, vars: { x: 1 } }\nmore:",
    ),
    ("inventory", true, "plugin: constructed\nstrict: false\ngroups: {}"),
    ("inventory", false, "- a\n- b"),
    ("inventory", false, "all:\n  hosts: [a, b]"),
    ("inventory", false, "all:\n  host: { a: }"),
    ("inventory", false, "all:\n  hosts: { a: { with-dash: 1 } }"),
    ("inventory", false, "all:\n  children: [web]"),
    ("inventory", false, "all:\n  hosts: { a: 3 }"),
    ("inventory", false, "web: 3"),
    ("inventory", false, "all:\n  vars: [x]"),
    (
        "role-meta",
        true,
        "dependencies: [common, { role: web, port: 80 }]\nallow_duplicates: true\ngalaxy_info: { author: x }",
    ),
    ("role-meta", true, "argument_specs: { main: { options: { port: { type: int, default: 80 } } } }"),
    ("role-meta", false, "dependency: [common]"),
    ("role-meta", false, "dependencies: common"),
    ("role-meta", false, "dependencies: [{ port: 80 }]"),
    ("role-meta", false, "author: me"),
    ("role-meta", false, "allow_duplicates: [x]"),
    (
        "argument-specs",
        true,
        "argument_specs:\n  main:\n    short_description: x\n    options:\n      a: { type: list, elements: dict, options: { b: { required: true, no_log: true } } }",
    ),
    ("argument-specs", false, "main: { options: {} }"),
    ("argument-specs", false, "argument_specs: { main: { option: {} } }"),
    ("argument-specs", false, "argument_specs: { main: { options: { a: { typ: int } } } }"),
    ("argument-specs", false, "argument_specs: { main: { options: { a: { type: integer } } } }"),
    (
        "argument-specs",
        false,
        "argument_specs: { main: { options: { a: { options: { b: { requird: true } } } } } }",
    ),
    ("argument-specs", false, "argument_specs: { main: { options: [a] } }"),
    ("argument-specs", false, "argument_specs: { main: { options: { a: { required: sure } } } }"),
    (
        "requirements",
        true,
        "roles: [{ src: https://example.com/r.git, scm: git, version: v1 }, a.b]\ncollections: [{ name: a.b, version: '>=1' }]",
    ),
    ("requirements", true, "- src: a.b\n- name: c"),
    ("requirements", false, "collection: [a.b]"),
    ("requirements", false, "collections: [{ nme: a.b }]"),
    ("requirements", false, "roles: [{ version: 1 }]"),
];

#[test]
fn files_beside_playbooks_are_judged_by_schemas_of_their_own() {
    if !has_judge() {
        return;
    }
    for document in ["vars", "inventory", "role-meta", "argument-specs", "requirements"] {
        let (texts, sound): (Vec<String>, Vec<bool>) =
            FILES.iter().filter(|row| row.0 == document).map(|row| (row.2.to_owned(), row.1)).unzip();
        for ((text, sound), problem) in texts.iter().zip(sound).zip(problems(document, &texts)) {
            assert_eq!(problem.is_none(), sound, "{document}: {text}: {problem:?}");
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory");
    let shipped = ["postgres-example.yml", "template-example.yml"]
        .map(|name| std::fs::read_to_string(folder.join(name)).unwrap());
    assert_eq!(problems("inventory", &shipped), [None, None]);
}

#[test]
fn lint_finds_what_the_schema_finds() {
    for text in [
        play("copy: { src: a, dest: b }\n      file: { path: /x }"),
        play("name: nothing to do"),
        play("copy: { scr: a, dest: b }"),
        play("file: { path: /x, state: gone }"),
        play("whne: true"),
        play("command: ls\n      effect: explodes"),
        play("command: ls\n      loop: [1]\n      loop_control: { loopvar: x }"),
        "- hosts: all\n  module_defaults: { copy: { modee: '0644' } }\n  tasks:\n    - copy: { src: a, dest: b }".to_owned(),
        "- hosts: all\n  module_defaults: { file: { state: gone } }\n  tasks:\n    - file: { path: /x }".to_owned(),
        "- hosts: all\n  roles: [{ nme: web }]".to_owned(),
        "- hosts: all\n  handlers: [{ service: { name: x, stat: restarted } }]".to_owned(),
    ] {
        let outcome = Scenario::new().file("site.yml", &text).args(["lint", "site.yml"]).run();
        assert_ne!(outcome.code, 0, "{text}: {outcome:?}");
        assert!(
            outcome.stderr.contains("error[") || outcome.stdout.contains("error["),
            "{text}: {outcome:?}"
        );
    }
}

#[test]
fn what_ansible_reads_leniently_is_valid() {
    if !has_judge() {
        return;
    }
    let sound = [
        "[]".to_owned(),
        "- import_playbook: x.yml\n  when: y".to_owned(),
        play("copy: src=a dest=b mode=0644"),
        play("ansible.builtin.copy: { src: a, dest: '{{ b }}', mode: 0644, backup: 'yes' }"),
        play("ansible.legacy.file: { dest: /x, state: '{{ s }}', recurse: on }"),
        play("command: ls -l\n      args: { chdir: / }\n      with_items: [1, 2]\n      when: [a, b]"),
        play("wait_for: { port: '{{ p }}', timeout: '30' }"),
        play("block: [{ ping: }]\n      rescue: [{ meta: noop }]"),
        play("set_fact: { anything: 1 }"),
        "- hosts: all\n  module_defaults: { copy: { mode: '0644' }, group/postgres: { data: /x }, other.thing: { a: 1 } }"
            .to_owned(),
        "- hosts: all\n  roles: [common, { role: web, port: 80, tags: x }, '{{ more }}']".to_owned(),
        play("include_role: { name: web, tasks_from: x, apply: { become: true } }"),
        play("include_tasks: '{{ file }}'"),
        play("command: ls\n      effect: 'destroys: all of it'"),
        play("command: ls\n      effect: { destroys: all of it }"),
        play("command: ls\n      loop: [1]\n      loop_control: { loop_var: x, label: '{{ x }}' }"),
    ];
    for (text, problem) in sound.iter().zip(problems("playbook", &sound)) {
        assert_eq!(problem, None, "{text}");
    }
}
