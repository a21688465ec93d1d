use std::io::IsTerminal as _;
use std::sync::Arc;

use switchover_engine::{Summary, World, precheck};
use switchover_model::Playbook;
use switchover_plugin_host::Catalog;
use switchover_syntax::{Diagnostic, Severity};

use crate::command::RunArgs;
use crate::{exit, extra_vars, listing, next, plugins, problems, reporter, setup};

/// Runs playbooks, or lists what they would touch.
pub fn run(arguments: &RunArgs) -> u8 {
    let catalog = arguments.plugins.catalog();
    if plugins::refuses_lock(&catalog) {
        return exit::PLAN;
    }
    match prepare(arguments, catalog) {
        Ok((world, playbooks)) if wants_listing(arguments) => listing::print(arguments, &world, &playbooks),
        Ok((world, playbooks)) => start(&world, &playbooks),
        Err(found) => {
            problems::print(&found);
            exit::PLAN
        }
    }
}

fn wants_listing(arguments: &RunArgs) -> bool {
    arguments.syntax_check || arguments.list_hosts || arguments.list_tasks || arguments.list_tags
}

/// Reads everything and checks it against the modules; nothing is contacted.
fn prepare(arguments: &RunArgs, catalog: Catalog) -> Result<(Arc<World>, Vec<Playbook>), Vec<Diagnostic>> {
    let extra = extra_vars::read(&arguments.extra_vars)?;
    let loader = setup::loader(&catalog, &extra);
    let (mut playbooks, mut found) = (Vec::new(), Vec::new());
    for path in &arguments.playbooks {
        match loader.playbook(path) {
            Ok(playbook) => playbooks.push(playbook),
            Err(more) => found.extend(more),
        }
    }
    found.extend(precheck(&playbooks, &catalog));
    plugins::explain_missing(&catalog, &found);
    let world = setup::world(arguments, catalog, loader, &extra, reporter::of(arguments));
    match world {
        Ok(world) if !found.iter().any(|problem| problem.severity == Severity::Error) => {
            problems::print(&world.loader.warnings());
            problems::print(&found);
            Ok((world, playbooks))
        }
        Ok(_) => Err(found),
        Err(more) => {
            found.extend(more);
            Err(found)
        }
    }
}

fn start(world: &Arc<World>, playbooks: &[Playbook]) -> u8 {
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
    finish(world, &summary)
}

fn finish(world: &World, summary: &Summary) -> u8 {
    if let Some(problem) = &summary.problem {
        problems::print(std::slice::from_ref(problem));
    }
    if let Some(line) = next::line(summary) {
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
