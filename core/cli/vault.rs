//! `ansible-vault`: files and values, encrypted and decrypted.

mod edit;
mod files;
mod keys;
mod strings;

use clap::{Args, Subcommand};
use switchover_syntax::Diagnostic;

use crate::config::Config;
use crate::options::VaultArgs;
use crate::problems::general;
use crate::{exit, problems};

#[derive(Args, Debug)]
pub struct VaultCommandArgs {
    #[command(subcommand)]
    pub command: VaultCommand,
    /// Tells more.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Makes an encrypted file with what an editor gives.
    Create(EditArgs),
    /// Decrypts files.
    Decrypt(FilesArgs),
    /// Changes encrypted files in an editor.
    Edit(EditArgs),
    /// Shows encrypted files.
    View(ViewArgs),
    /// Encrypts files.
    Encrypt(EncryptArgs),
    /// Encrypts a value, as it is pasted into a file of variables.
    #[command(name = "encrypt_string", alias = "encrypt-string")]
    EncryptString(StringArgs),
    /// Gives encrypted files a new password.
    Rekey(RekeyArgs),
}

#[derive(Args, Debug)]
pub struct EditArgs {
    #[command(flatten)]
    pub vault: VaultArgs,
    /// The password to encrypt with, by its label.
    #[arg(long, value_name = "LABEL")]
    pub encrypt_vault_id: Option<String>,
    /// Opens the editor although there is no terminal.
    #[arg(long)]
    pub skip_tty_check: bool,
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

#[derive(Args, Debug)]
pub struct ViewArgs {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

#[derive(Args, Debug)]
pub struct FilesArgs {
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Writes there in place of the file; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<String>,
    /// The files; standard input without one.
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
}

#[derive(Args, Debug)]
pub struct EncryptArgs {
    #[command(flatten)]
    pub files: FilesArgs,
    /// The password to encrypt with, by its label.
    #[arg(long, value_name = "LABEL")]
    pub encrypt_vault_id: Option<String>,
}

#[derive(Args, Debug)]
pub struct RekeyArgs {
    #[command(flatten)]
    pub vault: VaultArgs,
    /// The password to encrypt with, by its label.
    #[arg(long, value_name = "LABEL")]
    pub encrypt_vault_id: Option<String>,
    /// The new password: `LABEL@SOURCE`.
    #[arg(long, value_name = "ID")]
    pub new_vault_id: Option<String>,
    /// A file with the new password, or a program that prints it.
    #[arg(long, value_name = "FILE")]
    pub new_vault_password_file: Option<String>,
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
}

#[derive(Args, Debug)]
pub struct StringArgs {
    #[command(flatten)]
    pub vault: VaultArgs,
    /// The password to encrypt with, by its label.
    #[arg(long, value_name = "LABEL")]
    pub encrypt_vault_id: Option<String>,
    /// Writes there; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<String>,
    /// The variable's name; may be given for each value.
    #[arg(short, long, value_name = "NAME")]
    pub name: Vec<String>,
    /// The variable's name for what standard input gives.
    #[arg(long, value_name = "NAME")]
    pub stdin_name: Option<String>,
    /// Asks for the value.
    #[arg(short, long)]
    pub prompt: bool,
    /// Shows what is typed when it asks.
    #[arg(long)]
    pub show_input: bool,
    /// The values; `-` reads standard input.
    #[arg(value_name = "STRING")]
    pub values: Vec<String>,
}

/// Why a command of the vault ends without having done its work.
type Wrong = Vec<Diagnostic>;

/// Does one of the vault's commands.
pub fn run(arguments: &VaultCommandArgs) -> u8 {
    let done = Config::load().and_then(|config| match &arguments.command {
        VaultCommand::Create(given) => edit::create(given, &config),
        VaultCommand::Edit(given) => edit::edit(given, &config),
        VaultCommand::View(given) => files::view(given, &config),
        VaultCommand::Decrypt(given) => files::decrypt(given, &config),
        VaultCommand::Encrypt(given) => files::encrypt(given, &config),
        VaultCommand::Rekey(given) => files::rekey(given, &config),
        VaultCommand::EncryptString(given) => strings::encrypt(given, &config),
    });
    match done {
        Ok(()) => exit::OK,
        Err(found) => {
            let usage = found.iter().any(|problem| problem.code == "vault::options");
            problems::tell(&found);
            if usage { exit::OPTIONS } else { exit::ERROR }
        }
    }
}

fn wrong<T>(text: impl Into<String>) -> Result<T, Wrong> {
    Err(vec![general("vault::failed", text)])
}

fn misused<T>(text: impl Into<String>) -> Result<T, Wrong> {
    Err(vec![general("vault::options", text)])
}

/// Says that it is done, to a person only: programs look at the exit code.
fn told(text: &str) {
    use std::io::IsTerminal as _;
    if std::io::stdout().is_terminal() {
        eprintln!("{text}");
    }
}
