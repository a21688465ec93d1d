mod clean;

use std::time::Duration;

use clap::Args;
use serde_json::json;
use switchover_journal::{EventKind, History, RunFolder};
use switchover_report::{duration, plural};

use crate::{exit, kept, resume};

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
        "seconds": history.last() - header.started,
        "state": state(folder, history),
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
    let took = row["seconds"].as_f64().map(duration).unwrap_or_default();
    println!("{:<18} {started:<20} {took:>12}  {:<12} {}", text("run"), text("state"), words.join(" "));
}

/// Returns where a run stands, in a word.
fn state(folder: &RunFolder, history: &History) -> &'static str {
    match history.closed.as_ref().map(|closed| closed.code) {
        _ if folder.is_live() => "under way",
        None => "interrupted",
        Some(exit::OK) => "complete",
        Some(2 | 4) => "failed",
        Some(10) => "waits",
        Some(11) => "unknown",
        Some(99) => "stopped",
        Some(_) => "broke off",
    }
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
    println!("took       {}", duration(history.last() - header.started));
    println!("playbooks  {}", header.playbooks.join(" "));
    println!("in         {}", header.folder);
    steps(&history);
    gates(&history);
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

/// Returns the one next command.
fn next(folder: &RunFolder, history: &History) -> Option<String> {
    match state(folder, history) {
        "complete" | "under way" => None,
        _ => Some(format!("switchover resume {}", folder.run)),
    }
}
