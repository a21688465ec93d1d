//! Modules through the whole program: what only the engine and a real machine show together.

use std::os::unix::fs::PermissionsExt as _;

use crate::scenario::Scenario;

const LOCAL: &str = "h ansible_connection=local\n";

/// Returns a play with these tasks; `HERE` stands for the scenario's folder.
fn play(tasks: &str) -> Scenario {
    Scenario::new()
        .playbook(&format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}"))
        .inventory(LOCAL)
        .file("vault-password", "secret\n")
        .args(["-e", r#"{"here": "{{ playbook_dir }}"}"#])
}

fn text(scenario: &Scenario, name: &str) -> String {
    std::fs::read_to_string(scenario.path(name)).unwrap()
}

/// Returns a task that makes an encrypted file in the scenario's folder.
fn encrypted(name: &str, plain: &str) -> String {
    format!(
        "    - copy: {{content: \"{{{{ '{plain}' | vault('secret') }}}}\", dest: '{{{{ here }}}}/{name}'}}\n"
    )
}

#[test]
fn encrypted_files_reach_the_host_in_plain_and_no_diff_shows_them() {
    let files = [
        encrypted("key", "the private key"),
        encrypted("folder/a", "a piece"),
        encrypted("run.sh", "#!/bin/sh\\necho ran > $1"),
    ];
    let scenario = play(&format!(
        "{}\
         \x20   - copy: {{src: key, dest: '{{{{ here }}}}/copied', mode: '0600'}}\n      diff: true\n\
         \x20   - copy: {{src: key, dest: '{{{{ here }}}}/raw', decrypt: false}}\n\
         \x20   - copy: {{src: folder/, dest: '{{{{ here }}}}/tree'}}\n      diff: true\n\
         \x20   - assemble: {{src: folder, dest: '{{{{ here }}}}/whole', remote_src: false}}\n\
         \x20   - script: run.sh {{{{ here }}}}/ran\n",
        files.concat()
    ))
    .file("folder/plain", "plain\n")
    .args(["--vault-password-file", "vault-password"]);
    let outcome = scenario.run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(text(&scenario, "copied"), "the private key");
    assert_eq!(scenario.path("copied").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(text(&scenario, "raw").starts_with("$ANSIBLE_VAULT;"));
    assert_eq!(text(&scenario, "tree/a"), "a piece");
    assert_eq!(text(&scenario, "whole"), "a piece\nplain\n");
    assert_eq!(text(&scenario, "ran"), "ran\n");
    assert!(!outcome.stdout.contains("private key"), "{}", outcome.stdout);
}

#[test]
fn results_hold_warnings_and_the_diff_that_was_wanted() {
    let scenario = play(
        "    - copy: {content: \"a\\n\", dest: '{{ here }}/f'}\n\
         \x20   - lineinfile: {path: '{{ here }}/f', regexp: '', line: b}\n      diff: true\n      register: r\n\
         \x20   - copy: {content: '{{ r.warnings | length }} {{ r.diff.0.after }}', dest: '{{ here }}/said'}\n",
    );
    let outcome = scenario.run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(text(&scenario, "said"), "1 b\n");
}

#[test]
fn a_folder_becomes_like_another_with_links_modes_and_times() {
    let scenario = play(
        "    - synchronize: {src: site/, dest: '{{ here }}/www', delete: true, rsync_opts: ['--exclude=*.log']}\n",
    )
    .file("site/a", "one\n")
    .file("site/deep/b", "two\n")
    .file("site/not.log", "")
    .file("www/old", "")
    .file("www/kept.log", "")
    .file("www/deep", "a file where a folder belongs\n")
    .args(["--output", "ansible", "-v"]);
    let site = scenario.path("site");
    std::os::unix::fs::symlink("a", site.join("link")).unwrap();
    std::fs::set_permissions(site.join("a"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    std::fs::File::open(site.join("a")).unwrap().set_modified(long_ago).unwrap();
    let stopped = scenario.run();
    assert!(stopped.code != 0 && stopped.stdout.contains("ansible.posix.synchronize on "), "{stopped:?}");
    assert!(scenario.path("www/old").exists() && !scenario.path("www/a").exists());
    let scenario = scenario.args(["--approve", "ansible.posix.synchronize"]);
    let first = scenario.run();
    assert_eq!(first.code, 0, "{first:?}");
    assert!(
        first.stdout.contains("*deleting   old") && first.stdout.contains("changed=1"),
        "{}",
        first.stdout
    );
    assert_eq!((text(&scenario, "www/a"), text(&scenario, "www/deep/b")), ("one\n".into(), "two\n".into()));
    let www = scenario.path("www");
    let meta = www.join("a").metadata().unwrap();
    assert_eq!((meta.permissions().mode() & 0o777, meta.modified().unwrap()), (0o640, long_ago));
    assert_eq!(std::fs::read_link(www.join("link")).unwrap().to_str(), Some("a"));
    assert!(!www.join("old").exists() && !www.join("not.log").exists() && www.join("kept.log").exists());
    let second = scenario.run();
    assert!(second.stdout.contains("changed=0"), "{}", second.stdout);
}

/// `setup` tells of the Python that the playbook names, and `pip` installs into it.
#[test]
fn the_python_that_a_playbook_names_is_the_one_that_is_told() {
    let scenario = Scenario::new()
        .playbook(
            "- hosts: all
  gather_facts: false
  tasks:
    - file: { src: /usr/bin/python3, dest: '{{ playbook_dir }}/python', state: link }
      when: named is defined
    - setup: { gather_subset: [python] }
      vars: { ansible_python_interpreter: \"{{ named | default('auto_silent') }}\" }
    - debug: { msg: 'told {{ ansible_python.executable | default(omit) }}' }
",
        )
        .inventory("here ansible_connection=local\n");
    let named = scenario.path("python").display().to_string();
    let outcome = scenario.args(["-e", &format!("named={named}")]).run();
    assert!(outcome.stdout.contains(&format!("told {named}\n")), "{outcome:?}");
}
