//! Becoming another user on the controller itself.

mod doas;

use std::os::unix::fs::PermissionsExt as _;

use switchover_connect::*;
use switchover_protocol::*;

use crate::support::*;

fn become_nobody(method: Method) -> Elevation {
    Elevation { user: "nobody".to_owned(), ..Elevation::by(method) }
}

async fn probe_for(method: Method) -> Option<Probe> {
    if !is_root() {
        println!("skipped: only root may become nobody without a password");
        return None;
    }
    tool(method.name())?;
    let mut probe = Probe::local().await;
    probe.elevation = Some(become_nobody(method));
    Some(probe)
}

#[tokio::test]
async fn sudo_and_su_run_everything_as_the_user() {
    for method in [Method::Sudo, Method::Su] {
        let Some(probe) = probe_for(method).await else { continue };
        assert_eq!(probe.sh("id -un").await.stdout.to_text(), "nobody\n", "{method:?}");
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let path = folder.path().join("file").display().to_string();
        probe.written(file(&path, noise(200_000))).await;
        assert!(std::fs::read(&path).unwrap() == noise(200_000));
        assert_eq!(probe.stat(&path, false).await.unwrap().owner, "nobody");
        let output = probe.exec(Exec { timeout: Some(1), ..shell("sleep 1000") }).await;
        assert!(output.timed_out, "{method:?}");
    }
}

#[tokio::test]
async fn failures_say_what_is_wrong() {
    let Some(mut probe) = probe_for(Method::Sudo).await else { return };
    probe.elevation = Some(Elevation { user: "nosuchuser".to_owned(), ..become_nobody(Method::Sudo) });
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("there is no such user"), "{error}");
    let exe = Some("/nonexistent/sudo".to_owned());
    probe.elevation = Some(Elevation { exe, ..become_nobody(Method::Sudo) });
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("not installed"), "{error}");
}

/// A stand-in for sudo that asks as sudo does: `-S` reads the password from standard input after the prompt.
fn asking_sudo(folder: &std::path::Path, wants: bool) -> String {
    let path = folder.join("sudo");
    let ask = "echo 'We trust you have received the usual lecture' >&2\n\
        for try in 1 2 3; do printf %s \"$prompt\" >&2; IFS= read -r given || exit 1\n\
        [ \"$given\" = 's3 cret' ] && break; echo 'Sorry, try again.' >&2; [ $try = 3 ] && exit 1; done\n";
    let text = format!(
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in -p) prompt=$2; shift;; -u) shift;; --) shift; break;; esac; shift; done\n\
         {}exec \"$@\"\n",
        if wants { ask } else { "" }
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn a_password_is_given_only_when_asked_for() {
    for wants in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let exe = Some(asking_sudo(folder.path(), wants));
        let mut probe = Probe::local().await;
        let password = Some(Secret::from("s3 cret"));
        probe.elevation = Some(Elevation { exe: exe.clone(), password, ..become_nobody(Method::Sudo) });
        let output = probe.sh("cat; echo fine").await;
        assert_eq!((output.stdout.to_text().as_str(), output.stderr.0.len()), ("fine\n", 0), "{wants}");
        if wants {
            let password = Some(Secret::from("wrong"));
            probe.elevation = Some(Elevation { exe, password, ..become_nobody(Method::Sudo) });
            let error = probe.error(HostCall::Exec(shell("true"))).await;
            assert!(error.to_string().contains("the password is wrong"), "{error}");
        }
    }
}
