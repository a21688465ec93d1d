//! `state: dump` and `state: import` of `mysql_db`.

use switchover_sdk::prelude::*;

use super::db::{DbParams, State};
use super::session::said;
use crate::client;
use crate::compression::Compression;

/// Writes a dump beside its place and moves it there, so that a file of that name is always whole.
const DUMP: &str = r#"file=$1 pack=$2 folder=$3; shift 3
[ -z "$folder" ] || cd "$folder" || exit
umask 077
new=$(mktemp "$file.XXXXXX") || exit
trap 'rm -f "$new" "$new.rc"' EXIT
if [ -n "$pack" ]; then { "$tool" --defaults-file=/dev/fd/3 "$@"; echo $? >"$new.rc"; } | $pack >"$new"; packed=$?
read -r rc <"$new.rc"; [ "$rc" != 0 ] || rc=$packed
else "$tool" --defaults-file=/dev/fd/3 "$@" >"$new"; rc=$?; fi
[ "$rc" = 0 ] || exit "$rc"
if [ -e "$file" ]; then cat "$new" >"$file"; else umask 022; mv "$new" "$file"; chmod 0644 "$file"; fi"#;

const IMPORT: &str = r#"file=$1 unpack=$2 folder=$3; shift 3
[ -z "$folder" ] || cd "$folder" || exit
[ -r "$file" ] || { echo "cannot read $file" >&2; exit 1; }
if [ -z "$unpack" ]; then exec "$tool" --defaults-file=/dev/fd/3 "$@" <"$file"; fi
unpacked=$(mktemp) || exit
trap 'rm -f "$unpacked"' EXIT
{ $unpack <"$file"; echo $? >"$unpacked"; } | "$tool" --defaults-file=/dev/fd/3 "$@"; rc=$?
read -r packed <"$unpacked"
[ "$rc" != 0 ] || rc=$packed
exit "$rc""#;

pub fn check(params: &DbParams, there: &[&str]) -> Result<Delta, Failure> {
    let missing: Vec<&String> = params.name.iter().filter(|name| !there.contains(&name.as_str())).collect();
    if params.state == State::Dump && !params.all() && !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|name| name.as_str()).collect();
        return Err(Failure::new(format!("Cannot dump database(s) '{}' - not found", names.join("', '"))));
    }
    let makes = params.state == State::Import && !params.all() && !missing.is_empty();
    let target = params.target.as_deref().unwrap_or_default();
    let names = params.name.join(" ");
    let (from, to) =
        if params.state == State::Dump { (names.as_str(), target) } else { (target, names.as_str()) };
    let change = Delta::change(to, Value::Null, format!("from {from}"));
    Ok(change.with_result(params.result(&[])).with_state(json!(makes)))
}

pub fn apply(params: &DbParams, host: &Host) -> Result<Outcome, Failure> {
    let target = params.target.as_deref().unwrap_or_default();
    let packed = Compression::of(target);
    let (tools, script, pack, arguments) = match params.state {
        State::Dump => (
            ["mysqldump", "mariadb-dump"],
            DUMP,
            packed.map_or("", Compression::packs),
            dump_arguments(params),
        ),
        _ => {
            (["mysql", "mariadb"], IMPORT, packed.map_or("", Compression::unpacks), import_arguments(params))
        }
    };
    if params.state == State::Import && !params.all() {
        let create = params.create(&params.name[0]).replacen("DATABASE", "DATABASE IF NOT EXISTS", 1);
        params.session().run(&params.login, &format!("{create};"), false, host)?;
    }
    let shown = format!("{} {} {target}", tools[0], arguments.join(" "));
    let folder = params.chdir.as_deref().unwrap_or_default();
    let fixed = [target, pack, folder].map(str::to_owned);
    let arguments = [&fixed[..], &arguments].concat();
    let command = params.login.program(script, tools, &arguments, params.check_implicit_admin, "")?.live();
    let output = host.exec(&command)?;
    if let Some(failure) = client::missing(tools[0], &output) {
        return Err(failure);
    }
    if output.rc != 0 {
        let stderr = output.stderr.to_text();
        return Err(Failure::new(said(&output))
            .with("cmd", shown)
            .with("rc", output.rc)
            .with("stderr", stderr));
    }
    let mut result = params.result(&[&shown]);
    result["msg"] = json!("");
    Ok(Outcome::changed(result))
}

fn dump_arguments(params: &DbParams) -> Vec<String> {
    let mut words = Vec::new();
    let mut flag = |wanted: bool, word: &str| words.extend(wanted.then(|| word.to_owned()));
    flag(params.force, "--force");
    flag(params.quick, "--quick");
    flag(params.single_transaction, "--single-transaction=true");
    flag(params.skip_lock_tables, "--skip-lock-tables");
    flag(params.hex_blob, "--hex-blob");
    flag(!params.encoding.is_empty(), &format!("--default-character-set={}", params.encoding));
    flag(params.master_data > 0, &format!("--master-data={}", params.master_data));
    words.extend(params.ignore_tables.iter().map(|table| format!("--ignore-table={table}")));
    words.extend(params.dump_extra_args.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned));
    match params.name.as_slice() {
        _ if params.all() => words.push("--all-databases".to_owned()),
        [name] => words.extend(["--".to_owned(), name.clone()]),
        names => {
            words.extend(["--databases".to_owned(), "--".to_owned()]);
            words.extend(names.iter().cloned());
        }
    }
    words
}

fn import_arguments(params: &DbParams) -> Vec<String> {
    let mut words = vec![format!("--connect-timeout={}", params.login.connect_timeout)];
    words.extend(params.force.then(|| "--force".to_owned()));
    if !params.encoding.is_empty() {
        words.push(format!("--default-character-set={}", params.encoding));
    }
    if !params.sql_log_bin {
        words.push("--init-command=SET SESSION sql_log_bin=0".to_owned());
    }
    if !params.all() {
        // As `--database=` the client would take it for another one, and skip every statement.
        words.extend(["--one-database".to_owned(), "--".to_owned(), params.name[0].clone()]);
    }
    words
}
