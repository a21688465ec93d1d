use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::site::{ask, complain};

/// What was asked of curl.
#[derive(Default)]
struct Request {
    fail: bool,
    silent: bool,
    follow: bool,
    patience: Option<Duration>,
    /// What is written after the body.
    write_out: String,
    url: Option<String>,
}

/// A small `curl` for machines without one: plain GET over `http`.
pub fn run(args: &[String]) -> u8 {
    let request = match parse(args) {
        Ok(request) => request,
        Err(message) => {
            complain(&format!("curl: {message}"));
            return 2;
        }
    };
    let Some(mut url) = request.url.clone() else {
        complain("curl: no URL specified");
        return 2;
    };
    for _ in 0..10 {
        let (status, head, body) = match fetch(&url, request.patience) {
            Ok(answer) => answer,
            Err(error) => {
                if !request.silent {
                    complain(&format!("curl: (7) Failed to connect: {error}"));
                }
                return 7;
            }
        };
        let location = head.lines().find_map(|line| line.strip_prefix("Location: "));
        match location {
            Some(location) if request.follow && (300..400).contains(&status) => {
                let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
                url = format!("{origin}{location}");
            }
            _ if request.fail && status >= 400 => return 22,
            _ => {
                ask(&format!("{body}{}", request.write_out.replace("%{http_code}", &status.to_string())));
                return 0;
            }
        }
    }
    47
}

fn parse(args: &[String]) -> Result<Request, String> {
    let mut request = Request::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--insecure" => {}
            "--silent" => request.silent = true,
            "--show-error" => request.silent = false,
            "--fail" => request.fail = true,
            "--location" => request.follow = true,
            "--max-time" | "-m" => {
                let seconds = rest.next().and_then(|value| value.parse().ok());
                request.patience = Some(Duration::from_secs_f64(seconds.ok_or("--max-time needs seconds")?));
            }
            "--write-out" | "-w" => request.write_out = write_out(rest.next().ok_or("-w needs a format")?)?,
            long if long.starts_with("--") => return Err(format!("the lab does not simulate option {long}")),
            flags if flags.starts_with('-') => {
                for flag in flags.chars().skip(1) {
                    match flag {
                        'k' => {}
                        's' => request.silent = true,
                        'S' => request.silent = false,
                        'f' => request.fail = true,
                        'L' => request.follow = true,
                        other => return Err(format!("the lab does not simulate option -{other}")),
                    }
                }
            }
            url => request.url = Some(url.to_owned()),
        }
    }
    Ok(request)
}

/// Reads the escapes of a format; `%{http_code}` is all that it may ask for.
fn write_out(format: &str) -> Result<String, String> {
    let text = format.replace(r"\n", "\n").replace(r"\t", "\t");
    match text.replace("%{http_code}", "").contains(['%', '\\']) {
        true => Err(format!("the lab does not simulate -w {format}")),
        false => Ok(text),
    }
}

fn fetch(url: &str, patience: Option<Duration>) -> std::io::Result<(u16, String, String)> {
    let rest = url.strip_prefix("http://").ok_or_else(|| std::io::Error::other("only http is simulated"))?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(patience)?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| std::io::Error::other("no HTTP answer"))?;
    let status = head.split_whitespace().nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok((status, head.to_owned(), body.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_written_behind_the_body_when_it_is_asked_for() {
        let words = ["-sS", "-L", "--max-time", "20", "-w", r"\n@@status %{http_code}\n", "http://h/x"];
        let request = parse(&words.map(str::to_owned)).unwrap();
        assert_eq!(request.write_out, "\n@@status %{http_code}\n");
        assert_eq!(request.url.as_deref(), Some("http://h/x"));
        assert!(write_out("%{time_total}").is_err());
    }
}
