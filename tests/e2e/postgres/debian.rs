mod machine;
mod pair;

use pair::{A, B, DebianPair};

use super::interruptions::{kill, resumption};
use super::writer::{ROWS, Writer};

#[test]
fn a_pair_of_debian_is_updated_in_place_by_its_package_and_nothing_is_lost() {
    let Some(pair) = DebianPair::start() else { return };
    let writer = Writer::to(pair.service(), &pair.programs);
    let outcome = pair.updated(false, &["restart_primary"]);
    pair.is_whole("primary", "standby");
    assert!(!outcome.stdout.contains("secret-of-debian"), "{}", outcome.stdout);
    writer.all_in(|| pair.sql(A, ROWS));
}

#[test]
fn a_pair_of_debian_is_updated_by_switchover_with_one_approval_and_nothing_is_lost() {
    let Some(pair) = DebianPair::start() else { return };
    let writer = Writer::to(pair.service(), &pair.programs);
    pair.updated(true, &["switch_over"]);
    pair.is_whole("standby", "primary");
    // The package has started the old primary, but never as a second primary.
    let log = pair.machines[A].run("postgres", "cat /var/log/postgresql/*-main.log");
    assert_eq!(log.matches("system is ready to accept connections").count(), 1, "{log}");
    assert!(log.matches("entering standby mode").count() > 0, "{log}");
    writer.all_in(|| pair.sql(B, ROWS));
}

#[test]
fn a_controller_that_is_killed_again_and_again_is_resumed_and_nothing_is_lost() {
    let Some(pair) = DebianPair::start() else { return };
    let writer = Writer::to(pair.service(), &pair.programs);
    let run = pair.update(true, &["switch_over"]);
    kill(&run, "Unpacking postgresql-");
    kill(&resumption(&run), "Stop the primary in order (its last");
    kill(&resumption(&run), "Promote the standby");
    let outcome = resumption(&run).run();
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    pair.is_whole("standby", "primary");
    writer.all_in(|| pair.sql(B, ROWS));
}

#[test]
fn tablespaces_conf_d_and_a_socket_elsewhere_are_no_hindrance_and_a_copy_of_tablespaces_is_refused() {
    let Some(pair) = DebianPair::start() else { return };
    let conf = format!("/etc/postgresql/{}/main", pair.major);
    for host in [A, B] {
        let machine = &pair.machines[host];
        machine.run("root", "install -d -o postgres /srv/space /srv/socket");
        let lines = "work_mem = 5MB\nunix_socket_directories = '/srv/socket, /var/run/postgresql'\n";
        machine.run("root", &format!("printf '{}' > {conf}/conf.d/ours.conf; chmod 444 {conf}/postgresql.conf; chown root {conf} {conf}/*.conf", lines.replace('\'', "'\\''")));
        machine.run("root", &format!("chmod 644 {conf}/pg_hba.conf {conf}/pg_ident.conf"));
    }
    pair.sql(A, "CREATE TABLESPACE apart LOCATION '/srv/space'");
    pair.sql(A, "CREATE TABLE far (n int) TABLESPACE apart");
    pair.sql(A, "INSERT INTO far VALUES (7)");
    pair.until(B, "count(*) = 1 FROM far");
    [A, B].iter().for_each(|host| pair.control(*host, "restart"));
    pair.updated(true, &["switch_over"]);
    pair.is_whole("standby", "primary");
    assert_eq!(pair.sql(A, "SHOW work_mem"), "5MB");
    assert_eq!(pair.sql(A, "SELECT n FROM far"), "7");

    pair.control(A, "stop");
    pair.machines[A].run("postgres", &format!("touch /var/lib/postgresql/{}/main.rewinding", pair.major));
    pair.swap();
    let outcome = pair.scenario("rebuild_standby").args(["--approve", "all"]).run();
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    for part in
        ["the data directory has tablespaces", "rebuild it by hand: pg_basebackup into an empty folder"]
    {
        assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
    }
}
