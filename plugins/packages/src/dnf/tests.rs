use switchover_sdk::testing::{FakeHost, examples};

use super::*;

fn said(text: &str) -> ExecOutput {
    ExecOutput { stdout: text.into(), ..ExecOutput::default() }
}

fn host(look: &str) -> FakeHost {
    FakeHost::new()
        .script("check-update", said(look))
        .script("packages()", said("Installed: httpd-2.4-1.x86_64\n"))
}

#[test]
fn installs_what_is_missing_and_nothing_else() {
    let host = host("@tool\ndnf\n@names\ninstalled bash\nmissing httpd\n");
    let args = json!({ "name": "bash,httpd", "enablerepo": ["epel"], "disable_gpg_check": true });
    let outcome = host.run::<Dnf>(args).unwrap();
    assert_eq!(
        Value::Object(outcome.result),
        json!({ "msg": "", "rc": 0, "results": ["Installed: httpd-2.4-1.x86_64"] })
    );
    let run = host.programs().pop().unwrap();
    assert!(run.ends_with("sh 30 / dnf -y --enablerepo=epel --nogpgcheck install httpd"), "{run}");
    assert_eq!(host.round_trips(), 2);
    examples::<Dnf>();
}

#[test]
fn finds_packages_that_are_there() {
    let host = host("@tool\ndnf\n@names\ninstalled bash\n");
    let delta = host.check::<Dnf>(json!({ "name": "bash" })).unwrap();
    assert_eq!(delta, Delta::none_with(json!({ "msg": "Nothing to do", "rc": 0, "results": [] })));
}

#[test]
fn brings_packages_to_their_newest_versions() {
    let newer = "@tool\nyum\n@names\ninstalled bash\n@newer\n\nbash.x86_64    5.2-3   base\nObsoleting Packages\nx.y 1 b\n";
    let host = host(newer);
    let Delta::Some { changes, state, .. } =
        host.check::<Dnf>(json!({ "name": "bash", "state": "latest" })).unwrap()
    else {
        panic!("nothing to do")
    };
    assert_eq!((changes.len(), &*changes[0].what, &changes[0].after), (1, "bash.x86_64", &json!("5.2-3")));
    assert_eq!(state, json!({ "tool": "yum", "runs": [["-y", "upgrade", "bash"]] }));
}

#[test]
fn installs_what_is_missing_and_upgrades_the_rest() {
    let host = host("@tool\ndnf\n@names\ninstalled bash\nmissing httpd\n@newer\nbash.x86_64 5.2-3 base\n");
    host.run::<Dnf>(json!({ "name": ["bash", "httpd"], "state": "latest" })).unwrap();
    let runs: Vec<String> = host.programs()[1..].to_vec();
    assert!(
        runs[0].ends_with("dnf -y install httpd") && runs[1].ends_with("dnf -y upgrade bash"),
        "{runs:?}"
    );
}

#[test]
fn takes_an_older_version_only_when_it_may() {
    let host = host("@tool\ndnf\n@names\nolder bash-1.0\n");
    assert!(matches!(host.check::<Dnf>(json!({ "name": "bash-1.0" })).unwrap(), Delta::None { .. }));
    let args = json!({ "name": "bash-1.0", "allow_downgrade": true });
    assert!(matches!(host.check::<Dnf>(args).unwrap(), Delta::Some { .. }));
}

#[test]
fn removes_only_what_is_there() {
    let host = host("@tool\ndnf\n@names\ninstalled bash\nmissing httpd\n");
    host.run::<Dnf>(json!({ "name": ["bash", "httpd"], "state": "absent" })).unwrap();
    let run = host.programs().pop().unwrap();
    assert!(run.ends_with("-y --setopt=clean_requirements_on_remove=False remove bash"), "{run}");
}

#[test]
fn refuses_what_it_cannot_do_and_names_the_missing_tool() {
    let msg = |args: Value| host("@none\n").run::<Dnf>(args).unwrap_err().msg;
    assert_eq!(msg(json!({ "name": "x" })), "Failed to find required executable \"dnf\"");
    assert_eq!(
        msg(json!({ "list": "installed" })),
        "argument `list` is not supported: `package_facts` tells what is there"
    );
    assert_eq!(
        msg(json!({ "name": "x", "autoremove": true, "state": "present" })),
        "Autoremove should be used alone or with state=absent"
    );
    assert_eq!(
        msg(json!({ "name": "foo >= 1", "state": "latest" })),
        "foo >= 1: a comparison makes no sense with state=latest"
    );
}
