use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::{Map, Value, json};
use switchover_engine::World;
use switchover_model::Playbook;
use switchover_report::Tree;
use switchover_syntax::{Diagnostic, Severity};

use crate::kept::Kept;
use crate::options::WorkArgs;
use crate::reporter::{self, OutputForm};
use crate::run::Unready;
use crate::session::Session;
use crate::setup::Work;
use crate::voice::Voice;
use crate::{details, exit, extra_vars, no_hosts, plugins, problems, run, setup};

/// Modules that are nothing without arguments.
const NEED_ARGUMENTS: [&str; 4] = ["command", "shell", "script", "raw"];

#[derive(Args, Debug)]
pub struct ExecArgs {
    /// The hosts: a pattern.
    pub pattern: String,
    #[command(flatten)]
    pub work: WorkArgs,
    /// The module.
    #[arg(short, long, value_name = "MODULE")]
    pub module_name: Option<String>,
    /// Its arguments: `k=v k=v`, or JSON.
    #[arg(short, long, value_name = "ARGUMENTS", allow_hyphen_values = true)]
    pub args: Option<String>,
    /// Runs in the background for at most so many seconds.
    #[arg(short = 'B', long, value_name = "SECONDS")]
    pub background: Option<u64>,
    /// Asks every so many seconds how the background work stands; 0 does not wait.
    #[arg(short = 'P', long, value_name = "SECONDS")]
    pub poll: Option<u64>,
    /// One line a host.
    #[arg(short, long)]
    pub one_line: bool,
    /// Writes each host's result into a file of this folder, too.
    #[arg(short, long, value_name = "FOLDER")]
    pub tree: Option<PathBuf>,
    /// The folder that stands for a playbook's: its `group_vars`, `host_vars`, `roles`, `files`.
    #[arg(long, value_name = "FOLDER")]
    pub playbook_dir: Option<PathBuf>,
    /// Fails a task that takes longer than so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub task_timeout: Option<u64>,
    /// The form of the output.
    #[arg(long, value_enum)]
    pub output: Option<OutputForm>,
}

/// Runs one task on hosts, as `ansible` does.
pub fn run(arguments: &ExecArgs) -> u8 {
    let catalog = arguments.work.plugins.catalog();
    if plugins::refuses_lock(&catalog) {
        return exit::PLAN;
    }
    let session = match Session::open(&arguments.work.vault, arguments.work.verbose) {
        Ok(session) => session,
        Err(found) => return problems::end(&found, exit::ERROR),
    };
    let task = match task(&session, arguments) {
        Ok(task) => task,
        Err(problem) => return problems::end(&[problem], exit::OPTIONS),
    };
    match prepare(&session, arguments, catalog, &task) {
        Ok((world, _)) if arguments.work.list_hosts => list_hosts(&world, &arguments.pattern),
        Ok((world, playbooks)) => match no_hosts::refuse(&world, &arguments.pattern) {
            Err(code) => code,
            Ok(()) => start(session.voice, &world, &playbooks, &arguments.pattern),
        },
        Err(Unready::Told(code)) => code,
        Err(Unready::Found(found)) if session.voice == Voice::Ansible => problems::end(&found, exit::FAILED),
        Err(Unready::Found(found)) => problems::end_plan(&found),
    }
}

fn start(voice: Voice, world: &Arc<World>, playbooks: &[Playbook], pattern: &str) -> u8 {
    if world.hosts.select(pattern, None).is_ok_and(|hosts| hosts.is_empty()) {
        world.hosts.take_warnings().iter().for_each(|text| problems::warn(text));
        problems::warn("No hosts matched, nothing to do");
        return exit::OK;
    }
    run::start(voice, world, playbooks, &Kept::nothing())
}

/// The one task: a playbook that stands in no file.
struct Task {
    module: String,
    arguments: Value,
    background: u64,
    poll: u64,
    timeout: u64,
}

fn task(session: &Session, arguments: &ExecArgs) -> Result<Task, Diagnostic> {
    let config = &session.config;
    let module = arguments.module_name.clone().or_else(|| config.text("DEFAULT_MODULE_NAME"));
    let module = module.unwrap_or_else(|| "command".to_owned());
    let raw = arguments.args.clone().unwrap_or_default();
    let short = module.rsplit('.').next().unwrap_or_default();
    if raw.trim().is_empty() && NEED_ARGUMENTS.contains(&short) && !arguments.work.list_hosts {
        let text = format!("No argument passed to {short} module");
        return Err(problems::general("options::arguments", text).help("give them with `-a`"));
    }
    if short == "import_playbook" {
        let text = format!("'{short}' is not a valid action for ad-hoc commands");
        return Err(problems::general("options::module", text).help("write a playbook: `switchover run`"));
    }
    let json = serde_json::from_str::<Value>(&raw).ok().filter(Value::is_object);
    let empty = || Value::Object(Map::new());
    let written = json.unwrap_or_else(|| if raw.is_empty() { empty() } else { raw.clone().into() });
    let seconds = arguments.task_timeout.or_else(|| config.number("TASK_TIMEOUT"));
    Ok(Task {
        module,
        arguments: written,
        background: arguments.background.unwrap_or(0),
        poll: arguments.poll.or_else(|| config.number("DEFAULT_POLL_INTERVAL")).unwrap_or(15),
        timeout: seconds.unwrap_or(0),
    })
}

impl Task {
    /// Returns a playbook of the one task, as JSON, which is YAML.
    fn playbook(&self, pattern: &str) -> String {
        let mut task = json!({ self.module.as_str(): self.arguments });
        if self.background > 0 {
            task["async"] = self.background.into();
            task["poll"] = self.poll.into();
        }
        if self.timeout > 0 {
            task["timeout"] = self.timeout.into();
        }
        json!([{ "name": "Ansible Ad-Hoc", "hosts": pattern, "gather_facts": false, "tasks": [task] }])
            .to_string()
    }

    /// Returns what Ansible says of where such a task is written.
    fn origin(&self) -> String {
        let Self { module, timeout, background, poll, .. } = self;
        let arguments = match &self.arguments {
            Value::String(text) if NEED_ARGUMENTS.contains(&module.as_str()) => {
                json!({ "_raw_params": text })
            }
            Value::String(text) => {
                let pairs = switchover_model::split_key_values(text, false).map(|split| split.pairs);
                let pairs = pairs.unwrap_or_default().into_iter();
                Value::Object(pairs.map(|pair| (pair.key, Value::String(pair.value))).collect())
            }
            other => other.clone(),
        };
        let arguments = switchover_report::python(&arguments);
        format!(
            "Origin: <adhoc '{module}' task>\n\n{{'action': '{module}', 'args': {arguments}, 'timeout': {timeout}, \
             'async_val': {background}, 'poll': {poll}}}"
        )
    }
}

fn prepare(
    session: &Session,
    arguments: &ExecArgs,
    catalog: switchover_plugin_host::Catalog,
    task: &Task,
) -> Result<(Arc<World>, Vec<Playbook>), Unready> {
    let work = &arguments.work;
    let extra_vars = extra_vars::read(&work.extra_vars, &session.files())?;
    let mut options = setup::options(session, work, &extra_vars)?;
    (options.tags, options.skip_tags) = (Vec::new(), Vec::new());
    // What an include was given is its result.
    options.show_arguments = true;
    let plain = if arguments.one_line { OutputForm::Oneline } else { OutputForm::Minimal };
    let form = if arguments.one_line { plain } else { arguments.output.unwrap_or(plain) };
    let origin = Some(task.origin());
    if reporter::is_ansibles(form) {
        details::begin(&session.config, "ansible", options.verbosity);
    }
    let mut listeners = vec![reporter::listener(form, &session.config, &options, origin)];
    if let Some(folder) = &arguments.tree {
        listeners.push(Box::new(Tree::new(folder)));
    }
    let here = std::env::current_dir().unwrap_or_default();
    let folder = arguments.playbook_dir.clone().or_else(|| session.config.path("PLAYBOOK_DIR"));
    let folder = folder.map_or_else(|| here.clone(), |folder| here.join(folder));
    let path = folder.join(format!("<adhoc '{}' task>", task.module));
    let written = Some((path.clone(), task.playbook(&arguments.pattern)));
    let loader = setup::loader(session, &catalog, &extra_vars, written, Arc::default());
    let (playbooks, found) = run::read(&loader, &catalog, &[path]);
    let wrong = found.iter().any(|problem| problem.severity == Severity::Error);
    if wrong && !work.list_hosts {
        return Err(Unready::Found(without_places(found)));
    }
    let folder = Some(folder);
    // A single task is seen to its end by who runs it.
    let keep = Box::new(|_| Ok(Kept::nothing()));
    // Ansible does not tell those who ask for nothing but the implicit host.
    let local = ["localhost", "127.0.0.1", "::1"].contains(&arguments.pattern.as_str());
    let warns_of_no_hosts = session.voice == Voice::Ansible && !local;
    let work = Work { session, arguments: work, folder, catalog, loader, listeners, warns_of_no_hosts, keep };
    Ok((setup::world(work, options)?.0, playbooks))
}

/// The playbook is not the author's: its lines would only confuse. What a place says of its mistake stays.
fn without_places(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let bare = |problem: Diagnostic| {
        let near = problem.labels.first().map(|label| label.text.clone()).filter(|text| !text.is_empty());
        Diagnostic { labels: Vec::new(), help: problem.help.or(near), ..problem }
    };
    found.into_iter().map(bare).collect()
}

fn list_hosts(world: &Arc<World>, pattern: &str) -> u8 {
    match world.hosts.select(pattern, world.options.limit.as_deref()) {
        Ok(hosts) => {
            world.hosts.take_warnings().iter().for_each(|text| problems::warn(text));
            println!("  hosts ({}):", hosts.len());
            hosts.iter().for_each(|host| println!("    {host}"));
            exit::OK
        }
        Err(error) => {
            problems::say(&error, None);
            exit::ERROR
        }
    }
}
