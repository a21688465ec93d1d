use switchover_sdk::prelude::*;

use super::GitParams;

/// Writes an archive of a commit; one with the same content stays. `$1` the clone, `$2` the file, `$3` its format, `$4` the
/// prefix, `$5` the commit. Prints `changed` when the file is another one now.
const ARCHIVE: &str = r#"dest=$1 file=$2 format=$3 prefix=$4 version=$5
work=$(mktemp -d) || exit
trap 'rm -rf -- "$work"' EXIT
cd -- "$dest" || exit
g archive --format="$format" ${prefix:+--prefix="$prefix"} --output="$work/archive" "$version" >&2 || exit
if [ -f "$file" ] && cmp -s -- "$work/archive" "$file"; then exit 0; fi
mv -f -- "$work/archive" "$file" && echo changed"#;

/// Returns the format that a name asks for.
pub fn format(path: &str) -> Result<&'static str, Failure> {
    ["tar.gz", "tgz", "tar", "zip"].into_iter().find(|end| path.ends_with(&format!(".{end}"))).ok_or_else(
        || {
            Failure::arguments(format!(
                "archive must end with .zip, .tar.gz, .tar or .tgz, which {path} does not"
            ))
        },
    )
}

/// Writes the archive that a task asks for, of what is checked out; returns whether it is another one now.
pub fn write(params: &GitParams, path: &str, host: &Host) -> Result<bool, Failure> {
    let version = if params.bare { params.version.as_str() } else { "HEAD" };
    let prefix = params.archive_prefix.as_deref().unwrap_or_default();
    let words = [&*params.dest, path, format(path)?, prefix, version];
    let output = host.exec(&params.access.script(ARCHIVE, &params.repo, &words))?;
    if output.rc == 0 {
        return Ok(output.stdout.to_text().trim() == "changed");
    }
    let stderr = output.stderr.to_text();
    let msg = format!("Failed to perform archive operation: {}", stderr.trim());
    Err(Failure::new(msg).with("rc", output.rc).with("stderr", stderr))
}
