pub mod look;
mod options;
mod run;

use switchover_sdk::prelude::*;

use look::Seen;
pub use options::DnfParams;

#[derive(Choice, PartialEq, Eq, Clone, Copy)]
pub enum State {
    Absent,
    Present,
    Installed,
    Removed,
    Latest,
}

#[derive(Choice, PartialEq, Eq, Clone, Copy)]
pub enum Backend {
    Auto,
    Dnf,
    Dnf4,
    Dnf5,
    Yum,
    Yum4,
}

/// What a task asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    Install,
    Latest,
    Remove,
    /// Everything to its newest version.
    Upgrade,
    Autoremove,
    /// Only the metadata.
    Metadata,
}

pub struct Dnf;

impl Module for Dnf {
    type Params = DnfParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.dnf",
        aliases: &["dnf", "yum", "ansible.builtin.yum", "dnf5", "ansible.builtin.dnf5"],
        summary: "Keeps packages of Fedora, Red Hat and their kin.",
        description: "Works with dnf, dnf5, yum or microdnf, whichever the host has.",
        long: true,
        mutually_exclusive: &[&["best", "nobest"]],
        examples: &[
            ("Packages", "dnf: { name: [httpd, mod_ssl], enablerepo: epel }"),
            ("A file of the host", "yum: { name: /tmp/agent-1.2.rpm, disable_gpg_check: true }"),
            ("All that is newer", "ansible.builtin.dnf: { name: '*', state: latest }"),
        ],
        returns: &[
            ("msg", "`Nothing to do`, or empty"),
            ("rc", "0"),
            ("results", "`Installed: NAME-VERSION` and `Removed: NAME-VERSION`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &DnfParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let goal = params.goal()?;
        let output = host.exec(&look::command(params, goal))?;
        check_seen(params, goal, &Seen::read(&output)?)
    }

    fn apply(params: &DnfParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        run::apply(params, delta, host)
    }
}

/// Says what would change, of what was seen.
pub fn check_seen(params: &DnfParams, goal: Goal, seen: &Seen) -> Result<Delta, Failure> {
    let nothing = json!({ "msg": "Nothing to do", "rc": 0, "results": [] });
    let state = |args: Vec<String>| json!({ "tool": seen.tool, "args": args });
    if goal == Goal::Metadata {
        let nothing = json!({ "msg": "Cache updated", "rc": 0, "results": [], "changed": false });
        return Ok(if params.update_cache {
            Delta::unknown().with_state(state(vec!["makecache".to_owned(), "--refresh".to_owned()]))
        } else {
            Delta::none_with(nothing)
        });
    }
    let mut changes = Vec::new();
    for name in &seen.missing {
        if goal != Goal::Remove && !(params.update_only && goal == Goal::Latest) {
            changes.push(Change { what: name.clone(), after: json!("installed"), ..Change::default() });
        }
    }
    for (name, version) in &seen.newer {
        let (before, after) = (json!("installed"), json!(version));
        changes.push(Change { what: name.clone(), before, after, ..Change::default() });
    }
    if goal == Goal::Remove {
        for name in &seen.installed {
            changes.push(Change { what: name.clone(), before: json!("installed"), ..Change::default() });
        }
    }
    if !changes.is_empty() {
        let result = json!({ "msg": "", "rc": 0, "results": [] });
        let words: Vec<String> = match goal {
            Goal::Remove => seen.installed.clone(),
            Goal::Install => seen.missing.clone(),
            Goal::Latest | Goal::Upgrade | Goal::Autoremove | Goal::Metadata => params.names(),
        };
        return Ok(Delta::changes(changes)
            .with_result(result)
            .with_state(state(params.args(&seen.tool, goal, &words))));
    }
    // What an address, a group or an autoremove would change, only the tool can tell.
    let unsure = !seen.unsure.is_empty() || goal == Goal::Autoremove;
    if unsure || (goal == Goal::Remove && params.autoremove) {
        return Ok(Delta::unknown().with_state(state(params.args(&seen.tool, goal, &params.names()))));
    }
    Ok(Delta::none_with(nothing))
}

#[cfg(test)]
mod tests;
