use std::process::{Command, Stdio};

use super::play;

#[test]
fn a_journal_that_cannot_be_written_stops_the_run_before_the_next_act() {
    let tasks = "    - shell: echo a >> log
    - shell: head -c 300000 /dev/urandom | od -x
    - shell: head -c 300000 /dev/urandom | od -x
    - { shell: echo b >> log, register: it }
    - shell: echo c >> log
";
    let scenario = play(tasks).args(["--no-batch"]);
    // A file may have 300 kB: what a full disk is to a database.
    let program = scenario.command();
    let mut words = vec!["trap '' XFSZ; ulimit -f 600; exec \"$@\"".to_owned(), "sh".to_owned()];
    words.push(program.get_program().to_string_lossy().into_owned());
    words.extend(program.get_args().map(|word| word.to_string_lossy().into_owned()));
    let mut limited = Command::new("sh");
    limited.arg("-c").args(words).current_dir(scenario.path(""));
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    let output = limited.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(12), "{}{stderr}", String::from_utf8_lossy(&output.stdout));
    assert!(stderr.contains("cannot write the journal"), "{stderr}");
    assert_eq!(scenario.log(), "a");
    let outcome = scenario.tell(&["resume", "--assume", "all=again"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(scenario.log(), "a b c");
}

#[test]
fn a_damaged_journal_is_never_resumed() {
    let scenario = play("    - shell: echo a >> log\n    - shell: test -e go\n    - shell: echo b >> log\n");
    assert_eq!(scenario.run().code, 2);
    std::fs::write(scenario.path("go"), "").unwrap();
    let path = scenario.run_folder().join("journal.db");
    let whole = std::fs::read(&path).unwrap();
    for cut in [0, 4096, whole.len() - 4096] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let outcome = scenario.tell(&["resume", "last"]);
        assert_eq!(outcome.code, 12, "cut at {cut}: {}{}", outcome.stdout, outcome.stderr);
        assert!(!outcome.stderr.contains("make room"), "cut at {cut}: {}", outcome.stderr);
        let runs = scenario.tell(&["runs"]);
        assert!(runs.stdout.contains("damaged"), "cut at {cut}: {}{}", runs.stdout, runs.stderr);
        let shown = scenario.tell(&["runs", "show"]);
        assert!(shown.code == 12 && !shown.stdout.contains("resume"), "cut at {cut}: {shown:?}");
        assert_eq!(scenario.log(), "a", "cut at {cut}");
    }
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(scenario.tell(&["resume"]).code, 0);
    assert_eq!(scenario.log(), "a b");
}

#[test]
fn a_run_whose_folder_is_removed_while_it_goes_on_does_not_end_well() {
    let scenario = play("    - shell: rm -r state/switchover/runs; echo a >> log\n");
    let outcome = scenario.run();
    assert_eq!(outcome.code, 12, "{outcome:?}");
    assert!(outcome.stderr.contains("was removed while it went on"), "{outcome:?}");
    assert_eq!(scenario.log(), "a");
}

#[test]
fn a_run_that_was_killed_shows_how_long_it_is_known_to_have_worked() {
    let tasks = "    - shell: sleep 1.2
    - shell: touch begun; until [ -e go ] || ! [ -e begun ]; do sleep 0.05; done
";
    let scenario = play(tasks).args(["--no-batch"]);
    let mut child = scenario.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !scenario.path("begun").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::write(scenario.path("go"), "").unwrap();
    let known = |text: String| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let over = words.iter().position(|word| *word == "over").unwrap_or_else(|| panic!("{text}"));
        words[over + 1].parse::<f64>().unwrap()
    };
    let first = known(scenario.tell(&["runs"]).stdout);
    assert!(first >= 1.1, "{first}");
    // Looking does not make it longer.
    assert_eq!(known(scenario.tell(&["runs", "show"]).stdout), first);
}
