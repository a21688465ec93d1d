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
    let tool = state["tool"].as_str().unwrap_or("dnf").to_owned();
    let args: Vec<String> = from_value(state["args"].clone()).unwrap_or_default();
    let metadata = args.first().is_some_and(|arg| arg == "makecache");
    let wait = params.lock_timeout.max(0).to_string();
    let head = ["sh", "-c", RUN, "sh", &wait, &params.installroot].map(str::to_owned);
    let argv = head.into_iter().chain([tool.clone()]).chain(args.iter().cloned());
    let output = host.exec(&Command::new(argv).live())?;
    if output.rc != 0 {
        let said = output.stderr.to_text();
        let error = said
            .lines()
            .rev()
            .find(|line| line.contains("rror") || line.contains("No match"))
            .unwrap_or_default();
        let msg = format!("`{tool} {}` failed: {error}", args.join(" "));
        return Err(failed(msg, &output).with("results", json!([])));
    }
    let said = output.stdout.to_text();
    let results: Vec<&str> = said.lines().filter(|line| line.contains(": ")).collect();
    let changed = !results.is_empty() || (params.download_only && said_downloads(&output));
    let msg = match (metadata, changed) {
        (true, _) => "Cache updated",
        (_, true) => "",
        (_, false) => "Nothing to do",
    };
    let result = json!({ "msg": msg, "rc": 0, "results": results });
    Ok(if changed { Outcome::changed(result) } else { Outcome::unchanged(result) })
}

fn said_downloads(output: &ExecOutput) -> bool {
    output.stderr.to_text().contains("Downloading Packages")
}
