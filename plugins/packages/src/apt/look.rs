use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use super::AptParams;
use super::plan::{Goal, Look};
use super::simulated::Simulated;
use crate::tool::missing;
use switchover_sdk::script::section;

/// Tells when the lists were new, which packages are there, and what would happen.
///
/// `$1` when to simulate (`never`, `missing`, `rest`, `always`, `remove`, `purge`), `$2` how many names follow, the names, then
/// the arguments of `apt-get`. `remove` and `purge` add the packages that are there to them; `missing` and `rest` those that
/// are not, and `missing` only simulates when there are any. Names are single words.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
command -v apt-get >/dev/null || { echo @none; exit 0; }
set -f
when=$1 count=$2
shift 2
names=
while [ "$count" -gt 0 ]; do names="$names $1"; shift; count=$((count - 1)); done
echo @stamp
stat -c %Y /var/lib/apt/periodic/update-success-stamp 2>/dev/null || stat -c %Y /var/lib/apt/lists 2>/dev/null || echo 0
date +%s
echo @installed
found=
[ -z "$names" ] || found=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Version} ${binary:Package}
${db:Status-Status} ${Package}:${Architecture} ${Version} ${binary:Package}\n' -- $names 2>/dev/null)
printf '%s\n' "$found"
case $when in
  missing | rest)
    line='
'
    wanted=
    for name in $names; do
      case "$line$found" in *"${line}installed $name "*) ;; *) wanted="$wanted $name" ;; esac
    done
    if [ -n "$wanted" ] || [ "$when" = rest ]; then when=always; else when=never; fi
    names=$wanted ;;
  remove | purge)
    names=$(printf '%s\n' "$found" | awk -v when="$when" '
      $4 == "" || $1 == "not-installed" || ($1 == "config-files" && when == "remove") { next }
      !seen[$4]++ { print $4 }')
    if [ -n "$names" ]; then when=always; else when=never; fi ;;
  *) names= ;;
esac
if [ "$when" = always ]; then
  echo @simulated
  apt-get -s "$@" $names
  echo "@rc $?"
fi"#;

/// A package of the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Installed {
    /// `installed`, `config-files`, `half-configured`...
    pub status: String,
    /// With and without its architecture, in two entries.
    pub name: String,
    pub version: String,
    /// As dpkg calls it.
    pub binary: String,
}

/// What the host has for one goal.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// When the lists were last new, in seconds since 1970.
    pub stamp: i64,
    pub now: i64,
    pub installed: Vec<Installed>,
    pub simulated: Option<Simulated>,
}

/// Returns the program that looks.
pub fn command(goal: &Goal, params: &AptParams) -> Command {
    let Look { when, names, args } = goal.look(params);
    let head = ["sh", "-c", LOOK, "sh", when, &names.len().to_string()].map(str::to_owned);
    Command::new(head.into_iter().chain(names).chain(args)).reads()
}

/// Runs several programs in one round trip.
pub fn outputs(commands: Vec<Command>, host: &Host) -> Result<Vec<ExecOutput>, Failure> {
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let calls = commands.into_iter().map(|command| HostCall::Exec(command.into_exec())).collect();
    let replies = host.many(calls)?;
    replies
        .into_iter()
        .map(|reply| match reply {
            HostReply::Exec(output) => Ok(output),
            other => host.fail_with(Some(other)),
        })
        .collect()
}

impl Seen {
    /// Reads what the looks printed; a host without `apt-get` is a failure.
    pub fn read_all(outputs: &[ExecOutput]) -> Result<Vec<Self>, Failure> {
        outputs.iter().map(|output| Self::read(output).ok_or_else(|| missing("apt-get"))).collect()
    }

    /// Reads what a look printed; `None` on a host without `apt-get`.
    pub fn read(output: &ExecOutput) -> Option<Self> {
        let said = output.stdout.to_text();
        if said.starts_with("@none") {
            return None;
        }
        let mut times = section(&said, "stamp").lines().map(|line| line.trim().parse().unwrap_or(0));
        let simulated = said.split_once("@simulated\n").map(|(_, rest)| {
            let (stdout, rc) = rest.rsplit_once("@rc ").unwrap_or((rest, "1"));
            let rc = rc.trim().parse().unwrap_or(1);
            Simulated { rc, stdout: stdout.to_owned(), stderr: output.stderr.to_text() }
        });
        let installed = section(&said, "installed").lines().filter_map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            let [status, name, version, binary] = fields.as_slice() else { return None };
            let owned = |text: &&str| (*text).to_owned();
            Some(Installed {
                status: owned(status),
                name: owned(name),
                version: owned(version),
                binary: owned(binary),
            })
        });
        Some(Self {
            stamp: times.next().unwrap_or(0),
            now: times.next().unwrap_or(0),
            installed: installed.collect(),
            simulated,
        })
    }

    /// Returns the version of a package that is there.
    pub fn version(&self, name: &str) -> Option<&str> {
        let found = self.installed.iter().find(|found| found.name == name && found.status == "installed");
        found.map(|found| found.version.as_str())
    }
}
