mod clean;

use std::time::Duration;

use clap::Args;
use serde_json::json;
use switchover_journal::{EventKind, History, RunFolder};
use switchover_report::{duration, plural};
use switchover_syntax::harmless;

use crate::waits::Wait;
use crate::{approve, exit, kept, resume, waits};

#[derive(Args, Debug)]
pub struct RunsArgs {
    /// `show RUN`: everything about one run, `last` is the newest; `clean`: removes old ones.
    #[arg(value_name = "show RUN | clean", num_args = 0..=2)]
    pub words: Vec<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// With `clean`: how long ago a run ended that is removed, such as `30d`, `2w` or `12h`.
    #[arg(long, value_name = "AGE", default_value = "30d", value_parser = clean::age)]
    pub older_than: Duration,
    /// With `clean`: removes also runs that are not complete; they cannot be resumed then.
    #[arg(long)]
    pub unfinished: bool,
}

/// Lists runs, shows one, or removes old ones.
pub fn run(arguments: &RunsArgs) -> u8 {
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    let shown = match words.as_slice() {
        [] => list(arguments.json),
        ["show"] => show("last", arguments.json),
        ["show", run] => show(run, arguments.json),
        ["clean"] => clean::run(arguments.older_than, arguments.unfinished),
        _ => {
            crate::problems::say(
                "`switchover runs` lists all, `switchover runs show RUN` shows one, `switchover runs clean` removes old ones",
                None,
            );
            return exit::OPTIONS;
        }
    };
    match shown {
        Ok(()) => exit::OK,
        Err(broken) => {
            resume::explain(&broken);
            exit::JOURNAL
        }
    }
}

type Shown = Result<(), switchover_journal::Broken>;

fn list(as_json: bool) -> Shown {
    let runs = kept::runs()?;
    let mut rows = Vec::new();
    for name in runs.names() {
        let folder = runs.find(&name)?;
        match History::outline(&folder) {
            Ok(history) => rows.push(row(&folder, &history)),
            Err(broken) => {
                rows.push(json!({ "run": name, "state": "damaged", "problem": broken.to_string() }))
            }
        }
    }
    if as_json {
        println!("{}", json!(rows));
    } else if rows.is_empty() {
        println!("no runs in {}", runs.folder.display());
    } else {
        rows.iter().for_each(print_row);
    }
    Ok(())
}

fn row(folder: &RunFolder, history: &History) -> serde_json::Value {
    let header = &history.header;
    json!({
        "run": folder.run,
        "started": header.started,
        "seconds": last(folder, history) - header.started,
        "state": state(folder, history),
        "waits_for": waiting(folder, history),
        "exit_code": history.closed.as_ref().map(|closed| closed.code),
        "playbooks": header.playbooks,
        "inventories": header.inventories,
        "operator": header.operator,
        "resumed": history.resumed.len(),
    })
}

fn print_row(row: &serde_json::Value) {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let words: Vec<&str> =
        row["playbooks"].as_array().into_iter().flatten().filter_map(|word| word.as_str()).collect();
    let started = row["started"].as_f64().map(date).unwrap_or_default();
    let took = row["seconds"].as_f64().map(|seconds| took(&text("state"), seconds)).unwrap_or_default();
    let waits: Vec<String> = row["waits_for"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|wait| serde_json::from_value::<Wait>(wait.clone()).ok())
        .map(|wait| wait.place())
        .collect();
    let waits =
        if waits.is_empty() { String::new() } else { format!(", for approval of {}", waits.join(", ")) };
    println!(
        "{:<18} {started:<20} {took:>12}  {:<12} {}{}",
        text("run"),
        text("state"),
        words.join(" "),
        harmless(&waits)
    );
}

/// Returns where a run stands, in a word.
fn state(folder: &RunFolder, history: &History) -> &'static str {
    match history.closed.as_ref().map(|closed| closed.code) {
        _ if folder.is_live() && listened_to(folder).is_empty() => "under way",
        _ if folder.is_live() => "waits",
        None => "interrupted",
        Some(exit::OK) => "complete",
        Some(2 | 4) => "failed",
        Some(10) => "unapproved",
        Some(11) => "unknown",
        Some(99) => "stopped",
        Some(_) => "broke off",
    }
}

/// Returns the words that somebody waits for now: where the time for one is over, its step was not done.
fn listened_to(folder: &RunFolder) -> Vec<Wait> {
    let now = switchover_engine::now();
    waits::all(folder).into_iter().filter(|wait| wait.until > now).collect()
}

/// Returns the words that a run wants, as long as it does.
fn waiting(folder: &RunFolder, history: &History) -> Vec<Wait> {
    match state(folder, history) {
        "waits" => listened_to(folder),
        "unapproved" => waits::all(folder),
        _ => Vec::new(),
    }
}

/// Returns when a run last said something: of one that did not leave in order, when its journal was last written.
fn last(folder: &RunFolder, history: &History) -> f64 {
    if folder.is_live() {
        return switchover_engine::now();
    }
    if history.closed.is_some() {
        return history.last();
    }
    // Looking at the database may write to its files, and never to this one.
    let written = std::fs::metadata(folder.head()).and_then(|data| data.modified()).ok();
    let since = written.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    history.last().max(since.map_or(0.0, |since| since.as_secs_f64()))
}

/// Returns how long a run took; nobody knows when one that was killed ended, only when it last wrote.
fn took(state: &str, seconds: f64) -> String {
    let over = if state == "interrupted" { "over " } else { "" };
    format!("{over}{}", duration(seconds))
}

fn date(seconds: f64) -> String {
    let time = jiff::Timestamp::from_second(seconds as i64).unwrap_or_default();
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn show(run: &str, as_json: bool) -> Shown {
    let folder = kept::runs()?.find(run)?;
    let history = History::read(&folder)?;
    if as_json {
        let mut shown = row(&folder, &history);
        shown["gates"] = json!(history.gates);
        shown["events"] = json!(history.events);
        shown["unfinished"] = history
            .unfinished
            .iter()
            .map(|(number, intent)| json!({"step": number, "intent": intent}))
            .collect();
        shown["next"] = json!(next(&folder, &history));
        println!("{shown}");
        return Ok(());
    }
    let header = &history.header;
    println!("run        {} ({})", folder.run, state(&folder, &history));
    println!("started    {} by {}", date(header.started), header.operator);
    for resumed in &history.resumed {
        println!("resumed    {} by {}", date(resumed.at), resumed.by);
    }
    println!("took       {}", took(state(&folder, &history), last(&folder, &history) - header.started));
    println!("playbooks  {}", header.playbooks.join(" "));
    println!("in         {}", header.folder);
    steps(&history);
    gates(&history);
    given(&folder, &history);
    for wait in waiting(&folder, &history) {
        let until = match folder.is_live() {
            true if wait.until < f64::MAX => format!(", until {}", date(wait.until)),
            _ => String::new(),
        };
        let waits = if folder.is_live() { "waits for approval since" } else { "not approved, asked for" };
        println!("\n{waits} {}{until}\n  {}", date(wait.since), harmless(&wait.loss()));
    }
    for (number, intent) in &history.unfinished {
        println!(
            "\nbegun and not known to have ended: step {number}, `{}` on {}",
            intent.task, intent.act.step.host
        );
    }
    if let Some(next) = next(&folder, &history) {
        println!("\nnext       {next}");
    }
    Ok(())
}

/// Prints what happened on the hosts, a line each.
fn steps(history: &History) {
    let mut names = std::collections::HashMap::new();
    for event in &history.events {
        match &event.kind {
            EventKind::PlayStarted { name, hosts, .. } => {
                println!("\n{name}  {}", plural(hosts.len(), "host"));
            }
            EventKind::TaskStarted(info) => drop(names.insert(info.id, info.name.clone())),
            EventKind::Resumed { .. } => println!("  {}  resumed", clock(event.at)),
            EventKind::HostFinished { task, host, result, .. } => {
                let name = names.get(task).cloned().unwrap_or_default();
                let word = serde_json::to_value(result.status).unwrap_or_default();
                let word = word.as_str().unwrap_or_default().to_owned();
                println!("  {}  {word:<11} {host:<12} {name}  {}", clock(event.at), duration(result.took));
            }
            _ => {}
        }
    }
}

fn clock(seconds: f64) -> String {
    date(seconds).split(' ').nth(1).unwrap_or_default().to_owned()
}

fn gates(history: &History) {
    for (index, gate) in history.gates.iter().enumerate() {
        if index == 0 {
            println!("\npermitted");
        }
        let why = gate.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        println!("  {}  {} on {} by {} ({}){why}", date(gate.at), gate.step, gate.host, gate.by, gate.how);
    }
}

/// Prints the words that were given from other terminals and that no step has used.
fn given(folder: &RunFolder, history: &History) {
    let used = |word: &approve::Word| {
        let mut gates = history.gates.iter().filter(|gate| gate.at >= word.at);
        gates.any(|gate| gate.step == word.step || gate.task == word.step)
    };
    let words = approve::words(&folder.approvals());
    for (index, word) in words.iter().filter(|word| !used(word)).enumerate() {
        if index == 0 {
            println!("\ngiven, and not used yet");
        }
        let host = word.host.as_ref().map(|host| format!(" on {host}")).unwrap_or_default();
        let why = word.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        println!("  {}  {}{host} by {}{why}", date(word.at), word.step, word.by);
    }
}

/// Returns the one next command.
fn next(folder: &RunFolder, history: &History) -> Option<String> {
    match state(folder, history) {
        "complete" | "under way" => None,
        "waits" => listened_to(folder).first().map(|wait| wait.command(&folder.run)),
        _ => Some(format!("switchover resume {}", folder.run)),
    }
}
