use std::process::Command;

use super::server::{Server, command, find};
use super::{changed, tasks};

const PASSWORD: &str = "it's \\ a \"secret\"";

/// Starts a server on a socket of its own, whose root has a password.
fn server() -> Option<Server> {
    let folders = ["/usr/sbin", "/usr/bin"];
    let (install, mariadbd) = (find("mariadb-install-db", &folders)?, find("mariadbd", &folders)?);
    let folder = Server::folder();
    let data = folder.path().join("data").display().to_string();
    let made = command(&install, folder.path())
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .arg(format!("--datadir={data}"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let path = folder.path().display().to_string();
    let arguments = [
        "--no-defaults".to_owned(),
        format!("--datadir={data}"),
        format!("--socket={path}/sock"),
        format!("--pid-file={path}/pid"),
        "--skip-networking".to_owned(),
        "--innodb-flush-log-at-trx-commit=0".to_owned(),
    ];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_up = || ask(&path, "", "SELECT 1").is_some();
    let server = Server::start(folder, &mariadbd, &arguments, is_up);
    let quoted = PASSWORD.replace('\\', "\\\\").replace('\'', "''");
    ask(&path, "", &format!("SET PASSWORD FOR root@localhost = PASSWORD('{quoted}')")).unwrap();
    Some(server)
}

/// Asks the server itself; `None` when it does not answer.
fn ask(folder: &str, password: &str, sql: &str) -> Option<String> {
    let output = Command::new("mariadb")
        .args([
            "--no-defaults",
            "--default-character-set=utf8mb4",
            "--batch",
            "--skip-column-names",
            "-u",
            "root",
            "-S",
        ])
        .args([&format!("{folder}/sock"), "-e", sql])
        .env("MYSQL_PWD", password)
        .output()
        .unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
}

const LOGIN: &str = r#"login_unix_socket: "{{ folder }}/sock", login_user: root, login_password: "{{ password }}", config_file: """#;

fn scenario(text: &str, server: &Server) -> crate::scenario::Scenario {
    let folder = server.folder.path().display().to_string();
    let variables = format!("folder: {folder}\npassword: {}\n", serde_json::json!(PASSWORD));
    tasks(&text.replace("LOGIN", LOGIN)).file("vars.yml", &variables).args(["-e", "@vars.yml"])
}

#[test]
fn databases_users_and_rows_become_what_they_should_be() {
    let Some(server) = server() else { return };
    let folder = server.folder.path().display().to_string();
    let ask = |sql: &str| ask(&folder, PASSWORD, sql).unwrap();
    let run = scenario(
        r#"- mysql_db: { name: "sh-op", encoding: utf8mb4, LOGIN }
- mysql_user: { name: "jo'e", password: "it's \\ his", host: "%", priv: "sh-op.*:SELECT,INSERT", LOGIN }
- mysql_query: { login_db: "sh-op", query: "CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, s varchar(40))", LOGIN }
- mysql_query: { login_db: "sh-op", query: "INSERT IGNORE INTO t VALUES (%s, %s)", positional_args: [1, "a <b>\n'); DROP TABLE t; --"], LOGIN }
- mysql_query: { login_db: "sh-op", query: ["SELECT id, s, NULL AS n FROM t", "SHOW TABLES"], LOGIN }
  register: read
- assert:
    that:
      - read.query_result[0][0].id == 1
      - read.query_result[0][0].s == "a <b>\n'); DROP TABLE t; --"
      - read.query_result[0][0].n is none
      - read.rowcount == [1, 1]
      - not read.changed"#,
        &server,
    );
    assert_eq!(changed(&run), 4);
    assert_eq!(ask("SELECT count(*) FROM `sh-op`.t WHERE s LIKE 'a%DROP%'"), "1");
    assert_eq!(ask("SELECT user, host FROM mysql.user WHERE user = 'jo''e'"), "jo'e\t%");
    assert_eq!(changed(&run), 0);
}

#[test]
fn a_dump_brings_everything_back() {
    let Some(server) = server() else { return };
    let folder = server.folder.path().display().to_string();
    ask(
        &folder,
        PASSWORD,
        "CREATE DATABASE a CHARACTER SET utf8mb4; CREATE TABLE a.t (s text); INSERT INTO a.t VALUES ('é')",
    )
    .unwrap();
    let run = scenario(
        r#"- mysql_db: { name: a, state: dump, target: "{{ folder }}/a.sql.gz", LOGIN }
- mysql_db: { name: a, state: absent, LOGIN }
- mysql_db: { name: a, state: import, target: "{{ folder }}/a.sql.gz", LOGIN }"#,
        &server,
    );
    assert_eq!(changed(&run), 3);
    assert_eq!(ask(&folder, PASSWORD, "SELECT hex(s) FROM a.t").unwrap(), "C3A9");
}
