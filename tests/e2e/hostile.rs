//! Plugins that crash, hang, lie, or could have been written by others: each is named, and the run of what is
//! sound goes on.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::scenario::{Outcome, Scenario};

const INVENTORY: &str = "h ansible_connection=local\n";
const SOUND: &str = "- hosts: all\n  gather_facts: false\n  tasks:\n    - ping: {}\n";
pub const HOSTILE: &str = "- hosts: all\n  gather_facts: false\n  tasks:\n    - hostile.module: {}\n";

#[expect(clippy::print_stdout, reason = "a test says why it is skipped")]
pub fn has_compiler() -> bool {
    let found = Command::new("cc").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        println!("skipped: there is no C compiler `cc`");
    }
    found
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A scenario with a folder `bad` that holds one plugin which breaks one rule.
pub fn with_plugin(define: &str) -> (Scenario, PathBuf) {
    let scenario = Scenario::new();
    let folder = scenario.path("bad");
    std::fs::create_dir(&folder).unwrap();
    chmod(&folder, 0o755);
    let file = folder.join("libswitchover_hostile.so");
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("core");
    let output = Command::new("cc")
        .args(["-O0", "-fPIC", "-shared", "-pthread", "-w", &format!("-D{define}"), "-I"])
        .arg(core.join("sdk/c"))
        .arg(core.join("plugin-host/tests/fixtures/hostile.c"))
        .arg("-o")
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    chmod(&file, 0o755);
    (scenario, file)
}

/// Adds a playbook for the host, run with the plugin of the scenario.
pub fn playing(scenario: Scenario, playbook: &str) -> Scenario {
    scenario.playbook(playbook).inventory(INVENTORY).args(["--plugin-path", "bad"])
}

/// Runs a playbook that needs the hostile module, and one that does not.
fn both(define: &str) -> (Outcome, Outcome) {
    let (scenario, _) = with_plugin(define);
    let sound = playing(scenario, SOUND);
    let good = sound.run();
    let hostile = sound.file("site.yml", HOSTILE).run();
    (good, hostile)
}

#[test]
fn a_plugin_that_cannot_be_asked_is_named_and_the_run_of_others_goes_on() {
    if !has_compiler() {
        return;
    }
    for (define, expected) in [
        ("DESCRIBE_MISBEHAVES='c'", "signal 11 (segmentation fault or stack overflow)"),
        (
            "DESCRIBE_MISBEHAVES='a'",
            "signal 6 (it aborted); its last words: assertion failed: licence != NULL",
        ),
        ("DESCRIBE_MISBEHAVES='o'", "its process was ended by signal "),
        ("DESCRIBE_MISBEHAVES='e'", "its process called exit(3)"),
        ("INIT_MISBEHAVES='c'", "signal 11 (segmentation fault or stack overflow)"),
        (
            "WRONG_ABI",
            "speaks version 2 of the plugin interface, this program speaks 1\n  help: build it with the SDK or the header \
             that belongs to this program, or take a newer switchover",
        ),
        ("NO_SYMBOL", "it does not export `switchover_plugin_v1`"),
        ("UNDEFINED_SYMBOL", "nowhere_to_be_found"),
        ("INIT_MISBEHAVES='z'", "its process called exit(0)"),
        ("INIT_MISBEHAVES='2'", "signal 6 (it aborted); its last words: double free"),
        ("DESCRIBE_MISBEHAVES='C'", "its process was ended by signal 6"),
        ("DESCRIBE_MISBEHAVES='F'", "its process was ended by signal 6"),
        ("DESCRIBE_MISBEHAVES='t'", "its process was ended by signal 11"),
        ("DESCRIBE_MISBEHAVES='x'", "its process called exit(0)"),
        ("DESCRIBE_GARBAGE", "describes its modules in JSON that cannot be read"),
        ("DESCRIBE_NOT_UTF8", "describes its modules in JSON that cannot be read"),
        ("DESCRIBE_DEEP", "describes its modules in JSON that cannot be read"),
        ("DESCRIBE_KEY_TWICE", "duplicate field `name`"),
        ("DESCRIBE_NAN", "expected value at line 1"),
        ("DESCRIBE_ENDLESS_NUMBER", "number out of range"),
        ("DESCRIBE_UNKNOWN_KIND", "unknown variant `colour`"),
        ("DESCRIBE_TWICE", "it offers module hostile.module twice"),
        ("DESCRIBE_ENDLESS", "more than the limit of 16777216"),
    ] {
        let (good, hostile) = both(define);
        assert_eq!(good.code, 0, "{define}: {good:?}");
        assert_eq!(hostile.code, 4, "{define}: {hostile:?}");
        for part in
            ["resolve module/action 'hostile.module'", "libswitchover_hostile.so", expected, "\n  help: "]
        {
            assert!(hostile.stderr.contains(part), "{define}: {hostile:?}");
        }
    }
}

#[test]
fn a_plugin_that_never_comes_back_from_describe_is_left_behind() {
    if !has_compiler() {
        return;
    }
    std::thread::scope(|scope| {
        for define in ["DESCRIBE_MISBEHAVES='h'", "DESCRIBE_MISBEHAVES='p'"] {
            scope.spawn(move || {
                let (scenario, file) = with_plugin(define);
                let scenario = playing(scenario, HOSTILE);
                let outcome = scenario.run();
                assert_eq!(outcome.code, 4, "{define}: {outcome:?}");
                let said = "libswitchover_hostile.so did not describe its modules within 10 s";
                assert!(outcome.stderr.contains(said), "{define}: {outcome:?}");
                // Only the first run waits for it.
                let outcome = scenario.run();
                assert_eq!(outcome.code, 4, "{define}: {outcome:?}");
                let said = "libswitchover_hostile.so did not describe its modules when it was asked last";
                assert!(outcome.stderr.contains(said), "{define}: {outcome:?}");
                change(&file, |_| ());
                assert!(scenario.run().stderr.contains("within 10 s"), "{define}");
            });
        }
    });
}

#[test]
fn a_crash_of_a_plugin_from_elsewhere_is_a_failed_task_and_the_play_goes_on() {
    if !has_compiler() {
        return;
    }
    let playbook = format!(
        "{HOSTILE}      ignore_errors: true\n    - command: touch after\n      args: {{chdir: HERE}}\n"
    );
    for (how, expected) in [
        ("c", "its process was ended by signal 11 (segmentation fault or stack overflow)"),
        ("a", "its process was ended by signal 6 (it aborted); its last words: assertion failed"),
        ("o", "its process was ended by signal "),
        ("e", "its process called exit(3)"),
        ("z", "its process called exit(0)"),
        ("t", "its process was ended by signal 11"),
        ("2", "its last words: double free"),
        ("C", "its process was ended by signal 6"),
        ("_", "its process called exit(0)"),
        ("E", "its process called exit(0)"),
        ("k", "its process was ended by signal 9 (killed)"),
        ("T", "its process was ended by signal 15"),
        ("P", "its process was ended by signal 6"),
        // A process that it left behind holds the socket.
        ("F", "its process was ended by signal 6"),
    ] {
        let (scenario, file) = with_plugin(&format!("INVOKE_MISBEHAVES='{how}'"));
        let here = scenario.path("").display().to_string();
        let scenario = playing(scenario, &playbook.replace("HERE", &here));
        let outcome = scenario.run();
        assert_eq!(outcome.code, 0, "{how}: {outcome:?}");
        for part in ["module hostile.module gave no reply", expected, &file.display().to_string()] {
            assert!(outcome.stdout.contains(part), "{how}: {outcome:?}");
        }
        assert!(scenario.path("after").exists(), "{how}: {outcome:?}");
    }
}

#[test]
fn a_hung_plugin_is_ended_when_its_task_runs_out_of_time() {
    if !has_compiler() {
        return;
    }
    let playbook = format!("{HOSTILE}      timeout: 1\n");
    std::thread::scope(|scope| {
        for define in ["INVOKE_MISBEHAVES='h'", "CALLS_ENDLESSLY"] {
            for isolate in [&["--isolate=none"], &["--isolate=hostile"]] {
                let playbook = &playbook;
                scope.spawn(move || {
                    let (scenario, file) = with_plugin(define);
                    let outcome = playing(scenario, playbook).args(isolate.iter().copied()).run();
                    assert_eq!(outcome.code, 2, "{define}: {outcome:?}");
                    assert!(outcome.stdout.contains("Timed out after 1 second"), "{define}: {outcome:?}");
                    until_nobody_runs(&file);
                });
            }
        }
    });
}

#[test]
fn a_plugin_that_ends_the_run_is_named_and_the_exit_code_says_that_something_is_unknown() {
    if !has_compiler() {
        return;
    }
    let outside = "the run was ended outside of any request: ";
    for (how, expected) in [
        ("c", "libswitchover_hostile.so ended the run: signal 11 (segmentation fault or stack overflow)"),
        ("o", "libswitchover_hostile.so ended the run: signal 11 (segmentation fault or stack overflow)"),
        ("a", "libswitchover_hostile.so ended the run: signal 6 (it aborted)"),
        ("2", "libswitchover_hostile.so ended the run: signal 6 (it aborted)"),
        // Success is not what it was.
        ("z", "libswitchover_hostile.so ended the run: it called exit()"),
        ("t", &format!("{outside}signal 11 (segmentation fault or stack overflow)")),
        ("x", &format!("{outside}it called exit()")),
    ] {
        let (scenario, _) = with_plugin(&format!("INVOKE_MISBEHAVES='{how}'"));
        let outcome = playing(scenario, HOSTILE).args(["--isolate=none"]).run();
        assert_eq!(outcome.code, 11, "{how}: {outcome:?}");
        for part in [expected, "--isolate", "`switchover resume --isolate`"] {
            assert!(outcome.stderr.contains(part), "{how}: {outcome:?}");
        }
    }
}

#[test]
fn a_run_that_a_plugin_ended_goes_on_with_the_plugin_in_a_process_of_its_own() {
    if !has_compiler() {
        return;
    }
    let (scenario, _) = with_plugin("INVOKE_MISBEHAVES='c'");
    let playbook = format!(
        "{HOSTILE}      ignore_errors: true\n    - command: touch {}\n",
        scenario.path("after").display()
    );
    let scenario = playing(scenario, &playbook).args(["--isolate=none"]);
    assert_eq!(scenario.run().code, 11);
    assert!(!scenario.path("after").exists());
    let resume = Scenario::new().args(["resume", "--isolate"]);
    let outcome = Outcome::of(resume.command().env("XDG_STATE_HOME", scenario.path("state")));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(scenario.path("after").exists(), "{outcome:?}");
}

#[test]
fn what_a_process_has_only_one_of_is_put_back() {
    if !has_compiler() {
        return;
    }
    for (how, expected) in [
        ("d", "did harm: it changed the working directory of the run, which was put back"),
        ("1", "did harm: it closed the standard output of the run, which was put back"),
    ] {
        let (scenario, _) = with_plugin(&format!("INVOKE_MISBEHAVES='{how}'"));
        let playbook = format!(
            "{HOSTILE}      ignore_errors: true\n    - debug: msg={{{{ lookup('file', './site.yml') }}}}\n"
        );
        let outcome = playing(scenario, &playbook).args(["--isolate=none"]).run();
        assert_eq!(outcome.code, 0, "{how}: {outcome:?}");
        assert!(outcome.stdout.contains(expected), "{how}: {outcome:?}");
        assert!(outcome.stdout.contains("hosts: all"), "{how}: {outcome:?}");
    }
    let (scenario, _) = with_plugin("INIT_MISBEHAVES='d'");
    let outcome = playing(scenario, HOSTILE).args(["--isolate=none"]).run();
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(outcome.stderr.contains("is not loaded: it changed the working directory"), "{outcome:?}");
}

#[test]
fn a_reply_that_comes_too_late_is_not_taken() {
    if !has_compiler() {
        return;
    }
    std::thread::scope(|scope| {
        for isolate in [&["--isolate=none"], &["--isolate"]] {
            scope.spawn(move || {
                let (scenario, _) = with_plugin("REPLY_LATE");
                let playbook =
                    format!("{HOSTILE}      timeout: 1\n      ignore_errors: true\n    - command: echo on\n");
                let outcome = playing(scenario, &playbook).args(isolate.iter().copied()).run();
                assert_eq!(outcome.code, 0, "{outcome:?}");
                assert!(outcome.stdout.contains("ok 2  changed 1  ignored 1"), "{outcome:?}");
            });
        }
    });
}

#[test]
fn a_hung_plugin_is_ended_by_ctrl_c() {
    if !has_compiler() {
        return;
    }
    let (scenario, file) = with_plugin("INVOKE_MISBEHAVES='h'");
    let scenario = playing(scenario, HOSTILE).args(["--isolate=evil"]);
    let mut run = scenario
        .command()
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while processes_of(&file).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(20), "the plugin was never started");
        std::thread::sleep(Duration::from_millis(20));
    }
    // The first lets steps that are under way come to their end, the second leaves at once.
    let pid = run.id().to_string();
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(300));
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    }
    let started = Instant::now();
    while run.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(30), "the run goes on");
        std::thread::sleep(Duration::from_millis(50));
    }
    until_nobody_runs(&file);
}

/// Returns the processes that hold this library.
fn processes_of(file: &Path) -> Vec<PathBuf> {
    let holds = |process: &PathBuf| {
        let words = std::fs::read(process.join("cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&words).into_owned();
        text.contains("__plugin-child") && text.contains(&file.display().to_string())
    };
    std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()).filter(holds).collect()
}

fn until_nobody_runs(file: &Path) {
    let started = Instant::now();
    while !processes_of(file).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", processes_of(file));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_reply_that_is_none_or_too_large_is_a_failed_task() {
    if !has_compiler() {
        return;
    }
    for (define, expected) in [
        ("REPLY_GARBAGE", "gave a reply that cannot be read"),
        ("REPLY_HUGE", "it answered with 1099511627776 bytes, more than the limit of 268435456"),
        ("REPLY_NOT_UTF8", "gave a reply that cannot be read"),
        ("REPLY_NAN", "gave a reply that cannot be read: expected value"),
        ("REPLY_ENDLESS_NUMBER", "gave a reply that cannot be read: number out of range"),
        ("REPLY_KEY_TWICE", "gave a reply that cannot be read: duplicate field `delta`"),
        ("REPLY_DEEP", "gave a reply that cannot be read"),
        ("REPLY_FAILS", "it answered with code 3 and said \"no memory\""),
    ] {
        for isolate in [&["--isolate=none"], &["--isolate"]] {
            let (scenario, _) = with_plugin(define);
            let outcome = playing(scenario, HOSTILE).args(isolate.iter().copied()).run();
            assert_eq!(outcome.code, 2, "{define}: {outcome:?}");
            assert!(outcome.stdout.contains(expected), "{define} {isolate:?}: {outcome:?}");
        }
    }
}

#[test]
fn nothing_is_loaded_that_others_can_write_or_that_is_not_whole() {
    if !has_compiler() {
        return;
    }
    type Spoil = fn(&Path);
    let cases: [(Spoil, &str); 4] = [
        (|file| chmod(file.parent().unwrap(), 0o777), "every user can write to "),
        (|file| chmod(file, 0o666), "try: chmod o-w "),
        (|file| change(file, |bytes| bytes[18] = if bytes[18] == 62 { 183 } else { 62 }), "is built for "),
        (|file| change(file, |bytes| bytes.truncate(bytes.len() / 4)), "is cut off"),
    ];
    for (spoil, expected) in cases {
        let (scenario, file) = with_plugin("GOOD");
        let scenario = playing(scenario, HOSTILE);
        assert_eq!(scenario.run().code, 0);
        spoil(&file);
        let outcome = scenario.run();
        assert_eq!(outcome.code, 4, "{outcome:?}");
        assert!(outcome.stderr.contains(expected), "{expected}: {outcome:?}");
    }
}

#[test]
fn what_is_no_file_of_a_library_is_named_with_a_remedy_and_blocks_nothing() {
    if !has_compiler() {
        return;
    }
    fn instead(file: &Path, make: &str) {
        std::fs::remove_file(file).unwrap();
        let made = Command::new("sh").args(["-c", make, "sh"]).arg(file).status().unwrap();
        assert!(made.success(), "{make}");
    }
    type Spoil = fn(&Path);
    let cases: [(Spoil, &str); 12] = [
        (|file| instead(file, "mkfifo $1"), "it is not a regular file"),
        (|file| instead(file, "mkdir $1"), "it is not a regular file"),
        (|file| instead(file, "ln -s $1 $1"), "Too many levels of symbolic links"),
        (|file| instead(file, "ln -s /nowhere/at/all $1"), "No such file"),
        (|file| instead(file, "ln -s /dev/zero $1"), "it is not a regular file"),
        (|file| instead(file, ": > $1"), "it is empty"),
        (|file| change(file, |bytes| bytes[18] = 183), "is built for aarch64, this machine is "),
        // As `gcc -m32` has it.
        (
            |file| change(file, |bytes| (bytes[4], bytes[18]) = (1, 3)),
            "is built for x86 (32 bits), this machine is ",
        ),
        (|file| change(file, |bytes| bytes[4] = 1), " (32 bits), this machine is "),
        (|file| change(file, |bytes| bytes[5] = 3 - bytes[5]), "is built for "),
        (|file| change(file, |bytes| bytes[64..600].fill(0)), "cannot be loaded"),
        // A lock that nobody can read to its end.
        (
            |file| instead(file, ": > $1; mkfifo ${1%/*}/plugins.lock"),
            "plugins.lock: it is not a regular file",
        ),
    ];
    for (spoil, expected) in cases {
        let (scenario, file) = with_plugin("GOOD");
        spoil(&file);
        let scenario = playing(scenario, HOSTILE);
        let run = scenario.run();
        assert_eq!(run.code, 4, "{expected}: {run:?}");
        let list =
            Scenario::new().inside(&scenario.path("")).args(["plugin", "list", "--plugin-path", "bad"]).run();
        for outcome in [run, list] {
            assert!(outcome.stderr.contains(expected), "{expected}: {outcome:?}");
            assert!(outcome.stderr.contains("\n  help: "), "{expected}: {outcome:?}");
        }
    }
}

#[test]
fn a_name_of_what_came_with_the_program_is_not_given_away() {
    if !has_compiler() {
        return;
    }
    for (define, expected) in [
        ("DESCRIBE_CLAIMS", "offers `command`, a name of "),
        ("DESCRIBE_BUILTIN", "offers `ansible.builtin.command`, a name of "),
        ("DESCRIBE_NEW_BUILTIN", "offers `ansible.builtin.frobnicate`, a name in Ansible's own namespace"),
    ] {
        let (scenario, _) = with_plugin(define);
        let sound = "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo on\n";
        let outcome = playing(scenario, sound).run();
        assert_eq!(outcome.code, 0, "{define}: {outcome:?}");
        assert!(outcome.stdout.contains("changed 1"), "{define}: {outcome:?}");
        for part in [expected, "libswitchover_hostile.so", "the module is not asked by that name"] {
            assert!(outcome.stderr.contains(part), "{define}: {outcome:?}");
        }
    }
}

#[test]
fn words_of_a_plugin_do_not_command_the_terminal() {
    if !has_compiler() {
        return;
    }
    let (scenario, _) = with_plugin("REPLY_ESCAPES");
    let outcome = playing(scenario, HOSTILE).run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(outcome.stdout.contains("gone"), "{outcome:?}");
    assert!(!outcome.stdout.contains('\u{1b}'), "{outcome:?}");
    let (scenario, _) = with_plugin("DESCRIBE_ESCAPES");
    let outcome = playing(scenario, HOSTILE).run();
    assert!(outcome.stderr.contains("with control characters"), "{outcome:?}");
    assert!(!outcome.stderr.contains('\u{1b}'), "{outcome:?}");
}

#[test]
fn a_plugin_that_reads_without_end_is_refused_the_rest() {
    if !has_compiler() {
        return;
    }
    let (scenario, _) = with_plugin("CALLS_READ_ZERO");
    let told = "      ignore_errors: true\n      register: r\n    - debug: var=r.error\n";
    let outcome = playing(scenario, &format!("{HOSTILE}{told}")).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("it is larger than 268435456 bytes"), "{outcome:?}");
}

/// Writes a new file in place of the old one, which a process may still hold.
pub fn change(file: &Path, act: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(file).unwrap();
    act(&mut bytes);
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, bytes).unwrap();
    chmod(file, 0o755);
}

#[test]
fn a_library_is_asked_again_only_when_it_has_changed() {
    if !has_compiler() {
        return;
    }
    let (scenario, file) = with_plugin("GOOD");
    let scenario = playing(scenario, HOSTILE);
    assert_eq!(scenario.run().code, 0);
    let (other, other_file) = with_plugin("DESCRIBE_MISBEHAVES='c'");
    change(&file, |bytes| *bytes = std::fs::read(&other_file).unwrap());
    let outcome = scenario.run();
    assert!(outcome.stderr.contains("signal 11"), "{outcome:?}");
    drop(other);
}
