//! `switchover plugin check` on plugins that are wrong in one way, and `plugins.lock`.

use std::path::Path;

use crate::hostile::{HOSTILE, change, has_compiler, playing, with_plugin};
use crate::scenario::{Outcome, Scenario};

fn check(define: &str) -> Outcome {
    let (scenario, file) = with_plugin(define);
    scenario.args(["plugin", "check", &file.display().to_string()]).run()
}

#[test]
fn says_what_is_to_be_mended_and_exits_with_1() {
    if !has_compiler() {
        return;
    }
    for (define, expected) in [
        ("DESCRIBE_BARE", "mend       hostile.module: parameter `size` has no documentation"),
        ("DESCRIBE_BARE", "mend       hostile.module: it has no example"),
        ("DESCRIBE_BARE", "libswitchover_files.so: the module would never be asked by it"),
        ("DESCRIBE_BUILTIN", "libswitchover_commands.so: the module would never be asked by it"),
        ("DESCRIBE_OURS", "Switchover has `set_fact` itself: the module would never be asked"),
        ("DESCRIBE_KEYWORD", "`when` is a keyword of tasks: the module would never be asked"),
        ("CALLS_REMOVE", "example \"Try it\": check wanted to write (removing /srv)"),
        ("NEVER_DONE", "example \"Try it\": a second run still finds something to do: /etc/motd"),
        (
            "NEVER_DONE",
            "advice     hostile.module, example \"Try it\": it returns `size`, which `returns` does not name",
        ),
        ("INVOKE_MISBEHAVES='c'", "its process was ended by signal 11"),
        ("INVOKE_MISBEHAVES='o'", "gave no reply: its process was ended by signal"),
        ("REPLY_GARBAGE", "gave a reply that cannot be read"),
        ("REPLY_HUGE", "more than the limit of 268435456"),
    ] {
        let outcome = check(define);
        assert!(outcome.stdout.contains(expected), "{define}: {outcome:?}");
        assert_eq!(outcome.code, 1, "{define}: {outcome:?}");
    }
}

#[test]
fn names_that_would_command_the_terminal_are_shown_and_not_obeyed() {
    if !has_compiler() {
        return;
    }
    let outcome = check("DESCRIBE_NAMES_ESCAPE");
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.stdout.contains(r"evil\u{1b}[2J"), "{outcome:?}");
    for words in [outcome.stdout, outcome.stderr] {
        assert!(!words.contains(|c: char| c.is_control() && c != '\n'), "{words:?}");
    }
}

#[test]
fn says_why_a_file_is_no_plugin() {
    if !has_compiler() {
        return;
    }
    for (define, expected) in [
        ("WRONG_ABI", "speaks version 2 of the plugin interface"),
        ("DESCRIBE_MISBEHAVES='c'", "did not describe its modules: its process was ended by signal 11"),
        ("DESCRIBE_MISBEHAVES='e'", "its process called exit(3)"),
        ("DESCRIBE_GARBAGE", "describes its modules in JSON that cannot be read"),
    ] {
        let outcome = check(define);
        assert!(outcome.stderr.contains(expected), "{define}: {outcome:?}");
        assert_eq!(outcome.code, 1, "{define}: {outcome:?}");
    }
    let text = Scenario::new().file("x.so", "#!/bin/sh\n").args(["plugin", "check", "x.so"]).run();
    assert!(text.stderr.contains("it does not begin as an ELF file does"), "{text:?}");
}

#[test]
fn a_plugin_that_never_answers_is_ended_and_said_so() {
    if !has_compiler() {
        return;
    }
    let outcome = check("INVOKE_MISBEHAVES='h'");
    assert!(outcome.stdout.contains("it went on for 5 s after it was told to stop"), "{outcome:?}");
    assert_eq!(outcome.code, 1, "{outcome:?}");
}

#[test]
fn a_new_plugin_does_not_take_the_place_of_one_that_came_with_the_program() {
    for name in ["files", "postgres-role", "sdk"] {
        let scenario = Scenario::new().args(["plugin", "new", name]);
        let outcome = scenario.run();
        assert_eq!(outcome.code, 5, "{name}: {outcome:?}");
        assert!(outcome.stderr.contains(&format!("take another name, such as `my-{name}`")), "{outcome:?}");
        assert!(!scenario.path(name).exists(), "{name}");
    }
}

#[test]
fn a_file_that_stands_in_for_one_that_came_with_the_program_is_told() {
    if !has_compiler() {
        return;
    }
    let (scenario, file) = with_plugin("GOOD");
    let other = file.with_file_name("libswitchover_files.so");
    std::fs::rename(&file, &other).unwrap();
    let outcome = scenario.args(["plugin", "check", &other.display().to_string()]).run();
    assert!(outcome.stdout.contains("advice     file: runs take it in place of "), "{outcome:?}");
    assert_eq!(outcome.code, 0, "{outcome:?}");
}

#[test]
fn a_sound_plugin_has_nothing_to_mend() {
    if !has_compiler() {
        return;
    }
    let outcome = check("GOOD");
    assert!(outcome.stdout.ends_with("1 module\nnothing to mend\n"), "{outcome:?}");
    assert_eq!(outcome.code, 0, "{outcome:?}");
}

/// Writes a lock with the program in the folder of a scenario that is already set up to run.
fn lock(folder: &Path) -> String {
    let outcome = Scenario::new().inside(folder).args(["plugin", "lock", "--plugin-path", "bad"]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    std::fs::read_to_string(folder.join("plugins.lock")).unwrap()
}

#[test]
fn a_file_that_was_exchanged_stops_every_run_until_the_lock_is_written_anew() {
    if !has_compiler() {
        return;
    }
    let (scenario, file) = with_plugin("GOOD");
    let scenario = playing(scenario, HOSTILE);
    let before = lock(&scenario.path(""));
    assert!(before.contains("\nhostile 1 sha256:"), "{before}");
    assert_eq!(scenario.run().code, 0);

    change(&file, |bytes| bytes.extend(b"more"));
    let outcome = scenario.run();
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(outcome.stderr.contains("libswitchover_hostile.so is not the file of "), "{outcome:?}");
    assert!(outcome.stderr.contains("`switchover plugin lock` writes the lock anew"), "{outcome:?}");

    assert_ne!(lock(&scenario.path("")), before);
    assert_eq!(scenario.run().code, 0);
}

#[test]
fn a_plugin_that_the_lock_does_not_name_is_not_used() {
    if !has_compiler() {
        return;
    }
    let (scenario, _) = with_plugin("GOOD");
    let scenario = playing(scenario, HOSTILE);
    let text = lock(&scenario.path(""));
    let others: String =
        text.lines().filter(|line| !line.starts_with("hostile ")).map(|l| format!("{l}\n")).collect();
    std::fs::write(scenario.path("plugins.lock"), others).unwrap();
    let outcome = scenario.run();
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(outcome.stderr.contains("libswitchover_hostile.so is not in "), "{outcome:?}");
}

#[test]
fn the_lock_may_put_a_plugin_into_a_process_of_its_own_and_keeps_that() {
    if !has_compiler() {
        return;
    }
    let (scenario, _) = with_plugin("INVOKE_MISBEHAVES='e'");
    let scenario = playing(scenario, HOSTILE);
    let text = lock(&scenario.path(""));
    let apart = |line: &str| {
        if line.starts_with("hostile ") { format!("{line} isolated\n") } else { format!("{line}\n") }
    };
    std::fs::write(scenario.path("plugins.lock"), text.lines().map(apart).collect::<String>()).unwrap();
    let outcome = scenario.run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(outcome.stdout.contains("its process called exit(3)"), "{outcome:?}");
    assert!(lock(&scenario.path("")).contains(" isolated\n"));
}
