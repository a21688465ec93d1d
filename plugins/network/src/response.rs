use switchover_sdk::prelude::*;

/// What a server answered, as far as `curl` tells.
#[derive(Debug, Default)]
pub struct Response {
    /// -1 when there was no answer.
    pub status: i64,
    /// The words after the status.
    pub reason: String,
    /// Lowercase names with `_`, in the order of the answer; what came twice is joined.
    pub headers: Map,
    pub cookies: Map,
    pub url: String,
    pub redirected: bool,
    /// Where the answer sends the request, when curl does not follow.
    pub next: Option<String>,
    /// Seconds.
    pub elapsed: u64,
    pub body: Vec<u8>,
    /// Why there was no answer.
    pub error: Option<String>,
}

impl Response {
    /// What curl is asked to write after the answer.
    pub const LAST_LINE: &'static str =
        "\n%{http_code} %{size_header} %{num_redirects} %{time_total} %{url_effective} %{redirect_url}";

    /// Reads what curl wrote.
    pub fn read(output: &ExecOutput, url: &str) -> Result<Self, Failure> {
        match output.rc {
            126 | 127 => {
                return Err(Failure::new("curl is not on the host").remedy("install curl on the host"));
            }
            0 => {}
            _ => return Ok(Self::silent(output, url)),
        }
        let bytes = &output.stdout.0;
        let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        let line = String::from_utf8_lossy(&bytes[end..]).trim().to_owned();
        let words: Vec<&str> = line.splitn(6, ' ').collect();
        let [status, size, redirects, time, effective, ref next @ ..] = words[..] else {
            return Err(Failure::new(format!("curl gave an answer that makes no sense: {line}")));
        };
        let size = size.parse::<usize>().unwrap_or(0).min(end);
        let mut response = Self {
            status: status.parse().unwrap_or(-1),
            redirected: redirects != "0" && effective.trim_end_matches('/') != url.trim_end_matches('/'),
            elapsed: time.replace(',', ".").parse::<f64>().unwrap_or_default() as u64,
            url: effective.to_owned(),
            next: next.first().filter(|url| !url.is_empty()).map(|url| (*url).to_owned()),
            body: bytes[size..end].to_vec(),
            ..Self::default()
        };
        if !response.redirected {
            response.url = url.to_owned();
        }
        response.url = without_login(&response.url);
        response.read_headers(&String::from_utf8_lossy(&bytes[..size]));
        if response.is_file() {
            // Its headers have no first line, and curl does not count them.
            response.read_lines(String::from_utf8_lossy(&bytes[..end]).lines());
        }
        Ok(response)
    }

    fn silent(output: &ExecOutput, url: &str) -> Self {
        let said = output.stderr.to_text();
        let said = said.trim().trim_start_matches("curl: ");
        Self { status: -1, url: url.to_owned(), error: Some(said.to_owned()), ..Self::default() }
    }

    /// Reads the last block of headers; earlier ones belong to redirections and to questions for a password.
    fn read_headers(&mut self, text: &str) {
        let block = text.trim_end().rsplit("\r\n\r\n").find(|block| block.trim_start().starts_with("HTTP/"));
        let mut lines = block.unwrap_or_default().trim_start().lines();
        let first = lines.next().unwrap_or_default();
        self.reason = first.splitn(3, ' ').nth(2).unwrap_or_default().trim().to_owned();
        self.read_lines(lines);
    }

    fn read_lines<'a>(&mut self, lines: impl Iterator<Item = &'a str>) {
        for line in lines {
            let Some((name, value)) = line.split_once(':') else { continue };
            let (key, value) = (name.trim().to_lowercase().replace('-', "_"), value.trim());
            if key == "set_cookie" {
                self.add_cookie(value);
            }
            let joined = match self.headers.get(&key).and_then(Value::as_str) {
                Some(known) => format!("{known}, {value}"),
                None => value.to_owned(),
            };
            self.headers.insert(key, json!(joined));
        }
        if let Some(location) =
            self.headers.get("location").and_then(Value::as_str).filter(|path| path.starts_with('/'))
        {
            let host =
                self.url.match_indices('/').nth(2).map_or(self.url.as_str(), |(end, _)| &self.url[..end]);
            let location = json!(format!("{host}{location}"));
            self.headers.insert("location".into(), location);
        }
    }

    fn add_cookie(&mut self, text: &str) {
        let pair = text.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            self.cookies.insert(name.trim().to_owned(), json!(value.trim().trim_matches('"')));
        }
    }

    /// Returns whether the status tells of success; a file of the host has none.
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status) || self.is_file()
    }

    /// Returns the status as results tell it.
    pub fn told_status(&self) -> Value {
        if self.is_file() { Value::Null } else { json!(self.status) }
    }

    fn is_file(&self) -> bool {
        self.status == 0 && self.url.starts_with("file:")
    }

    /// Returns what a result says of the answer.
    pub fn msg(&self) -> String {
        if let Some(error) = &self.error {
            return format!("Request failed: {error}");
        }
        if self.is_good() {
            let size = self.headers.get("content_length").and_then(Value::as_str).unwrap_or("unknown");
            return format!("OK ({size} bytes)");
        }
        format!("HTTP Error {}: {}", self.status, self.reason)
    }

    /// Returns whether the body is JSON by its type.
    pub fn is_json(&self) -> bool {
        let kind =
            self.headers.get("content_type").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let kind =
            kind.split(';').next().unwrap_or_default().split('/').nth(1).unwrap_or_default().to_owned();
        kind.contains("json") || kind.contains("javascript")
    }
}

/// Returns an address without the user and password that may stand in it.
fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_its_login() {
        assert_eq!(without_login("http://u:p@h:1/a@b"), "http://h:1/a@b");
        assert_eq!(without_login("http://h/a?b@c"), "http://h/a?b@c");
        assert_eq!(without_login("file:///etc/x"), "file:///etc/x");
    }

    #[test]
    fn a_file_of_the_host_is_an_answer_without_a_status() {
        let stdout = "Content-Length: 3\r\nAccept-ranges: bytes\r\n\r\n\n000 0 0 0.1 file:///etc/x ";
        let output = ExecOutput { stdout: stdout.into(), ..ExecOutput::default() };
        let response = Response::read(&output, "file:///etc/x").unwrap();
        assert!(response.is_good());
        assert_eq!((response.msg().as_str(), response.told_status()), ("OK (3 bytes)", Value::Null));
    }

    fn response(stdout: &str, rc: i32) -> Response {
        let stderr = if rc == 0 { "" } else { "curl: (7) Failed to connect\n" };
        let output = ExecOutput { rc, stdout: stdout.into(), stderr: stderr.into(), ..ExecOutput::default() };
        Response::read(&output, "http://h/").unwrap()
    }

    #[test]
    fn parts_headers_from_a_body_that_looks_like_them() {
        let first = "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n";
        let second = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A-B: 1\r\nSet-Cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\n\r\n";
        let size = first.len() + second.len();
        let response =
            response(&format!("{first}{second}HTTP/1.1 500 no\r\n\r\nx\n200 {size} 1 2,5 http://h/b"), 0);
        assert_eq!(response.body, b"HTTP/1.1 500 no\r\n\r\nx");
        assert_eq!((response.status, response.redirected, response.elapsed), (200, true, 2));
        assert_eq!(response.headers["set_cookie"], "a=b; Path=/, c=d");
        assert_eq!(response.headers["x_a_b"], "1");
        assert_eq!(Value::Object(response.cookies.clone()), json!({ "a": "b", "c": "d" }));
        assert!(response.is_json());
        assert_eq!(response.url, "http://h/b");
    }

    #[test]
    fn tells_why_there_was_no_answer() {
        let response = response("", 7);
        assert_eq!(response.status, -1);
        assert_eq!(response.msg(), "Request failed: (7) Failed to connect");
    }

    #[test]
    fn asks_for_curl() {
        let output = ExecOutput { rc: 127, ..ExecOutput::default() };
        assert_eq!(Response::read(&output, "").unwrap_err().msg, "curl is not on the host");
    }
}
