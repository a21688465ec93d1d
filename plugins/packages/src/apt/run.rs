use switchover_sdk::from_value;
use switchover_sdk::prelude::*;

use super::AptParams;
use super::look::{Seen, command, outputs};
use super::plan::{Goal, Plan};
use crate::tool::{failed, put_output};

/// Reads the lists anew, all of them or it fails, with pauses between tries. `$1` tries after the first, `$2` the longest pause in seconds. Prints when
/// the lists were new before and after.
const UPDATE: &str = r#"export LC_ALL=C DEBIAN_FRONTEND=noninteractive
stamp() {
  stat -c %Y /var/lib/apt/periodic/update-success-stamp 2>/dev/null || stat -c %Y /var/lib/apt/lists 2>/dev/null || echo 0
}
stamp
pause=1 left=$1
until apt-get -q -o APT::Update::Error-Mode=any update >&2; do
  rc=$?
  [ "$left" -gt 0 ] || exit "$rc"
  left=$((left - 1))
  sleep "$pause"
  pause=$((pause * 2))
  [ "$pause" -le "$2" ] || pause=$2
done
stamp"#;

/// Runs `apt-get`. `$1` what `policy-rc.d` answers meanwhile, or nothing; then the arguments.
const RUN: &str = r#"PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical
policy=$1 file=/usr/sbin/policy-rc.d
shift
if [ -n "$policy" ]; then
  restore() {
    rm -f "$file"
    if [ -n "$kept" ]; then mv -f "$kept" "$file"; fi
  }
  kept=
  if [ -e "$file" ]; then kept=$(mktemp "$file.XXXXXX") && mv -f "$file" "$kept" || exit; fi
  trap restore EXIT
  trap 'exit 143' TERM INT HUP
  printf '#!/bin/sh\nexit %s\n' "$policy" >"$file" && chmod 755 "$file" || exit
fi
apt-get "$@""#;

/// Fetches a package file to a new folder and prints its path. `$1` address.
const FETCH: &str = r#"folder=$(mktemp -d) || exit
file=$folder/$(basename -- "${1%%[?#]*}")
if command -v curl >/dev/null; then curl -fsSL -o "$file" -- "$1"
elif command -v wget >/dev/null; then wget -q -O "$file" -- "$1"
else echo 'neither curl nor wget is on the host' >&2; exit 127; fi || { rc=$?; rm -rf -- "$folder"; exit "$rc"; }
chmod 755 "$folder"
printf '%s\n' "$file""#;

/// Does what `check` found; reads the lists first when they are due, and then looks again.
pub fn apply(params: &AptParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
    let state = delta.state();
    let mut steps: Vec<Vec<String>> = from_value(state["steps"].clone()).unwrap_or_default();
    let mut outcome = Outcome::default();
    if let Delta::Some { result, .. } = delta {
        outcome.result = result.clone();
    }
    if state["update"] == json!(true) {
        outcome.result.clear();
        let (before, after) = update(params, host)?;
        let goals = Goal::all(params)?;
        // New lists are a change where they were all that was asked for.
        let only = goals
            .iter()
            .all(|goal| matches!(goal, Goal::Lists | Goal::Clean | Goal::Autoclean | Goal::Autoremove));
        outcome.changed = only && before != after;
        let looks = goals.iter().map(|goal| command(goal, params)).collect();
        let seen = Seen::read_all(&outputs(looks, host)?)?;
        let plan = Plan::make(params, &goals, &seen, host)?;
        outcome.result.extend(plan.result);
        outcome.result.insert("cache_update_time".into(), json!(after));
        outcome.result.insert("cache_updated".into(), json!(before != after));
        outcome.changes = plan.changes;
        steps = plan.steps;
    }
    for args in &steps {
        run(params, args, host, &mut outcome)?;
    }
    let address = params.deb.as_ref().filter(|deb| deb.contains("://"));
    if let Some(address) = address {
        fetched(params, address, host, &mut outcome)?;
    }
    Ok(outcome)
}

fn update(params: &AptParams, host: &Host) -> Result<(i64, i64), Failure> {
    let retries = params.update_cache_retries.to_string();
    let pause = params.update_cache_retry_max_delay.to_string();
    let output = host.exec(&Command::new(["sh", "-c", UPDATE, "sh", &retries, &pause]))?;
    if output.rc != 0 {
        let said = output.stderr.to_text();
        let errors: Vec<&str> =
            said.lines().filter(|line| line.starts_with("E:") || line.starts_with("W:")).collect();
        return Err(failed(
            format!("Failed to update apt cache after {retries} retries: {}", errors.join(", ")),
            &output,
        ));
    }
    let said = output.stdout.to_text();
    let mut times = said.lines().map(|line| line.trim().parse().unwrap_or(0));
    Ok((times.next().unwrap_or(0), times.next().unwrap_or(0)))
}

fn run(params: &AptParams, args: &[String], host: &Host, outcome: &mut Outcome) -> Result<(), Failure> {
    let policy = params.policy_rc_d.map(|code| code.to_string()).unwrap_or_default();
    let head = ["sh", "-c", RUN, "sh", &policy].map(str::to_owned);
    let output = host.exec(&Command::new(head.into_iter().chain(args.iter().cloned())).live())?;
    if output.rc != 0 {
        let msg = format!("'apt-get {}' failed: {}", args.join(" "), output.stderr.to_text());
        return Err(failed(msg, &output).with_result(cache_keys(&outcome.result)));
    }
    outcome.changed = true;
    put_output(&mut outcome.result, &output);
    if outcome.result.contains_key("msg") {
        outcome.result.insert("msg".into(), json!(output.stdout.to_text()));
    }
    Ok(())
}

fn cache_keys(result: &Map) -> Map {
    let keys = ["cache_updated", "cache_update_time"];
    keys.iter().filter_map(|key| Some(((*key).to_owned(), result.get(*key)?.clone()))).collect()
}

/// Fetches a package file and installs it as one of the host's.
fn fetched(params: &AptParams, address: &str, host: &Host, outcome: &mut Outcome) -> Result<(), Failure> {
    let file = host.output(&Command::new(["sh", "-c", FETCH, "sh", address]))?.trim_end().to_owned();
    let goal = Goal::File(file.clone());
    let seen = Seen::read_all(&outputs(vec![command(&goal, params)], host)?)?;
    let done = Plan::make(params, &[goal], &seen, host).and_then(|plan| {
        outcome.changes.extend(plan.changes);
        plan.steps.iter().try_for_each(|args| run(params, args, host, outcome))
    });
    host.remove(file.rsplit_once('/').map_or(&file, |(folder, _)| folder), true)?;
    done
}
