use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;

use super::programs::Programs;
use crate::scenario::{Outcome, Scenario};

/// Two real PostgreSQL servers that replicate, on two hosts behind real SSH servers.
///
/// The host `db-a` begins as the primary. Each server's configuration stands outside its data directory, as Debian has it,
/// and each host has its own link `bin` to the programs, so that installing a version is turning the link.
pub struct Pair {
    folder: TempDir,
    pub programs: Programs,
    ports: [u16; 2],
}

pub const A: usize = 0;
pub const B: usize = 1;
const NAMES: [&str; 2] = ["db-a", "db-b"];

/// The data of a standby that no inventory names, and its name.
const THIRD: &str = "third";

const CONF: &str = "listen_addresses = '127.0.0.1'\nshared_buffers = 1MB\nfsync = off\nmax_connections = 20\nmax_wal_senders = 6\n\
    max_wal_size = 32MB\nmin_wal_size = 2MB\nwal_keep_size = 64MB\nautovacuum = off\nmax_parallel_workers = 0\nwal_receiver_timeout = 5s\n\
    wal_retrieve_retry_interval = 200ms\narchive_mode = on\narchive_command = 'true'\njit = off\nlog_min_messages = warning\n";

const HBA: &str = "local all all trust\nhost replication replicator 127.0.0.1/32 scram-sha-256\n\
    host all postgres 127.0.0.1/32 scram-sha-256\n";

const SETUP: &str = "CREATE ROLE replicator LOGIN REPLICATION PASSWORD 'SECRET';
    ALTER ROLE postgres PASSWORD 'SECRET';
    CREATE TABLE written (n bigint PRIMARY KEY); CREATE TABLE ballast (t text);
    SELECT pg_create_physical_replication_slot('slot_b', true);";

impl Pair {
    /// Makes and starts a pair of the version before; `None` where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let programs = Programs::find()?;
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
        programs.own(folder.path());
        let listeners = [0, 1].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = listeners.map(|listener| listener.local_addr().unwrap().port());
        let pair = Self { folder, programs, ports };
        pair.programs.make_version_before(&pair.path("before"));
        for host in [A, B] {
            pair.make_host(host);
        }
        pair.make_primary();
        pair.make_standby();
        pair.start_lab();
        Some(pair)
    }

    /// Returns the password of this pair, which no other pair has: tests run at the same time.
    pub fn secret(&self) -> String {
        format!("secret-of-the-pair-{}", self.ports[0])
    }

    /// Returns a path below the pair's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns a path of a host.
    pub fn at(&self, host: usize, name: &str) -> String {
        self.path(NAMES[host]).join(name).display().to_string()
    }

    fn make_host(&self, host: usize) {
        let root = self.path(NAMES[host]);
        std::fs::create_dir(&root).unwrap();
        self.programs.own(&root);
        std::os::unix::fs::symlink(self.path("before"), root.join("bin")).unwrap();
        let port = self.ports[host];
        let [data, hba] = ["data", "pg_hba.conf"].map(|name| self.at(host, name));
        let more = format!(
            "port = {port}\ndata_directory = '{data}'\nhba_file = '{hba}'\nunix_socket_directories = '{}'\n",
            root.display()
        );
        std::fs::write(root.join("postgresql.conf"), format!("{CONF}{more}")).unwrap();
        std::fs::write(root.join("pg_hba.conf"), HBA).unwrap();
        let secret = self.secret();
        let pass = ["replicator", "postgres"].map(|user| format!("127.0.0.1:*:*:{user}:{secret}\n"));
        std::fs::write(root.join("pgpass"), pass.concat()).unwrap();
        self.programs.run("/bin/chmod", &["0755", &root.display().to_string()]);
        std::fs::set_permissions(root.join("pgpass"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        for name in ["postgresql.conf", "pg_hba.conf", "pgpass"] {
            self.programs.own(&root.join(name));
        }
    }

    fn make_primary(&self) {
        let data = self.at(A, "data");
        let initdb = self.programs.bin.join("initdb");
        let options = ["-D", &data, "-U", "postgres", "--auth=trust", "-k", "-N", "--no-instructions"];
        self.programs
            .run(initdb, &[&options[..], &["--wal-segsize=1", "--locale=C", "--encoding=UTF8"]].concat());
        self.control(A, "start");
        self.sql(A, &SETUP.replace("SECRET", &self.secret()));
    }

    fn make_standby(&self) {
        let data = self.at(B, "data");
        let conninfo = format!(
            "host=127.0.0.1 port={} user=replicator passfile={} application_name=db-b",
            self.ports[A],
            self.at(B, "pgpass")
        );
        let basebackup = self.programs.bin.join("pg_basebackup");
        self.programs.run(basebackup, &["-D", &data, "-d", &conninfo, "-S", "slot_b", "-c", "fast", "-N"]);
        let auto = self.path("db-b/data/postgresql.auto.conf");
        std::fs::write(&auto, format!("primary_conninfo = '{conninfo}'\nprimary_slot_name = 'slot_b'\n"))
            .unwrap();
        std::fs::write(self.path("db-b/data/standby.signal"), "").unwrap();
        self.programs.own(&self.path("db-b/data/standby.signal"));
        self.control(B, "start");
    }

    /// Makes and starts one more standby, of this server, which no inventory names.
    pub fn add_standby(&self, of: usize) {
        let data = self.at(B, THIRD);
        let (port, pass) = (self.ports[of], self.at(B, "pgpass"));
        let conninfo =
            format!("host=127.0.0.1 port={port} user=replicator passfile={pass} application_name={THIRD}");
        let basebackup = self.programs.bin.join("pg_basebackup");
        self.programs.run(basebackup, &["-D", &data, "-d", &conninfo, "-R", "-c", "fast", "-N"]);
        let conf = self.at(B, "postgresql.conf");
        // It only reads from the other: nobody but a test connects to it.
        let options = format!(
            "-c config_file='{conf}' -c data_directory='{data}' -c listen_addresses='' -c unix_socket_directories='{data}' -c primary_slot_name=''"
        );
        let log = self.at(B, "third.log");
        self.programs
            .run(self.programs.bin.join("pg_ctl"), &["start", "-D", &data, "-w", "-l", &log, "-o", &options]);
    }

    fn start_lab(&self) {
        // The user who runs the servers may not be able to enter the folder that the build writes into.
        let built = Path::new(env!("CARGO_BIN_EXE_switchover")).with_file_name("switchover-lab");
        let program = self.path("switchover-lab");
        std::fs::copy(built, &program)
            .expect("switchover-lab stands beside switchover: `cargo build --workspace` builds it");
        let lab = self.path("lab").display().to_string();
        let said = self.programs.run(&program, &["start", &lab, "--preset", "plain", "--hosts", "db-a,db-b"]);
        assert!(said.contains("ready"), "{said}");
        std::fs::write(self.path("pair.yml"), self.inventory([A, B])).unwrap();
        let install = "- file: { src: \"{{ new_programs }}\", path: \"{{ postgres_bin }}\", state: link, force: true, follow: false }\n";
        std::fs::write(self.path("install.yml"), install).unwrap();
    }

    /// Returns the inventory, with these hosts as primary and standby.
    pub fn inventory(&self, [primary, standby]: [usize; 2]) -> String {
        let host = |index: usize| {
            let slot = ["slot_a", "slot_b"][index];
            let [data, bin, conf, pass, log] =
                ["data", "bin", "postgresql.conf", "pgpass", "server.log"].map(|name| self.at(index, name));
            format!(
                "{{ {}: {{ postgres_data: {data}, postgres_bin: {bin}, postgres_config_file: {conf}, postgres_passfile: {pass}, \
                 postgres_log: {log}, postgres_port: {}, postgres_address: 127.0.0.1, postgres_slot: {slot} }} }}",
                NAMES[index], self.ports[index]
            )
        };
        format!(
            "postgres:\n  vars:\n    postgres_become: false\n    postgres_rewind_user: postgres\n    postgres_target_version: '{}'\n    \
             postgres_install: {}\n    new_programs: {}\n    postgres_lag_interval: 0.1\n    postgres_lag_timeout: 20\n    \
             postgres_service_timeout: 30\n  children:\n    postgres_primary:\n      hosts: {}\n    postgres_standby:\n      hosts: {}\n",
            self.programs.version,
            self.path("install.yml").display(),
            self.programs.bin.display(),
            host(primary),
            host(standby)
        )
    }

    /// Swaps the roles in the inventory; the servers stay as they are.
    pub fn swap_inventory(&self) {
        std::fs::write(self.path("pair.yml"), self.inventory([B, A])).unwrap();
    }

    /// Returns a run of a playbook with nothing confirmed and nothing approved.
    pub fn scenario(&self, playbook: &str) -> Scenario {
        let inventories = [self.path("lab/inventory.yml"), self.path("pair.yml")];
        let playbook = format!("playbooks/postgres/{playbook}.yml");
        let scenario =
            Scenario::new().inside(Path::new(env!("CARGO_MANIFEST_DIR"))).args(["run", playbook.as_str()]);
        inventories.iter().fold(scenario, |scenario, path| scenario.args(["-i", path.to_str().unwrap()]))
    }

    /// Returns a run of the update with everything confirmed and approved.
    pub fn update(&self, switchover: bool) -> Scenario {
        let vars = format!(r#"{{"postgres_switchover": {switchover}, "postgres_confirmed": ["backup"]}}"#);
        self.scenario("update_ha_pair").args(["--approve", "all", "-e", &vars])
    }

    /// Runs it, and expects it to end well.
    pub fn updated(&self, switchover: bool) -> Outcome {
        let outcome = self.update(switchover).run();
        assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
        outcome
    }

    /// Starts or stops a server past the runner.
    pub fn control(&self, host: usize, what: &str) {
        let data = self.at(host, "data");
        let (conf, log) =
            (format!("-c config_file='{}'", self.at(host, "postgresql.conf")), self.at(host, "server.log"));
        let mut arguments = vec![what, "-D", &data, "-w", "-t", "30"];
        if what == "start" {
            arguments.extend(["-o", &conf, "-l", &log]);
        }
        let output =
            self.programs.command(self.at(host, "bin/pg_ctl")).args(arguments).stdout(Stdio::null()).status();
        assert!(output.unwrap().success(), "{what} on {}: {}", NAMES[host], self.log(host));
    }

    /// Returns the log of a server.
    pub fn log(&self, host: usize) -> String {
        std::fs::read_to_string(self.at(host, "server.log")).unwrap_or_default()
    }

    /// Asks a server; the answer's lines.
    pub fn sql(&self, host: usize, statement: &str) -> String {
        let socket = self.at(host, "");
        let port = self.ports[host].to_string();
        let psql = self.programs.bin.join("psql");
        let options =
            ["-X", "-A", "-t", "-q", "-h", &socket, "-p", &port, "-U", "postgres", "-d", "postgres"];
        let said =
            self.programs.run(psql, &[&options[..], &["-v", "ON_ERROR_STOP=1", "-c", statement]].concat());
        said.trim().to_owned()
    }

    /// Asks the standby that no inventory names.
    pub fn sql_of_third(&self, statement: &str) -> String {
        let (socket, port) = (self.at(B, THIRD), self.ports[B].to_string());
        let options = [
            "-X", "-A", "-t", "-q", "-h", &socket, "-p", &port, "-U", "postgres", "-d", "postgres", "-c",
            statement,
        ];
        self.programs.run(self.programs.bin.join("psql"), &options).trim().to_owned()
    }

    /// Returns `primary`, `standby` or `down`, by the server's own word.
    pub fn role(&self, host: usize) -> String {
        if !Path::new(&self.at(host, "data/postmaster.pid")).exists() {
            return "down".to_owned();
        }
        let answer = self.sql(host, "SELECT pg_is_in_recovery()");
        if answer == "t" { "standby" } else { "primary" }.to_owned()
    }

    /// Returns the version that runs.
    pub fn version(&self, host: usize) -> String {
        self.sql(host, "SHOW server_version").split_whitespace().next().unwrap().to_owned()
    }

    /// Returns everything that a run could have changed: roles, versions, start times, system identifiers, slots, records.
    pub fn state(&self) -> Vec<String> {
        let ask = "SELECT pg_is_in_recovery(), current_setting('server_version'), pg_postmaster_start_time(),
            (SELECT system_identifier FROM pg_control_system()), (SELECT timeline_id FROM pg_control_checkpoint()),
            (SELECT string_agg(slot_name || active, ',' ORDER BY slot_name) FROM pg_replication_slots)";
        let record = |name: &str| {
            let path = format!("lab/hosts/{name}/home/lab/.switchover/records/postgres-pair.json");
            std::fs::read_to_string(self.path(&path)).unwrap_or_default()
        };
        vec![self.sql(A, ask), self.sql(B, ask), record("db-a"), record("db-b")]
    }

    /// Returns where programs reach both servers, for a client that looks for the primary.
    pub fn service(&self) -> String {
        let [a, b] = [A, B].map(|host| self.at(host, ""));
        let [p, q] = self.ports;
        format!(
            "host={a},{b} port={p},{q} user=postgres dbname=postgres target_session_attrs=read-write connect_timeout=2"
        )
    }

    /// Waits until a condition holds on a server.
    pub fn until(&self, host: usize, condition: &str) {
        for _ in 0..200 {
            if self.sql(host, &format!("SELECT {condition}")) == "t" {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("never on {}: {condition}\n{}", NAMES[host], self.log(host));
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        for data in [self.at(B, THIRD), self.at(A, "data"), self.at(B, "data")] {
            let pg_ctl = self.programs.bin.join("pg_ctl");
            // One that is down already refuses.
            let _ = self
                .programs
                .command(pg_ctl)
                .args(["stop", "-D", &data, "-m", "immediate", "-w"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
        let lab = self.path("lab").display().to_string();
        let _ = self
            .programs
            .command(self.path("switchover-lab"))
            .args(["stop", &lab])
            .stdout(Stdio::null())
            .status();
    }
}
