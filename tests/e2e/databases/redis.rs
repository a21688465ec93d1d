use std::net::TcpListener;
use std::process::Command;

use super::server::{Server, find};
use super::{changed, tasks};

const PASSWORD: &str = "it's a secret";

/// Starts a server on a port of its own that lets no one in without a password.
fn server() -> Option<(Server, String)> {
    let redis = find("redis-server", &[])?;
    find("redis-cli", &[])?;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let arguments = [
        "--bind",
        "127.0.0.1",
        "--port",
        &port,
        "--save",
        "",
        "--requirepass",
        PASSWORD,
        "--daemonize",
        "no",
    ];
    let server = Server::start(Server::folder(), &redis, &arguments, || ask(&port, &["PING"]) == "PONG");
    Some((server, port))
}

fn ask(port: &str, command: &[&str]) -> String {
    let output =
        Command::new("redis-cli").args(["-p", port]).args(command).env("REDISCLI_AUTH", PASSWORD).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim_end().to_owned()
}

#[test]
fn settings_and_keys_become_what_they_should_be() {
    let Some((_server, port)) = server() else { return };
    let login =
        format!("login_host: 127.0.0.1, login_port: {port}, login_password: \"{PASSWORD}\", tls: false");
    let text = r#"- redis: { command: config, name: maxmemory, value: 64MB, LOGIN }
- redis_data: { key: "a key", value: "line\nit's \"quoted\" $(id)", LOGIN }
- redis_data_info: { key: "a key", LOGIN }
  register: read
- redis_info: { LOGIN }
  register: server
- assert:
    that:
      - read.value == "line\nit's \"quoted\" $(id)"
      - server.info.db0['keys'] == 1
- redis: { command: replica, replica_mode: master, LOGIN }"#;
    let run = tasks(&text.replace("LOGIN", &login));
    assert_eq!(changed(&run), 2);
    assert_eq!(ask(&port, &["CONFIG", "GET", "maxmemory"]), "maxmemory\n67108864");
    assert_eq!(ask(&port, &["GET", "a key"]), "line\nit's \"quoted\" $(id)");
    assert_eq!(changed(&run), 0);
    let rest = "- redis_data: { key: \"a key\", state: absent, LOGIN }\n- redis: { command: flush, LOGIN }";
    assert_eq!(changed(&tasks(&rest.replace("LOGIN", &login))), 2);
    assert_eq!(ask(&port, &["DBSIZE"]), "0");
}
