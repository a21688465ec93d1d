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
            let terminal = Terminal::new(output, paint, arguments.verbose, arguments.diff, live);
            Box::new(terminal.wrapped(width()))
        }
        OutputForm::Ansible => {
            Box::new(Ansible::new(output, Output::new(std::io::stderr()), paint, arguments.verbose))
        }
        OutputForm::Jsonl => Box::new(JsonLines::new(output)),
    }
}

/// Returns the columns of the terminal behind standard output; `None` when that is none.
fn width() -> Option<usize> {
    let (columns, _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(usize::from(columns.0))
}
