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

#[test]
fn a_disk_that_fills_up_with_make_room_says_that_the_old_data_are_gone_and_what_is_next() {
    let Some(pair) = Pair::start() else { return };
    let Some(disk) = Disk::mount(pair.path("db-b/disk"), "96m") else { return };
    pair.programs.own(&disk.0);
    pair.control(B, "stop");
    let data = pair.at(B, "disk/data");
    assert!(pair.programs.command("mv").args([pair.at(B, "data"), data.clone()]).status().unwrap().success());
    // The copy alone does not fit, which pg_basebackup's own estimate cannot know: something else takes the room.
    let filler = pair.at(B, "disk/filler");
    let fill = |bytes: &str| Command::new("fallocate").args(["-l", bytes, &filler]).status().unwrap();
    assert!(fill("50M").success());
    pair.sql(A, "INSERT INTO ballast SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
    let copy = format!("    - postgres.basebackup: {{ data: {data}, make_room: true, max_rate: 8M }}\n");
    let run = pair.tasks("db-b", &copy).args(["--approve", "all"]);
    let child = run.command().stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !pair.path("db-b/disk/data.new/base").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(
        Command::new("dd")
            .args(["if=/dev/zero", &format!("of={filler}"), "bs=1M"])
            .stderr(Stdio::null())
            .status(),
    );
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in
        ["No space left on device; the old data were removed before", "run again: the copy begins anew"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    std::fs::remove_file(&filler).unwrap();
    good(&run.run());
    assert!(pair.path("db-b/disk/data/standby.signal").exists());
}

#[test]
fn a_value_that_something_else_outweighs_is_a_failure_and_one_of_an_included_file_is_not() {
    let Some(pair) = Pair::start() else { return };
    pair.sql(A, "ALTER ROLE postgres SET work_mem = '5MB'");
    let set = "    - postgres.conf: { set: { work_mem: 8MB } }\n";
    let outcome = pair.tasks("db-a", set).run();
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    for part in [
        "work_mem was set to `8MB`, and is still `5MB`: what comes from `user` goes before",
        "RESET it there",
    ] {
        assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
    }
    pair.sql(A, "ALTER ROLE postgres RESET work_mem");

    let included = pair.at(A, "ours.conf");
    std::fs::write(&included, "work_mem = 6MB\n").unwrap();
    let conf = pair.at(A, "postgresql.conf");
    let text = std::fs::read_to_string(&conf).unwrap();
    std::fs::write(&conf, format!("{text}include = '{included}'\n")).unwrap();
    // Nobody but root may write them: what is set goes into the data directory.
    for file in [&included, &conf] {
        std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o444)).unwrap();
    }
    pair.sql(A, "ALTER SYSTEM RESET work_mem");
    pair.sql(A, "SELECT pg_reload_conf()");
    pair.until(A, "current_setting('work_mem') = '6MB'");
    good(&pair.tasks("db-a", set).run());
    assert_eq!(pair.sql(A, "SHOW work_mem"), "8MB");
    good(&pair.tasks("db-a", "    - postgres.conf: { set: { work_mem: null } }\n").run());
    assert_eq!(pair.sql(A, "SHOW work_mem"), "6MB");
}

#[test]
fn a_password_in_the_connection_of_a_standby_is_not_shown() {
    let Some(pair) = Pair::start() else { return };
    let secret = pair.secret();
    let conninfo = pair.sql(B, "SHOW primary_conninfo");
    let (before, after) = conninfo.split_once(&format!("passfile={}", pair.at(B, "pgpass"))).unwrap();
    pair.sql(B, &format!("ALTER SYSTEM SET primary_conninfo = '{before}password = {secret}{after}'"));
    pair.control(B, "restart");
    pair.until(A, "count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'");
    let vars = r#"{"postgres_switchover": true, "postgres_confirmed": ["backup"]}"#;
    let outcome =
        pair.scenario("update_ha_pair").args(["--approve", "all", "-e", vars, "-vv", "--diff"]).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    let follow = pair.tasks("db-a", "    - postgres.follow: { application_name: other }\n");
    pair.sql(A, &format!("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 password = {secret}'"));
    let told = follow.args(["--check", "--diff", "-vv"]).run();
    assert_eq!(told.code, 0, "{}", told.stdout);
    assert!(told.stdout.contains("password=********"), "{}", told.stdout);
    for said in [outcome.stdout, outcome.stderr, told.stdout, told.stderr] {
        assert!(!said.contains(&secret), "{said}");
    }
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
