use super::play;

#[test]
fn a_secret_is_known_to_the_resumed_run_and_found_nowhere_in_the_journal() {
    let tasks = "    - { shell: echo hunter2secret, register: it, no_log: true }
    - set_fact: { token: '{{ it.stdout }}' }
      no_log: true
    - { shell: test -e go }
    - { shell: 'echo {{ token }} > copied', no_log: true }
";
    let scenario = play(tasks).args(["-e", "password=correct-horse-battery"]);
    assert_eq!(scenario.run().code, 2);
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(scenario.run_folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    for secret in ["hunter2secret", "correct-horse-battery"] {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} stands in the journal");
    }
    std::fs::write(scenario.path("go"), "").unwrap();
    assert_eq!(scenario.tell(&["resume"]).code, 0);
    assert_eq!(std::fs::read_to_string(scenario.path("copied")).unwrap(), "hunter2secret\n");
    assert!(!scenario.run_folder().join("key").exists(), "the key of a complete run is kept");
}

#[test]
fn only_the_owner_can_read_a_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let scenario = play("    - shell: 'true'\n    - shell: 'false'\n");
    assert_eq!(scenario.run().code, 2);
    let folder = scenario.run_folder();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["journal.db", "key", "head", "lock"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}
