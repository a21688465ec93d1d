//! The SSH server, by the client that users have.

use std::io::Write;
use std::process::{Command, Stdio};

use switchover_lab::{Lab, Options};

use super::client::start;

/// The `ssh` command for a host, with strict host key checking; `None`, with a word, where none is installed.
fn ssh(lab: &Lab, host: &str) -> Option<Command> {
    if Command::new("ssh").arg("-V").stderr(Stdio::null()).status().is_err() {
        eprintln!("skipped: no ssh client is installed");
        return None;
    }
    let entry = lab.host(host).unwrap();
    let mut command = Command::new("ssh");
    command.args(["-F", "/dev/null", "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes"]);
    command.arg("-o").arg(format!("UserKnownHostsFile={}", lab.layout().known_hosts().display()));
    command.arg("-o").arg("BatchMode=yes").arg("-i").arg(lab.layout().client_key());
    command.arg("-p").arg(entry.ssh_port.to_string()).arg(format!("lab@{}", entry.address));
    Some(command)
}

async fn lab() -> (tempfile::TempDir, Lab) {
    let folder = tempfile::tempdir().unwrap();
    let lab = start(Options::plain(folder.path(), ["a"])).await;
    (folder, lab)
}

#[tokio::test(flavor = "multi_thread")]
async fn openssh_logs_in_and_runs_a_command() {
    let (_folder, lab) = lab().await;
    let Some(mut ssh) = ssh(&lab, "a") else { return };
    let output = ssh.arg("whoami; echo err >&2; exit 5").stdin(Stdio::null()).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "lab\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), "err\n");
    assert_eq!(output.status.code(), Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn openssh_carries_input_and_its_end() {
    let (_folder, lab) = lab().await;
    let Some(mut ssh) = ssh(&lab, "a") else { return };
    let mut child = ssh.arg("cksum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    let mut local = Command::new("cksum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    local.stdin.take().unwrap().write_all(&bytes).unwrap();
    assert_eq!(output.stdout, local.wait_with_output().unwrap().stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn openssh_reads_a_script_on_stdin() {
    let (_folder, lab) = lab().await;
    let Some(mut ssh) = ssh(&lab, "a") else { return };
    let mut child = ssh.arg("-T").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"echo one\nwhoami\nexit 9\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (String::from_utf8_lossy(&output.stdout).as_ref(), output.status.code()),
        ("one\nlab\n", Some(9))
    );
}
