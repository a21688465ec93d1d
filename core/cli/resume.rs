use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser as _};
use switchover_engine::{Approvals, Assumptions};
use switchover_journal::{Begun, Broken, Drift, History, Inputs, Journal as _, RunFolder, Runs};

use crate::command::{Command, Switchover};
use crate::kept::{self, Again, digest_of};
use crate::plugins::Isolate;
use crate::reporter::OutputForm;
use crate::run::RunArgs;
use crate::{assume, exit, problems, run, setup};

#[derive(Args, Debug)]
pub struct ResumeArgs {
    /// The run: its name, or `last` for the newest that is not complete.
    #[arg(value_name = "RUN", default_value = "last")]
    pub run: String,
    /// Permits destroying steps, as with `run`; what was begun before needs it anew.
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    pub approve: Vec<String>,
    /// How long a step waits for `switchover approve` where nobody is at a terminal, such as `30m` or `2h`.
    #[arg(long, value_name = "DURATION", value_parser = crate::run::patience)]
    pub wait_approval: Option<Duration>,
    /// Says what became of a step that was begun and whose end nobody saw: `NUMBER=done`, `NUMBER=failed`,
    /// `NUMBER=again` (it may be done once more), or `all=...`.
    #[arg(long, value_name = "STEP=WORD", value_delimiter = ',')]
    pub assume: Vec<String>,
    /// What a step gave that is taken as done or failed, for the steps that read it: `NUMBER=TEXT` for what it printed,
    /// `NUMBER=@FILE`, or `NUMBER={"stdout": "...", "rc": 0}`.
    #[arg(long, value_name = "STEP=TEXT")]
    pub assume_result: Vec<String>,
    /// Goes on although playbooks, inventory, variables or plugins changed behind the point that the run had reached.
    #[arg(long)]
    pub accept_changes: bool,
    #[command(flatten)]
    pub isolate: Isolate,
    /// Writes a page of the run into this file; as before when not given.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// The form of the output; as before when not given.
    #[arg(long, value_enum)]
    pub output: Option<OutputForm>,
    /// Tells more; may be given up to four times.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What is different from the first time.
pub struct Resumption {
    pub again: Again,
    pub renewed: Approvals,
    pub assumptions: Assumptions,
    pub accept_changes: bool,
    pub patience: Duration,
}

/// Goes on with a run where it stopped.
pub fn run(arguments: &ResumeArgs) -> u8 {
    match prepare(arguments) {
        Ok((words, resumption)) => run::resume(&words, resumption),
        Err(code) => code,
    }
}

fn prepare(arguments: &ResumeArgs) -> Result<(RunArgs, Resumption), u8> {
    let assumptions = assume::read(&arguments.assume, &arguments.assume_result).map_err(say_assumption)?;
    let again = kept::runs().and_then(|runs| {
        let folder = find(&runs, &arguments.run)?;
        if let Some(closed) = History::outline(&folder)?.closed.filter(|closed| closed.code == exit::OK) {
            let ago = switchover_report::duration(switchover_engine::now() - closed.at);
            problems::say(&format!("run {} went through {ago} ago; nothing is left to do", folder.run), None);
            return Ok(None);
        }
        kept::open(folder, &setup::operator_name()).map(Some)
    });
    let again = match again {
        Ok(Some(again)) => again,
        Ok(None) => return Err(exit::ERROR),
        Err(broken) => {
            explain(&broken);
            return Err(exit::JOURNAL);
        }
    };
    assume::hold(&assumptions, &again.store.unfinished()).map_err(say_assumption)?;
    let mut words = words_of(&again.begun)?;
    enter(&again.begun)?;
    words.work.approve.extend(arguments.approve.clone());
    words.work.plugins.isolate.extend(&arguments.isolate);
    words.report = arguments.report.clone().or(words.report);
    words.output = arguments.output.or(words.output);
    words.work.verbose = words.work.verbose.max(arguments.verbose);
    let renewed = setup::approvals(&arguments.approve);
    let accept_changes = arguments.accept_changes;
    let patience = arguments.wait_approval.or(words.wait_approval).unwrap_or_default();
    Ok((words, Resumption { again, renewed, assumptions, accept_changes, patience }))
}

fn say_assumption((text, help): (String, String)) -> u8 {
    problems::say(&text, Some(&help));
    exit::OPTIONS
}

/// `last` is the newest run that is not complete. One that left because another had the locks did nothing to go on with.
fn find(runs: &Runs, name: &str) -> Result<RunFolder, Broken> {
    if name != "last" {
        return runs.find(name);
    }
    for run in runs.names().iter().rev() {
        let folder = runs.find(run)?;
        if History::outline(&folder)
            .is_ok_and(|history| history.closed.is_none_or(|c| ![exit::OK, exit::LOCKED].contains(&c.code)))
        {
            return Ok(folder);
        }
    }
    runs.find("last")
}

fn words_of(begun: &Begun) -> Result<RunArgs, u8> {
    match Switchover::try_parse_from(&begun.words) {
        Ok(Switchover { command: Command::Run(words) }) => Ok(*words),
        _ => {
            problems::say("the command line of the run is not understood by this version", None);
            Err(exit::JOURNAL)
        }
    }
}

fn enter(begun: &Begun) -> Result<(), u8> {
    let folder = &begun.header.folder;
    std::env::set_current_dir(folder).map_err(|error| {
        problems::say(&format!("cannot go to {folder}, where the run was started: {error}"), None);
        exit::ERROR
    })
}

/// Tells why a journal cannot be used.
pub fn explain(broken: &Broken) {
    let locked;
    let help = match broken {
        Broken::Damaged { .. } => {
            "nothing was resumed, since it could be wrong; look at the hosts, then begin a new run: what is done \
             already stays as it is"
        }
        Broken::Locked { run, by } => {
            locked = under_way(run, by);
            &locked
        }
        Broken::NoRun { .. } => "`switchover runs` lists them",
        Broken::Key { .. } => "the key goes when a run is complete; begin a new run",
        Broken::Newer { .. } => "resume it with the version that wrote it, or a newer one",
        Broken::Write { .. } => "make room there (`df` shows it), or name another folder in SWITCHOVER_STATE",
        Broken::Read { .. } => {
            "nothing was done; put the journal back as it was, or look at the hosts and begin a new run: what is done \
             already stays as it is"
        }
    };
    problems::say(&broken.to_string(), Some(help));
}

/// Says how a run is stopped that somebody else has, also where its terminal is gone.
fn under_way(run: &str, by: &str) -> String {
    let kill = match by.rsplit_once(", process ") {
        Some((_, process)) => {
            format!("; when its terminal is gone, `kill {process}` stops it as Ctrl-C does")
        }
        None => String::new(),
    };
    format!(
        "wait for it, or stop it with Ctrl-C where it runs{kill}. How it stands: switchover runs show {run}"
    )
}

/// Returns what is not as it was when the run was started.
pub fn drift(begun: &Begun, now: &Inputs) -> Vec<Drift> {
    let mut before = begun.header.inputs.clone();
    before.files.extend(begun.files.iter().cloned());
    let files = before.files.keys().map(|path| (path.clone(), digest_of(Path::new(path))));
    let now = Inputs { files: files.filter(|(_, digest)| !digest.is_empty()).collect(), ..now.clone() };
    before.drift(&now)
}
