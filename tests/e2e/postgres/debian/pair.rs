use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::machine::{Machine, free_port};
use crate::postgres::programs::{Programs, is_root};
use crate::scenario::{Outcome, Scenario};

pub const A: usize = 0;
pub const B: usize = 1;

const PACKAGE: &str = include_str!("package.sh");

/// A streaming pair as an administrator of Debian makes it: pg_createcluster, pg_ctlcluster, packages, sudo.
///
/// Data checksums and `wal_log_hints` are off, since that is what Debian gives.
pub struct DebianPair {
    folder: TempDir,
    pub machines: [Machine; 2],
    pub ports: [u16; 2],
    pub programs: Programs,
    pub major: String,
    /// The version that the package of the local archive has.
    pub target: String,
}

const OPTIONS: &str = "-o shared_buffers=1MB -o fsync=off -o max_connections=20 -o max_wal_size=64MB -o wal_keep_size=64MB \
    -o wal_retrieve_retry_interval=200ms -o wal_receiver_timeout=5s -o jit=off -o archive_mode=on -o archive_command=true";

impl DebianPair {
    /// Makes and starts a pair; `None`, with a word, where that is not possible.
    pub fn start() -> Option<Self> {
        let programs = Programs::find().filter(|_| can_be_made())?;
        let major = programs.version.split('.').next().unwrap().to_owned();
        let (before, minor) = programs.version.split_at(major.len() + 1);
        let target = format!("{before}9{}", &minor[1..]);
        let packages = packages(&format!("postgresql-{major}"), &programs.version, &target);
        let folder = tempfile::Builder::new().prefix("pgdeb").tempdir_in("/tmp").unwrap();
        let key = folder.path().join("key");
        let made =
            Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
        assert!(made.unwrap().success());
        let start = |name| Machine::start(folder.path().join(name), name, &packages, &key);
        let mut machines = ["db-a", "db-b"].map(start);
        machines.iter_mut().for_each(Machine::ready);
        let ports = [0, 1].map(|_| free_port());
        let pair = Self { machines, ports, programs, major, target, folder };
        pair.make_primary();
        pair.make_standby();
        pair.write_inventory([A, B]);
        Some(pair)
    }

    fn make_primary(&self) {
        let (major, port) = (&self.major, self.ports[A]);
        self.machines[A].run("root", &format!("pg_createcluster {major} main -p {port} {OPTIONS} --start"));
        self.sql(
            A,
            "CREATE ROLE replicator LOGIN REPLICATION PASSWORD 'secret-of-debian'; ALTER ROLE postgres PASSWORD 'secret-of-debian';
             CREATE TABLE written (n bigint PRIMARY KEY); CREATE TABLE ballast (t text);
             SELECT pg_create_physical_replication_slot('db_b', true)",
        );
        let pass = "install -m 600 /dev/null ~/.pgpass; for user in replicator postgres; do
            echo \"127.0.0.1:*:*:$user:secret-of-debian\" >> ~/.pgpass; done";
        self.machines.iter().for_each(|machine| drop(machine.run("postgres", pass)));
    }

    fn make_standby(&self) {
        let (major, from, port) = (&self.major, self.ports[A], self.ports[B]);
        self.machines[B].run("root", &format!("pg_createcluster {major} main -p {port} {OPTIONS}"));
        let copy = format!(
            "rm -r ~/{major}/main; pg_basebackup -D ~/{major}/main -S db_b -R -c fast -N \
             -d 'host=127.0.0.1 port={from} user=replicator application_name=db-b'"
        );
        self.machines[B].run("postgres", &copy);
        self.control(B, "start");
    }

    /// Turns the roles around in the inventory.
    pub fn swap(&self) {
        self.write_inventory([B, A]);
    }

    /// Writes the inventory as the example has it, with these hosts as primary and standby.
    fn write_inventory(&self, [primary, standby]: [usize; 2]) {
        let hosts: Vec<String> = [A, B].into_iter().map(|host| self.host(host)).collect();
        let major = &self.major;
        let text = format!(
            "all:\n  vars:\n    ansible_user: admin\n    ansible_ssh_private_key_file: {folder}/key\n    \
             ansible_ssh_common_args: -F none -o UserKnownHostsFile={folder}/known_hosts\n    \
             postgres_target_version: '{target}'\n    postgres_data: /var/lib/postgresql/{major}/main\n    \
             postgres_config_file: /etc/postgresql/{major}/main/postgresql.conf\n    postgres_control: pg_ctlcluster\n    \
             postgres_lag_timeout: 20\n    postgres_lag_interval: 0.1\n    postgres_service_timeout: 60\n  children:\n    postgres:\n      children:\n        postgres_primary:\n          hosts:\n{a}\n        \
             postgres_standby:\n          hosts:\n{b}\n",
            folder = self.folder.path().display(),
            target = self.target,
            a = hosts[primary],
            b = hosts[standby],
        );
        std::fs::write(self.path("pair.yml"), text).unwrap();
        let known: Vec<String> = self.machines.iter().map(Machine::known_host).collect();
        std::fs::write(self.path("known_hosts"), known.concat()).unwrap();
    }

    fn host(&self, host: usize) -> String {
        let machine = &self.machines[host];
        let slot = machine.name.replace('-', "_");
        format!(
            "            {}: {{ ansible_host: 127.0.0.1, ansible_port: {}, postgres_port: {}, postgres_slot: {slot} }}",
            machine.name, machine.ssh, self.ports[host]
        )
    }

    /// Returns a path of the controller's.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts or stops a server past the runner.
    pub fn control(&self, host: usize, what: &str) {
        self.machines[host]
            .run("postgres", &format!("pg_ctlcluster {} main {what} </dev/null >/dev/null", self.major));
    }

    /// Asks a server; the answer's lines.
    pub fn sql(&self, host: usize, statement: &str) -> String {
        let words = statement.replace('\'', "'\\''");
        let port = self.ports[host];
        self.machines[host]
            .run("postgres", &format!("psql -X -A -t -q -v ON_ERROR_STOP=1 -p {port} -c '{words}'"))
    }

    /// Waits until a condition holds on a server.
    pub fn until(&self, host: usize, condition: &str) {
        for _ in 0..200 {
            if self.sql(host, &format!("SELECT {condition}")) == "t" {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("never: {condition}");
    }

    /// Returns `primary`, `standby` or `down`, and the version that runs, by the server's own word.
    pub fn stands(&self, host: usize) -> String {
        let ask = "psql -X -A -t -q -F ' ' -p PORT -c \"SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END,
            split_part(current_setting('server_version'), ' ', 1)\" 2>/dev/null || echo down";
        self.machines[host].run("postgres", &ask.replace("PORT", &self.ports[host].to_string()))
    }

    /// Expects the first host and the second to be this, on the new version, one following the other.
    pub fn is_whole(&self, a: &str, b: &str) {
        let expected = [a, b].map(|role| format!("{role} {}", self.target));
        assert_eq!([A, B].map(|host| self.stands(host)), expected);
        let primary = if a == "primary" { A } else { B };
        self.until(primary, "count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'");
        self.until(primary, "count(*) = 1 AND bool_and(active) FROM pg_replication_slots");
    }

    /// Returns a run of a playbook with nothing confirmed and nothing approved.
    pub fn scenario(&self, playbook: &str) -> Scenario {
        let playbook = format!("playbooks/postgres/{playbook}.yml");
        Scenario::new().inside(Path::new(env!("CARGO_MANIFEST_DIR"))).args([
            "run",
            playbook.as_str(),
            "-i",
            self.path("pair.yml").to_str().unwrap(),
        ])
    }

    /// Returns a run of the update with the backup confirmed, and these approvals.
    pub fn update(&self, switchover: bool, approvals: &[&str]) -> Scenario {
        let vars = format!(r#"{{"postgres_switchover": {switchover}, "postgres_confirmed": ["backup"]}}"#);
        let scenario = self.scenario("update_ha_pair").args(["-e", &vars]);
        approvals.iter().fold(scenario, |scenario, name| scenario.args(["--approve", name]))
    }

    /// Runs it, and expects it to end well.
    pub fn updated(&self, switchover: bool, approvals: &[&str]) -> Outcome {
        let outcome = self.update(switchover, approvals).run();
        assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
        outcome
    }

    /// Returns where programs of this machine reach both servers.
    pub fn service(&self) -> String {
        let [p, q] = self.ports;
        format!(
            "host=127.0.0.1,127.0.0.1 port={p},{q} user=postgres password=secret-of-debian dbname=postgres \
             target_session_attrs=read-write connect_timeout=2"
        )
    }
}

#[expect(clippy::print_stdout, reason = "a test says why it is skipped")]
fn can_be_made() -> bool {
    let has = |program: &&&str| !Path::new(program).exists();
    let missing = [
        "/usr/bin/pg_createcluster",
        "/usr/sbin/sshd",
        "/usr/bin/sudo",
        "/usr/bin/unshare",
        "/usr/sbin/runuser",
    ];
    let missing: Vec<&&str> = missing.iter().filter(has).collect();
    // A system whose root is an overlay itself may not let another be laid over it.
    let probe = "d=$(mktemp -d) && mkdir $d/up $d/work && mount -t overlay -o lowerdir=/,upperdir=$d/up,workdir=$d/work probe $d \
        && umount $d; r=$?; rm -rf $d/up $d/work; rmdir $d; exit $r";
    let overlay = || Command::new("unshare").args(["-m", "-p", "-u", "-i", "-f", "sh", "-c", probe]).output();
    let good = missing.is_empty() && is_root() && overlay().is_ok_and(|output| output.status.success());
    if !good {
        println!(
            "skipped: a Debian machine in namespaces needs root, a file system to lay over, and {missing:?}"
        );
    }
    good
}

/// Returns the folder with the package of the new version, made once for all tests.
fn packages(name: &str, from: &str, to: &str) -> PathBuf {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = parent.join(format!("{name}_{from}_{to}"));
    if !folder.exists() {
        let fresh = tempfile::Builder::new().prefix("package").tempdir_in(parent).unwrap().keep();
        let output = Command::new("sh")
            .args(["-c", PACKAGE, "sh"])
            .arg(&fresh)
            .args([name, from, to])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&fresh, readable).unwrap();
        // Another test may have been faster.
        if std::fs::rename(&fresh, &folder).is_err() {
            std::fs::remove_dir_all(&fresh).unwrap();
        }
    }
    folder
}
