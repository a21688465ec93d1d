mod checksum;

use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, HostCall, HostReply};

use crate::curl::{Curl, HttpParams};
use crate::download::{self, Download};
use crate::redirect::Redirect;
use crate::response::Response;
use crate::wait_for::path_result;
use checksum::Sum;

#[derive(Params)]
pub struct GetUrlParams {
    #[param(flatten)]
    pub http: HttpParams,
    /// The file or folder on the host.
    pub dest: HostPath,
    /// `ALGORITHM:SUM` that the file must have; a file that has it already is not fetched. In place of the sum, the
    /// address of a list of sums.
    #[param(default = "")]
    pub checksum: String,
    /// Headers of the request.
    #[param(default = {})]
    pub headers: Map,
    /// Seconds to wait for a connection, and in each silence.
    #[param(default = 10)]
    pub timeout: u64,
    /// Keeps the old file, with a time in its name.
    #[param(default = false)]
    pub backup: bool,
    /// The folder of the host that the download lies in, in a private folder, before it goes into place.
    #[param(default = "/tmp")]
    pub tmp_dest: HostPath,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

pub struct GetUrl;

impl Module for GetUrl {
    type Params = GetUrlParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.get_url",
        aliases: &["get_url"],
        summary: "Downloads a file to the host.",
        description: "Needs curl on the host.",
        examples: &[
            ("A file", "get_url: { url: 'https://example.com/a.tgz', dest: /tmp/a.tgz, mode: '0644' }"),
            (
                "The right file",
                "get_url: { url: 'https://example.com/a', dest: /opt/a, checksum: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }",
            ),
        ],
        returns: &[
            ("dest", "the file; `mode`, `owner`, `group`, `uid`, `gid`, `size` and `state` tell of it"),
            ("checksum_src", "SHA-1 of what was downloaded; `checksum_dest` of what was there"),
            ("md5sum", "MD5 of the file"),
            ("backup_file", "the copy of the old file, when one was kept"),
            ("url", "the address; `src` is where the download lay"),
            ("status_code", "the status of the answer"),
            ("elapsed", "seconds"),
            ("msg", "`OK (N bytes)` or the error"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &GetUrlParams, host: &Host) -> Result<Delta, Failure> {
        let wanted = params.sum(host)?;
        let (parent, _) = params.dest.trim_end_matches('/').rsplit_once('/').unwrap_or((".", ""));
        let parent = if parent.is_empty() { "/" } else { parent };
        let stat = |path: &str, checksum| HostCall::Stat { path: path.to_owned(), follow: true, checksum };
        let algorithm = wanted.as_ref().map(|sum| sum.algorithm);
        let mut replies = host.many(vec![stat(&params.dest, algorithm), stat(parent, None)])?.into_iter();
        let (Some(HostReply::Stat(old)), Some(HostReply::Stat(parent_stat))) =
            (replies.next(), replies.next())
        else {
            return Err(Failure::new("the host did not say what is at `dest`"));
        };
        if parent_stat.is_none() && !host.about.check_mode {
            return Err(
                Failure::new(format!("Destination {parent} does not exist")).with("dest", &*params.dest)
            );
        }
        let old = old.filter(|old| old.kind == FileKind::File);
        match (&old, &wanted) {
            (Some(stat), Some(sum))
                if stat.checksum.as_ref() == Some(&sum.hex)
                    && !params.http.force
                    && params.has_attributes(stat) =>
            {
                let result =
                    json!({ "dest": *params.dest, "url": params.http.url, "msg": "file already exists" });
                Ok(Delta::none_with(result).with_result(Value::Object(path_result(stat))))
            }
            // What has another sum is fetched whatever its time.
            _ if host.about.check_mode => params.look(old.is_some() && wanted.is_none(), host),
            _ => {
                let newer = old.is_some() && wanted.is_none();
                // A list of sums is not fetched twice.
                let sum = wanted.map(|sum| sum.hex);
                Ok(Delta::unknown().with_state(json!({ "newer": newer, "sum": sum })))
            }
        }
    }

    fn apply(params: &GetUrlParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let url = &params.http.url;
        let newer = delta.state()["newer"] == true;
        let curl = params.request(newer, None);
        let sum = delta.state()["sum"].as_str();
        let algorithm = match sum {
            Some(_) => Some(checksum::algorithm(params.checksum.split(':').next().unwrap_or_default())?),
            None => None,
        };
        let mut download = Download::start(curl, url, &params.tmp_dest, algorithm, host)?;
        if let Some(next) = Redirect::of(&download.response, &params.http, "GET") {
            download.drop(host)?;
            let curl = params.request(newer, Some(&next));
            download = Download::start(curl, &next.url, &params.tmp_dest, algorithm, host)?;
        }
        let answer = params.verdict(&download, sum);
        match answer {
            Ok(()) if download.response.status == NOT_MODIFIED => {
                download.drop(host)?;
                params.unchanged(&download.response, host)
            }
            Ok(()) => params.keep(&download, host),
            Err(failure) => {
                download.drop(host)?;
                let sum = download.stat.as_ref().and_then(|stat| stat.checksum.clone());
                let good = download.response.is_good();
                Err(if good {
                    let failure = failure.with("checksum_src", json!(sum)).with("checksum_dest", Value::Null);
                    failure.with("src", download.path)
                } else {
                    failure
                })
            }
        }
    }
}

/// The server has nothing newer than the file that is there.
const NOT_MODIFIED: i64 = 304;

impl GetUrlParams {
    /// Returns the request; with `newer` it is for what is newer than the file at `dest`, unless `force` wants all.
    fn request(&self, newer: bool, redirect: Option<&Redirect>) -> Curl {
        let mut curl = Curl::begin(&self.http, self.timeout, &self.headers, redirect);
        if redirect.is_some() || self.http.unredirected_headers.is_empty() {
            curl.flag("location");
        }
        if newer && !self.http.force {
            curl.text("time-cond", &self.dest);
        }
        curl
    }

    /// Asks for the headers only, for check mode.
    fn look(&self, newer: bool, host: &Host) -> Result<Delta, Failure> {
        let ask = |redirect: Option<&Redirect>| {
            let mut curl = self.request(newer, redirect);
            curl.flag("head");
            let url = redirect.map_or(&self.http.url, |redirect| &redirect.url);
            Response::read(&host.exec(&curl.command(Some("/dev/null")).reads())?, url)
        };
        let mut response = ask(None)?;
        if let Some(next) = Redirect::of(&response, &self.http, "GET") {
            response = ask(Some(&next))?;
        }
        self.answered(&response)?;
        let result = json!({
            "dest": *self.dest, "url": self.http.url, "msg": response.msg(), "status_code": response.told_status(),
        });
        if response.status == NOT_MODIFIED {
            return Ok(Delta::none_with(result));
        }
        let change = Change { what: self.dest.0.clone(), ..Change::default() };
        Ok(Delta::changes(vec![change]).with_result(result))
    }

    /// Gives the file that stays the attributes, and tells of it.
    fn unchanged(&self, response: &Response, host: &Host) -> Result<Outcome, Failure> {
        let stat = |host: &Host| host.stat_with(&self.dest, true, None).map(Option::unwrap_or_default);
        let old = stat(host)?;
        let moves = !self.has_attributes(&old);
        if moves {
            host.set_attributes(&self.dest, self.attributes.wanted())?;
        }
        let mut result = path_result(&if moves { stat(host)? } else { old });
        let keys = [
            ("dest", json!(*self.dest)),
            ("url", json!(self.http.url)),
            ("status_code", response.told_status()),
            ("elapsed", json!(response.elapsed)),
            ("msg", json!(response.msg())),
        ];
        result.extend(keys.map(|(key, value)| (key.to_owned(), value)));
        Ok(Outcome { changed: moves, result, ..Outcome::default() })
    }

    fn sum(&self, host: &Host) -> Result<Option<Sum>, Failure> {
        let path = self.http.url.split(['?', '#']).next().unwrap_or_default();
        let file = path.rsplit('/').next().unwrap_or_default();
        let request = |url: &str| {
            let mut curl = Curl::to(url, &self.http, self.timeout);
            curl.headers(&self.headers, self.http.decompress);
            curl.flag("location");
            curl
        };
        Sum::wanted(&self.checksum, file, request, host)
    }

    /// Returns whether mode, owner and group are as wanted; a symbolic mode is left to the host.
    fn has_attributes(&self, stat: &FileStat) -> bool {
        let same = |wanted: &Option<String>, number: u32, name: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == name || *wanted == number.to_string())
        };
        let Attributes { mode, owner, group, .. } = self.attributes.wanted();
        let mode = mode.is_none_or(|mode| u32::from_str_radix(&mode, 8) == Ok(stat.mode));
        mode && same(&owner, stat.uid, &stat.owner) && same(&group, stat.gid, &stat.group)
    }

    fn failure(&self, msg: String, response: &Response) -> Failure {
        Failure::new(msg)
            .with("dest", &*self.dest)
            .with("url", self.http.url.clone())
            .with("elapsed", response.elapsed)
    }

    /// Refuses an answer that is no success.
    fn answered(&self, response: &Response) -> Result<(), Failure> {
        if response.error.is_some() {
            return Err(self.failure(response.msg(), response));
        }
        if response.is_good() || response.status == NOT_MODIFIED {
            return Ok(());
        }
        let failure = self.failure("Request failed".to_owned(), response).with("response", response.msg());
        Err(failure.with("status_code", response.status))
    }

    fn verdict(&self, download: &Download, sum: Option<&str>) -> Result<(), Failure> {
        self.answered(&download.response)?;
        let failure = |msg: String| self.failure(msg, &download.response);
        match (sum, download.sum.as_deref()) {
            (Some(wanted), Some(is)) if wanted != is => {
                let msg = format!("The checksum for {} did not match {wanted}; it was {is}.", download.path);
                Err(failure(msg))
            }
            (Some(_), None) => Err(failure("the download has no checksum".to_owned())),
            _ => Ok(()),
        }
    }

    fn keep(&self, download: &Download, host: &Host) -> Result<Outcome, Failure> {
        let mut path = self.dest.trim_end_matches('/').to_owned();
        let stat = |path: &str| host.stat_with(path, true, Some(Algorithm::Sha1));
        let mut old = stat(&path)?;
        if self.dest.ends_with('/') || old.as_ref().is_some_and(|old| old.kind == FileKind::Directory) {
            path = format!("{path}/{}", download::name(&download.response));
            old = stat(&path)?;
        }
        let new = download.stat.as_ref().and_then(|stat| stat.checksum.clone());
        let was = old.as_ref().and_then(|stat| stat.checksum.clone());
        let same = was.is_some() && was == new;
        let mut result = Map::new();
        if same {
            download.drop(host)?;
            if !self.attributes.wanted().is_empty() {
                host.set_attributes(&path, self.attributes.wanted())?;
            }
        } else if let Some(backup) = download.keep(&path, self.attributes.wanted(), self.backup, host)? {
            result.insert("backup_file".into(), json!(backup));
        }
        let after = host.stat_with(&path, true, None)?.unwrap_or_default();
        let md5 = host.checksum(&path, Algorithm::Md5)?;
        let moved = old
            .as_ref()
            .is_some_and(|old| (old.mode, old.uid, old.gid) != (after.mode, after.uid, after.gid));
        let response = &download.response;
        let keys = [
            ("dest", json!(path)),
            ("url", json!(self.http.url)),
            ("src", json!(download.path)),
            ("md5sum", json!(md5)),
            ("checksum_src", json!(new)),
            ("checksum_dest", json!(was)),
            ("status_code", response.told_status()),
            ("elapsed", json!(response.elapsed)),
            ("msg", json!(response.msg())),
        ];
        result.extend(keys.map(|(key, value)| (key.to_owned(), value)));
        result.extend(path_result(&after));
        Ok(Outcome { changed: !same || moved, result, ..Outcome::default() })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn a_file_with_the_sum_is_not_fetched() {
        let host = FakeHost::new().file("/opt/a", "hello\n");
        let sum = "sha1:f572d396fae9206628714fb2ce00f72e94f2258f";
        let outcome =
            host.run::<GetUrl>(json!({ "url": "http://h/a", "dest": "/opt/a", "checksum": sum })).unwrap();
        assert_eq!(outcome.result["msg"], "file already exists");
        assert!(host.programs().is_empty());
        examples::<GetUrl>();
    }

    #[test]
    fn a_refused_download_leaves_nothing() {
        let stdout = "HTTP/1.1 404 Not Found\r\n\r\n\n404 26 0 0.1 http://h/a".into();
        let host =
            FakeHost::new().folder("/opt").script("curl", ExecOutput { stdout, ..ExecOutput::default() });
        let failure = host.run::<GetUrl>(json!({ "url": "http://h/a", "dest": "/opt/a" })).unwrap_err();
        assert_eq!((failure.msg.as_str(), &failure.result["status_code"]), ("Request failed", &json!(404)));
        assert_eq!(failure.result["response"], "HTTP Error 404: Not Found");
        assert_eq!(host.path("/opt/a"), None);
    }

    #[test]
    fn a_file_that_the_server_has_nothing_newer_than_stays() {
        let stdout = "HTTP/1.1 304 Not Modified\r\n\r\n\n304 26 0 0.1 http://h/a".into();
        let said = ExecOutput { stdout, ..ExecOutput::default() };
        let host = FakeHost::new().file("/opt/a", "old\n").script("curl", said);
        let args = json!({ "url": "http://h/a", "dest": "/opt/a", "mode": "0600" });
        let outcome = host.run::<GetUrl>(args.clone()).unwrap();
        assert!(outcome.changed);
        assert_eq!(
            (&outcome.result["msg"], &outcome.result["mode"]),
            (&json!("HTTP Error 304: Not Modified"), &json!("0600"))
        );
        assert!(!host.run::<GetUrl>(args).unwrap().changed);
        let parts = |call: HostCall| if let HostCall::Many(calls) = call { calls } else { vec![call] };
        let asked = host.calls().into_iter().flat_map(parts).any(|call| match call {
            HostCall::Exec(exec) => {
                exec.stdin.is_some_and(|text| text.to_text().contains("time-cond = \"/opt/a\""))
            }
            _ => false,
        });
        assert!(asked);
    }

    #[test]
    fn a_list_of_sums_is_asked_once_and_names_the_file() {
        let list = "HTTP/1.1 200 OK\r\n\r\naa  b.tgz\nf572d396fae9206628714fb2ce00f72e94f2258f  a\n\n200 19 0 0.1 http://h/S";
        let said = ExecOutput { stdout: list.into(), ..ExecOutput::default() };
        let args = |file: &str| json!({ "url": format!("http://h/{file}"), "dest": "/opt/a", "checksum": "sha1:http://h/S" });
        let host = FakeHost::new().file("/opt/a", "hello\n").script("curl", said);
        assert_eq!(host.run::<GetUrl>(args("a")).unwrap().result["msg"], "file already exists");
        assert_eq!(host.programs().len(), 1);
        let failure = host.run::<GetUrl>(args("c")).unwrap_err();
        assert_eq!(failure.msg, "Unable to find a checksum for file 'c' in 'http://h/S'");
    }

    #[test]
    fn needs_the_folder() {
        let failure =
            FakeHost::new().run::<GetUrl>(json!({ "url": "http://h/a", "dest": "/no/a" })).unwrap_err();
        assert_eq!(failure.msg, "Destination /no does not exist");
    }

    #[test]
    fn refuses_a_sum_without_its_name() {
        let failure = FakeHost::new()
            .run::<GetUrl>(json!({ "url": "http://h/a", "dest": "/opt/a", "checksum": "abc" }))
            .unwrap_err();
        assert_eq!(failure.msg, "The checksum parameter has to be in format <algorithm>:<checksum>");
    }
}
