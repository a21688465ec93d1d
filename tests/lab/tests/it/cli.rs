//! The command line of the lab.

use std::path::Path;
use std::process::{Command, Output};

use super::client::program;

fn lab(args: &[&str]) -> Output {
    Command::new(program()).args(args).output().unwrap()
}

fn good(args: &[&str]) -> String {
    let output = lab(args);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn bad(args: &[&str]) -> String {
    let output = lab(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Stops the lab also when a test fails.
struct Stopped<'a>(&'a str);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        let _ = lab(&["stop", self.0]);
    }
}

#[test]
fn a_lab_runs_in_the_background_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("lab");
    let dir = dir.to_str().unwrap();
    let _stopped = Stopped(dir);
    let ready = good(&["start", dir, "--scale", "0.0001"]);
    let inventory = ready.trim_end().strip_prefix("ready ").unwrap();
    assert!(Path::new(inventory).exists());
    let status = good(&["status", dir]);
    assert!(status.starts_with("served by process "), "{status}");
    assert!(status.contains("\n  release        2021.3 (9.0.0.141815)\n"), "{status}");
    assert!(bad(&["start", dir]).contains("is being served by process"));
    assert_eq!(good(&["check", dir, "--expect", "untouched"]), "as expected\n");
    assert_eq!(lab(&["check", dir, "--expect", "updated"]).status.code(), Some(1));
    good(&["stop", dir]);
    assert!(good(&["status", dir]).starts_with("not served\n"));
    assert!(bad(&["stop", dir]).contains("is not being served"));
    assert!(bad(&["start", dir, "--preset", "plain"]).contains("start it without --preset"));
    assert_eq!(good(&["start", dir]), ready);
}

#[test]
fn a_lab_that_cannot_be_made_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("lab");
    let dir = dir.to_str().unwrap();
    let said = bad(&["start", dir, "--from", "2021.4", "--to", "2021.3"]);
    assert!(said.contains("build 9.0.0.141815 is not later than 10.0.0.147420"), "{said}");
    let said = bad(&["start", dir, "--preset", "plain", "--hosts", "a,a"]);
    assert!(said.contains("a is named twice"), "{said}");
    let said = bad(&["start", dir, "--fault", "low-disk@elsewhere"]);
    assert!(said.contains("the lab has no host elsewhere"), "{said}");
    let said = bad(&["start", dir, "--fault", "bad-luck"]);
    assert!(said.contains("no fault is named \"bad-luck\""), "{said}");
}

#[test]
fn faults_and_acts_change_the_state() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    let _stopped = Stopped(dir);
    good(&["start", dir]);
    good(&["fault", dir, "primary", "low-disk", "on"]);
    assert!(good(&["status", dir]).contains("  faults         low-disk\n"));
    good(&["fault", dir, "primary", "low-disk", "off"]);
    assert!(!good(&["status", dir]).contains("low-disk"));
    assert!(bad(&["fault", dir, "tertiary", "low-disk", "on"]).contains("no host tertiary"));
    assert!(good(&["fault", dir]).contains("sshd-down "));
    good(&["act", dir, "secondary", "disable-scheduling"]);
    let state = std::fs::read_to_string(folder.path().join("hosts/secondary/state.json")).unwrap();
    assert!(state.contains("\"alation.query_exec.scheduling.enabled\": \"False\""), "{state}");
    assert_eq!(good(&["events", dir]), "");
}

#[test]
fn a_folder_without_a_lab_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    for command in [["status", dir], ["stop", dir], ["events", dir]] {
        assert!(bad(&command).contains("holds no lab"), "{command:?}");
    }
}

#[test]
fn writes_a_package_of_a_known_release() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.rpm");
    let path = file.to_str().unwrap();
    good(&["package", "--release", "2021.4", "--payload", "1000", path]);
    let package = switchover_lab::sim::Package::read(&file).unwrap();
    assert_eq!((package.build.to_string().as_str(), package.payload), ("10.0.0.147420", 1000));
    assert!(bad(&["package", "--release", "2031.1", path]).contains("give --build"));
}
