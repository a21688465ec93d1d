use switchover_sdk::testing::{FakeHost, examples};
use switchover_sdk::{ExecOutput, HostCall};

use super::*;
use crate::steps::tests::steps_of;

const TOOLS: &str = "@tools\nuseradd\nusermod\nuserdel\nchage\nchpasswd\n";
const GROUPS: &str = "@groups\ndeploy:x:1002:\nadm:x:4:\ndocker:x:900:\n";
const DEPLOY: &str =
    "@passwd\ndeploy:x:1001:1002:D:/home/deploy:/bin/sh\n@shadow\ndeploy:$6$a$b:20000:0:99999:7:::\n";

fn said(text: &str) -> ExecOutput {
    ExecOutput { stdout: text.into(), ..ExecOutput::default() }
}

/// An account that is there, in the groups adm and docker.
fn there() -> String {
    format!(
        "{DEPLOY}@memberships\nadm:x:4:deploy\ndocker:x:900:deploy\n{GROUPS}{TOOLS}@home\nnew\nold\n@key\n"
    )
}

fn nobody() -> String {
    format!("@passwd\n@shadow\n@memberships\n@groups\nadm:x:4:\n{TOOLS}@home\n@key\n")
}

fn host(before: &str) -> FakeHost {
    FakeHost::new()
        .script_once("@passwd", said(before))
        .script("@passwd", said(&there()))
        .script("step()", said(""))
        .script("ssh-keygen -q", said("256 SHA256:x me (ED25519)\nssh-ed25519 AAAA me\n"))
}

fn steps(before: &str, args: Value) -> Vec<String> {
    let host = host(before);
    host.run::<User>(args).unwrap();
    steps_of(&host)
}

#[test]
fn makes_an_account_in_two_round_trips() {
    let host = host(&nobody());
    let outcome = host
        .run::<User>(json!({
            "name": "deploy", "uid": 1001, "groups": ["adm"], "shell": "/bin/sh", "comment": "D", "home": "/srv/d/deploy",
            "expires": 1893456000, "umask": "077", "system": true,
        }))
        .unwrap();
    assert_eq!(
        steps_of(&host),
        [
            "mkdir -p -- /srv/d",
            "useradd -u 1001 -G adm -c D -d /srv/d/deploy -s /bin/sh -e 2030-01-01 -K UMASK=077 -r -m deploy"
        ]
    );
    assert_eq!(host.round_trips(), 2);
    assert_eq!(
        Value::Object(outcome.result),
        json!({
            "name": "deploy", "state": "present", "system": true, "create_home": true, "groups": "adm",
            "uid": 1001, "group": 1002, "comment": "D", "home": "/home/deploy", "shell": "/bin/sh",
        })
    );
    examples::<User>();
}

#[test]
fn finds_an_account_that_is_right() {
    let host = host(&there());
    let args = json!({
        "name": "deploy", "uid": 1001, "group": "deploy", "groups": "docker,adm", "shell": "/bin/sh", "comment": "D",
        "home": "/home/deploy", "password": "$6$a$b", "password_lock": false, "expires": -1, "password_expire_max": 99999,
        "password_expire_min": 0, "password_expire_warn": 7, "password_expire_account_disable": -1,
    });
    let Delta::None { result } = host.check::<User>(args).unwrap() else { panic!("something to change") };
    assert_eq!(result["append"], false);
    assert_eq!(result["password"], "NOT_LOGGING_PASSWORD");
    assert_eq!(result["groups"], "docker,adm");
    assert_eq!(host.round_trips(), 1);
}

#[test]
fn removes_from_groups_unless_it_only_adds() {
    let args = json!({ "name": "deploy", "groups": ["adm"] });
    assert_eq!(steps(&there(), args), ["usermod -G adm deploy"]);
    let args = json!({ "name": "deploy", "groups": "" });
    assert_eq!(steps(&there(), args), ["usermod -G  deploy"]);
    let args = json!({ "name": "deploy", "groups": ["adm"], "append": true });
    assert!(steps(&there(), args).is_empty());
    let before = there().replace("@memberships\nadm:x:4:deploy\n", "@memberships\n");
    let args = json!({ "name": "deploy", "groups": ["4", "docker"], "append": true });
    assert_eq!(steps(&before, args), ["usermod -a -G adm deploy"]);
}

#[test]
fn changes_what_differs_in_one_call_of_usermod() {
    let args = json!({
        "name": "deploy", "uid": 7, "group": "adm", "comment": "X", "shell": "/bin/bash", "home": "/new", "move_home": true,
        "password_lock": true, "password_expire_max": 90, "password_expire_warn": 5, "expires": 1893456000,
    });
    assert_eq!(
        steps(&there(), args),
        [
            "usermod -u 7 -g adm -c X -s /bin/bash -d /new -m -e 2030-01-01 -L deploy",
            "chage -M 90 -W 5 deploy"
        ]
    );
}

#[test]
fn passwords_travel_on_standard_input_alone() {
    let host = host(&there());
    let args = json!({ "name": "deploy", "password": "$6$new$hash", "password_lock": true });
    let delta = host.check::<User>(args.clone()).unwrap();
    assert!(!format!("{delta:?}").contains("$6$"));
    let host = self::host(&there());
    host.run::<User>(args).unwrap();
    assert_eq!(steps_of(&host), ["chpasswd -e"]);
    let Some(HostCall::Many(calls)) = host.calls().pop() else { panic!("no change") };
    let HostCall::Exec(exec) = &calls[0] else { panic!("no program") };
    assert_eq!(exec.stdin.as_ref().unwrap().to_text(), "deploy:!$6$new$hash\n");
    assert!(!format!("{:?}", exec.program).contains("$6$"));
}

#[test]
fn leaves_the_password_of_an_account_when_told_so() {
    let args = json!({ "name": "deploy", "password": "$6$new$hash", "update_password": "on_create" });
    assert!(steps(&there(), args).is_empty());
}

#[test]
fn makes_a_missing_home_folder() {
    let before = there().replace("@home\nnew\nold\n", "@home\n");
    let made = steps(&before, json!({ "name": "deploy" }));
    assert!(made[0].ends_with("sh /home/deploy deploy /etc/skel "), "{made:?}");
    assert!(steps(&before, json!({ "name": "deploy", "create_home": false })).is_empty());
}

#[test]
fn makes_a_key_unless_one_is_there() {
    let host = host(&there());
    let args = json!({
        "name": "deploy", "generate_ssh_key": true, "ssh_key_type": "ed25519", "ssh_key_passphrase": "not in ps",
    });
    let outcome = host.run::<User>(args.clone()).unwrap();
    assert_eq!(outcome.result["ssh_key_file"], "/home/deploy/.ssh/id_ed25519");
    assert_eq!(outcome.result["ssh_public_key"], "ssh-ed25519 AAAA me");
    let Some(HostCall::Exec(exec)) = host.calls().pop() else { panic!("no key made") };
    assert!(!format!("{:?}", exec.program).contains("not in ps"));
    let with_key = there() + "there\n256 SHA256:y\nssh-ed25519 BBBB\n";
    let host = self::host(&with_key);
    let Delta::None { result } = host.check::<User>(args).unwrap() else { panic!("something to change") };
    assert_eq!(result["ssh_public_key"], "ssh-ed25519 BBBB");
}

#[test]
fn removes_an_account() {
    let args = json!({ "name": "deploy", "state": "absent", "remove": true, "force": true });
    let host = FakeHost::new()
        .script_once("@passwd", said(&there()))
        .script("@passwd", said(&nobody()))
        .script("step()", said(""));
    let outcome = host.run::<User>(args.clone()).unwrap();
    assert_eq!(steps_of(&host), ["userdel -f -r deploy"]);
    assert_eq!(
        Value::Object(outcome.result),
        json!({ "name": "deploy", "state": "absent", "force": true, "remove": true })
    );
    let again = host.check::<User>(args).unwrap();
    assert_eq!(again, Delta::none_with(json!({ "name": "deploy", "state": "absent" })));
}

#[test]
fn a_group_of_the_same_name_does_not_hinder_a_new_account() {
    let before = nobody().replace("@groups\n", "@groups\ndeploy:x:1002:\n");
    assert_eq!(steps(&before, json!({ "name": "deploy" })), ["useradd -N -m deploy"]);
}

#[test]
fn what_only_other_systems_know_has_no_effect() {
    let elsewhere =
        json!({ "name": "deploy", "login_class": "x", "role": "y", "hidden": true, "local": false });
    assert!(!host(&there()).run::<User>(elsewhere).unwrap().changed);
}

#[test]
fn refuses_what_makes_no_sense() {
    let msg = |before: &str, args: Value| host(before).run::<User>(args).unwrap_err().msg;
    assert_eq!(
        msg(&there(), json!({ "name": "deploy", "groups": ["nosuch"] })),
        "Group nosuch does not exist"
    );
    assert_eq!(
        msg(&there(), json!({ "name": "deploy", "local": true })),
        "argument `local` is not supported: it is for libuser's tools; useradd makes local accounts anyway"
    );
    assert_eq!(
        msg(&there(), json!({ "name": "deploy", "password": "a:b" })),
        "argument `password` holds a `:` or a new line, so it is no hash"
    );
    let without = nobody().replace("useradd\n", "");
    assert_eq!(msg(&without, json!({ "name": "deploy" })), "Failed to find required executable \"useradd\"");
}
