use std::ffi::{OsStr, OsString};
use std::process::Command;

use super::site::{Site, complain};
use crate::sim::Phase;

/// Runs a shell as another simulated user: `su [-] [USER] [-s SHELL] [-c LINE]`.
pub fn run(site: &Site, args: &[OsString]) -> u8 {
    let mut user = None;
    let mut line = None;
    let mut shell = OsString::from("/bin/sh");
    let mut login = false;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.to_str() {
            Some("-" | "-l" | "--login") => login = true,
            Some(flag @ ("-c" | "-s")) => {
                let Some(value) = rest.next() else {
                    complain(&format!("su: option requires an argument -- '{}'", &flag[1..]));
                    return 1;
                };
                if flag == "-c" { line = Some(value.clone()) } else { shell = value.clone() }
            }
            Some(flag) if flag.starts_with('-') => {
                complain(&format!("su: the lab does not simulate option {flag}"));
                return 1;
            }
            _ if user.is_none() => user = Some(arg.to_string_lossy().into_owned()),
            _ => {
                complain("su: the lab does not simulate arguments for the shell");
                return 1;
            }
        }
    }
    let user = user.unwrap_or_else(|| "root".to_owned());
    become_user(site, &user, login, &shell, line.as_deref())
}

fn become_user(site: &Site, user: &str, login: bool, shell: &OsStr, line: Option<&OsStr>) -> u8 {
    if site.uid(user).is_none() {
        complain(&format!(
            "su: user {user} does not exist or the user entry does not contain all the required fields"
        ));
        return 1;
    }
    if !site.is_root() {
        complain("su: Authentication failure");
        return 1;
    }
    site.record("su", Phase::Started, None, &format!("to {user}"));
    let mut command = Command::new(shell);
    if let Some(line) = line {
        command.arg("-c").arg(line);
    }
    site.run_as(&mut command, user);
    if login {
        command.current_dir(site.layout().home(user));
    }
    site.become_command("su", &mut command)
}
