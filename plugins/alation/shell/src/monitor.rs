//! The replication page of the Primary, fetched on the host itself.

use switchover_sdk::prelude::*;

use crate::lag::{self, Answer};

/// Where the replication page is and how it is read.
#[derive(Params, Clone)]
pub struct Monitor {
    /// Address of the replication page, as the Primary itself reaches it.
    #[param(default = "http://localhost/monitor/replication/")]
    pub monitor_url: String,
    /// The key whose value is the lag, when the page has several; dots lead deeper.
    pub monitor_field: Option<String>,
    /// Whether the certificate of an https address is checked.
    #[param(default = false)]
    pub monitor_tls_verify: bool,
    /// User for a page that asks for one (HTTP basic; needs curl on the host).
    pub monitor_user: Option<String>,
    /// Password of that user.
    #[param(secret)]
    pub monitor_password: Option<Secret>,
    /// A command for `sh` that prints the page, instead of fetching the address.
    pub monitor_command: Option<String>,
}

/// What fetching the page gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    Answer(Answer),
    /// Nothing answers, or not with a page: a service that is down or starting.
    Down(String),
}

impl Page {
    /// Returns the lag, when the page shows a real one.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Answer(answer) => answer.bytes(),
            Self::Down(_) => None,
        }
    }
}

/// Fetches with the first program that the host has. Address and options come as variables, never as text.
const FETCH: &str = r#"
if command -v curl >/dev/null 2>&1; then
  if [ -n "$AUTH" ]; then set -- -K -; else set --; fi
  [ -n "$INSECURE" ] && set -- "$@" -k
  printf '%s' "$AUTH" | curl -sS -L --max-time 20 -w '\n@@status %{http_code}\n' "$@" "$URL"
elif [ -n "$AUTH" ]; then
  echo 'this host has no curl, which a page with a password needs' >&2; exit 127
elif command -v wget >/dev/null 2>&1; then
  [ -n "$INSECURE" ] && set -- --no-check-certificate
  wget -q -T 20 -t 1 -O - "$@" "$URL"
elif command -v python3 >/dev/null 2>&1; then
  python3 -c 'import os, ssl, urllib.request as r
c = ssl._create_unverified_context() if os.environ["INSECURE"] else None
print(r.urlopen(os.environ["URL"], timeout=20, context=c).read().decode("utf-8", "replace"))'
elif command -v bash >/dev/null 2>&1 && [ "${URL#http://}" != "$URL" ]; then
  exec bash -c 'rest=${URL#http://}; at=${rest%%/*}; path=/${rest#*/}; [ "$rest" = "$at" ] && path=/
    port=80; case $at in *:*) port=${at##*:};; esac
    exec 3<>"/dev/tcp/${at%%:*}/$port" || exit 7
    printf "GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n" "$path" "$at" >&3; cat <&3'
else
  echo 'this host has none of curl, wget, python3 and bash to fetch a page with' >&2; exit 127
fi
"#;

impl Monitor {
    /// Fetches and reads the page.
    pub fn look(&self, host: &Host) -> Result<Page, Failure> {
        let output = host.exec(&self.command())?;
        let (stdout, stderr) = (output.stdout.to_text(), output.stderr.to_text());
        let why = || stderr.trim().rsplit('\n').next().unwrap_or_default().to_owned();
        if output.rc == 127 {
            return Err(Failure::new(format!("the replication page cannot be fetched: {}", why()))
                .remedy("install curl on the host, or set alation_monitor_command"));
        }
        if output.rc != 0 || output.timed_out {
            let why = why();
            return Ok(Page::Down(if why.is_empty() { format!("exit code {}", output.rc) } else { why }));
        }
        let (status, body) = split_status(&stdout);
        match status {
            Some(401 | 403) => Err(Failure::new(format!(
                "the replication page asks for a login (HTTP {})",
                status.unwrap_or_default()
            ))
            .remedy("set alation_monitor_user and alation_monitor_password, or alation_monitor_command")),
            Some(status) if status >= 400 => Ok(Page::Down(format!("HTTP {status}"))),
            _ => Ok(Page::Answer(lag::read(body, self.monitor_field.as_deref()))),
        }
    }

    fn command(&self) -> Command {
        if let Some(text) = &self.monitor_command {
            return Command::shell(text.clone()).reads().timeout(60);
        }
        let auth = match (&self.monitor_user, &self.monitor_password) {
            (Some(user), password) => {
                let password = password.as_ref().map_or("", |secret| secret.expose());
                let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
                format!("user = \"{}:{}\"\n", escape(user), escape(password))
            }
            (None, _) => String::new(),
        };
        let secret = !auth.is_empty();
        let command = Command::shell(if secret { format!("AUTH=$(cat)\n{FETCH}") } else { FETCH.to_owned() })
            .env("URL", self.monitor_url.clone())
            .env("INSECURE", if self.monitor_tls_verify { "" } else { "1" })
            .reads()
            .timeout(60);
        if secret { command.stdin(auth) } else { command.env("AUTH", "") }
    }
}

/// Takes the HTTP status out of what the fetching program printed, if it told one.
fn split_status(output: &str) -> (Option<u16>, &str) {
    if let Some((body, status)) = output.rsplit_once("\n@@status ") {
        return (status.trim().parse().ok(), body);
    }
    if output.starts_with("HTTP/") {
        let status = output.split_whitespace().nth(1).and_then(|word| word.parse().ok());
        let body = output.split_once("\r\n\r\n").map_or(output, |(_, body)| body);
        return (status, body);
    }
    (None, output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curl_and_plain_answers_are_taken_apart() {
        assert_eq!(split_status("{\"a\": 1}\n@@status 200\n"), (Some(200), "{\"a\": 1}"));
        assert_eq!(split_status("HTTP/1.0 502 Bad\r\nX: y\r\n\r\nno"), (Some(502), "no"));
        assert_eq!(split_status("{}"), (None, "{}"));
    }

    #[test]
    fn a_password_is_given_on_the_input_only() {
        let arguments = json!({ "monitor_user": "me", "monitor_password": "s3cret\"" });
        let monitor = Monitor::parse(arguments.as_object().unwrap()).unwrap();
        let exec = monitor.command().into_exec();
        assert_eq!(exec.stdin.unwrap().to_text(), "user = \"me:s3cret\\\"\"\n");
        assert!(!format!("{:?}{:?}", exec.program, exec.env).contains("s3cret"));
    }
}
