use switchover_plugin_host::printable;
use switchover_protocol::{HostCall, HostReply, JobRecord, JobState};
use switchover_report::duration;

use super::{call, failed};
use crate::exit;
use crate::reach::Reach;

const TITLES: [&str; 7] = ["HOST", "KEY", "STATE", "SINCE", "RUN", "STARTED BY", "STEP"];

/// Lists the jobs of all hosts in one table.
pub async fn run(reach: &Reach) -> u8 {
    let (mut rows, mut code) = (Vec::new(), exit::OK);
    for (host, plan) in &reach.hosts {
        match call(&reach.world, plan, HostCall::JobList).await {
            Ok(HostReply::JobList(records)) => rows.extend(records.iter().map(|record| row(host, record))),
            Ok(other) => unreachable!("a list of jobs was asked for: {other:?}"),
            Err(error) => code = code.max(failed(host, &error)),
        }
    }
    match rows.len() {
        0 if code == exit::OK => println!("no jobs"),
        0 => {}
        _ => print(&rows),
    }
    code
}

/// Returns what the table says of a job.
pub fn row(host: &str, record: &JobRecord) -> [String; 7] {
    let known = |text: &str| if text.is_empty() { "-".to_owned() } else { printable(text) };
    let origin = &record.origin;
    [
        host.to_owned(),
        record.job.key.clone(),
        state(&record.job.state),
        since(record),
        known(&origin.run),
        known(&origin.owner),
        known(&origin.task),
    ]
}

/// Prints rows under their titles, in columns.
pub fn print(rows: &[[String; 7]]) {
    let titles = TITLES.map(str::to_owned);
    let all = || std::iter::once(&titles).chain(rows);
    let width = |column: usize| all().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..TITLES.len()).map(width).collect();
    for row in all() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// Says where a job stands.
pub fn state(state: &JobState) -> String {
    match state {
        JobState::Absent => "absent".to_owned(),
        JobState::Running => "running".to_owned(),
        JobState::Exited { rc } => format!("ended, rc {rc}"),
        JobState::Vanished { rebooted: true } => "UNKNOWN (host restarted)".to_owned(),
        JobState::Vanished { rebooted: false } => "UNKNOWN (vanished)".to_owned(),
    }
}

/// Says when a job began, and how long it took or takes.
fn since(record: &JobRecord) -> String {
    let job = &record.job;
    let Ok(began) = jiff::Timestamp::from_second(job.started) else { return "-".to_owned() };
    let at = began.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let end = match job.state {
        JobState::Running => Some(switchover_engine::now() as i64),
        _ => job.ended,
    };
    match end {
        Some(end) => format!("{at} ({})", duration((end - job.started).max(0) as f64)),
        None => at,
    }
}
