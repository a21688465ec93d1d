use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use switchover_engine::{Open, OpenKind, Plan, PlannedConfirmation, PlannedStep};
use switchover_journal::Inputs;
use switchover_report::plural;
use switchover_syntax::{Diagnostic, Source, Span};

use crate::run::RunArgs;
use crate::{exit, next, problems, run, setup};

#[derive(Args, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub run: RunArgs,
    /// Writes the plan into a file, for `run --plan FILE`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// A plan that was reviewed: what `run --plan` holds to. As a file it is YAML, for people are to read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    format: u32,
    pub made: f64,
    pub by: String,
    /// Of everything that the plan depends on.
    inputs: Inputs,
    pub plan: Plan,
}

const FORMAT: u32 = 2;

/// Shows every step that would destroy something; no host is touched.
pub fn run(arguments: &PlanArgs) -> u8 {
    let (plan, inputs) = match run::plan(&arguments.run) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let reviewed =
        Reviewed { format: FORMAT, made: switchover_engine::now(), by: setup::operator_name(), inputs, plan };
    if arguments.json {
        println!("{}", serde_json::json!(reviewed));
    } else {
        print(&reviewed.plan);
    }
    match &arguments.out {
        Some(path) => write(path, &reviewed),
        None => exit::OK,
    }
}

fn write(path: &Path, reviewed: &Reviewed) -> u8 {
    let written = serde_yaml::to_string(reviewed).map_err(|error| error.to_string());
    match written.and_then(|text| std::fs::write(path, text).map_err(|error| error.to_string())) {
        Ok(()) => {
            eprintln!("\nwritten to {0}; `switchover run ... --plan {0}` holds to it", path.display());
            exit::OK
        }
        Err(error) => {
            problems::say(&format!("cannot write {}: {error}", path.display()), None);
            exit::ERROR
        }
    }
}

fn print(plan: &Plan) {
    if plan.steps.is_empty() {
        println!(
            "{}",
            match plan.open.is_empty() {
                true => "nothing is destroyed by any step",
                false => "no step is known before the run to destroy something; some may, see below",
            }
        );
    }
    let mut play = "";
    for (index, step) in plan.steps.iter().enumerate() {
        if step.play != play {
            play = &step.play;
            println!("\n{play}");
        }
        if index == 0 {
            println!("  ---- point of no return: what follows cannot be taken back ----");
        }
        print_step(step);
    }
    if !plan.confirmations.is_empty() {
        println!("\nA human has to vouch for");
        plan.confirmations.iter().for_each(print_confirmation);
    }
    if !plan.open.is_empty() {
        println!("\nMay destroy, which cannot be told before the run; it stops there for a word");
        plan.open.iter().for_each(print_open);
    }
    print_missing(plan);
}

fn print_missing(plan: &Plan) {
    let missing: Vec<&PlannedStep> = plan.steps.iter().filter(|step| !step.approved).collect();
    if missing.is_empty() {
        return;
    }
    let mut names: Vec<&str> = Vec::new();
    for step in &missing {
        if !names.contains(&step.step.as_str()) {
            names.push(&step.step);
        }
    }
    let names = next::typed(std::iter::once(names.join(",")));
    println!("\n{} without approval: --approve {names}", plural(missing.len(), "destroying step"));
}

fn print_open(open: &Open) {
    let step = open.step.as_ref().map(|step| format!("  [{step}]")).unwrap_or_default();
    println!("  {:<14} {}{step}  ({}:{})", open.host, open.task, open.place.file, open.place.line);
    match (&open.destroys, open.kind) {
        (_, OpenKind::Include) => println!("                 {}", open.why),
        (Some(what), _) => println!("                 may lose {what}: {}", open.why),
        (None, _) => println!("                 {}", open.why),
    }
    print_conditions(&open.when);
}

fn print_step(step: &PlannedStep) {
    let word = if step.approved { "approved" } else { "NOT APPROVED" };
    println!("  {:<14} {}  [{}]  {word}", step.host, step.task, step.step);
    println!("                 loses {}  ({}:{})", step.destroys, step.place.file, step.place.line);
    print_conditions(&step.when);
}

fn print_confirmation(confirmation: &PlannedConfirmation) {
    println!("  {:<14} {}", confirmation.id, confirmation.prompt);
    print_conditions(&confirmation.when);
}

fn print_conditions(when: &[String]) {
    if !when.is_empty() {
        println!("                 only when {}", when.join(" and "));
    }
}

/// Reads the text of a plan; what cannot be read is told with its line.
fn read(path: &Path, text: &str) -> Result<Reviewed, Box<Diagnostic>> {
    serde_yaml::from_str(text).map_err(|error| {
        let source = Source::new(path, text);
        let at = error.location().map_or(0, |location| location.index() as u32);
        let message = format!("this is not a plan that `switchover plan --out` wrote: {error}");
        let found = Diagnostic::error("plan::unreadable", message, &Span::new(&source, at, at));
        Box::new(found.help("write it again and review it again; a plan is not edited by hand"))
    })
}

/// Returns the command that makes the plan of this run anew.
fn planned() -> String {
    let mut words: Vec<String> = std::env::args().collect();
    if !words.iter().any(|word| word == "run") {
        return "switchover plan PLAYBOOK -i INVENTORY --out FILE".to_owned();
    }
    for word in &mut words {
        match word.as_str() {
            "run" => *word = "plan".to_owned(),
            "--plan" => *word = "--out".to_owned(),
            text if text.starts_with("--plan=") => *word = text.replacen("--plan=", "--out=", 1),
            _ => {}
        }
    }
    next::typed(words.into_iter())
}

/// Reads a reviewed plan and holds it against what is there now. What drifted is told.
pub fn hold(path: &Path, inputs: &Inputs) -> Result<Reviewed, u8> {
    let wrong = |why: String| {
        problems::say(
            &format!("cannot use the plan {}: {why}", path.display()),
            Some("`switchover plan --out` makes one"),
        );
        exit::PLAN
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let reviewed = read(path, &text).map_err(|found| problems::end(&[*found], exit::PLAN))?;
    let drift = reviewed.inputs.drift(inputs);
    if drift.is_empty() {
        return Ok(reviewed);
    }
    let list: String = drift.iter().map(|drift| format!("\n  {drift}")).collect();
    let help = format!("no host was touched; review it again:\n    {}", planned());
    problems::say(&format!("not everything is as the plan {} says:{list}", path.display()), Some(&help));
    Err(exit::PLAN)
}
