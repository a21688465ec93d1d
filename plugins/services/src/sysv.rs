mod state;

use switchover_sdk::prelude::*;

use switchover_sdk::script::script;

use crate::sections::Sections;
pub use state::{Ran, is_running};

/// Tells of an init script: `$1` its name, `$2` its arguments, `$3` a pattern to look for among processes instead of
/// asking the script. Sections: the script, the runlevels it starts in, what `status` said, its exit code, processes.
pub const LOOK: &str = r#"name=$1 args=$2 pattern=$3
: switchover-look
f=
for d in /etc/init.d /etc/rc.d/init.d; do [ -f "$d/$name" ] && f=$d/$name && break; done
printf '%s\036' "$f"
for l in /etc/rc?.d/S??"$name" /etc/rc.d/rc?.d/S??"$name"; do [ -e "$l" ] && printf '%s\n' "$l"; done
if [ -z "$f" ]; then printf '\036\036%s\036' 127; exit 0; fi
printf '\036'
if [ -n "$pattern" ]; then printf '\036%s\036' 0; else LC_ALL=C "$f" status $args 2>&1 </dev/null; printf '\036%s\036' $?; fi
ps -eww -o args 2>/dev/null || ps; :"#;

/// Does something with an init script and keeps what it said apart, also when a daemon holds on to its output:
/// `$1` the script, `$2` its arguments, `$3` seconds between stop and start, then verbs.
const RUN: &str = r#"f=$1 args=$2 pause=$3; shift 3
d=$(mktemp -d "${TMPDIR:-/tmp}/switchover.XXXXXXXX") || exit 1
rc=0 first=1
for verb; do
[ $first = 1 ] || [ "$pause" = 0 ] || sleep "$pause"
first=0
"$f" "$verb" $args >"$d/o" 2>"$d/e" </dev/null; rc=$?
[ $rc = 0 ] || break
done
cat "$d/o"; cat "$d/e" >&2; rm -rf "$d"; exit $rc"#;

/// Makes a script start with the host or not: `$1` its name, `$2` enable or disable, then runlevels.
const ENABLE: &str = r#"name=$1 verb=$2; shift 2
if command -v update-rc.d >/dev/null 2>&1; then
[ "$verb" = disable ] || update-rc.d "$name" defaults && update-rc.d "$name" "$verb" "$@"
elif command -v chkconfig >/dev/null 2>&1; then
case $verb in enable) s=on;; *) s=off;; esac
levels=$(printf %s "$@")
chkconfig --add "$name" && chkconfig ${levels:+--level "$levels"} "$name" $s
elif command -v insserv >/dev/null 2>&1; then
case $verb in enable) insserv "$name";; *) insserv -r "$name";; esac
else echo 'Could not find any of: update-rc.d, chkconfig, insserv' >&2; exit 64; fi"#;

/// An init script as it is.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Its path; empty when there is none.
    pub path: String,
    /// The runlevels in which it starts, such as `2345`.
    pub runlevels: String,
    pub running: bool,
}

/// How init scripts are asked.
#[derive(Clone, Debug, Default)]
pub struct Asking<'a> {
    pub name: &'a str,
    /// More arguments for the script, split at blanks.
    pub arguments: &'a str,
    /// Processes with this text mean that it runs; empty to ask the script.
    pub pattern: &'a str,
}

impl Asking<'_> {
    /// Returns what [`LOOK`] gets.
    pub fn arguments(&self) -> [&str; 3] {
        [self.name, self.arguments, self.pattern]
    }

    /// Looks at the script, in one round trip.
    pub fn look(&self, host: &Host) -> Result<Script, Failure> {
        let said = Sections::look(LOOK, &self.arguments(), 5, "sh", host)?;
        Ok(self.read(&said, 0))
    }

    /// Reads the sections of [`LOOK`] that begin at `first`.
    pub fn read(&self, said: &Sections, first: usize) -> Script {
        let level = |link: &str| link.split("/rc").last().and_then(|rest| rest.chars().next());
        let processes: Vec<&str> =
            said.get(first + 4).lines().filter(|line| !line.contains("switchover-look")).collect();
        let seen = |text: &str| processes.iter().any(|line| line.contains(text));
        let running = match self.pattern {
            "" => is_running(self.name, said.get(first + 2), said.number(first + 3))
                .unwrap_or_else(|| seen(self.name)),
            pattern => seen(pattern),
        };
        Script {
            path: said.get(first).trim().to_owned(),
            runlevels: said.get(first + 1).lines().filter_map(level).collect(),
            running,
        }
    }

    /// Runs verbs of the script one after the other; the answer is that of the last.
    pub fn run(&self, path: &str, verbs: &[&str], pause: u64, host: &Host) -> Result<Ran, Failure> {
        let fixed = [path.to_owned(), self.arguments.to_owned(), pause.to_string()];
        let verbs: Vec<String> = verbs.iter().map(|verb| (*verb).to_owned()).collect();
        let output = host.exec(&script(RUN, &[&fixed[..], &verbs].concat()))?;
        Ran::read(&output).or_fail(|said| match verbs.as_slice() {
            [.., verb] => format!("Failed to {verb} service: {} ({said})", self.name),
            [] => said.to_owned(),
        })
    }
}

/// Makes a script start with the host, or not.
pub fn enable(name: &str, enabled: bool, levels: &[String], host: &Host) -> Result<Ran, Failure> {
    let verb = if enabled { "enable" } else { "disable" };
    let fixed = [name.to_owned(), verb.to_owned()];
    let output = host.exec(&script(ENABLE, &[&fixed[..], levels].concat()))?;
    Ran::read(&output).or_fail(|said| format!("Failed to {verb} service {name}: {said}"))
}
