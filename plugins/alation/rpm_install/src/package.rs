use alation_shell::{Build, Ran, Settings, access, quote};
use switchover_sdk::prelude::*;

use crate::header;

/// rpm on one host, run as root.
pub struct Rpm<'a> {
    settings: &'a Settings,
    rpm: &'a str,
}

/// What a package says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub release: String,
    pub build: Option<Build>,
    /// Bytes that it takes when unpacked.
    pub size: Option<u64>,
}

/// Seconds that rpm may take to read a package of several gigabytes.
const SLOW: u64 = 1800;

impl<'a> Rpm<'a> {
    pub fn new(settings: &'a Settings, rpm: &'a str) -> Self {
        Self { settings, rpm }
    }

    /// Returns rpm's command line as root, as text for `sh`; `path` is quoted.
    pub fn line(&self, options: &str, path: &str) -> String {
        self.settings.as_root(&format!("{} {options} {}", self.rpm, quote(path)))
    }

    /// Reads what the package says of itself.
    pub fn query(&self, host: &Host, path: &str) -> Result<Package, Failure> {
        let tags = quote(r"%{NAME}|%{VERSION}|%{RELEASE}\n");
        let ran = self.run(host, &self.line(&format!("-qp --qf {tags}"), path))?;
        let line = ran.stdout.lines().rev().find(|line| line.matches('|').count() >= 2);
        let Some(line) = line.filter(|_| ran.rc == 0) else {
            return Err(self.failure(host, &ran, &format!("{path} cannot be read as a package")));
        };
        let mut words = line.split('|').map(str::trim);
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (name, version, release) = (next(), next(), next());
        let build = Build::of_package(&version, &release).or_else(|| Build::find(path));
        Ok(Package { name, version, release, build, size: self.size(host, path)? })
    }

    /// Returns the bytes that the package takes; `None` where rpm is too old to tell large sizes.
    fn size(&self, host: &Host, path: &str) -> Result<Option<u64>, Failure> {
        let ran = self.run(host, &self.line(&format!("-qp --qf {}", quote(r"%{LONGSIZE}\n")), path))?;
        Ok(ran.stdout.lines().rev().find_map(|line| line.trim().parse().ok()))
    }

    /// Verifies digests and signature. Returns a warning when only the signature could not be checked.
    pub fn verify(&self, host: &Host, path: &str) -> Result<Option<String>, Failure> {
        let ran = self.run(host, &self.line("-K", path))?;
        if ran.rc == 0 {
            return Ok(None);
        }
        let said = format!("{}\n{}", ran.stdout, ran.stderr);
        if is_only_a_missing_key(&said) {
            let line = said.lines().find(|line| line.contains("NOT OK")).unwrap_or_default().trim();
            return Ok(Some(format!(
                "the signature cannot be checked, since its key is not known to rpm: {line}"
            )));
        }
        Err(self
            .failure(host, &ran, &format!("{path} is damaged"))
            .remedy_if_none("compare the file's checksum with the download, and upload it again"))
    }

    /// Asks rpm whether it would unpack the package: dependencies, space, conflicts, age.
    pub fn test(&self, host: &Host, path: &str) -> Result<(), Failure> {
        let ran = self.run(host, &self.line("-U --test", path))?;
        if ran.rc == 0 {
            Ok(())
        } else {
            Err(self.failure(host, &ran, &format!("rpm would not unpack {path}")))
        }
    }

    /// Returns whether exactly this package is installed.
    pub fn is_installed(&self, host: &Host, package: &Package) -> Result<bool, Failure> {
        let tags = quote(r"%{VERSION}|%{RELEASE}\n");
        let ran = self.run(host, &self.line(&format!("-q --qf {tags}"), &package.name))?;
        let wanted = format!("{}|{}", package.version, package.release);
        Ok(ran.rc == 0 && ran.stdout.lines().any(|line| line.trim() == wanted))
    }

    /// Adds to a failure of rpm what is known of its cause.
    pub fn explain(&self, host: &Host, failure: Failure) -> Failure {
        let said: String = ["stdout", "stderr"]
            .iter()
            .filter_map(|key| failure.result.get(*key).and_then(Value::as_str))
            .collect::<Vec<_>>()
            .join("\n");
        match header::explain(&said, &self.version(host)) {
            Some(explained) => explained.with_result(failure.result),
            None => failure,
        }
    }

    fn failure(&self, host: &Host, ran: &Ran, what: &str) -> Failure {
        let said = format!("{}\n{}", ran.stdout, ran.stderr);
        let errors: Vec<&str> = said.lines().map(str::trim).filter(|line| is_error(line)).collect();
        let why = if errors.is_empty() {
            alation_shell::rules::last_line(&said).to_owned()
        } else {
            errors.join("; ")
        };
        let failure = Failure::new(format!("{what}: {why}"))
            .with("rc", ran.rc)
            .with("stdout", ran.stdout.clone())
            .with("stderr", ran.stderr.clone());
        self.explain(host, failure)
    }

    fn version(&self, host: &Host) -> String {
        let command = Command::shell(format!("{} --version", self.rpm)).reads().timeout(60);
        host.output(&command).map_or_else(|_| "an unknown version".to_owned(), |text| text.trim().to_owned())
    }

    fn run(&self, host: &Host, line: &str) -> Result<Ran, Failure> {
        let output = host.exec(&Command::shell(line).reads().timeout(SLOW))?;
        let ran = Ran { rc: output.rc, stdout: output.stdout.to_text(), stderr: output.stderr.to_text() };
        if let Some(failure) = access::explain(&ran) {
            return Err(failure);
        }
        if ran.rc == 127 || ran.stderr.contains("rpm: command not found") {
            return Err(Failure::new("this host has no rpm: the package cannot be unpacked here").remedy(
                "the procedure is for hosts that take rpm packages; on another family set alation_rpm to what unpacks there",
            ));
        }
        Ok(ran)
    }
}

trait Remedied {
    fn remedy_if_none(self, text: &str) -> Self;
}

impl Remedied for Failure {
    fn remedy_if_none(self, text: &str) -> Self {
        if self.remedy.is_some() { self } else { self.remedy(text) }
    }
}

fn is_error(line: &str) -> bool {
    line.starts_with("error:")
        || line.contains(" is needed by ")
        || line.contains("NOT OK")
        || line.contains("needs ")
}

/// rpm writes what is bad in capitals; a signature whose key is missing is no damage.
fn is_only_a_missing_key(said: &str) -> bool {
    let signature =
        said.contains("SIGNATURES NOT OK") || said.contains("MISSING KEYS") || said.contains("NOKEY");
    let damage = ["DIGESTS", "MD5", "SHA256", "BAD", "error:"].iter().any(|word| said.contains(word));
    signature && !damage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_no_damage() {
        assert!(is_only_a_missing_key("a.rpm: digests SIGNATURES NOT OK\n"));
        assert!(is_only_a_missing_key("a.rpm: (sha1) dsa sha1 md5 (GPG) NOT OK (MISSING KEYS: GPG#1234)\n"));
        assert!(!is_only_a_missing_key("a.rpm: DIGESTS SIGNATURES NOT OK\n"));
        assert!(!is_only_a_missing_key("a.rpm: DIGESTS signatures NOT OK\n"));
        assert!(!is_only_a_missing_key("error: a.rpm: not an rpm package\n"));
    }
}
