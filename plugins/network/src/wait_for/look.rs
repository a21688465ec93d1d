use fancy_regex::Regex;
use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use super::connections::active;
use super::{State, WaitForParams};

/// Tries a connection: `address port seconds read`. Bash does it itself; else `nc` or Python does; else the kernel's list of
/// listening sockets tells, for the host's own addresses. Exit code 9: there is no way to tell.
const CONNECT: &str = r#"t=; command -v timeout >/dev/null 2>&1 && t="timeout $3"
if command -v bash >/dev/null 2>&1; then
  if [ "$4" = 1 ]; then
    $t bash -c 'exec 3<>"/dev/tcp/$0/$1" && head -c 65536 <&3' "$1" "$2" 2>/dev/null; r=$?
    if [ "$r" = 124 ]; then exit 0; fi
    exit "$r"
  fi
  $t bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null; exit
fi
if command -v nc >/dev/null 2>&1; then
  if [ "$4" = 1 ]; then nc -w "$3" "$1" "$2" </dev/null; else nc -z -w "$3" "$1" "$2" >/dev/null 2>&1; fi; exit
fi
if [ "$4" = 1 ]; then exit 9; fi
for p in python3 python /usr/libexec/platform-python; do
  if command -v "$p" >/dev/null 2>&1; then
    "$p" -c 'import socket,sys; socket.create_connection((sys.argv[1],int(sys.argv[2])),float(sys.argv[3]))' "$1" "$2" "$3" 2>/dev/null
    exit
  fi
done
case $1 in 127.*|localhost|::1|0.0.0.0) ;; *) exit 9 ;; esac
h=$(printf '%04X' "$2")
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q ":$h [0-9A-F]*:0000 0A "
"#;

/// What was seen when the wait was over.
#[derive(Default)]
pub struct Seen {
    pub stat: Option<FileStat>,
    pub groups: Vec<Value>,
    pub named: Map,
}

/// One look at the port or path of a task: one round trip.
pub struct Look<'a> {
    pub params: &'a WaitForParams,
    pub regex: Option<&'a Regex>,
}

impl Look<'_> {
    /// Returns what was seen when it is as wanted, else `None`.
    pub fn now(&self, host: &Host) -> Result<Option<Seen>, Failure> {
        let gone = matches!(self.params.state, State::Absent | State::Stopped);
        match (&self.params.path, self.params.port) {
            (Some(path), _) => self.path(path, gone, host),
            (None, Some(port)) if self.params.state == State::Drained => self.drained(port, host),
            (None, Some(port)) => self.port(port, gone, host),
            (None, None) => Ok(Some(Seen::default())),
        }
    }

    fn path(&self, path: &str, gone: bool, host: &Host) -> Result<Option<Seen>, Failure> {
        let stat = HostCall::Stat { path: path.to_owned(), follow: true, checksum: None };
        let read = HostCall::Read { path: path.to_owned(), limit: 64 * 1024 * 1024 };
        let calls = if self.regex.is_some() && !gone { vec![stat, read] } else { vec![stat] };
        let mut replies = match host.call(HostCall::Many(calls))? {
            HostReply::Many(replies) => replies.into_iter(),
            other => return host.fail_with(Some(other)),
        };
        let found = match replies.next() {
            Some(HostReply::Stat(found)) => found.map(|stat| *stat),
            other => return host.fail_with(other),
        };
        match (found, gone) {
            (None, true) => Ok(Some(Seen::default())),
            (None, false) | (Some(_), true) => Ok(None),
            (Some(stat), false) => {
                let seen = Seen { stat: Some(stat), ..Seen::default() };
                match (self.regex, replies.next()) {
                    (None, _) => Ok(Some(seen)),
                    (Some(regex), Some(HostReply::Content(bytes))) => search(regex, &bytes.to_text(), seen),
                    (Some(_), _) => Ok(None),
                }
            }
        }
    }

    fn port(&self, port: u16, gone: bool, host: &Host) -> Result<Option<Seen>, Failure> {
        let read = if self.regex.is_some() && !gone { "1" } else { "0" };
        let (port, seconds) = (port.to_string(), self.params.connect_timeout.max(1).to_string());
        let command =
            Command::new(["sh", "-c", CONNECT, "sh", &self.params.host, &port, &seconds, read]).reads();
        let output = host.exec(&command)?;
        match (output.rc, gone, self.regex) {
            (9, ..) => Err(Failure::new("the host has no way to try a connection")
                .remedy("install bash, nc or python on the host")),
            (0, true, _) => Ok(None),
            (0, false, None) => Ok(Some(Seen::default())),
            (0, false, Some(regex)) => search(regex, &output.stdout.to_text(), Seen::default()),
            (_, true, _) => Ok(Some(Seen::default())),
            (_, false, _) => Ok(None),
        }
    }

    fn drained(&self, port: u16, host: &Host) -> Result<Option<Seen>, Failure> {
        let command = Command::new([
            "sh",
            "-c",
            "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; getent ahosts \"$1\"",
            "sh",
        ]);
        let output = host.exec(&command.arg(&self.params.host).reads())?;
        let excluded = self.params.exclude_hosts.as_deref().unwrap_or_default();
        let count = active(
            &output.stdout.to_text(),
            &self.params.host,
            port,
            excluded,
            &self.params.active_connection_states,
        );
        Ok((count == 0).then(Seen::default))
    }
}

fn search(regex: &Regex, text: &str, mut seen: Seen) -> Result<Option<Seen>, Failure> {
    let captures = regex
        .captures(text)
        .map_err(|error| Failure::new(format!("the regular expression gave up: {error}")))?;
    let Some(captures) = captures else { return Ok(None) };
    seen.groups = captures.iter().skip(1).map(|group| json!(group.map(|group| group.as_str()))).collect();
    for name in regex.capture_names().flatten() {
        seen.named.insert(name.to_owned(), json!(captures.name(name).map(|group| group.as_str())));
    }
    Ok(Some(seen))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::process::Command as Process;

    use super::*;

    fn code(port: u16) -> Option<i32> {
        let port = port.to_string();
        Process::new("sh").args(["-c", CONNECT, "sh", "127.0.0.1", &port, "2", "0"]).status().unwrap().code()
    }

    #[test]
    fn the_script_tells_open_from_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(code(port), Some(0));
        drop(listener);
        assert_eq!(code(port), Some(1));
    }
}
