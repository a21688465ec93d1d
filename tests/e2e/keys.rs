//! Keys that open no door, and hosts that are not who they were: told with the file and the remedy, nothing touched.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::lab::PlainHost;
use crate::scenario::{Outcome, Scenario};

/// A host, and a playbook that leaves a mark on it.
struct Door {
    host: PlainHost,
    scenario: Scenario,
}

impl Door {
    fn new() -> Self {
        let host = PlainHost::start();
        let inventory = host.file("inventory.yml").display().to_string();
        let playbook =
            "- hosts: web\n  gather_facts: false\n  tasks:\n    - command: touch {{ lab_root }}/mark\n";
        let scenario = Scenario::new().playbook(playbook).args(["-i", &inventory]);
        Self { host, scenario }
    }

    fn key(&self) -> std::path::PathBuf {
        self.host.file("id_ed25519")
    }

    fn is_marked(&self) -> bool {
        self.host.on_host("mark").exists()
    }

    /// Returns what was said when the door stayed shut.
    fn shut(&self, outcome: Outcome) -> String {
        assert_eq!(outcome.code, 4, "{outcome:?}");
        assert!(!self.is_marked(), "{outcome:?}");
        let said = outcome.stdout + &outcome.stderr;
        assert!(said.contains("UNREACHABLE web"), "{said}");
        said
    }
}

#[test]
fn the_right_key_opens() {
    let door = Door::new();
    let outcome = door.scenario.run();
    assert_eq!((outcome.code, door.is_marked()), (0, true), "{outcome:?}");
}

#[test]
fn a_key_file_that_is_not_there_is_named() {
    let door = Door::new();
    std::fs::remove_file(door.key()).unwrap();
    let said = door.shut(door.scenario.run());
    assert!(said.contains(&format!("key {}: there is no such file", door.key().display())), "{said}");
    assert!(said.contains("--private-key"), "{said}");
}

#[test]
fn a_file_that_is_no_key_is_named() {
    let door = Door::new();
    std::fs::write(door.key(), "not a key\n").unwrap();
    let said = door.shut(door.scenario.run());
    assert!(said.contains(&format!("key {}: it is not a private key", door.key().display())), "{said}");
}

#[test]
fn a_key_that_may_not_be_read_is_named() {
    let door = Door::new();
    std::fs::set_permissions(door.key(), std::fs::Permissions::from_mode(0o000)).unwrap();
    let plain = door.scenario.command();
    // Root may read everything, but for a root without these capabilities.
    let mut command = Command::new("setpriv");
    command.arg("--bounding-set=-dac_override,-dac_read_search").arg(plain.get_program());
    command.args(plain.get_args()).current_dir(plain.get_current_dir().unwrap());
    plain.get_envs().for_each(|(name, value)| match value {
        Some(value) => drop(command.env(name, value)),
        None => drop(command.env_remove(name)),
    });
    let mut command = if std::fs::read(door.key()).is_ok() { command } else { plain };
    let said = door.shut(Outcome::of(&mut command));
    assert!(said.contains(&format!("key {}: this user may not read it", door.key().display())), "{said}");
}

#[test]
fn an_encrypted_key_without_a_passphrase_is_named() {
    let door = Door::new();
    let key = door.key();
    let done =
        Command::new("ssh-keygen").args(["-q", "-p", "-P", "", "-N", "secret", "-f"]).arg(&key).status();
    let Ok(done) = done else {
        eprintln!("skipped: ssh-keygen is not installed");
        return;
    };
    assert!(done.success());
    let mut command = door.scenario.command();
    let said = door.shut(Outcome::of(command.env_remove("SSH_AUTH_SOCK")));
    assert!(said.contains(&format!("key {}: it is encrypted", key.display())), "{said}");
    assert!(said.contains("ssh-add"), "{said}");
}

#[test]
fn a_host_whose_key_changed_is_refused_with_the_line() {
    let door = Door::new();
    let known = door.host.file("known_hosts");
    let other = std::fs::read_to_string(door.host.file("id_ed25519.pub")).unwrap();
    let address = std::fs::read_to_string(&known).unwrap().split(' ').next().unwrap().to_owned();
    std::fs::write(&known, format!("# known\n{address} {other}")).unwrap();
    for more in [&[][..], &["--accept-new-host-keys"]] {
        let mut command = door.scenario.command();
        let said = door.shut(Outcome::of(command.args(more)));
        assert!(said.contains("HAS CHANGED"), "{said}");
        assert!(said.contains(&format!("{}:2 says SHA256:", known.display())), "{said}");
    }
    let kept = std::fs::read_to_string(&known).unwrap();
    assert_eq!(kept, format!("# known\n{address} {other}"));
}

#[test]
fn a_host_that_is_not_known_is_accepted_only_on_request() {
    let door = Door::new();
    let known = door.host.file("known_hosts");
    let before = std::fs::read_to_string(&known).unwrap();
    std::fs::write(&known, "").unwrap();
    let said = door.shut(door.scenario.run());
    assert!(said.contains("is not known") && said.contains("--accept-new-host-keys"), "{said}");
    assert_eq!(std::fs::read_to_string(&known).unwrap(), "");
    let mut command = door.scenario.command();
    let outcome = Outcome::of(command.arg("--accept-new-host-keys"));
    assert_eq!((outcome.code, door.is_marked()), (0, true), "{outcome:?}");
    let key = |text: &str| text.split(' ').nth(2).unwrap_or_default().trim().to_owned();
    assert_eq!(key(&std::fs::read_to_string(&known).unwrap()), key(&before));
}
