use switchover_engine::{JobAt, NotBegun, Owner, StopPoint, Summary, UnderWayStep, World};
use switchover_journal::Intent;
use switchover_report::{duration, plural};

use crate::next;

/// Names beyond these are only counted.
const SHOWN: usize = 5;

/// Says after a run that stopped before its end where each host stands and what was not done.
pub fn text(world: &World, summary: &Summary) -> Option<String> {
    let mut lines = Vec::new();
    if !summary.under_way.is_empty() {
        lines.push("Still under way:".to_owned());
        lines.extend(summary.under_way.iter().map(|step| left(world, step)));
    }
    if !summary.background.is_empty() {
        lines.push("Started with `poll: 0`, and nobody has seen the end:".to_owned());
        lines.extend(summary.background.iter().map(|(key, owner)| in_background(world, key, owner)));
    }
    if !summary.stops.is_empty() {
        lines.push("Not done:".to_owned());
        lines.extend(not_done(&summary.stops, &world.journal.unfinished()));
    }
    if !summary.not_begun.is_empty() {
        let names: Vec<String> = summary.not_begun.iter().map(not_begun).collect();
        lines.push(format!("{} not begun: {}", plural(names.len(), "play"), names.join(", ")));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn not_begun(NotBegun { play, hosts }: &NotBegun) -> String {
    // A play without a name is called by its hosts.
    match hosts.is_empty() || hosts.join(",") == *play {
        true => play.clone(),
        false => format!("{play} ({})", some(hosts, ", ")),
    }
}

fn left(world: &World, step: &UnderWayStep) -> String {
    let UnderWayStep { host, task, since, applying, job, lost } = step;
    let time = duration(switchover_engine::now() - since);
    match job {
        Some(job) if *lost => format!(
            "  {host}  {task}, begun {time} ago: contact was lost, and its job may still run on the host. To see it, when the \
             host answers again:\n    {}",
            next::follow(world, job)
        ),
        Some(job) => format!(
            "  {host}  {task}, for {time}: it goes on by itself as a job on the host. To see it:\n    {}",
            next::follow(world, job)
        ),
        None if *applying => {
            format!("  {host}  {task}, for {time}: its program may still run, and nobody hears how it ends")
        }
        None => format!("  {host}  {task}, for {time}: it was only looking; nothing was changed"),
    }
}

fn in_background(world: &World, key: &str, Owner { host, task, job }: &Owner) -> String {
    let unknown = || JobAt { key: key.to_owned(), host: host.clone(), user: None };
    let job = job.clone().unwrap_or_else(unknown);
    format!(
        "  {host}  {task}: it goes on by itself as a job on the host. To see it:\n    {}",
        next::follow(world, &job)
    )
}

/// Says it once of all hosts that stand alike.
fn not_done(stops: &[StopPoint], open: &[(u64, Intent)]) -> Vec<String> {
    let mut alike: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for stop in stops {
        let said: Vec<String> = of_host(stop).into_iter().chain(sent_ahead(&stop.host, open)).collect();
        match alike.iter_mut().find(|(known, _)| *known == said) {
            Some((_, hosts)) => hosts.push(&stop.host),
            None => alike.push((said, vec![&stop.host])),
        }
    }
    let line = |(said, hosts): (Vec<String>, Vec<&str>)| {
        let hosts = some(&hosts, ", ");
        said.into_iter().map(|text| format!("  {hosts}  {text}")).collect::<Vec<_>>()
    };
    alike.into_iter().flat_map(line).collect()
}

fn of_host(stop: &StopPoint) -> Vec<String> {
    let StopPoint { host: _, next, left, cleanups, handlers, unbegun, plays } = stop;
    let mut lines = Vec::new();
    if let Some(next) = next {
        let begun = if *unbegun { "not begun: " } else { "" };
        lines.push(format!("{begun}{} of this play, from: {next}", plural(*left, "task")));
    }
    if !handlers.is_empty() {
        lines.push(format!("handlers that were notified and not run: {}", some(handlers, "; ")));
    }
    if !cleanups.is_empty() {
        lines.push(format!("clean-ups (`always`) that were not run: {}", some(cleanups, "; ")));
    }
    if !plays.is_empty() {
        lines.push(format!("left out of {}: {}", plural(plays.len(), "later play"), some(plays, "; ")));
    }
    lines
}

/// Steps whose programs travelled behind one whose end is unknown may have been done as well.
fn sent_ahead(host: &str, open: &[(u64, Intent)]) -> Option<String> {
    let here = || open.iter().filter(|(_, intent)| intent.act.step.host == host);
    let first = here().map(|(_, intent)| &intent.act.step).min()?;
    let behind = here().filter(|(_, intent)| intent.act.step != *first);
    let names: Vec<String> = behind.map(|(number, intent)| format!("{number} {}", intent.task)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "of these, nobody knows whether they were done, since they were sent ahead: {}",
            some(&names, "; ")
        )
    })
}

/// Names a few, and counts the others.
pub fn some<T: AsRef<str>>(names: &[T], between: &str) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(between),
        more => format!("{}{between}and {more} more", shown.join(between)),
    }
}
