use std::io::IsTerminal as _;

use switchover_journal::Listener;
use switchover_report::{Ansible, JsonLines, Output, Paint, Terminal};

use crate::command::{OutputForm, RunArgs};
use crate::problems::colour;

/// Returns the reporter that the options ask for.
pub fn of(arguments: &RunArgs) -> Box<dyn Listener> {
    let output = Output::new(std::io::stdout());
    let paint = Paint { colour: colour(std::io::stdout().is_terminal()) };
    match arguments.output {
        OutputForm::Default => {
            let live = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
            Box::new(Terminal::new(output, paint, arguments.verbose, arguments.diff, live))
        }
        OutputForm::Ansible => {
            Box::new(Ansible::new(output, Output::new(std::io::stderr()), paint, arguments.verbose))
        }
        OutputForm::Jsonl => Box::new(JsonLines::new(output)),
    }
}
