//! Becoming another user with a password that is read from a terminal.

mod users;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use switchover_connect::*;
use switchover_protocol::*;

use crate::support::sshd::{Sshd, target};
use crate::support::*;
use users::{PASSWORD, Users};

fn elevation(user: &str, password: Option<&str>, exe: Option<String>) -> Option<Elevation> {
    let password = password.map(Secret::from);
    Some(Elevation { user: user.to_owned(), password, exe, ..Elevation::by(Method::Doas) })
}

/// A stand-in for doas: it asks as doas does, at the terminal only, and changes nobody. With `path`, programs
/// are found there alone.
fn asking_doas(folder: &Path, path: Option<&Path>) -> String {
    let file = folder.join("doas");
    let path = path.map(|path| format!("PATH={}; export PATH\n", path.display())).unwrap_or_default();
    let text = format!(
        "#!/bin/sh\nstty -echo </dev/tty || exit 9\nprintf %s 'doas (me@here) password: ' >/dev/tty\n\
         IFS= read -r given </dev/tty\nstty echo </dev/tty\necho >/dev/tty\n\
         [ \"$given\" = 's3 cret' ] || {{ echo 'doas: Authentication failed' >&2; exit 1; }}\n\
         shift 2\n{path}exec \"$@\"\n"
    );
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file.display().to_string()
}

async fn works_with_streams_apart(probe: &Probe, user: Option<&str>) {
    let output = probe.sh("id -un; echo err >&2; exit 3").await;
    let stdout = output.stdout.to_text();
    assert_eq!((output.rc, output.stderr.to_text().as_str()), (3, "err\n"));
    if let Some(user) = user {
        assert_eq!(stdout, format!("{user}\n"));
    }
    let output = probe.exec(Exec { stdin: Some(Bytes(noise(300_000))), ..argv(&["cat"]) }).await;
    assert!(output.stdout.0 == noise(300_000));
    let output = probe.exec(Exec { timeout: Some(1), ..shell("sleep 1000") }).await;
    assert!(output.timed_out);
    assert_eq!(probe.sh("echo again").await.stdout.to_text(), "again\n");
}

async fn refuses_a_wrong_password(probe: &Probe) {
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("the password is wrong"), "{error}");
}

#[tokio::test]
async fn a_password_is_typed_at_a_terminal_and_the_shell_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let exe = asking_doas(folder.path(), None);
    let mut probe = Probe::local().await;
    probe.elevation = elevation("me", Some("s3 cret"), Some(exe.clone()));
    works_with_streams_apart(&probe, None).await;
    if tool("setsid").is_some() {
        assert_eq!(probe.sh("(: </dev/tty) 2>/dev/null && echo tty").await.stdout.to_text(), "");
    }
    probe.elevation = elevation("me", Some("wrong"), Some(exe));
    refuses_a_wrong_password(&probe).await;
}

#[tokio::test]
async fn a_host_without_setsid_keeps_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["cat", "sleep", "id", "stty", "ps", "kill", "head", "wc", "rm"] {
        if let Some(tool) = tool(name) {
            std::os::unix::fs::symlink(tool, folder.path().join(name)).unwrap();
        }
    }
    let exe = asking_doas(folder.path(), Some(folder.path()));
    let mut probe = Probe::local().await;
    probe.elevation = elevation("me", Some("s3 cret"), Some(exe));
    let output = probe.sh("echo out; echo err >&2; (: </dev/tty) && echo tty").await;
    assert_eq!((output.stdout.to_text().as_str(), output.stderr.to_text().as_str()), ("out\ntty\n", "err\n"));
}

#[tokio::test]
async fn a_program_that_is_missing_is_named_and_not_waited_for() {
    let mut probe = Probe::local().await;
    probe.elevation = elevation("me", Some("x"), Some("/nonexistent/doas".to_owned()));
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("not installed"), "{error}");
}

#[tokio::test]
async fn the_pipes_have_no_names_once_the_shell_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let exe = asking_doas(folder.path(), None);
    let wrapper = folder.path().join("sh");
    let kept = folder.path().join("tmp");
    std::fs::create_dir(&kept).unwrap();
    let text = format!("#!/bin/sh\nTMPDIR={} exec /bin/sh \"$@\"\n", kept.display());
    std::fs::write(&wrapper, text).unwrap();
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut probe = Probe::with_shell(wrapper.to_str().unwrap()).await;
    probe.elevation = elevation("me", Some("s3 cret"), Some(exe));
    assert_eq!(probe.sh("echo fine").await.stdout.to_text(), "fine\n");
    let empty = || std::fs::read_dir(&kept).unwrap().next().is_none();
    eventually("the pipes lose their names", empty).await;
    probe.elevation = elevation("me", Some("x"), Some("/nonexistent/doas".to_owned()));
    probe.error(HostCall::Exec(shell("true"))).await;
    eventually("nothing is left behind by a failure", empty).await;
}

async fn the_real_doas(mut probe: Probe, users: &Users) {
    probe.elevation = elevation(&users.other, Some(PASSWORD), None);
    works_with_streams_apart(&probe, Some(&users.other)).await;
    let seen = probe.sh("cat /proc/[0-9]*/cmdline /proc/self/environ 2>/dev/null; set").await;
    assert!(!seen.stdout.to_text().contains(PASSWORD));
    assert!(!password_is_in_a_command_line());

    probe.elevation = elevation(&users.other, Some("not the password"), None);
    refuses_a_wrong_password(&probe).await;
    probe.elevation = elevation("nobody", Some(PASSWORD), None);
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("the rules of the host do not allow it"), "{error}");
    probe.elevation = elevation("nosuchuser", Some(PASSWORD), None);
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("there is no such user"), "{error}");
    probe.elevation = elevation(&users.other, None, None);
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("a password is needed"), "{error}");

    users.allow("nopass");
    for password in [None, Some(PASSWORD)] {
        probe.elevation = elevation(&users.other, password, None);
        let output = probe.sh("id -un; echo err >&2").await;
        assert_eq!(output.stdout.to_text(), format!("{}\n", users.other), "{password:?}");
        assert_eq!(output.stderr.to_text(), "err\n");
    }
    probe.pool.close_all().await;
}

fn password_is_in_a_command_line() -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .any(|line| String::from_utf8_lossy(&line).contains(PASSWORD))
}

#[tokio::test]
async fn the_real_doas_takes_a_password() {
    let Some(users) = Users::make() else { return };
    the_real_doas(Probe::with_shell(&users.shell_of_login()).await, &users).await;
}

#[tokio::test]
async fn the_real_doas_takes_a_password_over_ssh() {
    let Some(users) = Users::make() else { return };
    let Some(server) = Sshd::start() else { return };
    let readable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(server.folder.path(), readable).unwrap();
    let options = SshOptions { user: Some(users.login.clone()), ..server.options() };
    the_real_doas(Probe::to(target(options)).await, &users).await;
}

#[tokio::test]
async fn a_server_that_gives_no_terminal_is_told() {
    let Some(users) = Users::make() else { return };
    let Some(server) = Sshd::start_with("PermitTTY no") else { return };
    let readable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(server.folder.path(), readable).unwrap();
    let options = SshOptions { user: Some(users.login.clone()), ..server.options() };
    let mut probe = Probe::to(target(options)).await;
    probe.elevation = elevation(&users.other, Some(PASSWORD), None);
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("demands a terminal"), "{error}");
    probe.pool.close_all().await;
}
