use switchover_sdk::prelude::*;
use switchover_sdk::script::{MISSING, missing, script};
use switchover_sdk::text_file::{TextFile, write};

#[derive(Params)]
pub struct HtpasswdParams {
    /// The file.
    #[param(alias = "dest", alias = "destfile")]
    pub path: HostPath,
    /// The user.
    #[param(alias = "username")]
    pub name: String,
    /// The password; a user who is there keeps the old one without it.
    #[param(secret)]
    pub password: Option<Secret>,
    /// How the password is kept.
    #[param(default = "apr_md5_crypt", alias = "crypt_scheme")]
    pub hash_scheme: Scheme,
    /// Whether the user is there.
    #[param(default = "present")]
    pub state: State,
    /// Makes a file that is missing.
    #[param(default = true)]
    pub create: bool,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

/// How a password is kept.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    AprMd5Crypt,
    Md5Crypt,
    Sha256Crypt,
    Sha512Crypt,
    LdapSha1,
    Plaintext,
}

/// Whether a user is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Htpasswd;

/// `$1` the kind of the hash, `$2` its salt or nothing. The password comes by standard input; prints the hash.
const HASH: &str = r#"command -v openssl >/dev/null 2>&1 || exit 64
case $1 in
sha1) printf '{SHA}'; openssl dgst -sha1 -binary | openssl base64;;
*) salt=$2; [ -n "$salt" ] || salt=$(openssl rand -hex 4); openssl passwd "-$1" -salt "$salt" -stdin;;
esac"#;

impl Module for Htpasswd {
    type Params = HtpasswdParams;
    const SPEC: Spec = Spec {
        name: "community.general.htpasswd",
        aliases: &["htpasswd"],
        summary: "Keeps a user of a web server in a file of passwords.",
        description: "Hashes are made by the host's `openssl`, which reads the password from standard input. Other \
                      hashes than those of `hash_scheme` are left as they are when the password is not given.",
        examples: &[
            (
                "A user",
                "htpasswd: { path: /etc/nginx/passwd, name: joe, password: '{{ joes_password }}', mode: '0640' }",
            ),
            (
                "No such user",
                "community.general.htpasswd: { path: /etc/nginx/passwd, name: joe, state: absent }",
            ),
        ],
        returns: &[("msg", "what was done")],
        ..Spec::DEFAULT
    };

    fn check(params: &HtpasswdParams, host: &Host) -> Result<Delta, Failure> {
        if params.name.is_empty() || params.name.contains([':', '\n']) {
            return Err(Failure::arguments("name must be one word without `:`"));
        }
        let file = TextFile::read(&params.path, host)?;
        let (msg, after) = params.planned(&file, host)?;
        let result = json!({ "msg": msg });
        let differs =
            params.state == State::Present && file.attributes_differ(&params.attributes.wanted())?;
        if after.is_none() && !differs {
            return Ok(Delta::none_with(result));
        }
        // No hash is shown, nor kept for `apply`.
        let what = format!("{} ({})", params.path, params.name);
        Ok(Delta::changes(vec![Change { what, ..Change::default() }]).with_result(result))
    }

    fn apply(params: &HtpasswdParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        let file = TextFile::read(&params.path, host)?;
        let after = params.planned(&file, host)?.1.unwrap_or(file.text);
        host.call(write(&params.path, after, params.attributes.wanted()))?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl HtpasswdParams {
    /// Returns what is to be told, and the file as it has to be when it is not.
    fn planned(&self, file: &TextFile, host: &Host) -> Result<(String, Option<String>), Failure> {
        let name = &self.name;
        let put = |hash: Option<&str>| Some(with(&file.text, name, hash));
        if self.state == State::Absent {
            return Ok(match entry(&file.text, name) {
                Some(_) => (format!("Remove {name}"), put(None)),
                None => (format!("{name} not present"), None),
            });
        }
        if file.stat.is_none() && !self.create {
            return Err(Failure::new(format!("Destination {} does not exist", self.path)));
        }
        match (entry(&file.text, name), &self.password) {
            (None, None) => Err(Failure::new("no password specified for user")),
            (None, Some(password)) => {
                Ok((format!("Add {name}"), put(Some(&self.hashed(password, "", host)?))))
            }
            (Some(old), Some(password)) if !self.fits(password, old, host)? => {
                Ok((format!("Update {name}"), put(Some(&self.hashed(password, "", host)?))))
            }
            (Some(_), _) => Ok((format!("{name} already present"), None)),
        }
    }

    /// Returns whether a password is the one of this hash; a hash of another kind than asked for is not.
    fn fits(&self, password: &Secret, hash: &str, host: &Host) -> Result<bool, Failure> {
        let salt = match self.hash_scheme {
            Scheme::Plaintext | Scheme::LdapSha1 => "",
            _ => match hash.split('$').collect::<Vec<_>>()[..] {
                ["", kind, salt, _] if kind == self.hash_scheme.mark() => salt,
                _ => return Ok(false),
            },
        };
        Ok(self.hashed(password, salt, host)? == hash)
    }

    /// Returns the hash of a password; without salt a new one is made.
    fn hashed(&self, password: &Secret, salt: &str, host: &Host) -> Result<String, Failure> {
        if self.hash_scheme == Scheme::Plaintext {
            return Ok(password.expose().to_owned());
        }
        let command = script(HASH, &[self.hash_scheme.option(), salt]).stdin(password.expose()).reads();
        let output = host.exec(&command)?;
        match output.rc {
            0 => Ok(output.stdout.to_text().trim().to_owned()),
            MISSING => Err(missing("openssl")),
            rc => Err(Failure::new("openssl could not hash the password")
                .with("rc", rc)
                .with("stderr", output.stderr.to_text())),
        }
    }
}

impl Scheme {
    /// Returns what stands between the first two `$` of a hash.
    fn mark(self) -> &'static str {
        match self {
            Self::AprMd5Crypt => "apr1",
            Self::Md5Crypt => "1",
            Self::Sha256Crypt => "5",
            Self::Sha512Crypt => "6",
            Self::LdapSha1 | Self::Plaintext => "",
        }
    }

    /// Returns what openssl calls it.
    fn option(self) -> &'static str {
        if self == Self::LdapSha1 { "sha1" } else { self.mark() }
    }
}

fn entry<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.split_once(':').filter(|(user, _)| *user == name).map(|(_, hash)| hash))
}

/// Returns the file with the user's new hash, or without the user.
fn with(text: &str, name: &str, hash: Option<&str>) -> String {
    let is = |line: &&str| line.split_once(':').is_some_and(|(user, _)| user == name);
    let new = hash.map(|hash| format!("{name}:{hash}\n"));
    let mut after = String::new();
    let mut put = new.is_none();
    for line in text.lines() {
        match (is(&line), &new) {
            (true, Some(new)) if !put => {
                after.push_str(new);
                put = true;
            }
            (true, _) => {}
            (false, _) => after.push_str(&format!("{line}\n")),
        }
    }
    if let Some(new) = new.filter(|_| !put) {
        after.push_str(&new);
    }
    after
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Htpasswd>(env!("CARGO_MANIFEST_DIR"));
        examples::<Htpasswd>();
    }

    #[test]
    fn the_password_is_on_no_command_line() {
        let hash = ExecOutput { stdout: "$apr1$x$y\n".into(), ..ExecOutput::default() };
        let host = FakeHost::new().script("openssl", hash);
        host.run::<Htpasswd>(json!({ "path": "/f", "name": "joe", "password": "sesame" })).unwrap();
        assert_eq!(host.content("/f").unwrap(), "joe:$apr1$x$y\n");
        assert!(host.programs().iter().all(|line| !line.contains("sesame")));
    }
}
