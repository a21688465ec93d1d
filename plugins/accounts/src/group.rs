use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

use crate::accounts::{GroupEntry, missing_tool, refuse_bad_name};
use crate::steps::Steps;

#[derive(Params)]
pub struct GroupParams {
    /// The group.
    pub name: String,
    /// Whether it should be there.
    #[param(default = "present")]
    pub state: State,
    /// Its number.
    pub gid: Option<u32>,
    /// Makes a system group; an existing group stays as it is.
    #[param(default = false)]
    pub system: bool,
    /// Lets the number be one that another group has; needs `gid`.
    #[param(default = false)]
    pub non_unique: bool,
    /// Removes the group even when it is the primary group of a user.
    #[param(default = false)]
    pub force: bool,
    /// Looks at and changes the host's own files only, with libuser's tools (`lgroupadd`).
    #[param(default = false)]
    pub local: bool,
    /// The smallest number that a new group may get.
    pub gid_min: Option<u32>,
    /// The largest number that a new group may get.
    pub gid_max: Option<u32>,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Group;

/// Prints the group's line, and a line before it when the tool is missing. `$1` name, `$2` tool, `$3` local or not.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin
command -v "$2" >/dev/null || echo "no tool"
if [ "$3" = local ]; then cat /etc/group; else getent group "$1" || :; fi | while IFS= read -r line; do
  case $line in "$1":*) printf '%s\n' "$line" ;; esac
done"#;

impl Module for Group {
    type Params = GroupParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.group",
        aliases: &["group"],
        summary: "Keeps a group.",
        examples: &[
            ("With a number", "group: { name: deploy, gid: 1750 }"),
            ("No such group", "group: { name: games, state: absent }"),
        ],
        returns: &[
            ("gid", "the number, when the group is there"),
            ("name", "the group"),
            ("state", "whether it should be there"),
            ("system", "as asked"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &GroupParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let (found, tool_is_there) = params.read(&host.output(&params.look())?);
        let argv = match (&params.state, &found) {
            (State::Absent, None) => return Ok(Delta::none_with(params.result(None))),
            (State::Absent, Some(_)) => params.delete(),
            (State::Present, None) => params.add(),
            (State::Present, Some(group)) if params.gid.is_none_or(|gid| gid == group.gid) => {
                return Ok(Delta::none_with(params.result(Some(group.gid))));
            }
            (State::Present, Some(_)) => params.modify(),
        };
        if !tool_is_there {
            return Err(missing_tool(params.tool()));
        }
        let mut steps = Steps::default();
        steps.push(argv);
        let before = found.as_ref().map_or(json!({ "state": "absent" }), |group| json!({ "gid": group.gid }));
        let after = match (&params.state, params.gid) {
            (State::Absent, _) => json!({ "state": "absent" }),
            (State::Present, Some(gid)) => json!({ "gid": gid }),
            (State::Present, None) => json!({ "state": "present" }),
        };
        let change = Delta::change(format!("group {}", params.name), before, after);
        Ok(change.with_result(params.result(found.map(|group| group.gid))).with_state(steps.to_value()))
    }

    fn apply(params: &GroupParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let steps = Steps::from_value(delta.state()).command().into_exec();
        let look = params.look().into_exec();
        let replies = host.many(vec![HostCall::Exec(steps), HostCall::Exec(look)])?;
        let [switchover_sdk::HostReply::Exec(done), switchover_sdk::HostReply::Exec(seen)] =
            replies.as_slice()
        else {
            return host.fail_with(None);
        };
        if done.rc != 0 {
            return Err(Failure::new(done.stderr.to_text()).with("name", &*params.name).with("rc", done.rc));
        }
        let (found, _) = params.read(&seen.stdout.to_text());
        let mut outcome = Outcome::changed(params.result(found.map(|group| group.gid)));
        for (key, said) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
            if !said.0.is_empty() {
                outcome.result.insert(key.to_owned(), json!(said.to_text()));
            }
        }
        Ok(outcome)
    }
}

impl GroupParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        refuse_bad_name(&self.name)?;
        let limits = self.gid_min.is_some() || self.gid_max.is_some();
        let msg = match () {
            () if self.non_unique && self.gid.is_none() => {
                "non_unique is True but all of the following are missing: gid"
            }
            () if self.force && self.local => {
                "force is not a valid option for local, force=True and local=True are mutually exclusive"
            }
            () if self.local && (limits || self.non_unique) => {
                "gid_min, gid_max and non_unique are not supported with local, whose tools do not know them"
            }
            () => return Ok(()),
        };
        Err(Failure::arguments(msg))
    }

    fn tool(&self) -> &'static str {
        match (&self.state, self.local) {
            (State::Present, false) => "groupadd",
            (State::Present, true) => "lgroupadd",
            (State::Absent, false) => "groupdel",
            (State::Absent, true) => "lgroupdel",
        }
    }

    fn look(&self) -> Command {
        let local = if self.local { "local" } else { "all" };
        Command::new(["sh", "-c", LOOK, "sh", &self.name, self.tool(), local]).reads()
    }

    /// Returns the group, and whether the tool is there.
    fn read(&self, said: &str) -> (Option<GroupEntry>, bool) {
        let found = said.lines().filter_map(GroupEntry::read).find(|group| group.name == self.name);
        (found, !said.starts_with("no tool"))
    }

    fn number(&self) -> Vec<String> {
        let mut argv = Vec::new();
        if let Some(gid) = self.gid {
            argv.extend(["-g".to_owned(), gid.to_string()]);
            argv.extend(self.non_unique.then(|| "-o".to_owned()));
        }
        argv
    }

    fn add(&self) -> Vec<String> {
        let mut argv = vec![self.tool().to_owned()];
        argv.extend(self.number());
        argv.extend(self.system.then(|| "-r".to_owned()));
        for (word, limit) in [("GID_MIN", self.gid_min), ("GID_MAX", self.gid_max)] {
            argv.extend(limit.into_iter().flat_map(|limit| ["-K".to_owned(), format!("{word}={limit}")]));
        }
        argv.push(self.name.clone());
        argv
    }

    fn modify(&self) -> Vec<String> {
        let mut argv = vec![if self.local { "lgroupmod" } else { "groupmod" }.to_owned()];
        argv.extend(self.number());
        argv.push(self.name.clone());
        argv
    }

    fn delete(&self) -> Vec<String> {
        let mut argv = vec![self.tool().to_owned()];
        argv.extend(self.force.then(|| "-f".to_owned()));
        argv.push(self.name.clone());
        argv
    }

    fn result(&self, gid: Option<u32>) -> Value {
        match (&self.state, gid) {
            (State::Present, Some(gid)) => {
                json!({ "name": self.name, "state": "present", "gid": gid, "system": self.system })
            }
            (state, _) => json!({ "name": self.name, "state": state.word() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::ExecOutput;
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;
    use crate::steps::tests::steps_of;

    fn said(text: &str) -> ExecOutput {
        ExecOutput { stdout: text.into(), ..ExecOutput::default() }
    }

    fn host(before: &str, after: &str) -> FakeHost {
        FakeHost::new()
            .script_once("no tool", said(before))
            .script("no tool", said(after))
            .script("step", said(""))
    }

    #[test]
    fn makes_a_group_in_two_round_trips() {
        let host = host("", "deploy:x:1750:\n");
        let args = json!({ "name": "deploy", "gid": 1750, "system": true, "gid_min": 5 });
        let outcome = host.run::<Group>(args.clone()).unwrap();
        assert_eq!(
            Value::Object(outcome.result),
            json!({ "name": "deploy", "state": "present", "gid": 1750, "system": true })
        );
        assert_eq!(steps_of(&host), ["groupadd -g 1750 -r -K GID_MIN=5 deploy"]);
        assert_eq!(host.round_trips(), 2);
        assert!(matches!(host.check::<Group>(args).unwrap(), Delta::None { .. }));
        examples::<Group>();
    }

    #[test]
    fn gives_an_existing_group_another_number() {
        let host = host("deploy:x:7:\n", "deploy:x:8:\n");
        let outcome = host.run::<Group>(json!({ "name": "deploy", "gid": 8, "non_unique": true })).unwrap();
        assert_eq!(outcome.result["gid"], 8);
        assert_eq!(steps_of(&host), ["groupmod -g 8 -o deploy"]);
    }

    #[test]
    fn removes_a_group_and_leaves_what_is_not_there() {
        let there = host("g:x:7:\n", "");
        let outcome = there.run::<Group>(json!({ "name": "g", "state": "absent", "force": true })).unwrap();
        assert_eq!(Value::Object(outcome.result), json!({ "name": "g", "state": "absent" }));
        assert_eq!(steps_of(&there), ["groupdel -f g"]);
        let gone = host("", "");
        assert!(!gone.run::<Group>(json!({ "name": "g", "state": "absent" })).unwrap().changed);
    }

    #[test]
    fn fails_in_the_words_of_the_tool() {
        let failed = ExecOutput { rc: 4, stderr: "groupadd: GID '7' already exists\n".into(), ..said("") };
        let host = FakeHost::new().script("no tool", said("")).script("step", failed);
        let failure = host.run::<Group>(json!({ "name": "g", "gid": 7 })).unwrap_err();
        assert_eq!(failure.msg, "groupadd: GID '7' already exists\n");
        assert_eq!(failure.result["name"], "g");
    }

    #[test]
    fn refuses_what_makes_no_sense_and_names_a_missing_tool() {
        let host = FakeHost::new().script("no tool", said("no tool\n"));
        let msg = |args: Value| host.run::<Group>(args).unwrap_err().msg;
        assert_eq!(
            msg(json!({ "name": "g", "non_unique": true })),
            "non_unique is True but all of the following are missing: gid"
        );
        assert_eq!(
            msg(json!({ "name": "g", "local": true })),
            "Failed to find required executable \"lgroupadd\""
        );
    }
}
