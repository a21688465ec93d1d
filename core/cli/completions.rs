use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::command::Switchover;
use crate::exit;

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell: bash, zsh or fish, for example.
    pub shell: Shell,
}

/// Prints a shell's script that completes commands and options.
pub fn run(arguments: &CompletionsArgs) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Switchover::command(), "switchover", &mut script);
    println!("{}", String::from_utf8_lossy(&script).trim_end());
    exit::OK
}
