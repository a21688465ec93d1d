use switchover_sdk::from_value;
use switchover_sdk::prelude::*;

use super::DnfParams;
use crate::tool::failed;

/// Runs the tool and prints the packages that came and went. `$1` seconds to wait for the lock, `$2` the root, then the tool
/// and its arguments.
const RUN: &str = r#"export LC_ALL=C
left=$1 root=$2
shift 2
before=$(mktemp) && after=$(mktemp) || exit
trap 'rm -f "$before" "$after"' EXIT
packages() { rpm --root "$root" -qa --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' | sort; }
while [ "$left" -gt 0 ] && [ -e /run/dnf/rpmtransaction.pid ]; do sleep 1; left=$((left - 1)); done
packages >"$before"
"$@" >&2
rc=$?
packages >"$after"
comm -13 "$before" "$after" | sed 's/^/Installed: /'
comm -23 "$before" "$after" | sed 's/^/Removed: /'
exit "$rc""#;

/// Runs what `check` planned.
pub fn apply(params: &DnfParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
    let state = delta.state();
    let tool = state["tool"].as_str().unwrap_or("dnf");
    let runs: Vec<Vec<String>> = from_value(state["runs"].clone()).unwrap_or_default();
    let mut results: Vec<String> = Vec::new();
    let mut downloads = false;
    for args in &runs {
        let output = run(params, tool, args, host)?;
        results.extend(output.stdout.to_text().lines().filter(|line| line.contains(": ")).map(str::to_owned));
        downloads |= params.download_only && output.stderr.to_text().contains("Downloading Packages");
    }
    let changed = !results.is_empty() || downloads;
    let metadata = runs.iter().flatten().next().is_some_and(|arg| arg == "makecache");
    let msg = match (metadata, changed) {
        (true, _) => "Cache updated",
        (_, true) => "",
        (_, false) => "Nothing to do",
    };
    let result = json!({ "msg": msg, "rc": 0, "results": results });
    Ok(if changed { Outcome::changed(result) } else { Outcome::unchanged(result) })
}

fn run(params: &DnfParams, tool: &str, args: &[String], host: &Host) -> Result<ExecOutput, Failure> {
    let wait = params.lock_timeout.max(0).to_string();
    let head = ["sh", "-c", RUN, "sh", &wait, &params.installroot, tool];
    let argv = head.into_iter().map(str::to_owned).chain(args.iter().cloned());
    let output = host.exec(&Command::new(argv).live())?;
    if output.rc == 0 {
        return Ok(output);
    }
    let said = output.stderr.to_text();
    let missing: Vec<String> = said
        .lines()
        .filter_map(|line| line.strip_prefix("No match for argument: "))
        .map(|name| format!("No package {} available.", name.trim()))
        .collect();
    if !missing.is_empty() {
        let failure = failed("Failed to install some of the specified packages", &output);
        return Err(failure.with("failures", json!(missing)).with("results", json!([])));
    }
    let error = said.lines().rev().find(|line| line.starts_with("Error"));
    let error = error.or_else(|| said.lines().last()).unwrap_or_default();
    Err(failed(format!("`{tool} {}` failed: {error}", args.join(" ")), &output).with("results", json!([])))
}
