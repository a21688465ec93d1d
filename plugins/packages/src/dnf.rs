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
    let state = |runs: Vec<Vec<String>>| json!({ "tool": seen.tool, "runs": runs });
    if goal == Goal::Metadata {
        let nothing = json!({ "msg": "Cache updated", "rc": 0, "results": [], "changed": false });
        return Ok(if params.update_cache {
            Delta::unknown().with_state(state(vec![vec!["makecache".to_owned(), "--refresh".to_owned()]]))
        } else {
            Delta::none_with(nothing)
        });
    }
    let mut changes = Vec::new();
    for name in wanted(params, seen) {
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
        return Ok(Delta::changes(changes).with_result(result).with_state(state(runs(params, goal, seen))));
    }
    // What an address, a group or an autoremove would change, only the tool can tell.
    let unsure = !seen.unsure.is_empty() || goal == Goal::Autoremove;
    if unsure || (goal == Goal::Remove && params.autoremove) {
        return Ok(Delta::unknown().with_state(state(vec![params.args(&seen.tool, goal, &params.names())])));
    }
    Ok(Delta::none_with(nothing))
}

/// Returns the arguments of each run. `install` leaves older versions alone, so that `latest` may need two.
fn runs(params: &DnfParams, goal: Goal, seen: &Seen) -> Vec<Vec<String>> {
    let args = |goal: Goal, words: &[String]| params.args(&seen.tool, goal, words);
    match goal {
        Goal::Remove => vec![args(goal, &seen.installed)],
        Goal::Install => vec![args(goal, &wanted(params, seen).cloned().collect::<Vec<_>>())],
        Goal::Latest => {
            let missing: Vec<String> = wanted(params, seen).chain(&seen.unsure).cloned().collect();
            let mut runs = Vec::new();
            if !missing.is_empty() && !params.update_only {
                runs.push(args(Goal::Install, &missing));
            }
            if !seen.newer.is_empty() {
                runs.push(args(Goal::Latest, &seen.installed));
            }
            runs
        }
        Goal::Upgrade | Goal::Autoremove | Goal::Metadata => vec![args(goal, &params.names())],
    }
}

/// Returns what has to be installed: what is missing, and older versions where they are allowed.
fn wanted<'a>(params: &DnfParams, seen: &'a Seen) -> impl Iterator<Item = &'a String> {
    seen.missing.iter().chain(seen.older.iter().filter(|_| params.allow_downgrade))
}

#[cfg(test)]
mod tests;
