use std::io::IsTerminal as _;

use clap::ValueEnum;
use switchover_engine::Options;
use switchover_journal::Listener;
use switchover_report::{Ansible, Display, Json, JsonLines, Minimal, Output, Paint, Terminal};
use switchover_syntax::Diagnostic;

use crate::callbacks;
use crate::config::Config;
use crate::problems::{colour, general};
use crate::session::Session;
use crate::voice::Voice;

/// The forms of a run's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputForm {
    /// What changed and what failed, live progress, a recap.
    Default,
    /// Ansible's own format.
    Ansible,
    /// Ansible's format of one task: a host's result, with nothing around it.
    Minimal,
    /// The same on one line a host.
    Oneline,
    /// One JSON object a line.
    Jsonl,
    /// One JSON document at the end, as Ansible's callback `json`.
    Json,
    /// Ansible's format, and a file of JUnit's XML in `JUNIT_OUTPUT_DIR`.
    Junit,
}

impl OutputForm {
    /// Returns what the option says, else what the configuration names, else what the voice speaks.
    pub fn of(given: Option<Self>, session: &Session, plain: Self) -> Result<Self, Vec<Diagnostic>> {
        if let Some(form) = given {
            return Ok(form);
        }
        let named = session.config.text("DEFAULT_STDOUT_CALLBACK");
        let named = named.filter(|_| session.config.says("DEFAULT_STDOUT_CALLBACK"));
        match named.as_deref().map(short) {
            Some("default") => Ok(Self::Ansible),
            Some("minimal") => Ok(Self::Minimal),
            Some("oneline") => Ok(Self::Oneline),
            Some("json") => Ok(Self::Json),
            Some(other) => Err(vec![unknown(other)]),
            None => Ok(plain),
        }
    }
}

/// Returns the name of a callback without its collection.
fn short(name: &str) -> &str {
    let plain = |prefix| name.strip_prefix(prefix);
    plain("ansible.builtin.").or_else(|| plain("ansible.posix.")).unwrap_or(name)
}

fn unknown(name: &str) -> Diagnostic {
    let help = match name.rsplit('.').next().unwrap_or(name) {
        "yaml" | "debug" | "unixy" | "dense" | "selective" => {
            "use `default` with `callback_result_format = yaml`, which lays results out for reading"
        }
        "null" => "use `default`, and send the output to /dev/null",
        _ => "there are default, minimal, oneline and json; or give the form with `--output`",
    };
    general("options::callback", format!("there is no stdout_callback `{name}`")).help(help)
}

/// Who hears of a run, and whether details are told before it begins.
pub type Reporters = (Vec<Box<dyn Listener>>, bool);

/// Returns the reporters of a run of playbooks, and whether they tell details as Ansible does.
pub fn of(
    session: &Session,
    given: Option<OutputForm>,
    options: &Options,
) -> Result<Reporters, Vec<Diagnostic>> {
    let plain = match session.voice {
        Voice::Ours => OutputForm::Default,
        Voice::Ansible => OutputForm::Ansible,
    };
    let form = OutputForm::of(given, session, plain)?;
    let mut listeners = vec![listener(form, &session.config, options, None)];
    if form == OutputForm::Junit {
        listeners.push(callbacks::junit());
    }
    listeners.extend(callbacks::enabled(&session.config, form == OutputForm::Junit));
    Ok((listeners, is_ansibles(form)))
}

/// Returns whether a form is one that people read, as Ansible writes it.
pub fn is_ansibles(form: OutputForm) -> bool {
    !matches!(form, OutputForm::Default | OutputForm::Json | OutputForm::Jsonl)
}

/// Returns the reporter of a form; `origin` is told in place of a file where a task stands in none.
pub fn listener(
    form: OutputForm,
    config: &Config,
    options: &Options,
    origin: Option<String>,
) -> Box<dyn Listener> {
    let output = Output::stdout();
    let paint = Paint { colour: coloured(config) };
    let ansible = |output| Ansible::new(output, Output::stderr(), paint, display(config, options, &origin));
    match form {
        OutputForm::Default => {
            let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
            let live = std::io::stdout().is_terminal() && std::io::stderr().is_terminal() && !dumb;
            let terminal = Terminal::new(output, paint, options.verbosity, options.diff, live);
            Box::new(terminal.with_diff_limit(diff_limit(config)).wrapped(width()))
        }
        OutputForm::Ansible | OutputForm::Junit => Box::new(ansible(output)),
        OutputForm::Json => Box::new(Json::new(output, Output::stderr())),
        OutputForm::Minimal => Box::new(Minimal::new(ansible(output), false)),
        OutputForm::Oneline => Box::new(Minimal::new(ansible(output), true)),
        OutputForm::Jsonl => Box::new(JsonLines::new(output)),
    }
}

fn coloured(config: &Config) -> bool {
    let on = colour(std::io::stdout().is_terminal()) || config.flag("ANSIBLE_FORCE_COLOR");
    on && !config.flag("ANSIBLE_NOCOLOR")
}

fn diff_limit(config: &Config) -> usize {
    config.number("MAX_FILE_SIZE_FOR_DIFF").unwrap_or(0) as usize
}

fn display(config: &Config, options: &Options, origin: &Option<String>) -> Display {
    Display {
        verbosity: options.verbosity,
        skipped: config.flag("DISPLAY_SKIPPED_HOSTS"),
        ok: config.flag("DISPLAY_OK_HOSTS"),
        failed_to_stderr: config.flag("DISPLAY_FAILED_STDERR"),
        check_markers: config.flag("CHECK_MODE_MARKERS"),
        task_paths: config.flag("SHOW_TASK_PATH_ON_FAILURE"),
        per_host_start: config.flag("SHOW_PER_HOST_START"),
        meta: config.flag("DEFAULT_DEBUG"),
        diff_context: config.number("DIFF_CONTEXT").unwrap_or(3) as usize,
        diff_limit: diff_limit(config),
        yaml: config.text("RESULT_FORMAT").as_deref() == Some("yaml"),
        pretty: config.says("PRETTY_RESULTS").then(|| config.flag("PRETTY_RESULTS")),
        custom_stats: config.flag("SHOW_CUSTOM_STATS"),
        check: options.check,
        origin: origin.clone(),
    }
}

/// Returns the columns of the terminal behind standard output; `None` when that is none.
fn width() -> Option<usize> {
    let (columns, _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(usize::from(columns.0))
}
