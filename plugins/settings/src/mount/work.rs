use switchover_sdk::prelude::*;

use super::{MountParams, State};
use switchover_sdk::script::script;

/// One thing to do with a mount point.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Mount,
    Remount,
    Unmount,
    RemoveFolder,
}

/// What has to be done.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// The new text of fstab.
    pub fstab: Option<String>,
    pub steps: Vec<Step>,
    pub folder_missing: bool,
}

/// `$1` the path, `$2` the type, `$3` options, `$4` what is mounted, `$5` fstab (empty: not read), `$6` why it is mounted
/// again with other options, then steps. A folder that had to be made goes again when the mount fails.
const RUN: &str = r#"path=$1 type=$2 opts=$3 src=$4 fstab=$5 own=$6; shift 6
how() {
if [ -n "$own" ] && [ "$own" != remounted ]; then
set -- -t "$type"; [ "$opts" = defaults ] || set -- "$@" -o "$opts"; mount "$@" "$src" "$path"
elif [ -z "$fstab" ] || [ "$fstab" = /etc/fstab ]; then mount "$path"
else mount -T "$fstab" "$path"; fi; }
again() {
o=remount; [ "$own" != remounted ] || [ "$opts" = defaults ] || o=remount,$opts
if [ "$own" = ephemeral ]; then
set -- -o remount -t "$type"; [ "$opts" = defaults ] || set -- "$@" -o "$opts"; mount "$@" "$src" "$path"
elif [ -z "$fstab" ] || [ "$fstab" = /etc/fstab ]; then mount -o "$o" "$path"
else mount -o "$o" -T "$fstab" "$path"; fi; }
for step; do case $step in
mount)
made=; p=$path
while [ ! -e "$p" ]; do made="$p
$made"; p=$(dirname -- "$p"); done
mkdir -p -- "$path" || exit 1
how || { printf '%s' "$made" | sort -r | while IFS= read -r d; do [ -z "$d" ] || rmdir -- "$d"; done; exit 2; };;
remount)
again 2>/dev/null || { [ "$own" = remounted ] && [ "$opts" != defaults ] && exit 3; umount -- "$path" && how || exit 4; };;
unmount) umount -- "$path" || exit 5;;
remove_folder) rmdir -- "$path" || exit 6;;
esac; done"#;

impl Work {
    /// Returns the answer of `check`.
    pub fn delta(self, params: &MountParams, fstab: &str) -> Delta {
        let mut changes = Vec::new();
        if let Some(after) = &self.fstab {
            let secret = params.opts_no_log;
            let text = |text: &str| if secret { Value::Null } else { json!(text) };
            changes.push(Change {
                what: params.fstab().to_owned(),
                before: text(fstab),
                after: text(after),
                ..Change::default()
            });
        }
        for step in &self.steps {
            let folder = if *step == Step::Mount && self.folder_missing { " (and its folder)" } else { "" };
            changes.push(Change {
                what: format!("{}{folder}", params.path),
                after: json!(step.word()),
                ..Change::default()
            });
        }
        if changes.is_empty() {
            return Delta::None { result: params.result() };
        }
        let steps: Vec<&str> = self.steps.iter().map(Step::word).collect();
        let state = json!({ "fstab": self.fstab, "before": fstab, "steps": steps });
        Delta::Some { changes, result: params.result(), state }
    }
}

/// Writes fstab, then mounts; a mount that fails puts the old fstab back.
pub fn apply(params: &MountParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
    let state = delta.state();
    let mut result = params.result();
    let after = state["fstab"].as_str();
    if let Some(after) = after {
        let written = write(params, after, params.backup, host)?;
        result.extend(written.map(|backup| ("backup_file".to_owned(), json!(backup))));
    }
    let steps: Vec<&str> =
        state["steps"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Err(failure) = run(params, &steps, host) {
        if let (Some(_), Some(before), State::Mounted) = (after, state["before"].as_str(), params.state) {
            write(params, before, false, host)?;
        }
        return Err(failure);
    }
    Ok(Outcome { changed: true, result, ..Outcome::default() })
}

fn write(params: &MountParams, text: &str, backup: bool, host: &Host) -> Result<Option<String>, Failure> {
    let written = host.write_file(WriteFile {
        path: params.fstab().to_owned(),
        content: Content::Inline(text.into()),
        attributes: Attributes::default(),
        backup,
        validate: None,
        follow: true,
    })?;
    Ok(written.backup)
}

fn run(params: &MountParams, steps: &[&str], host: &Host) -> Result<(), Failure> {
    if steps.is_empty() {
        return Ok(());
    }
    let entry = params.entry();
    let own = match params.state {
        State::Ephemeral => "ephemeral",
        State::Remounted => "remounted",
        _ => "",
    };
    let fixed = [&entry.path, &entry.fstype, &entry.opts, &entry.src].map(String::as_str);
    let arguments: Vec<&str> =
        fixed.into_iter().chain([params.fstab(), own]).chain(steps.iter().copied()).collect();
    let output = host.exec(&script(RUN, &arguments))?;
    let said = format!("{}{}", output.stdout.to_text(), output.stderr.to_text());
    let path = &entry.path;
    let msg = match output.rc {
        0 => return Ok(()),
        1 => format!("Error making dir {path}: {said}"),
        2 => format!("Error mounting {path}: {said}"),
        3 => "Options were specified with remounted, but the remount command failed. Failing in order to prevent an \
            unexpected mount result. Try replacing this command with a \"state: unmounted\" followed by a \
            \"state: mounted\" using the full desired mount options instead."
            .to_owned(),
        5 => format!("Error unmounting {path}: {said}"),
        6 => format!("Error rmdir {path}: {said}"),
        _ => format!("Error remounting {path}: {said}"),
    };
    Err(Failure::new(msg).with("rc", output.rc))
}
