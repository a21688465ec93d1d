use std::io::IsTerminal as _;

use super::files::write;
use super::keys;
use super::{StringArgs, Wrong, misused, told, wrong};
use crate::config::Config;
use crate::prompt;

/// A value, and the variable that will hold it.
struct Plain {
    name: Option<String>,
    text: String,
}

/// Prints values as they are pasted into a file of variables.
pub fn encrypt(arguments: &StringArgs, config: &Config) -> Result<(), Wrong> {
    if arguments.prompt && arguments.values.iter().any(|value| value == "-") {
        return misused("The --prompt option is not supported if also reading input from stdin");
    }
    let key = keys::for_encryption(&arguments.vault, arguments.encrypt_vault_id.as_ref(), config)?;
    let values = plain(arguments)?;
    let mut out = String::new();
    for value in &values {
        let text = key.encrypt(value.text.as_bytes(), config)?;
        let label = value.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        out.push_str(&format!("{label}!vault |\n"));
        text.lines().for_each(|line| out.push_str(&format!("          {line}\n")));
    }
    write(arguments.output.as_deref().unwrap_or("-"), out.as_bytes())?;
    told("Encryption successful");
    Ok(())
}

fn plain(arguments: &StringArgs) -> Result<Vec<Plain>, Wrong> {
    let mut values = Vec::new();
    if arguments.prompt {
        values.push(asked(arguments)?);
    }
    let given: Vec<&String> = arguments.values.iter().filter(|value| *value != "-").collect();
    let reads = arguments.values.iter().any(|value| value == "-");
    if reads || (given.is_empty() && !arguments.prompt) || arguments.stdin_name.is_some() {
        values.push(Plain { name: arguments.stdin_name.clone(), text: standard_input()? });
    }
    let names = arguments.name.iter().map(Some).chain(std::iter::repeat(None));
    for (text, name) in given.into_iter().zip(names) {
        if text.is_empty() {
            return misused("The plaintext provided from the command line args was empty, not encrypting");
        }
        values.push(Plain { name: name.cloned(), text: text.clone() });
    }
    Ok(values)
}

fn asked(arguments: &StringArgs) -> Result<Plain, Wrong> {
    let line = |question: &str, shown: bool| {
        let answer = if shown { visible(question) } else { prompt::secret(question) };
        answer.or_else(|error| wrong(error.to_string()))
    };
    let name = match arguments.name.first() {
        Some(name) => name.clone(),
        None => line("Variable name (enter for no name): ", true)?,
    };
    let text = line("String to encrypt: ", arguments.show_input)?;
    if !arguments.show_input && line("Confirm String to encrypt: ", false)? != text {
        return wrong("The two strings are not the same");
    }
    if text.is_empty() {
        return misused("The plaintext provided from the prompt was empty, not encrypting");
    }
    Ok(Plain { name: (!name.is_empty()).then_some(name), text })
}

fn visible(question: &str) -> std::io::Result<String> {
    use std::io::{BufRead as _, Write as _};
    let mut to = std::io::stderr().lock();
    write!(to, "{question}").and_then(|()| to.flush())?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim_end_matches(['\r', '\n']).to_owned())
}

fn standard_input() -> Result<String, Wrong> {
    if std::io::stdin().is_terminal() {
        eprintln!(
            "Reading plaintext input from stdin. (ctrl-d to end input, twice if your content does not already have a newline)"
        );
    }
    match std::io::read_to_string(std::io::stdin()) {
        Ok(text) if text.is_empty() => misused("stdin was empty, not encrypting"),
        Ok(text) => Ok(text),
        Err(error) => wrong(format!("standard input: {error}")),
    }
}
