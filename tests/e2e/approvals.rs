//! A human's word: from another terminal, or in a plan that was reviewed.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::resume::play;
use crate::scenario::Scenario;

const TASKS: &str = "    - { shell: echo a >> log }
    - { name: Sure, confirm: { id: backup, prompt: Is there a backup? } }
    - { name: Wipe, shell: echo wiped >> log, effect: { destroys: the disk }, approve: wipe }
    - { shell: echo b >> log }
";

#[test]
fn a_word_from_another_terminal_lets_a_run_go_on_that_stopped() {
    let scenario = play(TASKS);
    let stop = scenario.run();
    assert_eq!(stop.code, 10, "{}", stop.stdout);
    assert!(stop.stdout.contains("--approve backup"), "{}", stop.stdout);
    // Nobody waits for the word any more.
    let runs = scenario.tell(&["runs"]).stdout;
    assert!(runs.contains("unapproved") && !runs.contains("waits"), "{runs}");
    assert_eq!(scenario.tell(&["approve", "last", "backup"]).code, 0);
    assert_eq!(scenario.tell(&["resume"]).code, 10);
    let given = scenario.tell(&["approve", "last", "wipe", "--reason", "ticket 7"]);
    assert!(given.stdout.contains("next: switchover resume"), "{}", given.stdout);
    assert_eq!(scenario.tell(&["resume"]).code, 0);
    assert_eq!(scenario.log(), "a wiped b");
    let shown = scenario.tell(&["runs", "show"]).stdout;
    assert!(shown.contains("ticket 7"), "{shown}");
    assert!(shown.contains("backup on one by"), "{shown}");
}

#[test]
fn a_run_without_a_terminal_waits_for_a_word_as_long_as_it_is_told() {
    let scenario = play(TASKS).args(["--approve", "backup", "--wait-approval", "60s"]);
    let mut command = scenario.command();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while scenario.log() != "a" {
        assert!(begun.elapsed() < Duration::from_secs(30), "the run does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    let told = |words: &[&str], word: &str| scenario.tell(words).stdout.contains(word);
    while !told(&["runs"], "for approval of wipe on one") {
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody is told that it waits");
    }
    let shown = scenario.tell(&["runs", "show"]).stdout;
    assert!(shown.contains("wipe on one destroys: the disk"), "{shown}");
    assert!(shown.contains("next       switchover approve"), "{shown}");
    let mistyped = scenario.tell(&["approve", "last", "wipee"]);
    assert_ne!(mistyped.code, 0, "{mistyped:?}");
    assert!(mistyped.stderr.contains("did you mean `wipe`?"), "{mistyped:?}");
    let elsewhere = scenario.tell(&["approve", "last", "wipe", "--host", "nx"]);
    assert_ne!(elsewhere.code, 0, "{elsewhere:?}");
    assert!(elsewhere.stderr.contains("waits for wipe on one, not on nx"), "{elsewhere:?}");
    let given = scenario.tell(&["approve", "last", "wipe", "--host", "one"]);
    assert!(given.stdout.contains("goes on by itself"), "{}", given.stdout);
    assert!(given.stdout.contains("wipe on one destroys: the disk"), "{}", given.stdout);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Wipe: wipe on one destroys: the disk\nwaiting up to "), "{said}");
    assert!(
        told(&["runs"], "complete") && !told(&["runs"], "for approval"),
        "{}",
        scenario.tell(&["runs"]).stdout
    );
    assert_eq!(scenario.log(), "a wiped b");
}

#[test]
fn a_word_for_another_step_or_host_is_none() {
    let scenario = play(TASKS).args(["--approve", "backup"]);
    assert_eq!(scenario.run().code, 10);
    let early = scenario.tell(&["approve", "last", "cleaning"]);
    assert_eq!(early.code, 0, "{early:?}");
    assert!(early.stderr.contains("waits for no `cleaning` now"), "{early:?}");
    assert_ne!(scenario.tell(&["approve", "last", "wipe", "--host", "two"]).code, 0);
    let shown = scenario.tell(&["runs", "show"]).stdout;
    assert!(shown.contains("given, and not used yet") && shown.contains("cleaning by"), "{shown}");
    assert_eq!(scenario.tell(&["resume"]).code, 10);
    assert_eq!(scenario.log(), "a");
}

fn planned() -> Scenario {
    let scenario = play(TASKS);
    let plan = scenario.tell(&["plan", "site.yml", "-i", "hosts", "--approve", "wipe", "--out", "plan.yml"]);
    assert_eq!(plan.code, 0, "{}{}", plan.stdout, plan.stderr);
    for told in ["point of no return", "loses the disk", "[wipe]  approved", "Is there a backup?"] {
        assert!(plan.stdout.contains(told), "{told}: {}", plan.stdout);
    }
    assert_eq!(scenario.log(), "");
    scenario
}

#[test]
fn a_run_holds_to_a_reviewed_plan() {
    let scenario = planned();
    let run = ["run", "site.yml", "-i", "hosts", "--plan", "plan.yml", "--approve", "backup"];
    let outcome = scenario.tell(&run);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(scenario.log(), "a wiped b");
}

#[test]
fn a_plan_that_drifted_is_refused_with_what_drifted() {
    let scenario = planned();
    let text = std::fs::read_to_string(scenario.path("site.yml")).unwrap();
    std::fs::write(scenario.path("site.yml"), text.replace("echo b", "echo c")).unwrap();
    std::fs::write(scenario.path("hosts"), "one ansible_connection=local x=1\n").unwrap();
    let run = ["run", "site.yml", "-i", "hosts", "--plan", "plan.yml", "--approve", "backup"];
    let outcome = scenario.tell(&run);
    assert_eq!(outcome.code, 4, "{}{}", outcome.stdout, outcome.stderr);
    for told in ["site.yml changed", "host one"] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert_eq!(scenario.log(), "");
    let words: Vec<&str> = outcome.stderr.lines().last().unwrap().split_whitespace().skip(1).collect();
    assert_eq!(words[..2], ["plan", "site.yml"]);
    assert_eq!(scenario.tell(&words).code, 0);
    assert_eq!(scenario.tell(&[&run[..], &["--approve", "wipe"]].concat()).code, 0);
    assert_eq!(scenario.log(), "a wiped c");
}

#[test]
fn a_plan_that_was_edited_into_nonsense_is_told_with_its_line() {
    let scenario = planned();
    let text = std::fs::read_to_string(scenario.path("plan.yml")).unwrap();
    assert!(text.contains("destroys: the disk"), "{text}");
    std::fs::write(scenario.path("plan.yml"), text.replace("destroys: the disk", "destroys: [the, disk]"))
        .unwrap();
    let run = ["run", "site.yml", "-i", "hosts", "--plan", "plan.yml", "--approve", "backup"];
    let outcome = scenario.tell(&run);
    assert_eq!(outcome.code, 4, "{}{}", outcome.stdout, outcome.stderr);
    let line = text.lines().position(|line| line.contains("destroys: the disk")).unwrap() + 1;
    assert!(outcome.stderr.contains(&format!("plan.yml:{line}:")), "{}", outcome.stderr);
    assert_eq!(scenario.log(), "");
}

const OPEN: &str = "    - { name: Look, shell: echo primary, register: s, effect: reads }
    - { name: Restart, shell: echo restart >> log, effect: \"{{ {'destroys': 'the sessions'} if s.stdout | \
     default('') == 'primary' else 'changes' }}\", approve: restart }
    - { name: Wipe, shell: echo wiped >> log, effect: { destroys: '{{ s.stdout }} data' }, approve: wipe }
    - { name: Shard, shell: 'echo {{ item }} >> log', loop: [a, b], effect: { destroys: 'shard {{ item }}' },
        approve: 'w-{{ item }}' }
    - { group_by: { key: fresh } }
- hosts: fresh
  gather_facts: false
  tasks:
    - { name: Late, shell: echo late >> log, effect: { destroys: the cache }, approve: late }
";

#[test]
fn a_plan_lists_what_only_the_run_can_tell_and_the_run_stops_there_for_a_word() {
    let scenario = play(OPEN);
    let plan =
        scenario.tell(&["plan", "site.yml", "-i", "hosts", "--approve", "w-a,w-b", "--out", "plan.yml"]);
    assert_eq!(plan.code, 0, "{}{}", plan.stdout, plan.stderr);
    for told in [
        "May destroy",
        "Restart  [restart]",
        "`s` is not known yet",
        "may lose {{ s.stdout }} data",
        "[w-a]  approved",
        "loses shard b",
        "fresh          Late  [late]",
        "no host is in `fresh` yet",
    ] {
        assert!(plan.stdout.contains(told), "{told}: {}", plan.stdout);
    }
    let run = scenario.tell(&["run", "site.yml", "-i", "hosts", "--plan", "plan.yml"]);
    assert_eq!(run.code, 10, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("--approve restart"), "{}", run.stdout);
    for (word, log) in
        [("restart", "restart"), ("wipe", "restart wiped a b"), ("late", "restart wiped a b late")]
    {
        scenario.tell(&["resume", "--approve", word]);
        assert_eq!(scenario.log(), log);
    }
    let shown = scenario.tell(&["runs", "show"]).stdout;
    assert!(shown.contains("w-a on one by") && shown.contains("(plan)"), "{shown}");
}

#[test]
fn the_word_that_a_stop_tells_is_for_the_loss_that_it_shows() {
    let playbook = "- hosts: all\n  gather_facts: false\n  serial: 1\n  tasks:\n    - shell: echo {{ inventory_hostname }} >> log\n      \
                    effect: { destroys: all data }\n      approve: wipe\n";
    let hosts = "a ansible_connection=local\nb ansible_connection=local\n";
    let scenario = Scenario::new().playbook(playbook).inventory(hosts);
    let mut stop = scenario.run();
    for (host, log) in [("a", ""), ("b", "a")] {
        assert_eq!(stop.code, 10, "{stop:?}");
        let next = stop.stderr.lines().last().unwrap().trim().to_owned();
        assert!(next.ends_with(&format!("--approve wipe@{host}")), "{stop:?}");
        assert_eq!(scenario.log(), log);
        stop = scenario.tell(&next.split(' ').skip(1).collect::<Vec<_>>());
    }
    assert_eq!(stop.code, 0, "{stop:?}");
    assert_eq!(scenario.log(), "a b");
}
