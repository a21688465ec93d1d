use switchover_sdk::prelude::*;

use crate::key_id::{Keys, normal, same};
use crate::tool::{failed, missing};
use switchover_sdk::script::section;

#[derive(Params)]
pub struct AptKeyParams {
    /// The key's name; needed to remove it or to fetch it from a key server.
    pub id: Option<String>,
    /// Whether the key should be trusted.
    #[param(default = "present")]
    pub state: State,
    /// The key itself.
    pub data: Option<String>,
    /// A file of the host with the key.
    pub file: Option<HostPath>,
    /// Where the host finds the key.
    pub url: Option<String>,
    /// The server to ask for the key.
    pub keyserver: Option<String>,
    /// The keyring, such as `/etc/apt/trusted.gpg.d/x.gpg`.
    pub keyring: Option<HostPath>,
    /// Checks the certificate of an https address.
    #[param(default = true)]
    pub validate_certs: bool,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct AptKey;

/// Fetches the key to standard output: `fetch WAY WHAT INSECURE`. The key itself comes on standard input.
const FETCH: &str = r#"fetch() {
  case $1 in
    data) cat ;;
    file) cat -- "$2" ;;
    url)
      if command -v curl >/dev/null; then curl -fsSL ${3:+-k} -- "$2"
      elif command -v wget >/dev/null; then wget -q ${3:+--no-check-certificate} -O - -- "$2"
      else echo 'neither curl nor wget is on the host' >&2; return 127; fi ;;
  esac
}
"#;

/// Tells which keys are trusted, and which the new key is. `$1` keyring or nothing, then the arguments of `fetch`.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE=1
for tool in apt-key gpg; do command -v "$tool" >/dev/null || { echo "@none $tool"; exit 0; }; done
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
keyring=$1
shift
echo @trusted
if [ -z "$keyring" ]; then apt-key adv --list-public-keys --with-colons 2>/dev/null
elif [ -e "$keyring" ]; then apt-key --keyring "$keyring" adv --list-public-keys --with-colons 2>/dev/null; fi
echo @new
case $1 in
  data | file | url)
    fetch "$@" >"$folder/key" || { echo "@failed"; exit 0; }
    gpg --homedir "$folder" --batch --no-tty --with-colons --import-options show-only --import "$folder/key" ;;
esac
exit 0"#;

/// Changes the trusted keys. `$1` keyring or nothing, `$2` `delete` or `add`, then a name or the arguments of `fetch`.
const CHANGE: &str = r#"PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE=1
keyring=$1 action=$2
shift 2
key() { if [ -n "$keyring" ]; then apt-key --keyring "$keyring" "$@"; else apt-key "$@"; fi; }
case $action in
  delete) key del "$1" ;;
  server) key adv --no-tty --keyserver "$1" --recv "$2" ;;
  add) fetch "$@" | key add - ;;
esac"#;

impl Module for AptKey {
    type Params = AptKeyParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.apt_key",
        aliases: &["apt_key"],
        summary: "Keeps a key that apt trusts, with the old `apt-key`.",
        description: "Debian 13 has no apt-key any more: use deb822_repository with `signed_by`.",
        mutually_exclusive: &[&["data", "file", "keyserver", "url"]],
        examples: &[
            (
                "From an address",
                "apt_key: { url: 'https://d/key.asc', id: 9FED2BCBDCD29CDF762678CBAED4B06F473041FA }",
            ),
            ("Not trusted any more", "ansible.builtin.apt_key: { id: '0x9FED2BCBDCD29CDF', state: absent }"),
        ],
        returns: &[
            ("id", "the key's name"),
            ("key_id", "its last 16 digits"),
            ("short_id", "its last 8 digits"),
            ("fp", "the name as asked, or of the key"),
            ("before", "names of the trusted keys"),
            ("after", "names of the trusted keys, after a change"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &AptKeyParams, host: &Host) -> Result<Delta, Failure> {
        let asked = params.id.as_deref().map(|id| normal(id).ok_or_else(|| invalid(Some(id)))).transpose()?;
        let (way, _) = params.source();
        if asked.is_none() && (params.state == State::Absent || matches!(way, "none" | "server")) {
            return Err(invalid(None));
        }
        let (trusted, new) = params.look(host)?;
        let id = match asked {
            Some(id) => id,
            None => new.first(params.shown_source())?,
        };
        if params.state == State::Present && !new.ids.is_empty() && !params.holds(&new, &id) {
            return Err(Failure::new(format!("the key does not have the name {id}")).with("id", id));
        }
        let before = shortened(&trusted, &id);
        let there = params.holds(&trusted, &id);
        let mut result = keys_of(&id, &before);
        if there == (params.state == State::Present) {
            return Ok(Delta::none_with(Value::Object(result)));
        }
        if params.state == State::Present && way == "none" {
            return Err(
                Failure::new("the key is not trusted, and nothing says where it comes from").with("id", id)
            );
        }
        let without: Vec<&String> = before.iter().filter(|known| !same(known, &id)).collect();
        let (is, will) = if there { (json!(id), Value::Null) } else { (Value::Null, json!(id)) };
        let mut after: Vec<&str> = without.iter().map(|known| known.as_str()).collect();
        if !there {
            after.push(short(&id, 16));
        }
        result.insert("after".into(), json!(after));
        let what = params.keyring.as_deref().unwrap_or("keys that apt trusts");
        Ok(Delta::change(what, is, will).with_result(Value::Object(result)).with_state(json!(id)))
    }

    fn apply(params: &AptKeyParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let id = state.as_str().unwrap_or_default();
        let (way, what) = params.source();
        let args: Vec<&str> = match (&params.state, way) {
            (State::Absent, _) => vec!["delete", short(id, 8)],
            (State::Present, "server") => vec!["server", what, id],
            (State::Present, _) => vec!["add", way, what, params.insecure()],
        };
        let script = format!("{FETCH}{CHANGE}");
        let head = ["sh", "-c", &script, "sh", params.keyring.as_deref().unwrap_or_default()];
        let command =
            Command::new(head.into_iter().chain(args)).stdin(params.data.clone().unwrap_or_default());
        let output = host.exec(&command)?;
        if output.rc != 0 {
            return Err(failed(format!("apt-key failed: {}", output.stderr.to_text().trim()), &output));
        }
        let (trusted, _) = params.look(host)?;
        if params.holds(&trusted, id) != (params.state == State::Present) {
            let msg = "apt-key did not return an error, but the key is not as it should be";
            return Err(failed(msg, &output).with("id", id));
        }
        let mut result = result.clone();
        result.insert("after".into(), json!(shortened(&trusted, id)));
        Ok(Outcome { changed: true, result, ..Outcome::default() })
    }
}

impl AptKeyParams {
    /// Returns the way to the key, and what it is about.
    fn source(&self) -> (&'static str, &str) {
        match (&self.data, &self.file, &self.url, &self.keyserver) {
            (Some(_), ..) => ("data", ""),
            (_, Some(file), ..) => ("file", file),
            (_, _, Some(url), _) => ("url", url),
            (_, _, _, Some(server)) => ("server", server),
            _ => ("none", ""),
        }
    }

    fn shown_source(&self) -> &str {
        if self.data.is_some() { "inline data" } else { self.source().1 }
    }

    fn insecure(&self) -> &'static str {
        if self.validate_certs { "" } else { "insecure" }
    }

    /// Returns the keys that are trusted and those of the source.
    fn look(&self, host: &Host) -> Result<(Keys, Keys), Failure> {
        let (way, what) = self.source();
        let script = format!("{FETCH}{LOOK}");
        let keyring = self.keyring.as_deref().unwrap_or_default();
        // A key that goes need not be fetched.
        let way = if self.state == State::Absent { "none" } else { way };
        let argv = ["sh", "-c", &script, "sh", keyring, way, what, self.insecure()];
        let output = host.exec(&Command::new(argv).stdin(self.data.clone().unwrap_or_default()).reads())?;
        let said = output.stdout.to_text();
        if let Some(tool) = said.strip_prefix("@none ") {
            return Err(missing(tool.trim()));
        }
        if said.ends_with("@failed\n") {
            let msg = format!("Failed to read key at {what}: {}", output.stderr.to_text().trim());
            return Err(failed(msg, &output));
        }
        Ok((Keys::read(section(&said, "trusted")), Keys::read(section(&said, "new"))))
    }

    fn holds(&self, keys: &Keys, id: &str) -> bool {
        keys.fingerprints.iter().chain(&keys.ids).any(|known| same(known, id))
    }
}

fn invalid(id: Option<&str>) -> Failure {
    Failure { kind: switchover_sdk::FailureKind::Arguments, ..Failure::new("Invalid key_id") }
        .with("id", json!(id))
}

/// Returns the last digits.
fn short(id: &str, digits: usize) -> &str {
    &id[id.len().saturating_sub(digits)..]
}

/// Returns the names of keys, as long as the name that was asked for, but at most 16 digits.
fn shortened(keys: &Keys, id: &str) -> Vec<String> {
    let mut names: Vec<String> =
        keys.ids.iter().map(|known| short(known, id.len().min(16)).to_owned()).collect();
    names.dedup();
    names
}

fn keys_of(id: &str, before: &[String]) -> Map {
    let pairs = [
        ("id", json!(id)),
        ("fp", json!(id)),
        ("key_id", json!(short(id, 16))),
        ("short_id", json!(short(id, 8))),
        ("before", json!(before)),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    const KEY: &str = "pub:-:255:22:F8D2585B8783D481:1:2::-:::scSC:::\n";

    fn said(text: &str) -> ExecOutput {
        ExecOutput { stdout: text.into(), ..ExecOutput::default() }
    }

    #[test]
    fn trusts_a_key_and_finds_it_again() {
        let host = FakeHost::new()
            .script_once("@trusted", said(&format!("@trusted\n@new\n{KEY}")))
            .script("@trusted", said(&format!("@trusted\n{KEY}@new\n{KEY}")))
            .script("action=$2", said("OK\n"));
        let args = json!({ "data": "-----BEGIN", "keyring": "/k.gpg" });
        let outcome = host.run::<AptKey>(args.clone()).unwrap();
        assert_eq!(outcome.result["id"], "F8D2585B8783D481");
        assert_eq!(outcome.result["before"], json!([]));
        assert_eq!(outcome.result["after"], json!(["F8D2585B8783D481"]));
        let Delta::None { result } = host.check::<AptKey>(args).unwrap() else { panic!("something to do") };
        assert_eq!(result["short_id"], "8783D481");
        examples::<AptKey>();
    }

    #[test]
    fn removes_a_key_without_fetching_one() {
        let host = FakeHost::new()
            .script_once("@trusted", said(&format!("@trusted\n{KEY}@new\n")))
            .script("@trusted", said("@trusted\n@new\n"))
            .script("action=$2", said("OK\n"));
        let args = json!({ "id": "0x8783d481", "state": "absent" });
        let outcome = host.run::<AptKey>(args.clone()).unwrap();
        assert_eq!((&outcome.result["before"], &outcome.result["after"]), (&json!(["8783D481"]), &json!([])));
        assert!(host.programs()[1].ends_with("delete 8783D481"));
        assert!(matches!(host.check::<AptKey>(args).unwrap(), Delta::None { .. }));
    }

    #[test]
    fn refuses_keys_that_are_none() {
        let msg = |look: &str, args: Value| {
            FakeHost::new().script("@trusted", said(look)).run::<AptKey>(args).unwrap_err().msg
        };
        assert_eq!(msg("", json!({ "id": "zz", "state": "absent" })), "Invalid key_id");
        assert_eq!(msg("", json!({})), "Invalid key_id");
        assert_eq!(
            msg("@trusted\n@new\n", json!({ "data": "x" })),
            "Unable to extract key from 'inline data'"
        );
        assert_eq!(
            msg("@none apt-key\n", json!({ "data": "x" })),
            "Failed to find required executable \"apt-key\""
        );
        let other = format!("@trusted\n@new\n{KEY}");
        assert_eq!(
            msg(&other, json!({ "data": "x", "id": "DEADBEEF" })),
            "the key does not have the name DEADBEEF"
        );
    }
}
