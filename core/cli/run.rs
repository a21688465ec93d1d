use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use switchover_engine::{Options, Plan, Summary, World, precheck};
use switchover_journal::{EventKind, Inputs};
use switchover_model::{Loader, Playbook};
use switchover_plugin_host::Catalog;
use switchover_syntax::{Diagnostic, Mapping, Severity};

use crate::kept::{Kept, SeenFiles};
use crate::options::WorkArgs;
use crate::reporter::OutputForm;
use crate::resume::{self, Resumption};
use crate::session::{Session, beside};
use crate::setup::Work;
use crate::voice::Voice;
use crate::{
    details, exit, extra_vars, listing, next, no_hosts, operator, plan, plugins, problems, reporter, setup,
    signals, stop,
};

#[derive(Args, Debug)]
pub struct RunArgs {
    /// The playbooks, run one after the other.
    #[arg(required = true, value_name = "PLAYBOOK")]
    pub playbooks: Vec<PathBuf>,
    #[command(flatten)]
    pub work: WorkArgs,
    /// Only tasks with these tags.
    #[arg(short, long, value_name = "TAGS", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// Not the tasks with these tags.
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    pub skip_tags: Vec<String>,
    /// Starts at the task of this name.
    #[arg(long, value_name = "NAME")]
    pub start_at_task: Option<String>,
    /// Asks before each task whether it is to be done: no, yes, or yes to all that follow.
    #[arg(long)]
    pub step: bool,
    /// Runs notified handlers even when a task failed.
    #[arg(long)]
    pub force_handlers: bool,
    /// Holds the locks of the hosts, also when nothing is destroyed.
    #[arg(long)]
    pub lock: bool,
    /// Sends every step by itself: simple steps of a single host do not travel together.
    #[arg(long)]
    pub no_batch: bool,
    /// How long a step waits for `switchover approve` where nobody is at a terminal, such as `30m` or `2h`.
    #[arg(long, value_name = "DURATION", value_parser = patience)]
    pub wait_approval: Option<Duration>,
    /// Holds to a reviewed plan of `switchover plan --out`; refuses when anything it depends on drifted.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Keeps no journal: the run cannot be resumed.
    #[arg(long)]
    pub no_journal: bool,
    /// Writes a page of the run into this file, too: hosts, steps, failures, what was permitted.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// Checks the playbooks and stops before a host is touched.
    #[arg(long)]
    pub syntax_check: bool,
    /// Lists the tasks that would be run, and stops.
    #[arg(long)]
    pub list_tasks: bool,
    /// Lists the tags that there are, and stops.
    #[arg(long)]
    pub list_tags: bool,
    /// The form of the output; Ansible's own where the configuration is Ansible's, else the default.
    #[arg(long, value_enum)]
    pub output: Option<OutputForm>,
}

/// A run that may begin.
struct Ready {
    world: Arc<World>,
    playbooks: Vec<Playbook>,
    kept: Kept,
}

/// Why a run may not begin.
pub enum Unready {
    Found(Vec<Diagnostic>),
    /// It was told already; this is the exit code.
    Told(u8),
}

impl From<Vec<Diagnostic>> for Unready {
    fn from(found: Vec<Diagnostic>) -> Self {
        Self::Found(found)
    }
}

/// Reads a duration: `90` (seconds), `30m`, `2h 15m`.
pub fn patience(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.trim().parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let read: jiff::SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    Duration::try_from(read).map_err(|error| error.to_string())
}

/// Returns the plan of a run, and what it depends on.
pub fn plan(arguments: &RunArgs) -> Result<(Plan, Inputs), u8> {
    let found = RefCell::new(Inputs::default());
    let keep = |_: &Session, inputs: Inputs| {
        found.replace(inputs);
        Ok(Kept::nothing())
    };
    let (_, ready) = ready(arguments, &keep)?;
    let plan = switchover_engine::plan(&ready.world, &ready.playbooks);
    let plan = plan.map_err(|problem| problems::end(&[problem], exit::PLAN))?;
    Ok((plan, found.take()))
}

/// Runs playbooks, or lists what they would touch.
pub fn run(arguments: &RunArgs) -> u8 {
    with(arguments, &|session, inputs| begin(session, arguments, inputs))
}

/// Goes on with a run.
pub fn resume(arguments: &RunArgs, resumption: Resumption) -> u8 {
    let resumption = RefCell::new(Some(resumption));
    with(arguments, &|_, inputs| match resumption.take() {
        Some(resumption) => go_on(arguments, resumption, &inputs),
        None => Ok(Kept::nothing()),
    })
}

/// Gives the journal of a run that depends on this.
type Keep<'a> = dyn Fn(&Session, Inputs) -> Result<Kept, u8> + 'a;

fn with(arguments: &RunArgs, keep: &Keep<'_>) -> u8 {
    let ready = ready(arguments, keep).and_then(|(voice, ready)| {
        no_hosts::refuse(&ready.world, "all")?;
        Ok((voice, ready))
    });
    match ready {
        Ok((_, ready)) if wants_listing(arguments) => {
            listing::print(arguments, &ready.world, &ready.playbooks)
        }
        Ok((voice, ready)) => start(voice, &ready.world, &ready.playbooks, &ready.kept),
        Err(code) => code,
    }
}

/// Makes a run ready; what is wrong is told, and the exit code returned.
fn ready(arguments: &RunArgs, keep: &Keep<'_>) -> Result<(Voice, Ready), u8> {
    let catalog = arguments.work.plugins.catalog();
    if plugins::refuses_lock(&catalog) {
        return Err(exit::PLAN);
    }
    let session = match Session::open(&arguments.work.vault, arguments.work.verbose) {
        Ok(session) => session,
        Err(found) => return Err(problems::end(&found, exit::ERROR)),
    };
    if arguments.step && !wants_listing(arguments) && !operator::is_there() {
        let help = "run it at a terminal; or choose tasks with --tags, --skip-tags or --start-at-task";
        let text = "--step asks before each task, and nobody is at a terminal";
        return Err(problems::end(&[problems::general("options::step", text).help(help)], exit::OPTIONS));
    }
    if let Some(missing) = arguments.playbooks.iter().find(|path| !path.exists()) {
        let text = format!("the playbook: {} could not be found", missing.display());
        return Err(problems::end(&[problems::general("playbook::missing", text)], exit::ERROR));
    }
    match prepare(&session, arguments, catalog, keep) {
        Ok(ready) => Ok((session.voice, ready)),
        Err(Unready::Found(found)) => Err(problems::end_plan(&found)),
        Err(Unready::Told(code)) => Err(code),
    }
}

fn wants_listing(arguments: &RunArgs) -> bool {
    arguments.syntax_check || arguments.work.list_hosts || arguments.list_tasks || arguments.list_tags
}

/// Reads everything and checks it against the modules; nothing is contacted.
fn prepare(
    session: &Session,
    arguments: &RunArgs,
    catalog: Catalog,
    keep: &Keep<'_>,
) -> Result<Ready, Unready> {
    let work = &arguments.work;
    let extra_vars = extra_vars::read(&work.extra_vars, &session.files())?;
    let options = options(session, arguments, &extra_vars)?;
    let (mut listeners, detailed) = reporter::of(session, arguments.output, &options)?;
    if detailed {
        details::begin(&session.config, "ansible-playbook", options.verbosity);
    }
    if let Some(path) = arguments.report.as_ref().filter(|_| !wants_listing(arguments)) {
        listeners.push(Box::new(switchover_report::Page::new(path)));
    }
    let seen = Arc::new(SeenFiles::default());
    let loader = setup::loader(session, &catalog, &extra_vars, None, Arc::clone(&seen));
    let (playbooks, found) = read(&loader, &catalog, &arguments.playbooks);
    if detailed && options.verbosity > 1 {
        details::imports(&loader);
    }
    let folder = beside(arguments.playbooks.first());
    let wrong = found.iter().any(|problem| problem.severity == Severity::Error);
    let keep = |inputs: Inputs| match wrong {
        true => Ok(Kept::nothing()),
        false => keep(session, Inputs { files: seen.digests(), ..inputs }),
    };
    let warns_of_no_hosts = session.voice == Voice::Ansible;
    let keep = Box::new(keep);
    let work = Work { session, arguments: work, folder, catalog, loader, listeners, warns_of_no_hosts, keep };
    match setup::world(work, options) {
        Ok((world, kept)) if !wrong => {
            if let Some(store) = &kept.store {
                seen.tell(store);
            }
            problems::print(&world.loader.warnings());
            problems::print(&found);
            Ok(Ready { world, playbooks, kept })
        }
        Ok(_) => Err(Unready::Found(found)),
        Err(Unready::Found(more)) => Err(Unready::Found(found.into_iter().chain(more).collect())),
        Err(told) => Err(told),
    }
}

/// Begins a journal, unless nothing is going to be done.
fn begin(session: &Session, arguments: &RunArgs, inputs: Inputs) -> Result<Kept, u8> {
    let plan = reviewed(arguments, &inputs)?;
    if arguments.no_journal || arguments.work.check || wants_listing(arguments) {
        return Ok(Kept { plan, ..Kept::nothing() });
    }
    let patience = arguments.wait_approval.unwrap_or_default();
    let begun = Kept::begin(arguments, &setup::operator_name(), inputs).or_else(|broken| {
        if session.voice == Voice::Ansible {
            // Where Ansible is expected there may be no home.
            problems::warn(&format!("{broken}; the run cannot be resumed"));
            return Ok(Kept::nothing());
        }
        let help = "make room there, name another folder in SWITCHOVER_STATE, or run with --no-journal; no host \
                    was touched";
        problems::say(&broken.to_string(), Some(help));
        Err(exit::JOURNAL)
    });
    Ok(Kept { patience, plan, ..begun? })
}

/// Returns the plan that the run holds to.
fn reviewed(arguments: &RunArgs, inputs: &Inputs) -> Result<Option<Plan>, u8> {
    let reviewed = arguments.plan.as_ref().map(|path| plan::hold(path, inputs)).transpose()?;
    Ok(reviewed.map(|reviewed| reviewed.plan))
}

/// Goes on with a journal, unless what the run depends on is not as it was.
fn go_on(arguments: &RunArgs, resumption: Resumption, inputs: &Inputs) -> Result<Kept, u8> {
    let Resumption { again, renewed, assumptions, accept_changes, patience } = resumption;
    let drift = resume::drift(&again.begun, inputs);
    if !drift.is_empty() && !accept_changes {
        let run = &again.begun.header.run;
        let list: String = drift.iter().map(|drift| format!("\n  {drift}")).collect();
        let given = next::typed(std::env::args());
        let help = format!(
            "no host was touched; when nothing that was done already depends on it:\n    {given} --accept-changes"
        );
        problems::say(&format!("not everything is as it was when run {run} was started:{list}"), Some(&help));
        return Err(exit::PLAN);
    }
    let plan = reviewed(arguments, inputs)?;
    Ok(Kept {
        renewed,
        accept_changes,
        assumptions,
        patience,
        plan,
        ..Kept::again(again, &setup::operator_name())
    })
}

/// Reads playbooks; returns them with everything that is wrong in any.
pub fn read(loader: &Loader, catalog: &Catalog, paths: &[PathBuf]) -> (Vec<Playbook>, Vec<Diagnostic>) {
    let (mut playbooks, mut found) = (Vec::new(), Vec::new());
    for path in paths {
        match loader.playbook(path) {
            Ok(playbook) => playbooks.push(playbook),
            Err(more) => found.extend(more),
        }
    }
    found.extend(precheck(&playbooks, catalog));
    plugins::explain(catalog, &found);
    (playbooks, found)
}

fn options(session: &Session, arguments: &RunArgs, extra_vars: &Mapping) -> Result<Options, Vec<Diagnostic>> {
    let shared = setup::options(session, &arguments.work, extra_vars)?;
    let or = |given: &Vec<String>, else_: Vec<String>| if given.is_empty() { else_ } else { given.clone() };
    Ok(Options {
        tags: or(&arguments.tags, shared.tags),
        skip_tags: or(&arguments.skip_tags, shared.skip_tags),
        start_at_task: arguments.start_at_task.clone(),
        force_handlers: arguments.force_handlers || shared.force_handlers,
        step: arguments.step,
        batch: !arguments.no_batch && !arguments.step,
        lock: arguments.lock,
        ..shared
    })
}

/// Threads have room for the deepest step there is: playbooks decide how deep that goes.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).thread_stack_size(8 * 1024 * 1024).enable_all().build()
}

/// Does the work, and tells how it ended by an exit code.
pub fn start(voice: Voice, world: &Arc<World>, playbooks: &[Playbook], kept: &Kept) -> u8 {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            problems::say(&format!("cannot start: {error}"), None);
            return exit::ERROR;
        }
    };
    let summary = runtime.block_on(async {
        tokio::spawn(signals::watch(Arc::clone(world)));
        switchover_engine::run(world, playbooks).await
    });
    // A plugin whose task timed out may still wait for its host; the runtime must outlive it.
    std::mem::forget(runtime);
    finish(voice, world, &summary, kept)
}

fn finish(voice: Voice, world: &World, summary: &Summary, kept: &Kept) -> u8 {
    if let Some(mistake) = &summary.mistake {
        problems::tell(&mistake.problems);
    }
    for problem in &summary.locked {
        problems::say(&world.events.mask(&problem.to_string()), next::after_lock(world, problem).as_deref());
    }
    let speaks = voice == Voice::Ours || !summary.is_ansibles();
    if voice == Voice::Ours && summary.recap.hosts.is_empty() && world.hosts.sources().is_empty() {
        let text = "no inventory was named, so only localhost is known: say where the hosts are with `-i FILE`, or name them \
                    with commas, `-i web1,web2,`";
        problems::warn(text);
    }
    let left = stop::text(world, summary).map(|text| world.events.mask(&text));
    if let Some(text) = left.as_ref().filter(|_| speaks) {
        problems::plain(&format!("\n{text}"));
    }
    if let Some(broken) = summary.broken.as_ref().filter(|_| !speaks) {
        problems::say(&broken.to_string(), None);
    }
    let run = kept.store.as_ref().map(|_| kept.run.as_str());
    // The command line may hold passwords that the run came to know as such.
    let line = next::line(world, summary, run).map(|line| world.events.mask(&line));
    if let Some(line) = line.as_ref().filter(|_| speaks) {
        problems::plain(&format!("\n{line}"));
    }
    if left.is_some() || line.is_some() {
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let (left, next) = (text(left.as_ref()), text(line.as_ref()));
        world.events.send(EventKind::LeftOff { stopped: summary.stopped, left, next });
    }
    let code = summary.exit_code();
    let Some(store) = &kept.store else { return code };
    match store.close(code, switchover_engine::now(), line) {
        Ok(()) if !store.folder().journal().exists() => {
            let text = format!("the folder of run {} was removed while it went on", kept.run);
            let help =
                "it cannot be resumed, and nobody can look up what it did; what it did on the hosts stays";
            problems::say(&text, Some(help));
            exit::JOURNAL
        }
        Ok(()) => code,
        Err(_) if summary.broken.is_some() => code,
        Err(broken) => {
            resume::explain(&broken);
            exit::JOURNAL
        }
    }
}
