use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use switchover_engine::{Options, Summary, World, precheck};
use switchover_model::{Loader, Playbook};
use switchover_plugin_host::Catalog;
use switchover_syntax::{Diagnostic, Mapping, Severity};

use crate::options::WorkArgs;
use crate::reporter::OutputForm;
use crate::session::{Session, beside};
use crate::setup::Work;
use crate::voice::Voice;
use crate::{exit, extra_vars, listing, next, plugins, problems, reporter, setup};

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
    /// Runs notified handlers even when a task failed.
    #[arg(long)]
    pub force_handlers: bool,
    /// Sends every step by itself: simple steps of a single host do not travel together.
    #[arg(long)]
    pub no_batch: bool,
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

/// Runs playbooks, or lists what they would touch.
pub fn run(arguments: &RunArgs) -> u8 {
    let catalog = arguments.work.plugins.catalog();
    if plugins::refuses_lock(&catalog) {
        return exit::PLAN;
    }
    let session = match Session::open(&arguments.work.vault, arguments.work.verbose) {
        Ok(session) => session,
        Err(found) => return problems::end(&found, exit::ERROR),
    };
    if let Some(missing) = arguments.playbooks.iter().find(|path| !path.exists()) {
        let text = format!("the playbook: {} could not be found", missing.display());
        return problems::end(&[problems::general("playbook::missing", text)], exit::ERROR);
    }
    match prepare(&session, arguments, catalog) {
        Ok((world, playbooks)) if wants_listing(arguments) => listing::print(arguments, &world, &playbooks),
        Ok((world, playbooks)) => start(session.voice, &world, &playbooks),
        Err(found) => problems::end_plan(&found),
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
) -> Result<(Arc<World>, Vec<Playbook>), Vec<Diagnostic>> {
    let work = &arguments.work;
    let extra_vars = extra_vars::read(&work.extra_vars, &session.files())?;
    let options = options(session, arguments, &extra_vars)?;
    let listeners = reporter::of(session, arguments.output, &options)?;
    let loader = setup::loader(session, &catalog, &extra_vars, None);
    let (playbooks, found) = read(&loader, &catalog, &arguments.playbooks);
    let folder = beside(arguments.playbooks.first());
    let work = Work { session, arguments: work, folder, catalog, loader, listeners };
    match setup::world(work, options) {
        Ok(world) if !found.iter().any(|problem| problem.severity == Severity::Error) => {
            problems::print(&world.loader.warnings());
            problems::print(&found);
            Ok((world, playbooks))
        }
        Ok(_) => Err(found),
        Err(more) => Err(found.into_iter().chain(more).collect()),
    }
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
    plugins::explain_missing(catalog, &found);
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
        batch: !arguments.no_batch,
        ..shared
    })
}

/// Does the work, and tells how it ended by an exit code.
pub fn start(voice: Voice, world: &Arc<World>, playbooks: &[Playbook]) -> u8 {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            problems::say(&format!("cannot start: {error}"), None);
            return exit::ERROR;
        }
    };
    let summary = runtime.block_on(async {
        tokio::spawn(watch_signals(Arc::clone(world)));
        switchover_engine::run(world, playbooks).await
    });
    // A plugin whose task timed out may still wait for its host; the runtime must outlive it.
    std::mem::forget(runtime);
    finish(voice, world, &summary)
}

fn finish(voice: Voice, world: &World, summary: &Summary) -> u8 {
    if let Some(problem) = &summary.problem {
        problems::print(std::slice::from_ref(problem));
    }
    if let Some(line) = next::line(summary).filter(|_| voice == Voice::Ours || !summary.is_ansibles()) {
        // The command line may hold passwords that the run came to know as such.
        eprintln!("\n{}", world.events.mask(&line));
    }
    summary.exit_code()
}

/// Ctrl-C once: finish what is under way, then stop. Twice: leave at once; detached jobs go on.
async fn watch_signals(world: Arc<World>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    for round in 0.. {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if round > 0 {
            if std::io::stderr().is_terminal() {
                eprintln!("\nleaving at once; detached jobs on the hosts go on");
            }
            std::process::exit(99);
        }
        eprintln!("\nstopping after the steps that are under way; once more to leave at once");
        world.interrupt();
    }
}
