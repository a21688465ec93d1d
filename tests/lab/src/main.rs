//! One program under many names: called as `switchover-lab` it is the command line of the lab, called by the
//! name of a host's command it plays that command.

use std::process::ExitCode;

fn main() -> ExitCode {
    match switchover_lab::applet::called_as() {
        Some(applet) => applet.run(),
        None => switchover_lab::cli::main(),
    }
}
