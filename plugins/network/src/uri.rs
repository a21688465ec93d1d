use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

use crate::body::{self, BodyFormat};
use crate::curl::{Curl, HttpParams};
use crate::download::{self, Download};
use crate::redirect::Redirect;
use crate::response::Response;

#[derive(Params)]
pub struct UriParams {
    #[param(flatten)]
    pub http: HttpParams,
    /// GET, POST and so on.
    #[param(default = "GET")]
    pub method: String,
    /// What is sent: text, or data for `body_format`.
    pub body: Option<Value>,
    /// How `body` is written.
    #[param(default = "raw")]
    pub body_format: BodyFormat,
    /// Headers of the request.
    #[param(default = {})]
    pub headers: Map,
    /// A file that is sent: of the controller, or of the host with `remote_src`.
    pub src: Option<String>,
    /// `src` is on the host.
    #[param(default = false)]
    pub remote_src: bool,
    /// Returns the body of the answer as `content`.
    #[param(default = false)]
    pub return_content: bool,
    /// The statuses that are a success.
    #[param(default = [200])]
    pub status_code: Vec<i64>,
    /// Seconds to wait for a connection, and in each silence.
    #[param(default = 30)]
    pub timeout: u64,
    /// Puts the answer into this file or folder of the host.
    pub dest: Option<HostPath>,
    /// A path of the host; when it is there, nothing is asked.
    pub creates: Option<HostPath>,
    /// A path of the host; when it is not there, nothing is asked.
    pub removes: Option<HostPath>,
    /// `safe` follows for GET and HEAD, `all` for every method, `none` never.
    #[param(default = "safe", choices("all", "no", "none", "safe", "urllib2", "yes"))]
    pub follow_redirects: String,
    /// A socket of the host that is asked instead of an address.
    pub unix_socket: Option<HostPath>,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

pub struct Uri;

impl Module for Uri {
    type Params = UriParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.uri",
        aliases: &["uri"],
        summary: "Asks a web service, from the host.",
        description: "Needs curl on the host.",
        mutually_exclusive: &[&["body", "src"]],
        examples: &[
            ("Is it up?", "uri: { url: 'http://localhost/health', status_code: [200, 204] }"),
            (
                "Tell it something",
                "uri: { url: 'https://api/x', method: POST, body: { a: 1 }, body_format: json, user: me, password: secret }",
            ),
        ],
        returns: &[
            ("status", "the status of the answer; -1 when there was none"),
            ("content", "the body, when asked for or when the task fails"),
            ("json", "the body as data, when it is JSON"),
            ("url", "the URL that answered at last; `redirected` when it is another"),
            ("msg", "`OK (N bytes)` or the error"),
            ("elapsed", "seconds"),
            ("path", "the file, with `dest`"),
            ("cookies", "what the answer set, by name; `cookies_string` as a header"),
            ("content_type", "each header of the answer is a key: lowercase, with `_`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &UriParams, host: &Host) -> Result<Delta, Failure> {
        if host.about.check_mode {
            let msg = "This action (uri) does not support check mode.";
            return Ok(Delta::none_with(json!({ "skipped": true, "msg": msg })));
        }
        let skipped = |msg: String| Delta::none_with(json!({ "stdout_lines": [msg], "stdout": msg }));
        if let Some(path) = &params.creates
            && host.stat_with(path, true, None)?.is_some()
        {
            return Ok(skipped(format!("skipped, since '{path}' exists")));
        }
        if let Some(path) = &params.removes
            && host.stat_with(path, true, None)?.is_none()
        {
            return Ok(skipped(format!("skipped, since '{path}' does not exist")));
        }
        Ok(Delta::unknown())
    }

    fn apply(params: &UriParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let (response, kept) = params.ask(None, host)?;
        params.outcome(response, kept, host)
    }
}

fn no_body(method: &str) -> Option<&'static str> {
    method.eq_ignore_ascii_case("HEAD").then_some("/dev/null")
}

/// The file that an answer went into.
type Kept = Option<String>;

impl UriParams {
    /// Makes the request, or the one that goes on where the first one was sent.
    fn ask(&self, redirect: Option<&Redirect>, host: &Host) -> Result<(Response, Kept), Failure> {
        let url = redirect.map_or(&self.http.url, |redirect| &redirect.url);
        let curl = self.request(redirect, host)?;
        let next = |response: &Response| {
            let method = self.method.to_uppercase();
            let follows = redirect.is_none() && self.follows(&method);
            Redirect::of(response, &self.http, &method).filter(|_| follows)
        };
        let (mut response, kept) = match &self.dest {
            None => {
                // For HEAD curl would write the headers as if they were a body.
                let output = no_body(&self.method);
                let response = Response::read(&host.exec(&curl.command(output))?, url)?;
                if let Some(next) = next(&response) {
                    return self.ask(Some(&next), host);
                }
                (response, None)
            }
            Some(dest) => {
                let download = Download::start(curl, url, "/tmp", None, host)?;
                if let Some(next) = next(&download.response) {
                    download.drop(host)?;
                    return self.ask(Some(&next), host);
                }
                self.keep(download, dest, host)?
            }
        };
        response.redirected |= redirect.is_some();
        Ok((response, kept))
    }

    fn request(&self, redirect: Option<&Redirect>, host: &Host) -> Result<Curl, Failure> {
        if !self.http.url.contains(':') {
            let msg = format!("unknown url type: '{}'", self.http.url);
            return Err(Failure::new(msg).with("status", -1).with("url", self.http.url.clone()));
        }
        let mut curl = Curl::begin(&self.http, self.timeout, &self.headers, redirect);
        if let Some(socket) = &self.unix_socket {
            curl.text("unix-socket", socket);
        }
        let method = self.method.to_uppercase();
        let by_hand = redirect.is_none() && Redirect::is_by_hand(&self.http, &method);
        if self.follows(&method) && !by_hand {
            curl.flag("location");
        }
        if redirect.is_some_and(|redirect| redirect.plain) {
            return Ok(curl);
        }
        match &self.body {
            Some(body) => body::add(&mut curl, body, self.body_format, &self.headers)?,
            None => self.add_file(&mut curl, host)?,
        }
        // With a request's name curl would keep the method through a redirection, so the plain ones get none.
        match method.as_str() {
            "GET" if self.body.is_none() && self.src.is_none() => {}
            "POST" if self.body.is_some() || self.src.is_some() => {}
            "HEAD" => curl.flag("head"),
            _ => curl.text("request", &method),
        }
        Ok(curl)
    }

    fn follows(&self, method: &str) -> bool {
        match self.follow_redirects.as_str() {
            "none" | "no" => false,
            "safe" => matches!(method, "GET" | "HEAD"),
            _ => true,
        }
    }

    fn add_file(&self, curl: &mut Curl, host: &Host) -> Result<(), Failure> {
        match &self.src {
            None => {}
            Some(src) if self.remote_src => {
                curl.text("data-binary", &format!("@{}", host.expand(src)?));
            }
            Some(src) => {
                let file = host.controller_file(src, Some("files"))?;
                let content = host.controller_read(&file.path)?;
                let text = String::from_utf8(content.0).map_err(|_| {
                    Failure::new(format!("{} is not text: copy it to the host and use remote_src", file.path))
                })?;
                curl.text("data-raw", &text);
            }
        }
        Ok(())
    }

    /// Puts a good answer into `dest`; others are read for the result.
    fn keep(&self, mut download: Download, dest: &str, host: &Host) -> Result<(Response, Kept), Failure> {
        if !self.status_code.contains(&download.response.status) {
            download.response.body = download.take(host)?;
            return Ok((download.response, None));
        }
        let mut path = dest.trim_end_matches('/').to_owned();
        let stat = |path: &str| host.stat_with(path, true, Some(switchover_sdk::Algorithm::Sha1));
        let mut old = stat(&path)?;
        if dest.ends_with('/') || old.as_ref().is_some_and(|old| old.kind == FileKind::Directory) {
            path = format!("{path}/{}", download::name(&download.response));
            old = stat(&path)?;
        }
        let new = download.stat.as_ref().and_then(|stat| stat.checksum.clone());
        let same = old.as_ref().is_some_and(|old| old.checksum.is_some() && old.checksum == new);
        if same {
            download.drop(host)?;
        } else {
            download.keep(&path, Attributes::default(), false, host)?;
        }
        let attributes = self.attributes.wanted();
        if !attributes.is_empty() {
            host.set_attributes(&path, attributes)?;
        }
        Ok((download.response, Some(path)))
    }

    fn outcome(&self, response: Response, kept: Kept, host: &Host) -> Result<Outcome, Failure> {
        let mut result = response.headers.clone();
        result.insert("status".into(), json!(response.status));
        result.insert("url".into(), json!(response.url));
        result.insert("redirected".into(), json!(response.redirected));
        result.insert("elapsed".into(), json!(response.elapsed));
        result.insert("msg".into(), json!(response.msg()));
        if response.is_good() {
            let pairs = response
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
            result.insert("cookies_string".into(), json!(pairs.collect::<Vec<_>>().join("; ")));
            result.insert("cookies".into(), Value::Object(response.cookies.clone()));
        }
        let text = String::from_utf8_lossy(&response.body).into_owned();
        if let (true, Ok(value)) = (response.is_json(), text.parse::<Value>()) {
            result.insert("json".into(), value);
        }
        if self.return_content {
            result.insert("content".into(), json!(text));
        }
        if !self.status_code.contains(&response.status) {
            let wanted: Vec<String> = self.status_code.iter().map(i64::to_string).collect();
            let (status, msg) = (response.status, response.msg());
            let failure =
                Failure::new(format!("Status code was {status} and not [{}]: {msg}", wanted.join(", ")));
            result.shift_remove("msg");
            return Err(failure.with_result(result));
        }
        if !response.is_good() {
            result.insert("body".into(), json!(text));
        }
        // An answer that was kept is a change to Ansible, even when it is the one that was there.
        let changed = kept.is_some();
        if let Some(path) = kept {
            if let switchover_sdk::HostReply::Stat(Some(stat)) =
                host.call(HostCall::Stat { path: path.clone(), follow: true, checksum: None })?
            {
                result.extend(crate::wait_for::path_result(&stat));
            }
            result.insert("path".into(), json!(path));
        }
        Ok(Outcome { changed, result, ..Outcome::default() })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    fn answer(head: &str, body: &str) -> ExecOutput {
        let head = head.replace('\n', "\r\n") + "\r\n\r\n";
        let status = &head[9..12];
        let stdout = format!("{head}{body}\n{status} {} 0 0.01 http://h/", head.len());
        ExecOutput { stdout: stdout.into(), ..ExecOutput::default() }
    }

    fn host(head: &str, body: &str) -> FakeHost {
        FakeHost::new().command_with("curl -q -K -", answer(head, body))
    }

    fn config(host: &FakeHost) -> String {
        let calls = host.calls();
        let Some(HostCall::Exec(exec)) = calls.last() else { panic!("no program") };
        exec.stdin.as_ref().unwrap().to_text()
    }

    #[test]
    fn returns_what_the_server_said() {
        let host = host("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 8", "{\"a\": 1}");
        let outcome = host.run::<Uri>(json!({ "url": "http://h/", "return_content": true })).unwrap();
        assert!(!outcome.changed);
        assert_eq!(outcome.result["json"], json!({ "a": 1 }));
        assert_eq!(outcome.result["content"], "{\"a\": 1}");
        assert_eq!(outcome.result["msg"], "OK (8 bytes)");
        assert_eq!(outcome.result["status"], 200);
        assert_eq!(outcome.result["redirected"], false);
    }

    #[test]
    fn fails_with_another_status_and_takes_the_ones_named() {
        let host = host("HTTP/1.1 404 Not Found\nContent-Length: 4", "nope");
        let failure = host.run::<Uri>(json!({ "url": "http://h/" })).unwrap_err();
        assert_eq!(failure.msg, "Status code was 404 and not [200]: HTTP Error 404: Not Found");
        assert_eq!(failure.result["status"], 404);
        let outcome = host.run::<Uri>(json!({ "url": "http://h/", "status_code": "200,404" })).unwrap();
        assert_eq!(outcome.result["msg"], "HTTP Error 404: Not Found");
    }

    #[test]
    fn a_password_goes_in_by_standard_input() {
        let host = host("HTTP/1.1 200 OK", "");
        host.run::<Uri>(
            json!({ "url": "http://h/", "user": "u", "password": "p\"w", "force_basic_auth": true }),
        )
        .unwrap();
        assert_eq!(host.programs(), ["curl -q -K -"]);
        assert!(config(&host).contains("user = \"u:p\\\"w\"\n"));
        assert!(!config(&host).contains("anyauth"));
    }

    #[test]
    fn sends_data_with_its_type() {
        let host = host("HTTP/1.1 200 OK", "");
        let body = json!({ "x": [1, "a"] });
        host.run::<Uri>(json!({ "url": "http://h/", "method": "put", "body": body, "body_format": "json" }))
            .unwrap();
        let config = config(&host);
        assert!(config.contains("header = \"Content-Type: application/json\"\n"));
        assert!(config.contains(r#"data-raw = "{\"x\": [1, \"a\"]}""#));
        assert!(config.contains("request = \"PUT\"\n"));
        assert!(!config.contains("location"));
    }

    #[test]
    fn a_header_that_is_held_back_does_not_reach_where_the_answer_leads() {
        let moved = "HTTP/1.1 302 Found\r\n\r\n\n302 22 0 0.01 http://h/ http://other/x";
        let moved = ExecOutput { stdout: moved.into(), ..ExecOutput::default() };
        let host = FakeHost::new().command_with("curl -q -K -", moved);
        let args = json!({
            "url": "http://h/", "headers": { "X-Key": "k", "X-Y": "y" }, "unredirected_headers": ["x-key"],
            "user": "u", "password": "p", "status_code": 302,
        });
        assert_eq!(host.run::<Uri>(args).unwrap().result["redirected"], true);
        let sent = |call: HostCall| match call {
            HostCall::Exec(exec) => Some(exec.stdin?.to_text()),
            _ => None,
        };
        let [first, second] =
            host.calls().into_iter().filter_map(sent).collect::<Vec<_>>().try_into().unwrap();
        assert!(first.contains("X-Key: k") && first.contains("user = ") && !first.contains("location"));
        assert!(second.contains("url = \"http://other/x\"") && second.contains("X-Y: y"));
        assert!(!second.contains("X-Key") && !second.contains("user = ") && second.contains("location"));
    }

    #[test]
    fn asks_nothing_when_the_file_is_there() {
        let host = FakeHost::new().file("/etc/x", "");
        let outcome = host.run::<Uri>(json!({ "url": "http://h/", "creates": "/etc/x" })).unwrap();
        assert_eq!(outcome.result["stdout"], "skipped, since '/etc/x' exists");
        examples::<Uri>();
    }
}
