use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::json;
use switchover_plugin_host::Catalog;
use switchover_report::plural;
use switchover_syntax::{Diagnostic, Mapping, Severity};

mod rules;
mod visit;

use rules::RULES;

use crate::options::VaultArgs;
use crate::plugins::PluginSource;
use crate::session::Session;
use crate::{exit, problems, run as running, setup};

#[derive(Args, Debug)]
pub struct LintArgs {
    /// The playbooks.
    #[arg(value_name = "PLAYBOOK", required_unless_present = "list_rules")]
    playbooks: Vec<PathBuf>,
    /// Lists the rules, and stops.
    #[arg(long)]
    list_rules: bool,
    /// Not these rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    skip: Vec<String>,
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    #[command(flatten)]
    vault: VaultArgs,
    #[command(flatten)]
    plugins: PluginSource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// Says what is wrong with playbooks, and what will be a trap later. Nothing is contacted.
pub fn run(arguments: &LintArgs) -> u8 {
    if arguments.list_rules {
        let width = RULES.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
        RULES.iter().for_each(|rule| println!("{:<width$}  {}", rule.code, rule.doc));
        return exit::OK;
    }
    if let Some(unknown) = arguments
        .skip
        .iter()
        .find(|name| RULES.iter().all(|rule| rule.short() != *name && rule.code != *name))
    {
        problems::say(
            &format!("there is no rule `{unknown}`"),
            Some("`switchover lint --list-rules` lists them"),
        );
        return exit::OPTIONS;
    }
    let session = match Session::open(&arguments.vault, 0) {
        Ok(session) => session,
        Err(found) => return problems::end(&found, exit::ERROR),
    };
    let catalog = arguments.plugins.catalog();
    let found = found(&session, &catalog, arguments);
    tell(&found, arguments.format)
}

fn found(session: &Session, catalog: &Catalog, arguments: &LintArgs) -> Vec<Diagnostic> {
    let loader = setup::loader(session, catalog, &Mapping::default(), None, Arc::default());
    let (playbooks, mut found) = running::read(&loader, catalog, &arguments.playbooks);
    found.extend(loader.warnings());
    let is_wanted =
        |rule: &&rules::Rule| !arguments.skip.iter().any(|name| name == rule.short() || name == rule.code);
    for rule in RULES.iter().filter(is_wanted) {
        for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
            (rule.look)(&mut visit::Look { rule, play, catalog, found: &mut found });
        }
    }
    found.retain(|problem| !is_allowed(problem));
    found.sort_by_key(place);
    // A role that is used twice is one place.
    found.dedup_by_key(|problem| (problem.code, place(problem)));
    found
}

type At = Option<(PathBuf, u32, u32)>;

fn place(problem: &Diagnostic) -> At {
    let span = &problem.labels.first()?.span;
    let at = span.position();
    Some((span.source.name().to_owned(), at.line, at.column))
}

/// Returns whether the line says `# noqa`, or `# noqa: RULE, RULE` with this rule among them. Errors stay.
fn is_allowed(problem: &Diagnostic) -> bool {
    if problem.severity == Severity::Error {
        return false;
    }
    let says_so = |label: &switchover_syntax::Label| {
        let line = label.span.source.line(label.span.position().line);
        let Some((_, rest)) = line.split_once("# noqa") else { return false };
        match rest.trim_start().strip_prefix(':') {
            None => true,
            Some(names) => names.split([',', ' ']).any(|name| {
                !name.is_empty() && (name == problem.code || problem.code.ends_with(&format!("::{name}")))
            }),
        }
    };
    problem.labels.iter().any(says_so)
}

fn tell(found: &[Diagnostic], form: Form) -> u8 {
    let is_error = |problem: &&Diagnostic| problem.severity == Severity::Error;
    let errors = found.iter().filter(is_error).count();
    match form {
        Form::Text => {
            problems::tell(found);
            let warnings = found.len() - errors;
            println!("{}, {}", plural(errors, "error"), plural(warnings, "warning"));
        }
        Form::Json => {
            let list: Vec<_> = found.iter().map(as_json).collect();
            println!("{}", serde_json::Value::from(list));
        }
    }
    match (errors, found.len()) {
        (0, 0) => exit::OK,
        (0, _) => exit::ERROR,
        _ => exit::PLAN,
    }
}

fn as_json(problem: &Diagnostic) -> serde_json::Value {
    let at = place(problem);
    json!({
        "code": problem.code,
        "severity": if problem.severity == Severity::Error { "error" } else { "warning" },
        "message": problem.message,
        "help": problem.help,
        "file": at.as_ref().map(|(file, ..)| file),
        "line": at.as_ref().map(|(_, line, _)| line),
        "column": at.as_ref().map(|(.., column)| column),
    })
}
