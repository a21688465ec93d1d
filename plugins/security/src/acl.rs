use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct AclParams {
    /// The file or folder.
    #[param(alias = "name")]
    pub path: HostPath,
    /// Whether the entry is there; `query` only tells all entries.
    #[param(default = "query")]
    pub state: State,
    /// Who it is about: a user or group by name, the mask, or all others.
    pub etype: Option<EntityType>,
    /// Name or number of the user or group; without it the owner.
    #[param(default = "")]
    pub entity: String,
    /// `r`, `w`, `x` and `X`.
    pub permissions: Option<String>,
    /// The entry in one word instead: `user:joe:rx`.
    pub entry: Option<String>,
    /// Is about what will be made in this folder.
    #[param(default = false)]
    pub default: bool,
    /// Follows links.
    #[param(default = true)]
    pub follow: bool,
    /// All that is in the folder too.
    #[param(default = false, alias = "recurse")]
    pub recursive: bool,
    /// Whether the mask is computed anew.
    #[param(default = "default")]
    pub recalculate_mask: RecalculateMask,
    /// Lists of NFSv4.
    #[param(default = false, refused = "only lists of POSIX are known; run `nfs4_setfacl` with `command`")]
    pub use_nfsv4_acls: bool,
}

/// Whether an entry is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
    Query,
}

/// Who an entry is about.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityType {
    Group,
    Mask,
    Other,
    User,
}

/// When the mask is computed anew.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecalculateMask {
    Default,
    Mask,
    NoMask,
}

pub struct Acl;

/// `$1` the path, `$2` `-d` or nothing, `$3` `-P` or nothing, then arguments of setfacl that would change. Sections: the
/// entries, what `--test` says.
const LOOK: &str = r#"command -v getfacl >/dev/null 2>&1 && command -v setfacl >/dev/null 2>&1 || exit 64
path=$1 default=$2 physical=$3; shift 3
getfacl $default $physical --omit-header --absolute-names -- "$path" || exit
printf '\036'
[ $# = 0 ] || setfacl --test "$@" -- "$path""#;

/// `$1` the path, `$2` `-d` or nothing, `$3` `-P` or nothing, then arguments of setfacl. Prints the entries.
const SET: &str = r#"path=$1 default=$2 physical=$3; shift 3
setfacl "$@" -- "$path" && getfacl $default $physical --omit-header --absolute-names -- "$path""#;

impl Module for Acl {
    type Params = AclParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.acl",
        aliases: &["acl", "ansible.builtin.acl"],
        summary: "Keeps an entry in the access control list of a file or folder.",
        description: "Needs `getfacl` and `setfacl` on the host, and a file system that keeps such lists.",
        mutually_exclusive: &[&["entry", "etype"], &["entry", "permissions"]],
        examples: &[
            (
                "Joe may read",
                "acl: { path: /etc/app.conf, entity: joe, etype: user, permissions: r, state: present }",
            ),
            (
                "Joe may not",
                "ansible.posix.acl: { path: /etc/app.conf, entity: joe, etype: user, state: absent }",
            ),
            (
                "For what will be made there",
                "acl: { path: /srv/app, entity: web, etype: group, permissions: rX, default: true, state: present }",
            ),
            ("All entries", "acl: { path: /etc/app.conf }"),
        ],
        returns: &[("acl", "the entries, after a change those of then"), ("msg", "the entry and what it is")],
        ..Spec::DEFAULT
    };

    fn check(params: &AclParams, host: &Host) -> Result<Delta, Failure> {
        let setting = params.setting()?;
        let mut arguments = params.asking();
        arguments.extend(setting.iter().cloned());
        let [entries, test] = look(LOOK, &arguments, "setfacl", host)?;
        let result = json!({ "acl": lines(&entries), "msg": params.msg() });
        // A line of the test ends with `*,*` where nothing would change.
        if !test.lines().any(|line| !line.trim_end().ends_with("*,*")) {
            return Ok(Delta::none_with(result));
        }
        Ok(Delta::change(&*params.path, lines(&entries).join("\n"), test.trim()).with_result(result))
    }

    fn apply(params: &AclParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let mut arguments = params.asking();
        arguments.extend(params.setting()?);
        let entries = change(&script(SET, &arguments), str::to_owned, host)?;
        Ok(Outcome::changed(json!({ "acl": lines(&entries), "msg": params.msg() })))
    }
}

/// An entry as the task means it.
struct Entry {
    default: bool,
    /// `user:joe`.
    who: String,
    permissions: Option<String>,
}

impl AclParams {
    fn asking(&self) -> Vec<String> {
        let flag = |given: bool, word: &str| if given { word.to_owned() } else { String::new() };
        vec![self.path.0.clone(), flag(self.entry().is_ok_and(|e| e.default), "-d"), flag(!self.follow, "-P")]
    }

    /// Returns the entry, or says what is wrong with it.
    fn entry(&self) -> Result<Entry, Failure> {
        let Some(text) = &self.entry else {
            let etype = self.etype.map_or("", |etype| etype.word());
            let who = format!("{etype}:{}", self.entity);
            return Ok(Entry { default: self.default, who, permissions: self.permissions.clone() });
        };
        let (default, rest) = text
            .strip_prefix("default:")
            .or_else(|| text.strip_prefix("d:"))
            .map_or((self.default, &**text), |rest| (true, rest));
        let parts: Vec<&str> = rest.split(':').collect();
        let (who, permissions) = match parts[..] {
            [kind, name] if self.state == State::Absent => (format!("{kind}:{name}"), None),
            [kind @ ("mask" | "other" | "m" | "o"), bits] => (format!("{kind}:"), Some(bits.to_owned())),
            [kind, name, bits] => (format!("{kind}:{name}"), Some(bits.to_owned())),
            _ => return Err(Failure::arguments("'entry' MUST have 2 or 3 sections divided by ':'")),
        };
        Ok(Entry { default, who, permissions })
    }

    /// Returns the arguments of setfacl that make it so; none for a query.
    fn setting(&self) -> Result<Vec<String>, Failure> {
        if self.state == State::Query {
            let msg = if self.recursive {
                "'recursive' MUST NOT be set when 'state=query'."
            } else if self.recalculate_mask != RecalculateMask::Default {
                "'recalculate_mask' MUST NOT be set to 'mask' or 'no_mask' when 'state=query'."
            } else {
                return Ok(Vec::new());
            };
            return Err(Failure::arguments(msg));
        }
        if self.entry.is_none() && self.etype.is_none() {
            return Err(Failure::arguments(
                "'entry' or 'etype' MUST be set when 'state' is 'present' or 'absent'.",
            ));
        }
        let Entry { default, who, permissions } = self.entry()?;
        let mut arguments: Vec<String> = Vec::new();
        let mut flag = |given: bool, word: &str| arguments.extend(given.then(|| word.to_owned()));
        flag(self.recursive, "--recursive");
        flag(!self.follow, "--physical");
        flag(default, "--default");
        flag(self.recalculate_mask == RecalculateMask::Mask, "--mask");
        flag(self.recalculate_mask == RecalculateMask::NoMask, "--no-mask");
        match (self.state, permissions) {
            (State::Absent, Some(_)) if self.entry.is_none() => {
                return Err(Failure::arguments("'permissions' MUST NOT be set when 'state=absent'."));
            }
            (State::Absent, _) => arguments.extend(["--remove".to_owned(), who]),
            (_, Some(bits)) => arguments.extend(["--modify".to_owned(), format!("{who}:{bits}")]),
            (_, None) => return Err(Failure::arguments("'permissions' MUST be set when 'state=present'.")),
        }
        Ok(arguments)
    }

    fn msg(&self) -> String {
        let entry = self.entry.clone().unwrap_or_else(|| {
            let etype = self.etype.map_or("", |etype| etype.word());
            let bits = self.permissions.as_ref().map_or_else(String::new, |bits| format!(":{bits}"));
            let default = if self.default { "default:" } else { "" };
            format!("{default}{etype}:{}{bits}", self.entity)
        });
        match self.state {
            State::Query => "current acl".to_owned(),
            state => format!("{entry} is {}", state.word()),
        }
    }
}

fn lines(entries: &str) -> Vec<&str> {
    entries.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Acl>(env!("CARGO_MANIFEST_DIR"));
        examples::<Acl>();
    }
}
