use switchover_sdk::prelude::*;

use crate::redirect::{self, Redirect};
use crate::response::Response;

/// Options of `curl`, given to it on standard input: nothing of a request, least of all a password, stands on a command
/// line that other users of the host could read.
#[derive(Debug, Default)]
pub struct Curl {
    lines: Vec<String>,
}

/// What all modules that speak HTTP share.
#[derive(Params)]
pub struct HttpParams {
    /// `http://` or `https://` and the rest.
    pub url: String,
    /// A user for the server.
    #[param(alias = "username", alias = "user")]
    pub url_username: Option<String>,
    /// Its password.
    #[param(secret, alias = "password")]
    pub url_password: Option<Secret>,
    /// Sends user and password at once, instead of when the server asks.
    #[param(default = false)]
    pub force_basic_auth: bool,
    /// Checks the server's certificate.
    #[param(default = true)]
    pub validate_certs: bool,
    /// Uses the proxy that the environment names.
    #[param(default = true)]
    pub use_proxy: bool,
    /// What the request calls itself.
    #[param(default = "ansible-httpget")]
    pub http_agent: String,
    /// A file of the host with the client's certificate.
    pub client_cert: Option<HostPath>,
    /// A file of the host with the certificate's key.
    pub client_key: Option<HostPath>,
    /// A file of the host with authorities to trust.
    pub ca_path: Option<HostPath>,
    /// Uses user and password of `~/.netrc` when there are any.
    #[param(default = true)]
    pub use_netrc: bool,
    /// Decompresses what the server compressed.
    #[param(default = true)]
    pub decompress: bool,
    /// Ciphers for TLS.
    pub ciphers: Option<Vec<String>>,
    /// Kerberos.
    #[param(default = false, refused = "Kerberos is not spoken here")]
    pub use_gssapi: bool,
    /// Headers that a redirected request leaves out.
    #[param(default = [])]
    pub unredirected_headers: Vec<String>,
    /// Asks caches for a fresh answer; with a file, replaces it in any case.
    #[param(default = false, alias = "thirsty")]
    pub force: bool,
}

impl HttpParams {
    /// Whether a redirected request leaves this header out.
    pub fn is_unredirected(&self, header: &str) -> bool {
        self.unredirected_headers.iter().any(|name| name.eq_ignore_ascii_case(header))
    }
}

impl Curl {
    /// Begins a request; `timeout` is in seconds, for the connection and for each silence.
    fn new(params: &HttpParams, timeout: u64) -> Self {
        Self::to(&params.url, params, timeout)
    }

    /// Begins the request of a task with the task's headers, or the next one after an answer that leads elsewhere, with
    /// what may go along.
    pub fn begin(params: &HttpParams, timeout: u64, headers: &Map, redirect: Option<&Redirect>) -> Self {
        let (mut curl, headers) = match redirect {
            None => (Self::new(params, timeout), headers.clone()),
            Some(redirect) => {
                (Self::redirected(&redirect.url, params, timeout), Redirect::headers(headers, params))
            }
        };
        curl.headers(&headers, params.decompress);
        curl
    }

    /// Begins a request to another address than that of the task.
    pub fn to(url: &str, params: &HttpParams, timeout: u64) -> Self {
        let mut curl = Self::bare(url, params, timeout);
        if let Some(user) = &params.url_username {
            let password = params.url_password.as_ref().map_or("", Secret::expose);
            curl.text("user", &format!("{user}:{password}"));
            if !params.force_basic_auth {
                curl.flag("anyauth");
            }
        } else if params.use_netrc {
            curl.flag("netrc-optional");
        }
        curl
    }

    /// Begins a request to the address that a server named: user and password go there only when it is that server's own.
    fn redirected(url: &str, params: &HttpParams, timeout: u64) -> Self {
        let own = redirect::origin(url) == redirect::origin(&params.url);
        if own && !params.is_unredirected("authorization") {
            return Self::to(url, params, timeout);
        }
        Self::bare(url, params, timeout)
    }

    fn bare(url: &str, params: &HttpParams, timeout: u64) -> Self {
        let mut curl = Self::default();
        curl.text("url", url);
        curl.text("user-agent", &params.http_agent);
        curl.text("connect-timeout", &timeout.max(1).to_string());
        curl.text("speed-time", &timeout.max(1).to_string());
        curl.text("speed-limit", "1");
        // What curl would say of its own; a header of the task with the same name is sent.
        curl.text("header", "Accept:");
        curl.text("header", "Expect:");
        if !params.validate_certs {
            curl.flag("insecure");
        }
        if !params.use_proxy {
            curl.text("noproxy", "*");
        }
        for (option, file) in
            [("cert", &params.client_cert), ("key", &params.client_key), ("cacert", &params.ca_path)]
        {
            if let Some(file) = file {
                curl.text(option, file);
            }
        }
        if let Some(ciphers) = &params.ciphers {
            curl.text("ciphers", &ciphers.join(":"));
        }
        if params.force {
            curl.text("header", "cache-control: no-cache");
        }
        curl
    }

    /// Adds an option without a value.
    pub fn flag(&mut self, name: &str) {
        self.lines.push(name.to_owned());
    }

    /// Adds an option with a value.
    pub fn text(&mut self, name: &str, value: &str) {
        let mut quoted = String::new();
        for letter in value.chars() {
            match letter {
                '"' | '\\' => quoted.extend(['\\', letter]),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                other => quoted.push(other),
            }
        }
        self.lines.push(format!("{name} = \"{quoted}\""));
    }

    /// Adds headers; `decompress` asks curl to undo an encoding that the request itself allows.
    pub fn headers(&mut self, headers: &Map, decompress: bool) {
        for (name, value) in headers {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if name.eq_ignore_ascii_case("accept-encoding") && decompress {
                self.flag("compressed");
            }
            self.text(
                "header",
                &if text.is_empty() { format!("{name};") } else { format!("{name}: {text}") },
            );
        }
    }

    /// Returns the program: headers and a last line with numbers go to standard output, and the body too unless
    /// `output` names a file.
    pub fn command(mut self, output: Option<&str>) -> Command {
        self.text("write-out", Response::LAST_LINE);
        self.text("dump-header", "-");
        self.flag("silent");
        self.flag("show-error");
        if let Some(output) = output {
            self.text("output", output);
        }
        Command::new(["curl", "-q", "-K", "-"]).stdin(self.lines.join("\n") + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_curl_would_read() {
        let mut curl = Curl::default();
        curl.text("data-raw", "a\"b\\c\nd");
        assert_eq!(curl.lines, ["data-raw = \"a\\\"b\\\\c\\nd\""]);
    }
}
