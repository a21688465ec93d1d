use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, HostCall, HostReply};

use crate::curl::Curl;
use crate::response::Response;

/// An answer whose body lies in a private folder of the host, until it is kept or dropped.
pub struct Download {
    pub response: Response,
    /// The body, with its SHA-1; `None` when the server sent none.
    pub stat: Option<FileStat>,
    folder: String,
    pub path: String,
    /// The sum that was asked for.
    pub sum: Option<String>,
}

impl Download {
    /// Makes the request, in one round trip; the body lies in a private folder `below` one of the host.
    pub fn start(
        curl: Curl,
        url: &str,
        below: &str,
        sum: Option<Algorithm>,
        host: &Host,
    ) -> Result<Self, Failure> {
        let random = || RandomState::new().build_hasher().finish();
        let folder =
            format!("{}/.switchover-{:016x}{:016x}", below.trim_end_matches('/'), random(), random());
        let path = format!("{folder}/body");
        let private = Attributes { mode: Some("0700".into()), ..Attributes::default() };
        let mut calls = vec![
            HostCall::Mkdir { path: folder.clone(), attributes: private },
            HostCall::Exec(curl.command(Some(&path)).into_exec()),
            HostCall::Stat { path: path.clone(), follow: false, checksum: Some(Algorithm::Sha1) },
        ];
        calls.extend(sum.map(|algorithm| HostCall::Checksum { path: path.clone(), algorithm }));
        let mut replies = host.many(calls)?.into_iter().skip(1);
        let (Some(HostReply::Exec(output)), Some(HostReply::Stat(stat))) = (replies.next(), replies.next())
        else {
            return Err(Failure::new("the host did not say how the request ended"));
        };
        let sum = match replies.next() {
            Some(HostReply::Checksum(sum)) => sum,
            _ => None,
        };
        let mut download =
            Self { response: Response::default(), stat: stat.map(|stat| *stat), folder, path, sum };
        match Response::read(&output, url) {
            Ok(response) => download.response = response,
            Err(failure) => {
                download.drop(host)?;
                return Err(failure);
            }
        }
        Ok(download)
    }

    /// Puts the body at its place, and removes the folder.
    pub fn keep(
        &self,
        dest: &str,
        attributes: Attributes,
        backup: bool,
        host: &Host,
    ) -> Result<Option<String>, Failure> {
        let write = HostCall::Write(WriteFile {
            path: dest.to_owned(),
            content: Content::Host(self.path.clone()),
            attributes,
            backup,
            validate: None,
            follow: true,
        });
        let done = host.many(vec![write, self.removal()]);
        match done.map(|replies| replies.into_iter().next()) {
            Ok(Some(HostReply::Written(written))) => Ok(written.backup),
            Ok(_) => Ok(None),
            Err(failure) => {
                self.drop(host)?;
                Err(failure)
            }
        }
    }

    /// Removes the folder.
    pub fn drop(&self, host: &Host) -> Result<(), Failure> {
        host.done(self.removal())
    }

    /// Reads the body, and removes the folder.
    pub fn take(&self, host: &Host) -> Result<Vec<u8>, Failure> {
        if self.stat.is_none() {
            self.drop(host)?;
            return Ok(Vec::new());
        }
        let read = HostCall::Read { path: self.path.clone(), limit: 64 * 1024 * 1024 };
        match host.many(vec![read, self.removal()])?.into_iter().next() {
            Some(HostReply::Content(bytes)) => Ok(bytes.0),
            _ => Err(Failure::new("the host did not give the answer's body")),
        }
    }

    fn removal(&self) -> HostCall {
        HostCall::Remove { path: self.folder.clone(), recursive: true }
    }
}

/// Returns the name that a body gets in a folder: what the server says, or the end of the URL.
pub fn name(response: &Response) -> String {
    let disposition = response.headers.get("content_disposition").and_then(Value::as_str).unwrap_or_default();
    let told = disposition.split("filename=").nth(1).map(|name| name.split(';').next().unwrap_or(name));
    let told = told.map(|name| name.trim().trim_matches('"')).and_then(|name| name.rsplit('/').next());
    let path = response.url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let from_url = path.split_once('/').and_then(|(_, rest)| rest.rsplit('/').next());
    match (told, from_url) {
        (Some(name), _) | (None, Some(name)) if !matches!(name, "" | "." | "..") => name.to_owned(),
        _ => "index.html".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_files_without_leaving_the_folder() {
        let response = |url: &str, told: &str| Response {
            url: url.into(),
            headers: Map::from_iter([("content_disposition".to_owned(), json!(told))]),
            ..Response::default()
        };
        assert_eq!(name(&response("http://h/a/b.tgz?x=/y", "")), "b.tgz");
        assert_eq!(name(&response("http://h/a", "attachment; filename=\"../../etc/x\"; y")), "x");
        assert_eq!(name(&response("http://h/", "")), "index.html");
        assert_eq!(name(&response("http://h", "attachment; filename=..")), "index.html");
    }
}
