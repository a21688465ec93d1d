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

#[test]
fn a_secret_in_what_a_step_destroys_is_neither_asked_aloud_nor_kept() {
    let tasks = "    - { shell: 'true', effect: { destroys: 'all of {{ token }}' }, approve: wipe }\n";
    let scenario =
        play(tasks).file("pw", "word\n").args(["--vault-password-file", "pw", "--wait-approval", "1s"]);
    let vault =
        ["vault", "encrypt_string", "--vault-password-file", "pw", "hunter2secret", "--name", "token"];
    let token = scenario.tell(&vault);
    assert_eq!(token.code, 0, "{token:?}");
    let scenario = scenario.file("group_vars/all.yml", &token.stdout);
    let stop = scenario.run();
    assert_eq!(stop.code, 10, "{stop:?}");
    assert!(stop.stderr.contains("destroys: all of ****"), "{stop:?}");
    assert!(!format!("{stop:?}").contains("hunter2secret"), "{stop:?}");
    let waits: Vec<_> =
        std::fs::read_dir(scenario.run_folder().join("approvals")).unwrap().flatten().collect();
    let kept: Vec<String> =
        waits.iter().map(|entry| std::fs::read_to_string(entry.path()).unwrap()).collect();
    assert!(!kept.is_empty() && kept.iter().all(|text| !text.contains("hunter2secret")), "{kept:?}");
}
