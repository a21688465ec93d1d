//! Where passwords of vaults come from: files, programs, prompts.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use switchover_syntax::Diagnostic;
use switchover_values::vault::VaultSecrets;

use crate::config::Config;
use crate::options::VaultArgs;
use crate::problems::general;
use crate::prompt;

/// Whether a password is for reading what is there, or a new one that is typed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Known,
    New,
}

/// Reads all vault passwords that the configuration and the options name, in Ansible's order.
pub fn vault_secrets(
    arguments: &VaultArgs,
    config: &Config,
    purpose: Purpose,
    ask: bool,
) -> Result<VaultSecrets, Vec<Diagnostic>> {
    let mut secrets = VaultSecrets::default();
    secrets.match_id = config.flag("DEFAULT_VAULT_ID_MATCH");
    let mut ids = config.words("DEFAULT_VAULT_IDENTITY_LIST");
    ids.extend(arguments.vault_id.iter().cloned());
    let label = config.text("DEFAULT_VAULT_IDENTITY").unwrap_or_else(|| "default".to_owned());
    let file =
        config.path("DEFAULT_VAULT_PASSWORD_FILE").filter(|_| arguments.vault_password_file.is_empty());
    let file = file.map(|path| path.to_string_lossy().into_owned());
    ids.extend(
        arguments.vault_password_file.iter().cloned().chain(file).map(|file| format!("{label}@{file}")),
    );
    let wants = arguments.ask_vault_password || config.flag("DEFAULT_ASK_VAULT_PASS");
    if wants || (ask && ids.is_empty()) {
        ids.push(format!("{label}@prompt_ask_vault_pass"));
    }
    for id in &ids {
        let (label, source) = split(id, &label);
        let password =
            one(&label, &source, purpose).map_err(|text| vec![general("vault::password", text)])?;
        secrets.add(&label, password.as_bytes());
    }
    Ok(secrets)
}

/// Splits `LABEL@SOURCE`; without a label the source has the default one.
pub fn split(id: &str, default: &str) -> (String, String) {
    match id.split_once('@') {
        Some((label, source)) if !label.is_empty() => (label.to_owned(), source.to_owned()),
        Some((_, source)) => (default.to_owned(), source.to_owned()),
        None => (default.to_owned(), id.to_owned()),
    }
}

/// Returns the password of one source.
pub fn one(label: &str, source: &str, purpose: Purpose) -> Result<String, String> {
    let password = match source {
        "prompt" => ask(&format!(" ({label})"), purpose)?,
        "prompt_ask_vault_pass" => ask("", purpose)?,
        file => from_file(file, Some(label))?,
    };
    match password.trim() {
        "" => Err(format!("the vault password of {source} is empty")),
        password => Ok(password.to_owned()),
    }
}

fn ask(label: &str, purpose: Purpose) -> Result<String, String> {
    let question =
        |text: String| prompt::secret(&text).map_err(|error| format!("no vault password: {error}"));
    if purpose == Purpose::Known {
        return question(format!("Vault password{label}: "));
    }
    let first = question(format!("New Vault password{label}: "))?;
    let again = question(format!("Confirm New Vault password{label}: "))?;
    if first == again { Ok(first) } else { Err("the two passwords are not the same".to_owned()) }
}

/// Returns the password in a file; a program is run, and told the label when its name ends with `-client`.
pub fn from_file(path: &str, label: Option<&str>) -> Result<String, String> {
    if path == "-" {
        return std::io::read_to_string(std::io::stdin()).map_err(|error| format!("standard input: {error}"));
    }
    let path = std::path::absolute(crate::config::expanded(path)).map_err(|error| error.to_string())?;
    let meta = path.metadata();
    let meta =
        meta.map_err(|error| format!("the password file {} cannot be read: {error}", path.display()))?;
    if meta.is_file() && meta.permissions().mode() & 0o111 != 0 {
        return from_program(&path, label);
    }
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text.trim().to_owned())
}

fn from_program(path: &Path, label: Option<&str>) -> Result<String, String> {
    let mut command = Command::new(path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if let (true, Some(label)) = (stem.ends_with("-client"), label) {
        command.args(["--vault-id", label]);
    }
    let failed = |what: String| format!("the password program {} {what}", path.display());
    let output = command.stdin(Stdio::inherit()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| {
        failed(format!("cannot be run: {error}; if it is no program, take its executable bit away"))
    })?;
    match output.status.code() {
        Some(0) => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        Some(2) if label.is_some() => {
            Err(failed(format!("knows no password for `{}`", label.unwrap_or_default())))
        }
        _ => Err(failed(format!("ended with {}", output.status))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_a_label_and_a_source() {
        let split = |id| split(id, "default");
        assert_eq!(split("dev@file"), ("dev".to_owned(), "file".to_owned()));
        assert_eq!(split("file"), ("default".to_owned(), "file".to_owned()));
        assert_eq!(split("@file"), ("default".to_owned(), "file".to_owned()));
        assert_eq!(split("dev@a@b"), ("dev".to_owned(), "a@b".to_owned()));
    }
}
