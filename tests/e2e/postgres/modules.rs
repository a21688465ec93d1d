use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::pair::{A, B, Pair};
use super::programs::is_root;
use crate::scenario::{Outcome, Scenario};

impl Pair {
    /// Returns a run of these tasks on a host, with the settings of the pair.
    fn tasks(&self, host: &str, tasks: &str) -> Scenario {
        let playbook = format!(
            "- hosts: {host}\n  gather_facts: false\n  vars:\n    other: \"{{{{ groups['postgres'] | difference([inventory_hostname]) | first }}}}\"\n  \
             module_defaults:\n    group/postgres:\n      data: \"{{{{ postgres_data }}}}\"\n      bin: \"{{{{ postgres_bin }}}}\"\n      \
             config_file: \"{{{{ postgres_config_file }}}}\"\n      log: \"{{{{ postgres_log }}}}\"\n      source_host: 127.0.0.1\n      \
             source_port: \"{{{{ hostvars[other].postgres_port }}}}\"\n      source_passfile: \"{{{{ postgres_passfile }}}}\"\n      \
             rewind_user: postgres\n      slot: \"{{{{ postgres_slot }}}}\"\n  tasks:\n{tasks}"
        );
        let inventories = [self.path("lab/inventory.yml"), self.path("pair.yml")];
        let scenario = Scenario::new().playbook(&playbook);
        inventories.iter().fold(scenario, |scenario, path| scenario.args(["-i", path.to_str().unwrap()]))
    }
}

fn good(outcome: &Outcome) {
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn settings_are_set_once_and_what_needs_a_restart_is_told() {
    let Some(pair) = Pair::start() else { return };
    let set = "    - postgres.conf: { set: { work_mem: 8MB, max_connections: 21, shared_preload_libraries: [auto_explain] } }\n      \
               register: conf\n    - debug: { msg: \"pending {{ conf.pending_restart | sort | join(' ') }}\" }\n";
    let outcome = pair.tasks("db-a", set).run();
    good(&outcome);
    assert!(
        outcome.stdout.contains("pending max_connections shared_preload_libraries"),
        "{}",
        outcome.stdout
    );
    assert_eq!(pair.sql(A, "SHOW work_mem"), "8MB");
    let outcome = pair.tasks("db-a", set).run();
    good(&outcome);
    assert!(!outcome.stdout.contains("changed  "), "{}", outcome.stdout);
    let outcome = pair.tasks("db-a", "    - postgres.conf: { expect: { work_mem: 16MB } }\n").run();
    assert_eq!(outcome.code, 2);
    assert!(outcome.stdout.contains("work_mem is `8MB`, not `16MB`"), "{}", outcome.stdout);
    pair.control(A, "restart");
    assert_eq!(pair.sql(A, "SHOW shared_preload_libraries"), "auto_explain");
    good(&pair.tasks("db-a", "    - postgres.conf: { set: { work_mem: null } }\n").run());
    assert_eq!(pair.sql(A, "SHOW work_mem"), "4MB");
}

#[test]
fn a_base_backup_refuses_on_a_primary_and_needs_its_word() {
    let Some(pair) = Pair::start() else { return };
    let copy = "    - postgres.basebackup:\n";
    let outcome = pair.tasks("db-a", copy).args(["--approve", "all"]).run();
    assert_eq!(outcome.code, 2);
    assert!(outcome.stdout.contains("needs a primary, and the server at"), "{}", outcome.stdout);
    let outcome = pair.tasks("db-b", copy).args(["--approve", "all"]).run();
    good(&outcome);
    assert!(!outcome.stdout.contains("changed  "), "a standby that streams is as wanted: {}", outcome.stdout);
    pair.control(B, "stop");
    let outcome = pair.tasks("db-b", copy).run();
    assert_eq!(outcome.code, 10);
    assert!(outcome.stdout.contains("all data of this server"), "{}", outcome.stdout);
    assert_eq!((pair.role(A).as_str(), pair.role(B).as_str()), ("primary", "down"));
    pair.control(B, "start");
    assert_eq!(pair.role(B), "standby");
}

#[test]
fn the_data_of_another_cluster_are_not_replaced() {
    let Some(pair) = Pair::start() else { return };
    pair.control(B, "stop");
    let (data, initdb) = (pair.at(B, "data"), pair.programs.bin.join("initdb"));
    std::fs::remove_dir_all(&data).unwrap();
    pair.programs.run(initdb, &["-D", &data, "-U", "postgres", "-N", "--auth=trust", "--wal-segsize=1"]);
    for module in ["basebackup", "rewind", "follow"] {
        let outcome =
            pair.tasks("db-b", &format!("    - postgres.{module}:\n")).args(["--approve", "all"]).run();
        assert_eq!(outcome.code, 2, "{module}: {}", outcome.stdout);
        assert!(outcome.stdout.contains("refused: "), "{module}: {}", outcome.stdout);
    }
    assert!(!pair.path("db-b/data/standby.signal").exists() && !pair.path("db-b/data.new").exists());
}

#[test]
fn a_copy_goes_on_when_the_controller_dies_and_is_attached_to() {
    let Some(pair) = Pair::start() else { return };
    pair.sql(A, "INSERT INTO ballast SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
    pair.control(B, "stop");
    let copy = "    - postgres.basebackup: { max_rate: 12M }\n    - postgres.service: { state: started, only_as: standby }\n";
    let run = pair.tasks("db-b", copy).args(["--approve", "all"]);
    let mut child = run.command().stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !pair.path("db-b/data.new/base").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let inode =
        |path: &str| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(pair.path(path)).unwrap());
    let copied = inode("db-b/data.new");
    good(&run.run());
    assert_eq!(inode("db-b/data"), copied, "a second copy was begun");
    pair.until(B, "count(*) = 20000 FROM ballast");
    assert!(!pair.path("db-b/data.new").exists() && !pair.path("db-b/data.old").exists());
}

#[test]
fn a_disk_that_fills_up_leaves_the_old_data_as_they_were() {
    let Some(pair) = Pair::start() else { return };
    let Some(disk) = Disk::mount(pair.path("db-b/disk"), "96m") else { return };
    pair.programs.own(&disk.0);
    pair.control(B, "stop");
    let moved =
        pair.programs.command("mv").args([pair.at(B, "data"), pair.at(B, "disk/data")]).status().unwrap();
    assert!(moved.success());
    let copy = |more: &str| {
        let data = pair.at(B, "disk/data");
        pair.tasks("db-b", &format!("    - postgres.basebackup: {{ data: {data}{more} }}\n"))
            .args(["--approve", "all"])
    };
    let outcome = copy(", source_size: 500000000").run();
    assert!(outcome.stdout.contains("needs 476 MiB beside"), "{}", outcome.stdout);

    pair.sql(A, "INSERT INTO ballast SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
    let run = copy(", max_rate: 8M");
    let child = run.command().stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !pair.path("db-b/disk/data.new/base").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(10));
    }
    // Something else takes what was free.
    let filler = pair.at(B, "disk/filler");
    Command::new("dd")
        .args(["if=/dev/zero", &format!("of={filler}"), "bs=1M"])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("No space left on device; the old data are as they were"), "{said}");
    assert!(pair.path("db-b/disk/data/PG_VERSION").exists());
    std::fs::remove_file(filler).unwrap();
    good(&copy("").run());
    assert!(!pair.path("db-b/disk/data.new").exists());
}

/// A small file system, gone at the end of the test.
struct Disk(PathBuf);

impl Disk {
    /// Mounts it; `None`, with a word, where that is not possible.
    #[expect(clippy::print_stdout, reason = "a test says why it is skipped")]
    fn mount(folder: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir(&folder).unwrap();
        let option = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(&folder).stderr(Stdio::null());
        if is_root() && mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        println!("skipped: a small file system cannot be mounted here");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What is left behind is told by the removal of the folder.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_rewind_that_broke_off_is_never_started() {
    let Some(pair) = Pair::start() else { return };
    pair.control(B, "stop");
    std::fs::write(pair.path("db-b/data.rewinding"), "").unwrap();
    let outcome = pair.tasks("db-b", "    - postgres.service: { state: started }\n").run();
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("a rewind broke off"), "{}", outcome.stdout);
    assert_eq!(pair.role(B), "down");
    let rebuild = pair.scenario("rebuild_standby").args(["--approve", "all"]).run();
    good(&rebuild);
    assert_eq!(pair.role(B), "standby");
    assert!(!pair.path("db-b/data.rewinding").exists());
}

#[test]
fn no_process_and_no_screen_shows_a_password() {
    let Some(pair) = Pair::start() else { return };
    let vars = r#"{"postgres_db_password": "hunter2-of-the-test"}"#;
    let screen = std::fs::File::create(pair.path("screen.txt")).unwrap();
    let run = pair.update(false).args(["-e", vars, "-vv", "--diff"]);
    let mut child = run.command().stdin(Stdio::null()).stdout(screen).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            let ours = line.contains("postgres_db_password");
            assert!(ours || !line.contains("hunter2-of-the-test"), "{line}");
            assert!(!line.contains(&pair.secret()), "{line}");
        }
    }
    assert!(child.wait().unwrap().success());
    let screen = std::fs::read_to_string(pair.path("screen.txt")).unwrap();
    assert!(!screen.contains("hunter2-of-the-test") && !screen.contains(&pair.secret()), "{screen}");
}
