use std::ffi::OsString;
use std::process::Command;
use std::slice::Iter;

use super::site::{Site, complain, read_line};
use crate::sim::{Fault, Phase};

/// What was asked of sudo.
#[derive(Debug, Default, PartialEq)]
struct Request {
    never_ask: bool,
    from_stdin: bool,
    prompt: Option<String>,
    user: String,
    variables: Vec<(String, OsString)>,
    command: Vec<OsString>,
}

/// Runs a command as another simulated user.
pub fn run(site: &Site, args: &[OsString]) -> u8 {
    let request = match parse(args) {
        Ok(request) => request,
        Err(message) => {
            complain(&format!("sudo: {message}"));
            return 1;
        }
    };
    let Some(program) = request.command.first() else {
        complain("usage: sudo [-nHS] [-p prompt] [-u user] [--] command [arg ...]");
        return 1;
    };
    if site.uid(&request.user).is_none() {
        complain(&format!("sudo: unknown user {}", request.user));
        return 1;
    }
    let note = format!("as {}", request.user);
    site.record("sudo", Phase::Started, None, &note);
    if !site.is_root() && !allowed(site, &request) {
        return site.end("sudo", 1, "refused");
    }
    let mut command = Command::new(program);
    command.args(&request.command[1..]).envs(request.variables);
    site.run_as(&mut command, &request.user);
    command.env("SUDO_USER", &site.user);
    site.become_command("sudo", &mut command)
}

fn allowed(site: &Site, request: &Request) -> bool {
    match site.state() {
        Ok(state) if !state.has(Fault::SudoRefused) => {}
        _ => {
            complain(&format!("{} is not in the sudoers file.", site.user));
            return false;
        }
    }
    let Some(password) = &site.store.settings().sudo_password else { return true };
    if request.never_ask {
        complain("sudo: a password is required");
        return false;
    }
    if !request.from_stdin {
        complain(
            "sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper",
        );
        complain("sudo: a password is required");
        return false;
    }
    ask_thrice(password, request.prompt.as_deref().unwrap_or("[sudo] password: "))
}

fn ask_thrice(password: &str, prompt: &str) -> bool {
    for tries in 1..=3 {
        prompt_on_stderr(prompt);
        match read_line() {
            Some(line) if line == password => return true,
            Some(_) if tries < 3 => complain("Sorry, try again."),
            Some(_) => {}
            None => {
                complain("");
                complain("sudo: no password was provided");
                return false;
            }
        }
    }
    complain("sudo: 3 incorrect password attempts");
    false
}

fn prompt_on_stderr(prompt: &str) {
    use std::io::Write as _;
    // There is nowhere to report a broken output to.
    let _ = write!(std::io::stderr(), "{prompt}");
}

fn parse(args: &[OsString]) -> Result<Request, String> {
    let mut request = Request { user: "root".to_owned(), ..Request::default() };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.to_str().and_then(|text| text.strip_prefix('-')) {
            Some("-") => break,
            Some(flags) if !flags.is_empty() => read_flags(&mut request, flags, &mut rest)?,
            _ => {
                request.command.push(arg.clone());
                break;
            }
        }
    }
    request.command.extend(rest.cloned());
    while let Some((name, value)) = request.command.first().and_then(assignment) {
        request.variables.push((name, value));
        request.command.remove(0);
    }
    Ok(request)
}

fn read_flags(request: &mut Request, flags: &str, rest: &mut Iter<'_, OsString>) -> Result<(), String> {
    for (at, letter) in flags.char_indices() {
        match letter {
            'n' => request.never_ask = true,
            'S' => request.from_stdin = true,
            // The home folder is always the target's, and nothing is cached.
            'H' | 'k' => {}
            'u' | 'p' => {
                let value = match &flags[at + 1..] {
                    "" => rest.next().map(|value| value.to_string_lossy().into_owned()),
                    attached => Some(attached.to_owned()),
                };
                let value = value.ok_or_else(|| format!("option requires an argument -- '{letter}'"))?;
                if letter == 'u' {
                    request.user = value
                } else {
                    request.prompt = Some(value)
                }
                break;
            }
            other => return Err(format!("the lab does not simulate option -{other}")),
        }
    }
    Ok(())
}

fn assignment(word: &OsString) -> Option<(String, OsString)> {
    let (name, value) = word.to_str()?.split_once('=')?;
    let good = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    good.then(|| (name.to_owned(), value.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(words: &[&str]) -> Result<Request, String> {
        parse(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn reads_the_forms_that_a_runner_uses() {
        let found = request(&["-n", "-H", "-u", "alation", "--", "/bin/sh", "-c", "x"]).unwrap();
        assert_eq!((found.user.as_str(), found.never_ask), ("alation", true));
        assert_eq!(found.command, ["/bin/sh", "-c", "x"]);
        let found = request(&["-HSp", "token: ", "true"]).unwrap();
        assert_eq!((found.prompt.as_deref(), found.from_stdin), (Some("token: "), true));
        assert_eq!(found.user, "root");
    }

    #[test]
    fn takes_variables_before_the_command() {
        let found = request(&["-n", "A=1", "B=x=y", "env"]).unwrap();
        assert_eq!(found.variables, [("A".to_owned(), "1".into()), ("B".to_owned(), "x=y".into())]);
        assert_eq!(found.command, ["env"]);
    }

    #[test]
    fn refuses_what_it_does_not_simulate() {
        assert_eq!(request(&["-i"]), Err("the lab does not simulate option -i".to_owned()));
        assert!(request(&["-u"]).is_err());
    }
}
