use switchover_sdk::prelude::*;

use crate::key_id::{Keys, normal, same};
use crate::tool::{failed, missing};
use switchover_sdk::script::section;

#[derive(Params)]
pub struct RpmKeyParams {
    /// An address or a file of the host with the key, or the name of a key that is there.
    pub key: String,
    /// Whether the key should be in rpm's database.
    #[param(default = "present")]
    pub state: State,
    /// Fingerprints, of which the key must have one.
    pub fingerprint: Option<Vec<String>>,
    /// Checks the certificate of an https address.
    #[param(default = true)]
    pub validate_certs: bool,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct RpmKey;

/// Tells which keys rpm has, and which the file's are. `$1` `url`, `file` or `id`, `$2` what, `$3` `insecure` or nothing.
const LOOK: &str = r#"export LC_ALL=C
command -v rpm >/dev/null || { echo "@none rpm"; exit 0; }
echo @known
rpm -q gpg-pubkey --qf '%{VERSION}\n' 2>/dev/null
echo @new
[ "$1" != id ] || exit 0
command -v gpg >/dev/null || { echo "@none gpg"; exit 0; }
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
if [ "$1" = file ]; then cat -- "$2" >"$folder/key"
elif command -v curl >/dev/null; then curl -fsSL ${3:+-k} -o "$folder/key" -- "$2"
elif command -v wget >/dev/null; then wget -q ${3:+--no-check-certificate} -O "$folder/key" -- "$2"
else echo 'neither curl nor wget is on the host' >&2; false; fi || { echo @failed; exit 0; }
gpg --homedir "$folder" --batch --no-tty --with-colons --import-options show-only --import "$folder/key" 2>/dev/null
exit 0"#;

/// Imports a key. Arguments as above.
const IMPORT: &str = r#"export LC_ALL=C
[ "$1" != file ] || exec rpm --import "$2"
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
if command -v curl >/dev/null; then curl -fsSL ${3:+-k} -o "$folder/key" -- "$2"
else wget -q ${3:+--no-check-certificate} -O "$folder/key" -- "$2"; fi && rpm --import "$folder/key""#;

impl Module for RpmKey {
    type Params = RpmKeyParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.rpm_key",
        aliases: &["rpm_key"],
        summary: "Keeps a key that rpm trusts.",
        examples: &[
            (
                "From an address",
                "rpm_key: { key: 'https://x/RPM-GPG-KEY', fingerprint: EBC6E12C62B1C734026B21222A20E52146B8D79E }",
            ),
            ("Not trusted any more", "ansible.builtin.rpm_key: { key: 46B8D79E, state: absent }"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &RpmKeyParams, host: &Host) -> Result<Delta, Failure> {
        let way = params.way()?;
        let output = host.exec(&params.command(LOOK, way).reads())?;
        let said = output.stdout.to_text();
        if let Some((_, tool)) = said.split_once("@none ") {
            return Err(missing(tool.trim()));
        }
        if said.ends_with("@failed\n") {
            let msg = format!("failed to fetch key at {}: {}", params.key, output.stderr.to_text().trim());
            return Err(failed(msg, &output));
        }
        let new = Keys::read(section(&said, "new"));
        let id = match way {
            "id" => normal(&params.key).unwrap_or_default(),
            _ => new
                .ids
                .first()
                .cloned()
                .ok_or_else(|| Failure::new(format!("Not a valid key {}", params.key)))?,
        };
        let known = section(&said, "known").lines().find(|known| same(&id, &known.trim().to_uppercase()));
        match (&params.state, known) {
            (State::Present, Some(_)) | (State::Absent, None) => Ok(Delta::none()),
            (State::Present, None) if way == "id" => {
                Err(Failure::new("When importing a key, a valid file must be given"))
            }
            (State::Present, None) => {
                params.compare_fingerprints(&new)?;
                Ok(Delta::change("keys that rpm trusts", Value::Null, id))
            }
            (State::Absent, Some(known)) => {
                Ok(Delta::change("keys that rpm trusts", id, Value::Null).with_state(json!(known.trim())))
            }
        }
    }

    fn apply(params: &RpmKeyParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let command = match delta.state().as_str() {
            Some(known) => Command::new(["rpm", "--erase", "--allmatches", &format!("gpg-pubkey-{known}")]),
            None => params.command(IMPORT, params.way()?),
        };
        let output = host.exec(&command)?;
        if output.rc != 0 {
            return Err(failed(output.stderr.to_text(), &output));
        }
        Ok(Outcome::changed(Value::Null))
    }
}

impl RpmKeyParams {
    /// Returns what `key` is: an address, a key's name, or a file.
    fn way(&self) -> Result<&'static str, Failure> {
        match () {
            () if self.key.contains("://") => Ok("url"),
            () if normal(&self.key).is_some() => Ok("id"),
            () if self.key.starts_with('/') || self.key.starts_with("./") => Ok("file"),
            () => Err(Failure::arguments(format!("Not a valid key {}", self.key))),
        }
    }

    fn command(&self, script: &str, way: &str) -> Command {
        let insecure = if self.validate_certs { "" } else { "insecure" };
        Command::new(["sh", "-c", script, "sh", way, &self.key, insecure])
    }

    fn compare_fingerprints(&self, new: &Keys) -> Result<(), Failure> {
        let Some(wanted) = &self.fingerprint else { return Ok(()) };
        let wanted: Vec<String> = wanted
            .iter()
            .map(|text| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase())
            .collect();
        if new.fingerprints.iter().any(|is| wanted.contains(is)) {
            return Ok(());
        }
        Err(Failure::new(format!(
            "The specified fingerprint, '{}', does not match any key fingerprints in '{}'",
            wanted.join(", "),
            new.fingerprints.join(", ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    const KEY: &str = "pub:-:255:22:F8D2585B8783D481:1:2::-:::scSC:::\nfpr:::::::::4D64FEC119C2029067D6E791F8D2585B8783D481:\n";

    fn host(look: &str) -> FakeHost {
        let said = |text: &str| ExecOutput { stdout: text.into(), ..ExecOutput::default() };
        FakeHost::new().script("@known", said(look)).script("rpm --import", said("")).command(
            "rpm --erase --allmatches gpg-pubkey-8783d481",
            0,
            "",
        )
    }

    #[test]
    fn imports_a_key_that_is_not_there() {
        let new = host(&format!("@known\n@new\n{KEY}"));
        let args =
            json!({ "key": "/k.asc", "fingerprint": "4d64 fec1 19c2 0290 67d6 e791 f8d2 585b 8783 d481" });
        assert!(new.run::<RpmKey>(args.clone()).unwrap().changed);
        let there = host(&format!("@known\n8783d481\n@new\n{KEY}"));
        assert_eq!(there.check::<RpmKey>(args).unwrap(), Delta::none());
        examples::<RpmKey>();
    }

    #[test]
    fn removes_a_key_by_its_name() {
        let host = host("@known\n8783d481\n@new\n");
        host.run::<RpmKey>(json!({ "key": "8783D481", "state": "absent" })).unwrap();
        assert_eq!(host.programs()[1], "rpm --erase --allmatches gpg-pubkey-8783d481");
        let args = json!({ "key": "DEADBEEF", "state": "absent" });
        assert_eq!(host.check::<RpmKey>(args).unwrap(), Delta::none());
    }

    #[test]
    fn refuses_other_keys_than_the_one_that_is_meant() {
        let msg = |look: &str, args: Value| host(look).run::<RpmKey>(args).unwrap_err().msg;
        let new = format!("@known\n@new\n{KEY}");
        let wrong = msg(&new, json!({ "key": "/k", "fingerprint": "1111" }));
        assert!(wrong.starts_with("The specified fingerprint, '1111', does not match"), "{wrong}");
        assert_eq!(msg(&new, json!({ "key": "xyz" })), "Not a valid key xyz");
        assert_eq!(
            msg("@known\n@new\n", json!({ "key": "8783D481" })),
            "When importing a key, a valid file must be given"
        );
        assert_eq!(msg("@none rpm\n", json!({ "key": "/k" })), "Failed to find required executable \"rpm\"");
    }
}
