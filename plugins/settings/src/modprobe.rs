mod kept;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use kept::Kept;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct ModprobeParams {
    /// The kernel's module.
    pub name: String,
    /// Whether it is loaded.
    #[param(default = "present")]
    pub state: State,
    /// Parameters for the module, split at blanks.
    #[param(default = "")]
    pub params: String,
    /// Whether it is loaded after a restart: `disabled` leaves that as it is.
    #[param(default = "disabled")]
    pub persistent: Persistent,
}

/// Whether a module is loaded.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

/// What files say of a module.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistent {
    Disabled,
    Absent,
    Present,
}

pub struct Modprobe;

/// `$1` the module. Sections: `1` when it is loaded or part of the kernel, then the files of modules-load.d and of
/// modprobe.d that name it, each as path, 035, content, 035.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; command -v modprobe >/dev/null 2>&1 || exit 64
under=$(printf %s "$1" | tr - _)
if grep -q -- "^$under " /proc/modules 2>/dev/null || grep -qF -- "/$1.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; then printf 1; fi
tell() { for f in "$1"/*; do [ -f "$f" ] && grep -qF -- "$2" "$f" && { printf '%s\035' "$f"; cat -- "$f"; printf '\035'; }; done; }
printf '\036'; tell /etc/modules-load.d "$1"
printf '\036'; tell /etc/modprobe.d "$1"; :"#;

const LOAD: &str = r#"PATH=$PATH:/usr/sbin:/sbin; exec modprobe "$@""#;

impl Module for Modprobe {
    type Params = ModprobeParams;
    const SPEC: Spec = Spec {
        name: "community.general.modprobe",
        aliases: &["modprobe", "ansible.builtin.modprobe"],
        summary: "Loads and unloads modules of the kernel, now and after a restart.",
        examples: &[
            ("VLANs", "modprobe: { name: 8021q, state: present }"),
            ("Also after a restart", "modprobe: { name: dummy, params: numdummies=2, persistent: present }"),
        ],
        returns: &[("name", "the module"), ("params", "its parameters"), ("state", "whether it is loaded")],
        ..Spec::DEFAULT
    };

    fn check(params: &ModprobeParams, host: &Host) -> Result<Delta, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if params.name.is_empty() || params.name.starts_with('-') || !params.name.chars().all(plain) {
            return Err(Failure::arguments(format!("`{}` is no name of a kernel module", params.name)));
        }
        let [loaded, load_files, option_files] = look(LOOK, &[&params.name], "modprobe", host)?;
        let loaded = loaded == "1";
        let wanted = params.state == State::Present;
        let mut changes = Vec::new();
        if loaded != wanted {
            let word = |loaded| if loaded { "loaded" } else { "not loaded" };
            changes.push(Change {
                what: params.name.clone(),
                before: json!(word(loaded)),
                after: json!(word(wanted)),
                ..Change::default()
            });
        }
        let kept = Kept { name: &params.name, params: params.params.split_whitespace().collect() };
        let files = kept.edits(params.persistent, &load_files, &option_files);
        for (path, before, after) in &files {
            changes.push(Change {
                what: path.clone(),
                before: json!(before),
                after: json!(after),
                ..Change::default()
            });
        }
        if changes.is_empty() {
            return Ok(Delta::none_with(params.result()));
        }
        let files: Vec<_> = files.into_iter().map(|(path, _, after)| json!([path, after])).collect();
        let state = json!({ "moves": loaded != wanted, "files": files });
        Ok(Delta::changes(changes).with_result(params.result()).with_state(state))
    }

    fn apply(params: &ModprobeParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        if delta.state()["moves"] == true {
            let command = match params.state {
                State::Present => {
                    let words = [params.name.as_str()].into_iter().chain(params.params.split_whitespace());
                    script(LOAD, &words.collect::<Vec<_>>())
                }
                State::Absent => script(LOAD, &["-r", &params.name]),
            };
            change(&command, str::to_owned, host)?;
        }
        let write = |pair: &Value| {
            Some(HostCall::Write(WriteFile {
                path: pair[0].as_str()?.to_owned(),
                content: Content::Inline(pair[1].as_str()?.into()),
                attributes: Attributes::default(),
                backup: false,
                validate: None,
                follow: true,
            }))
        };
        let folders = ["/etc/modules-load.d", "/etc/modprobe.d"];
        let mkdir = |path: &str| HostCall::Mkdir { path: path.to_owned(), attributes: Attributes::default() };
        let writes: Vec<HostCall> =
            delta.state()["files"].as_array().into_iter().flatten().filter_map(write).collect();
        if !writes.is_empty() {
            let _: Vec<HostReply> = host.many(folders.map(mkdir).into_iter().chain(writes).collect())?;
        }
        let Value::Object(result) = params.result() else { return Ok(Outcome::default()) };
        Ok(Outcome { changed: true, result, ..Outcome::default() })
    }
}

impl ModprobeParams {
    fn result(&self) -> Value {
        json!({ "name": self.name, "params": self.params, "state": self.state.word() })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Modprobe>(env!("CARGO_MANIFEST_DIR"));
        examples::<Modprobe>();
    }
}
