use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{CliError, open};
use crate::output::say;
use crate::sim::{Event, Phase};

#[derive(Args)]
pub struct Events {
    /// The lab's folder.
    dir: PathBuf,
    /// Prints the lines as they are in the logs.
    #[arg(long)]
    json: bool,
}

impl Events {
    pub fn run(self) -> Result<ExitCode, CliError> {
        let store = open(&self.dir)?;
        let mut all = Vec::new();
        for host in &store.settings().hosts {
            all.extend(store.events(&host.name)?);
        }
        all.sort_by(|a, b| a.time.total_cmp(&b.time));
        for event in &all {
            let json = || serde_json::to_string(event).unwrap_or_default();
            say(&if self.json { json() } else { line(event) });
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(event: &Event) -> String {
    let seconds = event.sim as i64;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let end = match (event.phase, event.rc) {
        (Phase::Started, _) => "started".to_owned(),
        (Phase::Finished, rc) => format!("finished, exit code {}", rc.unwrap_or_default()),
    };
    let words = event.argv.get(1..).unwrap_or_default().join(" ");
    let note = if event.note.is_empty() { String::new() } else { format!(" ({})", event.note) };
    let (host, user, command) = (&event.host, &event.user, &event.command);
    format!("{hours:3}:{minutes:02} {host:<12} {user:<12} {command}: {end}{note}  {words}")
}
