//! What a run that did not go through says about what it leaves.

use std::process::Stdio;
use std::time::Duration;

use crate::resume::play;
use crate::scenario::Scenario;

const TWO: &str = "one ansible_connection=local\ntwo ansible_connection=local\n";

#[test]
fn a_host_that_failed_is_told_with_all_that_it_misses() {
    let text = "- hosts: all
  gather_facts: false
  tasks:
    - { shell: 'true', notify: reload }
    - { shell: echo never, tags: [never] }
    - { name: Break, shell: 'test {{ inventory_hostname }} = two || test -e go' }
    - block:
        - { name: Within, shell: 'echo within-{{ inventory_hostname }} >> log' }
      rescue:
        - { name: Rescue, shell: 'true' }
      always:
        - { name: After, shell: 'echo after-{{ inventory_hostname }} >> log' }
  handlers:
    - { name: reload, shell: 'echo reload-{{ inventory_hostname }} >> log' }
- name: Later
  hosts: all
  gather_facts: false
  tasks:
    - shell: echo later-{{ inventory_hostname }} >> log
";
    let scenario = Scenario::new().playbook(text).inventory(TWO);
    let outcome = scenario.run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
    for told in [
        "Not done:\n  one  3 tasks of this play, from: Break\n",
        "  one  handlers that were notified and not run: reload\n",
        "  one  left out of 1 later play: Later\n",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert!(!outcome.stderr.contains("  two"), "{}", outcome.stderr);
    std::fs::write(scenario.path("go"), "").unwrap();
    let outcome = scenario.tell(&["resume"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(!outcome.stderr.contains("Not done"), "{outcome:?}");
    for word in ["within-one", "after-one", "reload-one", "later-one", "later-two"] {
        assert_eq!(scenario.log().matches(word).count(), 1, "{word}: {}", scenario.log());
    }
}

#[test]
fn hosts_that_stand_alike_are_told_together() {
    let hosts: String = (1..=8).map(|n| format!("h{n} ansible_connection=local\n")).collect();
    let scenario = play("    - { name: Break, shell: exit 1 }\n    - shell: 'true'\n").inventory(&hosts);
    let said = scenario.run().stderr;
    let told = "Not done:\n  h1, h2, h3, h4, h5, and 3 more  2 tasks of this play, from: Break\n\n";
    assert!(said.contains(told), "{said}");
}

#[test]
fn a_resume_tells_of_the_clean_ups_that_wait() {
    let tasks = "    - block:
        - { shell: echo a >> log }
        - { name: Wait, shell: touch begun; test -e go || sleep 1, effect: reads }
      always:
        - { name: Open the gate, shell: echo opened >> log }
";
    let scenario = play(tasks);
    let mut child = scenario.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !scenario.path("begun").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::write(scenario.path("go"), "").unwrap();
    let outcome = scenario.tell(&["resume"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("clean-ups (`always`) still to be run: Open the gate"), "{outcome:?}");
    assert_eq!(scenario.log(), "a opened");
}

#[test]
fn hosts_to_which_the_run_did_not_come_are_told_too() {
    let text = "- name: Rolling
  hosts: one,two,three
  gather_facts: false
  serial: 1
  tasks:
    - { name: Wipe, shell: 'echo wipe-{{ inventory_hostname }} >> log', effect: { destroys: all }, approve: wipe }
    - { shell: 'true' }
- name: Later
  hosts: four
  gather_facts: false
  tasks: [{ shell: 'echo later >> log' }]
";
    let hosts: String =
        ["one", "two", "three", "four"].map(|name| format!("{name} ansible_connection=local\n")).concat();
    let scenario = Scenario::new().playbook(text).inventory(&hosts);
    let outcome = scenario.run();
    assert_eq!(outcome.code, 10, "{outcome:?}");
    for told in [
        "  one  2 tasks of this play, from: Wipe\n",
        "  three, two  not begun: 2 tasks of this play, from: Wipe\n",
        "1 play not begun: Later (four)\n",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert_eq!(scenario.tell(&["resume", "--approve", "wipe"]).code, 0);
    assert_eq!(scenario.log(), "wipe-one wipe-two wipe-three later");
}
