use std::path::{Path, PathBuf};

use clap::Args;
use switchover_model::{KEYWORDS, short};
use switchover_plugin_host::{Catalog, Examination, examine, own_folders, printable};
use switchover_report::plural;
use switchover_scratch::Programs;

use super::example::Trial;
use crate::plugins::{PluginSource, child_program};
use crate::{exit, problems};

#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The library.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A folder that is copied to be the host's `/` for each example; without it a host has empty folders only.
    #[arg(long, value_name = "FOLDER")]
    host: Option<PathBuf>,
    /// Runs the programs that examples need, on this machine. Without it they are not run.
    #[arg(long)]
    programs: bool,
}

/// One thing that was found.
#[derive(Debug)]
pub struct Finding {
    pub weight: Weight,
    /// The module, and the example.
    pub place: String,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Others will trip over it.
    Mend,
    /// It would be better otherwise.
    Advice,
    /// It was not tried.
    Untried,
}

impl Finding {
    pub fn new(weight: Weight, place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { weight, place: place.into(), text: text.into() }
    }
}

/// Tries a plugin in a process of its own.
pub fn run(arguments: &CheckArgs, source: &PluginSource) -> u8 {
    let examination = match examine(&child_program(), &arguments.file) {
        Ok(examination) => examination,
        Err(problem) => {
            // What the check would tell is told here.
            let help = problem.remedy().map(|help| match help.contains("switchover plugin check") {
                true => "mend what runs when it is loaded and describes itself".into(),
                false => help,
            });
            problems::say(&problem.explain(), help.as_deref());
            return exit::ERROR;
        }
    };
    let plugin = &examination.plugin;
    // A name that is none is told below, and may hold anything.
    let head = format!(
        "{}  {} {}, {}",
        plugin.file.display(),
        plugin.name,
        plugin.version,
        plural(plugin.modules.len(), "module")
    );
    println!("{}", printable(&head));
    let mut findings = declared(&examination, source);
    let programs = if arguments.programs { Programs::Run } else { Programs::Refuse };
    if examination.faults.is_empty() {
        for module in examination.modules() {
            for shown in &module.spec.examples {
                let trial =
                    Trial { module: &module, example: shown, host: arguments.host.as_deref(), programs };
                findings.extend(trial.run());
            }
        }
    }
    tell(&findings)
}

/// Returns what is wrong with what the plugin says of itself.
fn declared(examination: &Examination, source: &PluginSource) -> Vec<Finding> {
    let mend = |place: &str, text: String| Finding::new(Weight::Mend, place, text);
    let mut findings: Vec<Finding> =
        examination.faults.iter().map(|fault| mend("description", fault.to_string())).collect();
    findings.extend(file_name(&examination.plugin.file));
    let catalog = source.catalog();
    findings.extend(stands_in(&examination.plugin.file));
    for module in examination.modules() {
        let spec = &module.spec;
        for param in spec.params.iter().filter(|param| param.doc.trim().is_empty()) {
            findings.push(mend(&spec.name, format!("parameter `{}` has no documentation", param.name)));
        }
        if spec.examples.is_empty() {
            findings.push(mend(&spec.name, "it has no example".to_owned()));
        }
        for name in std::iter::once(&spec.name).chain(&spec.aliases) {
            let taken = taken(name, &catalog, &examination.plugin.file);
            findings.extend(taken.map(|text| mend(&spec.name, text)));
        }
        for key in spec.returns.iter().filter(|key| key.doc.trim().is_empty()) {
            findings.push(Finding::new(
                Weight::Advice,
                &*spec.name,
                format!("result `{}` is not explained", key.name),
            ));
        }
    }
    findings
}

/// Says why nobody could call a module by this name.
fn taken(name: &str, catalog: &Catalog, file: &Path) -> Option<String> {
    if switchover_engine::action_names().any(|own| own == short(name)) {
        return Some(format!("Switchover has `{name}` itself: the module would never be asked"));
    }
    if KEYWORDS.iter().any(|keyword| keyword.name == name) {
        return Some(format!("`{name}` is a keyword of tasks: the module would never be asked"));
    }
    if let Some(of) = catalog.reserved(name, file) {
        return Some(format!("`{name}` is {of}: the module would never be asked by it"));
    }
    let other = catalog.resolve(name).filter(|other| other.plugin.file.file_name() != file.file_name())?;
    let other = other.plugin.file.display();
    Some(format!("{other} offers `{name}` too: then the name means neither"))
}

/// Says that runs take the file in place of a plugin that came with the program.
fn stands_in(file: &Path) -> Option<Finding> {
    let name = file.file_name()?;
    let own = own_folders().into_iter().map(|folder| folder.join(name)).find(|own| own.exists())?;
    let is_itself = own.canonicalize().ok()? == file.canonicalize().ok()?;
    let text = format!("runs take it in place of {}, with all modules of that", own.display());
    (!is_itself).then(|| Finding::new(Weight::Advice, "file", text))
}

fn file_name(file: &Path) -> Option<Finding> {
    let name = file.file_name()?.to_str()?;
    let is_found =
        name.strip_prefix("libswitchover_").is_some_and(|rest| rest.ends_with(".so") && !rest.contains('-'));
    let text = format!("a run only finds files named libswitchover_NAME.so, not {name}");
    (!is_found).then(|| Finding::new(Weight::Mend, "file", text))
}

fn tell(findings: &[Finding]) -> u8 {
    for Finding { weight, place, text } in findings {
        let word = match weight {
            Weight::Mend => "mend",
            Weight::Advice => "advice",
            Weight::Untried => "not tried",
        };
        println!("  {word:<9}  {}", printable(&format!("{place}: {text}")));
    }
    match findings.iter().filter(|finding| finding.weight == Weight::Mend).count() {
        0 => {
            println!("nothing to mend");
            exit::OK
        }
        count => {
            println!("{} to mend", plural(count, "thing"));
            exit::ERROR
        }
    }
}
