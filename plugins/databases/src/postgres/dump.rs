//! `state: dump` and `state: restore` of `postgresql_db`.

use switchover_sdk::Level;
use switchover_sdk::prelude::*;

use super::db::{DbParams, State};
use crate::client;
use crate::compression::Compression;

/// How a file holds a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Plain,
    Tar,
    Custom,
    Folder,
}

impl Format {
    fn of(target: &str) -> Self {
        match target.rsplit('.').next() {
            Some("tar") => Self::Tar,
            Some("pgc") => Self::Custom,
            Some("dir") => Self::Folder,
            _ => Self::Plain,
        }
    }

    fn argument(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Tar => Some("--format=t"),
            Self::Custom => Some("--format=c"),
            Self::Folder => Some("--format=d"),
        }
    }
}

/// Writes a dump beside its place and moves it there, so that a file of that name is always whole. `$1` the file, `$2`
/// the program that packs it.
const DUMP: &str = r#"file=$1 pack=$2; shift 2
umask 077
new=$(mktemp "$file.XXXXXX") || exit
trap 'rm -f "$new" "$new.rc"' EXIT
if [ -n "$pack" ]; then { "$0" "$@"; echo $? >"$new.rc"; } | $pack >"$new"; packed=$?; read -r rc <"$new.rc"; [ "$rc" != 0 ] || rc=$packed
else "$0" "$@" >"$new"; rc=$?; fi
[ "$rc" = 0 ] || exit "$rc"
if [ -e "$file" ]; then cat "$new" >"$file"; else umask 022; mv "$new" "$file"; chmod 0644 "$file"; fi"#;

/// A folder is written by pg_dump itself.
const DUMP_FOLDER: &str = r#"file=$1; shift 2; exec "$0" --file="$file" "$@""#;

const RESTORE: &str = r#"file=$1 unpack=$2; shift 2
[ -r "$file" ] || { echo "cannot read $file" >&2; exit 1; }
if [ -z "$unpack" ]; then exec "$0" "$@" <"$file"; fi
unpacked=$(mktemp) || exit
trap 'rm -f "$unpacked"' EXIT
{ $unpack <"$file"; echo $? >"$unpacked"; } | "$0" "$@"; rc=$?
read -r packed <"$unpacked"
[ "$rc" != 0 ] || rc=$packed
exit "$rc""#;

/// pg_restore reads the file itself: a folder has no standard input.
const RESTORE_ARCHIVE: &str = r#"file=$1; shift 2; exec "$0" "$@" "$file""#;

pub fn check(params: &DbParams) -> Result<Delta, Failure> {
    if params.target.is_empty() {
        let msg = format!("state `{}` needs `target`, the file", params.state.word());
        return Err(Failure::arguments(msg));
    }
    if params.state == State::Restore && params.dump_extra_args.is_some() {
        return Err(Failure::arguments("`dump_extra_args` is for `state: dump`; `target_opts` is for both"));
    }
    let result = json!({ "db": params.name, "executed_commands": [] });
    let (from, to) = match params.state {
        State::Dump => (&params.name, &params.target.0),
        _ => (&params.target.0, &params.name),
    };
    Ok(Delta::change(to, Value::Null, format!("from {from}")).with_result(result))
}

pub fn apply(params: &DbParams, host: &Host) -> Result<Outcome, Failure> {
    let format = Format::of(&params.target);
    let packed = Compression::of(&params.target).filter(|_| format == Format::Plain);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let connection = format!("--dbname={}", params.login.conninfo(&params.name)?);
    let mut arguments = vec![connection, "--no-password".to_owned()];
    let restores = params.state == State::Restore;
    let (tool, script, pack) = match (restores, format) {
        (false, Format::Folder) => ("pg_dump", DUMP_FOLDER, ""),
        (false, _) => ("pg_dump", DUMP, packed.map_or("", Compression::packs)),
        (true, Format::Plain) => ("psql", RESTORE, packed.map_or("", Compression::unpacks)),
        (true, _) => ("pg_restore", RESTORE_ARCHIVE, ""),
    };
    if tool == "psql" {
        arguments.extend(["-X", "-q", "-f", "-"].map(str::to_owned));
    }
    if let Some(role) = params.login.session_role.as_ref().filter(|_| tool != "psql") {
        arguments.push(format!("--role={role}"));
    }
    if !restores {
        arguments.extend(format.argument().map(str::to_owned));
        arguments.extend(words(params.dump_extra_args.as_deref().unwrap_or_default()));
    }
    arguments.extend(words(&params.target_opts));
    let shown = format!("{tool} {} {}", arguments[2..].join(" "), params.target);
    let fixed = vec![params.target.0.clone(), pack.to_owned()];
    let command = params.login.program(script, tool, &[fixed, arguments].concat(), "")?.live();
    let output = host.exec(&command)?;
    if let Some(failure) = client::missing(tool, &output) {
        return Err(failure);
    }
    let stderr = output.stderr.to_text();
    if output.rc != 0 {
        let failure = Failure::new(stderr.trim_end()).with("cmd", shown).with("rc", output.rc);
        return Err(failure.with("stderr", stderr));
    }
    // psql goes on after a statement that failed, and a dump that meets what is there already has many of these.
    let failed = stderr.lines().filter(|line| line.contains("ERROR:")).count();
    if restores && failed > 0 {
        host.log(
            Level::Warning,
            format!("{failed} statements of {} failed; `stderr` has them", params.target),
        )?;
    }
    Ok(Outcome::changed(json!({
        "db": params.name, "cmd": shown.clone(), "executed_commands": [shown], "msg": "", "rc": 0, "stderr": stderr,
    })))
}
