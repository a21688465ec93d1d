use switchover_sdk::Algorithm;
use switchover_sdk::prelude::*;

use crate::curl::{Curl, HttpParams};
use crate::download::{self, Download};
use crate::wait_for::path_result;

#[derive(Params)]
pub struct GetUrlParams {
    #[param(flatten)]
    pub http: HttpParams,
    /// The file or folder on the host.
    pub dest: HostPath,
    /// `ALGORITHM:SUM` that the file must have; a file that has it already is not fetched.
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
    /// Ansible's place for the download.
    #[param(refused = "downloads go to a private folder below /tmp, then into place")]
    pub tmp_dest: Option<HostPath>,
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
        let Some((algorithm, sum)) = params.sum()? else { return Ok(Delta::unknown()) };
        if params.http.force || params.dest.ends_with('/') {
            return Ok(Delta::unknown());
        }
        match host.stat_with(&params.dest, true, Some(algorithm))? {
            Some(stat) if stat.checksum.as_deref() == Some(&sum) && params.has_attributes(&stat) => {
                let result =
                    json!({ "dest": *params.dest, "url": params.http.url, "msg": "file already exists" });
                Ok(Delta::none_with(result).with_result(Value::Object(path_result(&stat))))
            }
            _ => Ok(Delta::unknown()),
        }
    }

    fn apply(params: &GetUrlParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let url = &params.http.url;
        let mut curl = Curl::new(&params.http, params.timeout);
        curl.headers(&params.headers, params.http.decompress);
        curl.flag("location");
        let sum = params.sum()?;
        let download = Download::start(curl, url, sum.as_ref().map(|(algorithm, _)| *algorithm), host)?;
        let answer = params.verdict(&download, sum.as_ref().map(|(_, sum)| sum.as_str()));
        match answer {
            Ok(()) => params.keep(&download, host),
            Err(failure) => {
                download.drop(host)?;
                let sum = download.stat.as_ref().and_then(|stat| stat.checksum.clone());
                Err(failure.with("checksum_src", json!(sum)))
            }
        }
    }
}

impl GetUrlParams {
    fn sum(&self) -> Result<Option<(Algorithm, String)>, Failure> {
        if self.checksum.is_empty() {
            return Ok(None);
        }
        let wrong =
            || Failure::arguments("The checksum parameter has to be in format <algorithm>:<checksum>");
        let (name, sum) = self.checksum.split_once(':').ok_or_else(wrong)?;
        let algorithm = match name.trim().to_lowercase().as_str() {
            "md5" => Algorithm::Md5,
            "sha1" => Algorithm::Sha1,
            "sha224" => Algorithm::Sha224,
            "sha256" => Algorithm::Sha256,
            "sha384" => Algorithm::Sha384,
            "sha512" => Algorithm::Sha512,
            other => return Err(Failure::arguments(format!("the checksum `{other}` is not supported"))),
        };
        let sum = sum.trim().to_lowercase();
        if !sum.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err(Failure::arguments(
                "the checksum must be hexadecimal; a URL with checksums is not supported",
            ));
        }
        Ok(Some((algorithm, sum)))
    }

    /// Returns whether mode, owner and group are as wanted; a symbolic mode is left to the host.
    fn has_attributes(&self, stat: &FileStat) -> bool {
        let same = |wanted: &Option<String>, number: u32, name: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == name || *wanted == number.to_string())
        };
        let Attributes { mode, owner, group } = self.attributes.wanted();
        let mode = mode.is_none_or(|mode| u32::from_str_radix(&mode, 8) == Ok(stat.mode));
        mode && same(&owner, stat.uid, &stat.owner) && same(&group, stat.gid, &stat.group)
    }

    fn verdict(&self, download: &Download, sum: Option<&str>) -> Result<(), Failure> {
        let response = &download.response;
        let failure = |msg: String| {
            Failure::new(msg)
                .with("dest", &*self.dest)
                .with("url", self.http.url.clone())
                .with("elapsed", response.elapsed)
        };
        if response.error.is_some() {
            return Err(failure(response.msg()));
        }
        if !response.is_good() {
            let failure = failure("Request failed".to_owned()).with("response", response.msg());
            return Err(failure.with("status_code", response.status));
        }
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
            ("status_code", json!(response.status)),
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
        let host = FakeHost::new().script("curl", ExecOutput { stdout, ..ExecOutput::default() });
        let failure = host.run::<GetUrl>(json!({ "url": "http://h/a", "dest": "/opt/a" })).unwrap_err();
        assert_eq!((failure.msg.as_str(), &failure.result["status_code"]), ("Request failed", &json!(404)));
        assert_eq!(failure.result["response"], "HTTP Error 404: Not Found");
        assert_eq!(host.path("/opt/a"), None);
    }

    #[test]
    fn refuses_a_sum_without_its_name() {
        let failure = FakeHost::new()
            .run::<GetUrl>(json!({ "url": "http://h/a", "dest": "/opt/a", "checksum": "abc" }))
            .unwrap_err();
        assert_eq!(failure.msg, "The checksum parameter has to be in format <algorithm>:<checksum>");
    }
}
