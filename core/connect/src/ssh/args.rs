//! Arguments of the `ssh` command, as inventories carry them.

use super::SshOptions;
use super::settings::{Fate, fate};
use crate::ConnectError;

pub(super) fn apply(options: &mut SshOptions, arguments: &str) -> Result<(), ConnectError> {
    let words = crate::words::split(arguments).ok_or_else(|| refuse(arguments, "it has an open quote"))?;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            return Err(refuse(&word, "it is not an option"));
        };
        for (at, letter) in letters.char_indices() {
            if "oJipFl".contains(letter) {
                let rest = &letters[at + 1..];
                let value = if rest.is_empty() { words.next() } else { Some(rest.to_owned()) };
                let value = value.ok_or_else(|| refuse(&word, "its value is missing"))?;
                with_value(options, letter, value)?;
                break;
            }
            match letter {
                // One connection is kept and shared anyway, no terminal is ever used, and nothing is printed.
                'C' | 'q' | 'T' | 'n' | 'x' | 'a' | 'k' | 'v' => {}
                '4' => set(options, "addressfamily", "inet"),
                '6' => set(options, "addressfamily", "inet6"),
                _ => return Err(refuse(&word, &format!("-{letter} is not known here"))),
            }
        }
    }
    Ok(())
}

fn with_value(options: &mut SshOptions, letter: char, value: String) -> Result<(), ConnectError> {
    match letter {
        'o' => setting(options, &value)?,
        'J' => _ = options.jump.get_or_insert(value),
        'i' => set(options, "identityfile", &value),
        'F' => _ = options.ssh_config.get_or_insert(value.into()),
        'l' => _ = options.user.get_or_insert(value),
        _ => {
            let port = value.parse().map_err(|_| refuse(&value, "it is no port"))?;
            options.port.get_or_insert(port);
        }
    }
    Ok(())
}

fn setting(options: &mut SshOptions, text: &str) -> Result<(), ConnectError> {
    let (key, value) =
        text.split_once(['=', ' ', '\t']).ok_or_else(|| refuse(text, "-o takes Name=Value"))?;
    let (key, value) = (key.trim().to_ascii_lowercase(), value.trim().trim_start_matches('=').trim());
    match fate(&key, value) {
        Fate::Used => set(options, &key, value),
        Fate::Harmless => {}
        Fate::Refused(why) => return Err(refuse(text, why)),
        Fate::Unknown => return Err(refuse(text, "this setting of ssh is not known here")),
    }
    Ok(())
}

fn set(options: &mut SshOptions, key: &str, value: &str) {
    options.settings.push((key.to_owned(), value.to_owned()));
}

fn refuse(argument: &str, why: &str) -> ConnectError {
    ConnectError::Config { reason: format!("ssh argument {argument:?}: {why}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(arguments: &str) -> Result<SshOptions, ConnectError> {
        let mut options = SshOptions::new("h");
        options.apply_args(arguments).map(|()| options)
    }

    #[test]
    fn takes_what_inventories_use() {
        let options = applied(
            "-C -o ControlMaster=auto -o ControlPersist=60s -o 'StrictHostKeyChecking no' -p2222 -l bob \
             -o UserKnownHostsFile=/dev/null -J jump:22 -i /k",
        )
        .unwrap();
        assert_eq!(
            (options.port, options.user.as_deref(), options.jump.as_deref()),
            (Some(2222), Some("bob"), Some("jump:22"))
        );
        let pairs: Vec<_> =
            options.settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(
            pairs,
            [("stricthostkeychecking", "no"), ("userknownhostsfile", "/dev/null"), ("identityfile", "/k")]
        );
    }

    #[test]
    fn refuses_by_name_what_it_does_not_know() {
        let cases = [
            ("-o ProxyCommand='ssh -W %h:%p gate'", "ProxyJump"),
            ("-o Frobnicate=yes", "Frobnicate"),
            ("-R 80:localhost:80", "-R"),
            ("-o KexAlgorithms=+diffie-hellman-group1-sha1", "KexAlgorithms"),
            ("-p", "missing"),
        ];
        for (arguments, part) in cases {
            let error = applied(arguments).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn what_is_set_already_stays() {
        let mut options = SshOptions { port: Some(1), ..SshOptions::new("h") };
        options.apply_args("-p 2").unwrap();
        assert_eq!(options.port, Some(1));
    }
}
