use std::sync::Arc;

use switchover_engine::{ConnectionPlan, World, plan_of};
use switchover_journal::{Event, EventKind, Listener};
use switchover_plugin_host::{Catalog, Discovery};

use crate::kept::Kept;
use crate::options::ReachArgs;
use crate::run::Unready;
use crate::session::Session;
use crate::setup::Work;
use crate::{exit, extra_vars, problems, setup};

/// Hosts that are reached without a playbook.
pub struct Reach {
    pub world: Arc<World>,
    pub hosts: Vec<(String, ConnectionPlan)>,
}

impl Reach {
    /// Returns the hosts of patterns and the ways to them, or the exit code after saying what is wrong.
    pub fn of(arguments: &ReachArgs, patterns: &[String]) -> Result<Self, u8> {
        let pattern = patterns.join(",");
        let world = world(arguments).map_err(|unready| match unready {
            Unready::Found(found) => problems::end(&found, exit::PLAN),
            Unready::Told(code) => code,
        })?;
        let wrong = |text: String| {
            problems::say(&text, Some("`switchover inventory --graph` shows what there is"));
            exit::OPTIONS
        };
        let names = world.hosts.select(&pattern, arguments.source.limit.as_deref()).map_err(wrong)?;
        if names.is_empty() {
            return Err(wrong(format!("no host matches `{pattern}`")));
        }
        let plan = |name: String| match plan_of(&world, &name) {
            Ok(plan) => Ok((name, plan)),
            Err(error) => Err(wrong(format!("{name}: {error}"))),
        };
        let hosts = names.into_iter().map(plan).collect::<Result<_, _>>()?;
        Ok(Self { world, hosts })
    }

    /// Does something asynchronous and returns its answer.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> Result<T, u8> {
        let runtime = crate::run::runtime();
        let runtime = runtime.map_err(|error| {
            problems::say(&format!("cannot start: {error}"), None);
            exit::ERROR
        })?;
        Ok(runtime.block_on(async {
            let answer = work.await;
            self.world.pool.close_all().await;
            answer
        }))
    }
}

fn world(arguments: &ReachArgs) -> Result<Arc<World>, Unready> {
    let session = Session::open(&arguments.vault, 0)?;
    let extra_vars = extra_vars::read(&arguments.extra_vars, &session.files())?;
    let work = arguments.work();
    let options = setup::options(&session, &work, &extra_vars)?;
    let catalog = Catalog::discover(&Discovery::default());
    let loader = setup::loader(&session, &catalog, &extra_vars, None, Arc::default());
    let folder = std::env::current_dir().ok();
    let listeners: Vec<Box<dyn Listener>> = vec![Box::new(Remarks)];
    let keep = Box::new(|_| Ok(Kept::nothing()));
    let work = Work {
        session: &session,
        arguments: &work,
        folder,
        catalog,
        loader,
        listeners,
        warns_of_no_hosts: false,
        keep,
    };
    setup::world(work, options).map(|(world, _)| world)
}

/// Tells of lost contact and warnings; nothing else happens without a run.
struct Remarks;

impl Listener for Remarks {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Contact { host, text } => problems::plain(&format!("{host} | {text}")),
            EventKind::Warning { text } => problems::plain(&format!("warning: {text}")),
            _ => {}
        }
    }
}
