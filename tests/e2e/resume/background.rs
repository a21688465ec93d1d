use super::kills::{killed_after, stride};
use super::play;

/// Starts a job, does something else, and waits for the job; all of it writes into `log`.
const TASKS: &str = "    - name: Work in the background
      shell: echo begun >> log; until [ -e go ]; do sleep 0.05; done; echo ended >> log; echo said
      async: 1000
      poll: 0
      register: it
    - { shell: echo meanwhile >> log, effect: reads }
    - shell: touch go
    - async_status: { jid: '{{ it.ansible_job_id }}' }
      register: end
      until: end is finished
      retries: 200
      delay: 0.1
    - shell: echo {{ end.stdout }}-{{ end.rc }} >> log
";

#[test]
fn a_job_in_the_background_is_found_again_whenever_the_controller_dies() {
    let (mut tried, mut events) = (0, 1);
    loop {
        let scenario = play(TASKS).args(["--output", "jsonl"]);
        if !killed_after(scenario.command(), events) {
            break;
        }
        if !scenario.tell(&["runs"]).stdout.contains("complete") {
            let outcome = scenario.tell(&["resume", "--assume", "all=again"]);
            assert_eq!(outcome.code, 0, "killed after event {events}: {outcome:?}");
        }
        let log = scenario.log();
        assert_eq!(log.matches("begun").count(), 1, "killed after event {events}: {log}");
        assert_eq!(log.matches("ended").count(), 1, "killed after event {events}: {log}");
        assert!(log.contains("said-0"), "killed after event {events}: {log}");
        tried += 1;
        events += stride(3);
    }
    assert!(tried > 3, "only {tried} moments were tried");
}

#[test]
fn what_is_left_in_the_background_is_said_at_the_end() {
    let tasks = TASKS.split("    - shell: touch go").next().unwrap();
    let scenario = play(tasks);
    let outcome = scenario.run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stderr.contains("one  Work in the background"), "{outcome:?}");
    let follow = outcome.stderr.lines().find(|line| line.contains("--follow")).unwrap();
    let words: Vec<&str> = follow.split_whitespace().skip(1).collect();
    std::fs::write(scenario.path("go"), "").unwrap();
    let followed = scenario.tell(&words);
    assert_eq!((followed.code, followed.stdout.as_str()), (0, "said\n"), "{followed:?}");
}

#[test]
fn records_of_jobs_go_with_the_run_that_needs_them() {
    let scenario = play("    - { shell: echo a >> log, async: 100, poll: 1 }\n    - shell: test -e go\n");
    assert_eq!(scenario.run().code, 2);
    let clean = || scenario.tell(&["jobs", "one", "-i", "hosts", "--clean"]).stdout;
    let run = scenario.run_folder().file_name().unwrap().to_string_lossy().into_owned();
    let kept = clean();
    assert!(kept.contains("0 records removed") && kept.contains(&run), "{kept}");
    std::fs::write(scenario.path("go"), "").unwrap();
    assert_eq!(scenario.tell(&["resume"]).code, 0);
    let gone = clean();
    assert!(gone.contains("1 record removed") && gone.contains(&run), "{gone}");
}
