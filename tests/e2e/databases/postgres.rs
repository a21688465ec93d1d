use std::process::Command;

use super::server::{Server, command, find};
use super::{changed, tasks};

const PASSWORD: &str = "it's \\ a \"secret\"";

/// Starts a server that lets no one in without a password.
fn server() -> Option<Server> {
    let mut homes: Vec<String> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin").display().to_string())
        .collect();
    homes.sort();
    let homes: Vec<&str> = homes.iter().rev().map(String::as_str).collect();
    let (initdb, postgres) = (find("initdb", &homes)?, find("postgres", &homes)?);
    let folder = Server::folder();
    std::fs::write(folder.path().join("password"), PASSWORD).unwrap();
    let made = command(&initdb, folder.path())
        .args([
            "-D",
            "data",
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            "--pwfile=password",
            "-E",
            "UTF8",
            "-N",
        ])
        .args(["--locale=C.UTF-8"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let path = folder.path().display().to_string();
    let arguments = ["-D", "data", "-k", &path, "-c", "listen_addresses=", "-c", "fsync=off", "-p", "5432"];
    let is_up = || ask(&path, "postgres", "SELECT 1").is_some();
    Some(Server::start(folder, &postgres, &arguments, is_up))
}

/// Asks the server itself; `None` when it does not answer.
fn ask(folder: &str, database: &str, sql: &str) -> Option<String> {
    let output = Command::new("psql")
        .args(["-X", "-w", "-A", "-t", "-h", folder, "-U", "postgres", "-d", database, "-c", sql])
        .env("PGPASSWORD", PASSWORD)
        .output()
        .unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
}

const LOGIN: &str = r#"login_unix_socket: "{{ socket }}", login_password: "{{ password }}""#;

fn scenario(text: &str, server: &Server) -> crate::scenario::Scenario {
    let variables = format!("socket: {}\npassword: {}\n", server.path(""), serde_json::json!(PASSWORD));
    tasks(&text.replace("LOGIN", LOGIN)).file("vars.yml", &variables).args(["-e", "@vars.yml"])
}

#[test]
fn databases_roles_and_extensions_become_what_they_should_be() {
    let Some(server) = server() else { return };
    let run = scenario(
        r#"- postgresql_user: { name: 'sh"op', password: "it's", role_attr_flags: "CREATEDB,NOINHERIT", expires: "2031-01-02", conn_limit: 3, configuration: { work_mem: 16MB }, comment: "it's", LOGIN }
- postgresql_db: { name: 'a "b"', owner: 'sh"op', encoding: UTF8, template: template0, conn_limit: 7, comment: "c'", LOGIN }
- postgresql_ext: { name: hstore, login_db: 'a "b"', version: latest, LOGIN }"#,
        &server,
    );
    assert_eq!(changed(&run), 3);
    let folder = server.path("");
    let ask = |database: &str, sql: &str| ask(&folder, database, sql).unwrap();
    assert_eq!(
        ask(
            "postgres",
            "SELECT rolcreatedb, rolinherit, rolcanlogin, rolconnlimit, rolvaliduntil::date, setconfig, \
             shobj_description(r.oid, 'pg_authid') FROM pg_roles r JOIN pg_db_role_setting ON setrole = r.oid \
             WHERE rolname = 'sh\"op'"
        ),
        "t|f|t|3|2031-01-02|{work_mem=16MB}|it's"
    );
    assert_eq!(
        ask(
            "postgres",
            "SELECT pg_get_userbyid(datdba), datconnlimit, shobj_description(oid, 'pg_database') \
             FROM pg_database WHERE datname = 'a \"b\"'"
        ),
        "sh\"op|7|c'"
    );
    assert_eq!(ask("a \"b\"", "SELECT count(*) FROM pg_extension WHERE extname = 'hstore'"), "1");
    assert_eq!(changed(&run), 0);
}

#[test]
fn queries_take_values_as_data_and_leave_nothing_in_check_mode() {
    let Some(server) = server() else { return };
    let text = r#"- postgresql_query: { query: ["CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, s text)", "INSERT INTO t VALUES (1, 'one') ON CONFLICT DO NOTHING"], LOGIN }
- postgresql_query: { query: "INSERT INTO t VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id", positional_args: [2, "'); DROP TABLE t; --"], LOGIN }
- postgresql_query: { query: "SELECT id, s, s IS NULL AS n, 'a:b\\c' AS c FROM t WHERE s = %(s)s; ", named_args: { s: "'); DROP TABLE t; --" }, LOGIN }
  register: read
- assert:
    that:
      - read.query_result | length == 1
      - read.query_result[0].id == 2
      - read.query_result[0].s == "'); DROP TABLE t; --"
      - read.query_result[0].c == 'a:b' ~ '\\' ~ 'c'
      - read.rowcount == 1
      - read.statusmessage == 'SELECT 1'
      - not read.changed
- postgresql_query: { query: "SELECT 1 \\! touch /tmp/switchover-was-here", LOGIN }
  register: wrong
  ignore_errors: true
- assert: { that: [wrong is failed] }"#;
    let run = scenario(text, &server);
    assert_eq!(changed(&run), 2);
    let folder = server.path("");
    assert_eq!(ask(&folder, "postgres", "SELECT count(*) FROM t").unwrap(), "2");
    assert!(!std::path::Path::new("/tmp/switchover-was-here").exists());
    let check = scenario("- postgresql_query: { query: DELETE FROM t, LOGIN }", &server).args(["--check"]);
    assert_eq!(changed(&check), 1);
    assert_eq!(ask(&folder, "postgres", "SELECT count(*) FROM t").unwrap(), "2");
}

#[test]
fn a_dump_is_whole_and_can_be_read_back() {
    let Some(server) = server() else { return };
    let folder = server.path("");
    for sql in ["CREATE DATABASE shop", "CREATE DATABASE copy"] {
        ask(&folder, "postgres", sql).unwrap();
    }
    ask(&folder, "shop", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS n").unwrap();
    let text = r#"- postgresql_db: { name: shop, state: dump, target: "{{ socket }}/shop.ENDING", LOGIN }
- postgresql_db: { name: copy, state: restore, target: "{{ socket }}/shop.ENDING", LOGIN }"#;
    for ending in ["sql.gz", "tar", "pgc", "dir"] {
        assert_eq!(changed(&scenario(&text.replace("ENDING", ending), &server)), 2);
        assert_eq!(ask(&folder, "copy", "SELECT sum(n) FROM t").unwrap(), "500500", "{ending}");
        ask(&folder, "copy", "DROP TABLE t").unwrap();
    }
    let text =
        r#"- postgresql_db: { name: nowhere, state: dump, target: "{{ socket }}/none.sql.gz", LOGIN }"#;
    assert_eq!(scenario(text, &server).run().code, 2);
    assert!(!std::path::Path::new(&server.path("none.sql.gz")).exists());
}

#[test]
fn no_password_is_on_a_command_line_or_on_the_screen() {
    let Some(server) = server() else { return };
    let text = "- postgresql_user: { name: bob, password: \"a new secret\", LOGIN }";
    let run = scenario(text, &server).file(
        "bin/psql",
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >>\"$SEEN\"\ntr '\\0' '\\n' </proc/$PPID/cmdline >>\"$SEEN\"\nexec /usr/bin/psql \"$@\"\n",
    );
    let psql = run.path("bin/psql");
    std::fs::set_permissions(&psql, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", run.path("bin").display(), std::env::var("PATH").unwrap());
    let output = run.command().env("PATH", path).env("SEEN", run.path("seen")).output().unwrap();
    let screen = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{screen}");
    let seen = std::fs::read_to_string(run.path("seen")).unwrap();
    assert!(seen.contains("user='postgres'"), "{seen}");
    for secret in [PASSWORD, "a new secret"] {
        assert!(!seen.contains(secret), "{seen}");
        assert!(!screen.contains(secret), "{screen}");
    }
}

#[test]
fn roles_have_the_privileges_that_they_should_and_check_mode_leaves_nothing() {
    let Some(server) = server() else { return };
    let folder = server.path("");
    let ask = |sql: &str| ask(&folder, "postgres", sql).unwrap();
    ask(
        "CREATE ROLE joe; CREATE ROLE staff; CREATE TABLE t (i int); CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    let text = r#"- postgresql_privs: { login_db: postgres, privs: "SELECT,INSERT", objs: t, roles: joe, grant_option: true, LOGIN }
- postgresql_privs: { login_db: postgres, type: function, privs: ALL, objs: "f(int:int)", roles: joe, LOGIN }
- postgresql_privs: { login_db: postgres, type: group, objs: staff, roles: joe, LOGIN }
- postgresql_privs: { login_db: postgres, type: default_privs, privs: SELECT, objs: "TABLES,SEQUENCES", roles: joe, LOGIN }"#;
    let run = scenario(text, &server);
    let rights = "SELECT has_table_privilege('joe', 't', 'INSERT WITH GRANT OPTION'), pg_has_role('joe', 'staff', 'MEMBER'), \
                  (SELECT count(*) FROM pg_default_acl)";
    assert_eq!(changed(&scenario(text, &server).args(["--check"])), 4);
    assert_eq!(ask(rights), "f|f|0");
    assert_eq!(changed(&run), 4);
    assert_eq!(ask(rights), "t|t|2");
    assert_eq!(changed(&run), 0);
    let less = "- postgresql_privs: { login_db: postgres, privs: INSERT, objs: ALL_IN_SCHEMA, roles: joe, state: absent, LOGIN }";
    assert_eq!(changed(&scenario(less, &server)), 1);
    assert_eq!(
        ask("SELECT has_table_privilege('joe', 't', 'INSERT'), has_table_privilege('joe', 't', 'SELECT')"),
        "f|t"
    );
}
