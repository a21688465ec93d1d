use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command as Program, Output};

use super::SCRIPT;
use crate::prelude::*;
use crate::testing::{FakeHost, LocalHost};

/// A module that keeps a file, as one would write it: it knows nothing of contexts.
#[derive(Params)]
struct NoteParams {
    /// The file.
    path: HostPath,
    #[param(flatten)]
    attributes: FileAttributes,
}

struct Note;

impl Module for Note {
    type Params = NoteParams;
    const SPEC: Spec = Spec { name: "example.note", summary: "Keeps a note.", ..Spec::DEFAULT };

    fn check(params: &NoteParams, host: &Host) -> Result<Delta, Failure> {
        Ok(match host.stat(&params.path)? {
            Some(_) => Delta::none_with(json!({ "path": *params.path })),
            None => Delta::change(&*params.path, "", "x").with_result(json!({ "path": *params.path })),
        })
    }

    fn apply(params: &NoteParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        let attributes = params.attributes.wanted();
        host.call(crate::text_file::write(&params.path, "x", attributes))?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

fn said(stdout: &str) -> ExecOutput {
    ExecOutput { stdout: stdout.into(), ..ExecOutput::default() }
}

fn fake(selinux: bool) -> FakeHost {
    FakeHost::new()
        .file("/old", "x")
        .script("selinuxenabled && echo on", said(if selinux { "on\n" } else { "" }))
}

#[test]
fn without_selinux_a_context_costs_no_round_trip_and_changes_nothing() {
    let host = fake(false);
    let outcome = host.run::<Note>(json!({ "path": "/old", "setype": "etc_t", "selevel": "s0" })).unwrap();
    assert!(!outcome.changed && !outcome.result.contains_key("secontext"));
    assert_eq!(host.round_trips(), 1);
    let made = host.run::<Note>(json!({ "path": "/new", "setype": "etc_t" })).unwrap();
    assert_eq!((made.changed, host.round_trips()), (true, 3));
    assert_eq!(host.content("/new").unwrap(), "x");
}

#[test]
fn a_context_that_differs_is_a_change_of_its_own() {
    let differs = "context\u{1f}/old\u{1f}u:r:tmp_t:s0\u{1f}u:r:etc_t:s0\u{1e}";
    let host =
        fake(true).script("sh set 1   etc_t ", said(differs)).script("sh look 1   etc_t ", said(differs));
    let args = json!({ "path": "/old", "setype": "etc_t" });
    let Delta::Some { changes, .. } = host.check::<Note>(args.clone()).unwrap() else { panic!("no change") };
    assert_eq!(changes[0].before, json!({ "path": "/old", "secontext": ["u", "r", "tmp_t", "s0"] }));
    let outcome = host.run::<Note>(args).unwrap();
    assert_eq!((outcome.changed, &outcome.result["secontext"]), (true, &json!("u:r:etc_t:s0")));
}

#[test]
fn a_tool_that_is_missing_and_a_whole_tree_are_failures() {
    let answer = |rc: i32, stdout: &str| {
        let output = ExecOutput { rc, stdout: stdout.into(), ..ExecOutput::default() };
        fake(true).script("sh look", output).run::<Note>(json!({ "path": "/old", "seuser": "_default" }))
    };
    assert!(answer(64, "matchpathcon").unwrap_err().msg.contains("\"matchpathcon\""));
    assert!(answer(65, "").unwrap_err().remedy.unwrap().contains("recurse"));
}

/// A folder whose programs play SELinux: a file's context stands in `FILE.context`, its flags in `FILE.flags`. The
/// real tools need a kernel with SELinux and a file system with flags.
struct Tools {
    host: LocalHost,
}

impl Tools {
    fn new() -> Self {
        let host = LocalHost::new();
        let programs = BTreeMap::from([
            ("stat", "case $1 in -f) echo ext2/ext3 ;; *) for f do :; done; cat \"$f.context\" ;; esac"),
            ("chcon", "for f do :; done; printf '%s\\n' \"$2\" >\"$f.context\""),
            ("matchpathcon", "echo system_u:object_r:etc_t:s0:c1,c2"),
            ("lsattr", "printf '%s %s\\n' \"$(cat \"$3.flags\")\" \"$3\""),
            ("chattr", "echo \"$1\" >\"$3.chattr\""),
        ]);
        for (name, text) in programs {
            let path = host.file(name, &format!("#!/bin/sh\n{text}\n"));
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { host }
    }

    fn file(&self, context: &str, flags: &str) -> String {
        self.host.file("f.context", context);
        self.host.file("f.flags", flags);
        self.host.file("f", "")
    }

    fn run(&self, what: &str, context: [&str; 4], flags: &str, path: &str) -> Output {
        let search = format!("{}:{}", self.host.folder().display(), std::env::var("PATH").unwrap());
        let selinux = if context.concat().is_empty() { "" } else { "1" };
        let mut program = Program::new("sh");
        program.args(["-c", SCRIPT, "sh", what, "1"]).args(context).args([flags, selinux, "", path]);
        program.env("PATH", search).output().unwrap()
    }
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).replace('\u{1f}', "|").replace('\u{1e}', ";")
}

#[test]
fn parts_that_are_not_named_stay_and_default_is_what_the_policy_says() {
    let tools = Tools::new();
    let path = tools.file("user_u:object_r:tmp_t:s0", "");
    let context = ["_default", "", "var_t", "_default"];
    let new = "system_u:object_r:var_t:s0:c1,c2";
    let looked = tools.run("look", context, "", &path);
    assert_eq!(told(&looked), format!("context|{path}|user_u:object_r:tmp_t:s0|{new};"));
    assert_eq!(read(format!("{path}.context")), "user_u:object_r:tmp_t:s0");
    assert!(tools.run("set", context, "", &path).status.success());
    assert_eq!(read(format!("{path}.context")), new);
    assert_eq!(told(&tools.run("look", context, "", &path)), format!("context|{path}|{new}|{new};"));
}

#[test]
fn flags_are_added_taken_away_or_set() {
    let tools = Tools::new();
    let path = tools.file("", "----i---------e-------");
    let set = |flags: &str| {
        drop(std::fs::remove_file(format!("{path}.chattr")));
        let said = told(&tools.run("set", [""; 4], flags, &path));
        (said.split('|').skip(2).collect::<Vec<_>>().join("|"), read(format!("{path}.chattr")))
    };
    assert_eq!(set("+i"), ("ei|ei;".to_owned(), String::new()));
    assert_eq!(set("+a"), ("ei|aei;".to_owned(), "+a".to_owned()));
    assert_eq!(set("-i"), ("ei|e;".to_owned(), "-i".to_owned()));
    assert_eq!(set("-a"), ("ei|ei;".to_owned(), String::new()));
    assert_eq!(set("=i"), ("ei|ei;".to_owned(), String::new()));
    assert_eq!(set("a"), ("ei|ae;".to_owned(), "=ae".to_owned()));
}

#[test]
fn a_folder_of_a_module_for_files_is_left_alone() {
    let tools = Tools::new();
    let folder = tools.host.path("");
    assert_eq!(tools.run("set", ["", "", "etc_t", ""], "", &folder).status.code(), Some(65));
    assert_eq!(tools.run("look", ["", "", "etc_t", ""], "", &format!("{folder}/none")).stdout, b"");
}
