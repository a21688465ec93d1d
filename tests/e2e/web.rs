//! Runs on the one host of a plain lab, and what they leave there.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::lab::PlainHost;
use crate::scenario::{Outcome, Scenario};

/// Returns a run of this playbook on the host, with everything approved.
pub fn scenario(host: &PlainHost, playbook: &str) -> Scenario {
    let inventory = host.file("inventory.yml").to_str().unwrap().to_owned();
    Scenario::new().playbook(playbook).args(["-i", inventory.as_str(), "--approve", "all"])
}

/// Runs a command of the program with the host's inventory.
pub fn command(host: &PlainHost, words: &[&str]) -> Outcome {
    let inventory = host.file("inventory.yml").to_str().unwrap().to_owned();
    Scenario::new().args(words.iter().copied()).args(["-i", inventory.as_str()]).run()
}

/// Starts a run and does not wait for it.
pub fn begin(scenario: &Scenario) -> Child {
    let mut command = scenario.command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Returns a file in the home of the host, empty when it is not there.
pub fn home(host: &PlainHost, name: &str) -> String {
    let path = command(host, &["jobs", "web"]);
    assert_eq!(path.code, 0, "{path:?}");
    std::fs::read_to_string(find(host, name)).unwrap_or_default()
}

/// Returns the path of a file in the home of the host's user.
pub fn find(host: &PlainHost, name: &str) -> PathBuf {
    let homes = std::fs::read_dir(host.on_host("home")).unwrap();
    let mut paths = homes.map(|home| home.unwrap().path().join(name));
    paths.find(|path| path.exists()).unwrap_or_else(|| host.on_host("home").join(name))
}

/// Waits until something holds; the limit only keeps a broken test from running for ever.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..400 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("never: {what}");
}

/// Lets the step that waits for a word go on.
pub fn say_go(host: &PlainHost) {
    let begun = find(host, "begun");
    std::fs::write(begun.with_file_name("go"), "").unwrap();
}

/// Returns whether the host has a lock.
pub fn is_locked(host: &PlainHost) -> bool {
    find(host, "begun").parent().unwrap().join(".switchover").read_dir().is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("lock."))
    })
}
