use switchover_sdk::prelude::*;

use crate::Settings;

/// Finds the programs, and tells `psql` where exactly this data directory's server listens.
///
/// The first line of the input is the password, empty when there is none: an argument or a variable would be seen in the
/// process list.
const PRELUDE: &str = r#"
LC_ALL=C; export LC_ALL
IFS= read -r PGPASSWORD; if [ -n "$PGPASSWORD" ]; then export PGPASSWORD; else unset PGPASSWORD; fi
if [ -z "$BIN" ]; then
  major=$(cat "$DATA/PG_VERSION" 2>/dev/null)
  for folder in /usr/lib/postgresql/${major:-*}/bin /usr/pgsql-${major:-*}/bin; do
    [ -x "$folder/pg_controldata" ] && BIN=$folder
  done
fi
[ -z "$BIN" ] || PATH=$BIN:$PATH
command -v pg_controldata >/dev/null 2>&1 || { echo "no PostgreSQL programs found (pg_controldata)" >&2; exit 127; }
reach() {
  PGPORT=$(sed -n 4p "$DATA/postmaster.pid"); PGHOST=$(sed -n 5p "$DATA/postmaster.pid")
  [ -n "$PGHOST" ] || PGHOST=$(sed -n 6p "$DATA/postmaster.pid")
  case $PGHOST in ''|'*') PGHOST=localhost;; esac
  PGCONNECT_TIMEOUT=10; PGAPPNAME=switchover
  export PGPORT PGHOST PGUSER PGDATABASE PGCONNECT_TIMEOUT PGAPPNAME
}
ask() { psql -X -w -q -A -t -v ON_ERROR_STOP=1 "$@"; }
"#;

/// Returns a program for the host: `body`, with the data directory in `$DATA` and PostgreSQL's programs in the PATH. `reach`
/// points `psql` at this server, `ask` runs it. `password` is the one that `psql` may need; `input` is left for `body`.
/// There is no time limit yet.
pub fn script(settings: &Settings, body: &str, password: Option<&Secret>, input: &str) -> Command {
    let password = password.map_or("", Secret::expose);
    Command::shell(format!("{PRELUDE}{body}"))
        .env("DATA", settings.data.trim_end_matches('/'))
        .env("BIN", settings.bin.as_deref().unwrap_or_default())
        .env("PGUSER", settings.db_user.as_str())
        .env("PGDATABASE", settings.database.as_str())
        .stdin(format!("{password}\n{input}"))
}
