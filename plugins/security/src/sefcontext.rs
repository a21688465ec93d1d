use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct SefcontextParams {
    /// The paths it is about, as an expression.
    #[param(alias = "path")]
    pub target: String,
    /// Type of the context.
    pub setype: Option<String>,
    /// User of the context.
    pub seuser: Option<String>,
    /// Level of the context.
    #[param(alias = "serange")]
    pub selevel: Option<String>,
    /// The target has the contexts of this path.
    #[param(alias = "equal")]
    pub substitute: Option<String>,
    /// Only files of this kind; `a` is all.
    #[param(default = "a", choices("a", "b", "c", "d", "f", "l", "p", "s"))]
    pub ftype: String,
    /// Whether the rule is there.
    #[param(default = "present")]
    pub state: State,
    /// Loads the policy after a change.
    #[param(default = true)]
    pub reload: bool,
    /// Works where SELinux is not on.
    #[param(default = false)]
    pub ignore_selinux_state: bool,
}

/// Whether a rule is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Sefcontext;

/// `$1` `1` when the state of SELinux does not matter. Prints the rules that were added to the policy.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; command -v semanage >/dev/null 2>&1 || exit 64
[ -n "$1" ] || selinuxenabled || { echo 'SELinux is disabled on this host.' >&2; exit 1; }
printf '\036'; semanage fcontext -l -C -n"#;

const SET: &str = r#"PATH=$PATH:/usr/sbin:/sbin; exec semanage fcontext "$@""#;

/// What `semanage` calls the kinds of files.
const KINDS: [(&str, &str); 8] = [
    ("a", "all files"),
    ("b", "block device"),
    ("c", "character device"),
    ("d", "directory"),
    ("f", "regular file"),
    ("l", "symbolic link"),
    ("p", "named pipe"),
    ("s", "socket"),
];

impl Module for Sefcontext {
    type Params = SefcontextParams;
    const SPEC: Spec = Spec {
        name: "community.general.sefcontext",
        aliases: &["sefcontext"],
        summary: "Keeps a rule of SELinux that says which context files have.",
        description: "Files that are there keep their context until `restorecon` runs. Needs `semanage` on the host.",
        mutually_exclusive: &[
            &["setype", "substitute"],
            &["substitute", "ftype"],
            &["substitute", "seuser"],
            &["substitute", "selevel"],
        ],
        examples: &[
            (
                "A folder of the web server",
                "sefcontext: { target: '/srv/web(/.*)?', setype: httpd_sys_content_t, state: present }",
            ),
            (
                "Like another folder",
                "community.general.sefcontext: { target: /srv/containers, substitute: /var/lib/containers }",
            ),
            ("No rule", "sefcontext: { target: '/srv/web(/.*)?', state: absent }"),
        ],
        returns: &[("target", "the paths"), ("setype", "the type"), ("state", "whether the rule is there")],
        ..Spec::DEFAULT
    };

    fn check(params: &SefcontextParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let ignore = if params.ignore_selinux_state { "1" } else { "" };
        let [_, rules] = look(LOOK, &[ignore], "semanage", host)?;
        let (context, like) = (params.context_in(&rules), params.like_in(&rules));
        let mut calls: Vec<Vec<String>> = Vec::new();
        let (mut before, mut after) = (String::new(), String::new());
        let target = params.target.clone();
        match (&params.state, &params.substitute) {
            (State::Present, Some(path)) if like.as_deref() != Some(path) => {
                let verb = if like.is_some() { "-m" } else { "-a" };
                calls.push(vec![verb.into(), "-e".into(), path.clone(), target]);
                (before, after) = (like.unwrap_or_default(), path.clone());
            }
            (State::Present, None) => {
                let old = context.as_deref().map(parts);
                let wanted = params.wanted(old);
                if context.as_deref() != Some(&wanted.join(":")) {
                    let [user, _, kind, level] = wanted.clone();
                    let verb = if context.is_some() { "-m" } else { "-a" };
                    let flags = [verb, "-f", &params.ftype, "-t", &kind, "-s", &user, "-r", &level, &target];
                    calls.push(flags.map(str::to_owned).to_vec());
                    (before, after) = (context.unwrap_or_default(), wanted.join(":"));
                }
            }
            (State::Absent, substitute) => {
                if let Some(context) = context.filter(|_| substitute.is_none()) {
                    calls.push(["-d", "-f", &params.ftype, &target].map(str::to_owned).to_vec());
                    before = context;
                }
                if let Some(path) = like
                    .filter(|path| params.setype.is_none() && substitute.as_ref().is_none_or(|s| s == path))
                {
                    calls.push(["-d", "-e", &path, &target].map(str::to_owned).to_vec());
                    before = path;
                }
            }
            (State::Present, Some(_)) => {}
        }
        if calls.is_empty() {
            return Ok(Delta::none_with(params.result()));
        }
        Ok(Delta::change(&params.target, before, after).with_result(params.result()).with_state(json!(calls)))
    }

    fn apply(params: &SefcontextParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let calls: Vec<Vec<String>> = switchover_sdk::from_value(delta.state().clone()).unwrap_or_default();
        for mut arguments in calls {
            if !params.reload {
                arguments.insert(0, "-N".to_owned());
            }
            let msg = |said: &str| format!("semanage fcontext failed: {said}");
            change(&script(SET, &arguments), msg, host)?;
        }
        Ok(Outcome::changed(params.result()))
    }
}

impl SefcontextParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let msg =
            if self.target.is_empty() || self.target.starts_with('-') || self.target.contains(['\n', ' ']) {
                "target is no path"
            } else if self.state == State::Present && self.setype.is_none() && self.substitute.is_none() {
                "one of the following is required: setype, substitute"
            } else {
                return Ok(());
            };
        Err(Failure::arguments(msg))
    }

    /// Returns `user:role:type:level` of the rule for this target and kind of files.
    fn context_in(&self, rules: &str) -> Option<String> {
        let kind = KINDS.iter().find(|(letter, _)| *letter == self.ftype)?.1;
        rules.lines().find_map(|line| {
            let rest = line.strip_prefix(self.target.as_str())?.strip_prefix([' ', '\t'])?;
            rest.trim_start().strip_prefix(kind).map(|context| context.trim().to_owned())
        })
    }

    /// Returns the path that the target is like.
    fn like_in(&self, rules: &str) -> Option<String> {
        let like = |line: &str| {
            line.split_once(" = ")
                .filter(|(target, _)| target.trim() == self.target)
                .map(|(_, path)| path.trim().to_owned())
        };
        rules.lines().find_map(like)
    }

    /// Returns the four parts of the context, from the task, else as they are, else as new rules have them.
    fn wanted(&self, old: Option<[String; 4]>) -> [String; 4] {
        let [user, role, _, level] = old.unwrap_or(["system_u", "object_r", "", "s0"].map(str::to_owned));
        let kind = self.setype.clone().unwrap_or_default();
        [self.seuser.clone().unwrap_or(user), role, kind, self.selevel.clone().unwrap_or(level)]
    }

    fn result(&self) -> Value {
        json!({ "target": self.target, "setype": self.setype, "state": self.state.word(), "ftype": self.ftype })
    }
}

fn parts(context: &str) -> [String; 4] {
    let mut parts = context.splitn(4, ':').map(str::to_owned);
    [0; 4].map(|_| parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Sefcontext>(env!("CARGO_MANIFEST_DIR"));
        examples::<Sefcontext>();
    }
}
