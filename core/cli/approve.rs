use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use clap::Args;
use serde::{Deserialize, Serialize};
use switchover_journal::{Broken, History, RunFolder};
use switchover_syntax::{harmless, nearest};

use crate::waits::Wait;
use crate::{exit, kept, problems, resume, setup, waits};

#[derive(Args, Debug)]
pub struct ApproveArgs {
    /// The run: its name, or `last`.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The name under which the step is approved, or the id of what is confirmed.
    #[arg(value_name = "STEP")]
    pub step: String,
    /// Only on this host.
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Why; it is written down.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// A word that was given from another terminal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Word {
    pub step: String,
    pub host: Option<String>,
    pub by: String,
    pub why: Option<String>,
    /// Seconds since 1970.
    pub at: f64,
}

/// Permits a step of a run that waits, or stopped.
pub fn run(arguments: &ApproveArgs) -> u8 {
    match give(arguments) {
        Ok(code) => code,
        Err(broken) => {
            resume::explain(&broken);
            exit::JOURNAL
        }
    }
}

fn give(arguments: &ApproveArgs) -> Result<u8, Broken> {
    let folder = kept::runs()?.find(&arguments.run)?;
    let history = History::outline(&folder)?;
    if history.closed.is_some_and(|closed| closed.code == exit::OK) && !folder.is_live() {
        problems::say(&format!("run {} is complete; nothing waits for a word", folder.run), None);
        return Ok(exit::ERROR);
    }
    let waits = waits::all(&folder);
    let meant =
        waits.iter().find(|wait| wait.is_called(&arguments.step) && wait.is_on(arguments.host.as_deref()));
    if meant.is_none() && !waits.is_empty() && mistaken(&folder, &waits, arguments) {
        return Ok(exit::ERROR);
    }
    let word = Word {
        step: arguments.step.clone(),
        host: arguments.host.clone(),
        by: setup::operator_name(),
        why: arguments.reason.clone(),
        at: switchover_engine::now(),
    };
    put(&folder, &word)?;
    let place = word.host.as_ref().map(|host| format!(" on {host}")).unwrap_or_default();
    println!("{} is approved{place} for run {} by {}", word.step, folder.run, word.by);
    if let Some(wait) = meant {
        println!("{}", harmless(&wait.loss()));
    }
    if folder.is_live() {
        println!("the run goes on by itself when it waits for this");
    } else {
        println!("next: switchover resume {}", folder.run);
    }
    Ok(exit::OK)
}

/// Says that nothing waits for this word; returns whether it is refused, because another one was probably meant.
fn mistaken(folder: &RunFolder, waits: &[Wait], arguments: &ApproveArgs) -> bool {
    let asked = waits.iter().map(|wait| format!("\n    {}    ({})", wait.command(&folder.run), wait.loss()));
    let help = format!("it waits for:{}", harmless(&asked.collect::<String>()));
    let (run, step) = (&folder.run, &arguments.step);
    let called = waits.iter().find(|wait| wait.is_called(step));
    if let (Some(wait), Some(host)) = (called, &arguments.host) {
        problems::say(&format!("run {run} waits for {}, not on {host}", wait.place()), Some(&help));
        return true;
    }
    if let Some(near) = nearest(step, waits.iter().map(|wait| wait.step.as_str())) {
        problems::say(&format!("run {run} waits for no `{step}`; did you mean `{near}`?"), Some(&help));
        return true;
    }
    problems::warn(&format!(
        "run {run} waits for no `{step}` now; the word is kept for a later step. {help}"
    ));
    false
}

fn put(folder: &RunFolder, word: &Word) -> Result<(), Broken> {
    let name = format!("{:.6}-{}", word.at, std::process::id());
    let (new, path) =
        (folder.approvals().join(format!(".{name}")), folder.approvals().join(format!("{name}.json")));
    let failed = |error: std::io::Error| Broken::write(&path, error);
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&new).map_err(failed)?;
    serde_json::to_writer(&file, word).map_err(|error| failed(error.into()))?;
    file.sync_all().and_then(|()| std::fs::rename(&new, &path)).map_err(failed)
}

/// Returns the words that were given for a run, in their order. A file that is no word is passed over.
pub fn words(folder: &Path) -> Vec<Word> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    paths.sort();
    paths.iter().filter_map(|path| serde_json::from_slice(&std::fs::read(path).ok()?).ok()).collect()
}
