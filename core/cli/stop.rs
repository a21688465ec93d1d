use switchover_engine::{Owner, StopPoint, Summary, UnderWayStep, World};
use switchover_report::{duration, plural};

use crate::next;

/// Clean-ups beyond these are only counted.
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
        lines.extend(summary.stops.iter().flat_map(not_done));
    }
    if !summary.not_begun.is_empty() {
        let names = summary.not_begun.join(", ");
        lines.push(format!("{} not begun: {names}", plural(summary.not_begun.len(), "play")));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn left(world: &World, step: &UnderWayStep) -> String {
    let UnderWayStep { host, task, since, applying, job } = step;
    let time = duration(switchover_engine::now() - since);
    match job {
        Some(key) => format!(
            "  {host}  {task}, for {time}: it goes on by itself as a job on the host. To see it:\n    {}",
            next::follow(world, host, key)
        ),
        None if *applying => {
            format!("  {host}  {task}, for {time}: its program may still run, and nobody hears how it ends")
        }
        None => format!("  {host}  {task}, for {time}: it was only looking; nothing was changed"),
    }
}

fn in_background(world: &World, key: &str, Owner { host, task }: &Owner) -> String {
    format!(
        "  {host}  {task}: it goes on by itself as a job on the host. To see it:\n    {}",
        next::follow(world, host, key)
    )
}

fn not_done(stop: &StopPoint) -> Vec<String> {
    let StopPoint { host, next, left, cleanups } = stop;
    let mut lines = Vec::new();
    if let Some(next) = next {
        lines.push(format!("  {host}  {} of this play, from: {next}", plural(*left, "task")));
    }
    if !cleanups.is_empty() {
        let more = cleanups.len().saturating_sub(SHOWN);
        let mut names = cleanups.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
        if more > 0 {
            names.push_str(&format!("; and {more} more"));
        }
        lines.push(format!("  {host}  clean-ups (`always`) that were not run: {names}"));
    }
    lines
}
