use switchover_sdk::prelude::*;

use super::UserParams;
use crate::accounts::Passwd;
use crate::user::look::Seen;

/// Makes a key and prints its fingerprint and public half. `$1` user, `$2` file, `$3` type, `$4` bits, `$5` comment or
/// nothing, `$6` whether an old key goes, `$7` whether a passphrase comes on standard input, twice.
///
/// Without a terminal `ssh-keygen` reads the passphrase from its standard input, so that no `ps` shows it.
const MAKE: &str = r#"command -v ssh-keygen >/dev/null || { echo 'Failed to find required executable "ssh-keygen"' >&2; exit 127; }
user=$1 file=$2 type=$3 bits=$4 comment=${5:-ansible-generated on $(uname -n)}
folder=$(dirname -- "$file")
if [ ! -d "$folder" ]; then mkdir -m 700 -- "$folder" && chown -- "$user:" "$folder" || exit; fi
[ "$6" = force ] && rm -f -- "$file" "$file.pub"
count=
[ "$bits" = 0 ] || count="-b $bits"
unset DISPLAY WAYLAND_DISPLAY SSH_ASKPASS SSH_ASKPASS_REQUIRE
if [ "$7" = passphrase ]; then
  alone=
  if setsid -w true 2>/dev/null; then alone='setsid -w'; elif command -v setsid >/dev/null; then alone=setsid; fi
  $alone ssh-keygen -q -t "$type" $count -C "$comment" -f "$file" >/dev/null || exit
else
  ssh-keygen -q -t "$type" $count -C "$comment" -f "$file" -N '' || exit
fi
chown -- "$user:" "$file" "$file.pub" && ssh-keygen -l -f "$file" && cat "$file.pub""#;

/// Returns the key's file as it is asked for: absolute, or relative to the home folder.
pub fn file(params: &UserParams) -> String {
    match &params.ssh_key_file {
        Some(file) => file.0.clone(),
        None => format!(".ssh/id_{}", params.ssh_key_type),
    }
}

fn path(params: &UserParams, home: &str) -> String {
    let file = file(params);
    if file.starts_with('/') { file } else { format!("{}/{file}", home.trim_end_matches('/')) }
}

/// Adds the return keys of a key that is there.
pub fn existing(params: &UserParams, seen: &Seen, result: &mut Map) {
    if let (Some(user), Some((fingerprint, public))) = (&seen.user, &seen.key) {
        put(result, fingerprint, &path(params, &user.home), public);
    }
}

/// Makes the key.
pub fn make(params: &UserParams, user: &Passwd, host: &Host, result: &mut Map) -> Result<(), Failure> {
    let path = path(params, &user.home);
    let passphrase = params.ssh_key_passphrase.as_ref().map_or("", Secret::expose);
    let argv = [
        "sh",
        "-c",
        MAKE,
        "sh",
        &params.name,
        &path,
        &params.ssh_key_type,
        &params.ssh_key_bits.to_string(),
        params.ssh_key_comment.as_deref().unwrap_or_default(),
        if params.force { "force" } else { "keep" },
        if passphrase.is_empty() { "plain" } else { "passphrase" },
    ];
    let command = Command::new(argv).stdin(format!("{passphrase}\n{passphrase}\n"));
    let output = host.exec(&command)?;
    if output.rc != 0 {
        let failure = Failure::new(output.stderr.to_text()).with("rc", output.rc);
        return Err(failure.with("name", &*params.name));
    }
    let said = output.stdout.to_text();
    let (fingerprint, public) = said.split_once('\n').unwrap_or((&said, ""));
    put(result, fingerprint.trim(), &path, public.trim_end());
    Ok(())
}

fn put(result: &mut Map, fingerprint: &str, path: &str, public: &str) {
    for (key, value) in [("ssh_fingerprint", fingerprint), ("ssh_key_file", path), ("ssh_public_key", public)]
    {
        result.insert(key.to_owned(), json!(value));
    }
}
