use switchover_sdk::Algorithm;
use switchover_sdk::prelude::*;

use crate::curl::Curl;
use crate::response::Response;

/// The sum that a file must have.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    pub algorithm: Algorithm,
    pub hex: String,
}

impl Sum {
    /// Reads `ALGORITHM:SUM`, or `ALGORITHM:URL` of a list of sums, which `request` (the address is not in it yet)
    /// fetches to the host's standard output; `file` is the name to look for.
    pub fn wanted(
        text: &str,
        file: &str,
        request: impl Fn(&str) -> Curl,
        host: &Host,
    ) -> Result<Option<Self>, Failure> {
        if text.is_empty() {
            return Ok(None);
        }
        let (name, given) = text.split_once(':').ok_or_else(|| {
            Failure::arguments("The checksum parameter has to be in format <algorithm>:<checksum>")
        })?;
        let algorithm = algorithm(name)?;
        let given = given.trim();
        let listed =
            if is_url(given) { listed(given, file, request(given), host)? } else { given.to_owned() };
        let hex: String = listed.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
        if hex.is_empty() || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err(Failure::arguments("The checksum format is invalid"));
        }
        Ok(Some(Self { algorithm, hex: hex.to_lowercase() }))
    }
}

/// Returns what a name of Ansible means.
pub fn algorithm(name: &str) -> Result<Algorithm, Failure> {
    Ok(match name.trim().to_lowercase().as_str() {
        "md5" => Algorithm::Md5,
        "sha1" => Algorithm::Sha1,
        "sha224" => Algorithm::Sha224,
        "sha256" => Algorithm::Sha256,
        "sha384" => Algorithm::Sha384,
        "sha512" => Algorithm::Sha512,
        other => return Err(Failure::arguments(format!("the checksum `{other}` is not supported"))),
    })
}

fn is_url(text: &str) -> bool {
    ["http://", "https://", "ftp://", "file://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Fetches a list of sums and returns that of a file.
fn listed(url: &str, file: &str, curl: Curl, host: &Host) -> Result<String, Failure> {
    let response = Response::read(&host.exec(&curl.command(None).reads())?, url)?;
    if response.error.is_some() || !(response.is_good() || url.starts_with("file:")) {
        let failure = Failure::new("Request failed").with("response", response.msg());
        return Err(failure.with("status_code", response.status).with("url", url));
    }
    let text = String::from_utf8_lossy(&response.body);
    find(&text, file).ok_or_else(|| {
        Failure::new(format!("Unable to find a checksum for file '{file}' in '{url}'")).remedy(
            "the list must name the file as the last part of `url` does, or hold one sum and nothing else",
        )
    })
}

/// Finds the sum of a file in a list such as `sha256sum` writes, or in one with a sum and nothing else.
fn find(text: &str, file: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if let [line] = lines[..]
        && line.split_whitespace().count() == 1
    {
        return Some(line.trim().to_owned());
    }
    let sum = |line: &&str| {
        let (sum, name) = line.trim().split_once(char::is_whitespace)?;
        let name = name.trim().trim_start_matches('*');
        (name.trim_matches(['.', '/']) == file).then(|| sum.to_owned())
    };
    lines.iter().find_map(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_sum_of_a_file_in_a_list() {
        let list = "aa  other.tgz\nbb *./a.tgz\ncc  a.tgz.sig\n";
        assert_eq!(find(list, "a.tgz").as_deref(), Some("bb"));
        assert_eq!(find(list, "b.tgz"), None);
        assert_eq!(find("dd\n", "a.tgz").as_deref(), Some("dd"));
        assert_eq!(find("dd  b.tgz\n", "a.tgz"), None);
    }
}
