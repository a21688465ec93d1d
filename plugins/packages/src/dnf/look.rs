use switchover_sdk::prelude::*;

use super::{DnfParams, Goal};
use crate::tool::missing;
use switchover_sdk::script::section;

/// Finds the tool and tells which packages are there, and of which there are newer ones. `$1` the tools that may be used, `$2`
/// whether the newest is wanted, `$3` how many names follow, the names, then options for the tool.
///
/// A name is first looked for as rpm knows it, then as something that a package provides.
const LOOK: &str = r#"export LC_ALL=C
set -f
tool=
for candidate in $1; do
  if command -v "$candidate" >/dev/null; then tool=$candidate; break; fi
done
[ -n "$tool" ] && command -v rpm >/dev/null || { echo @none; exit 0; }
echo @tool
echo "$tool"
latest=$2 count=$3
shift 3
echo @names
names=
# Whether a newer version than NAME-VERSION or NAME-VERSION-RELEASE is there.
newer_is_there() {
  case $1 in *[!A-Za-z0-9._+~^-]*) return 1 ;; esac
  for format in '%{VERSION}' '%{VERSION}-%{RELEASE}'; do
    case $format in *RELEASE*) name=${1%-*-*} ;; *) name=${1%-*} ;; esac
    is=$(rpm -q --qf "$format\n" "$name" 2>/dev/null) && [ "$name" != "$1" ] || continue
    is=$(printf '%s\n' "$is" | tail -n 1)
    [ "$(rpm --eval "%{lua:print(rpm.vercmp('$is','${1#"$name"-}'))}")" = 1 ] && return 0
  done
  return 1
}
while [ "$count" -gt 0 ]; do
  case $1 in
    @* | *://*) echo "unsure $1" ;;
    /*.rpm | ./*.rpm | *.rpm)
      name=$(rpm -qp --nosignature --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}' "$1" 2>/dev/null) && rpm -q "$name" >/dev/null 2>&1 &&
        echo "installed $1" || echo "missing $1" ;;
    *[*?]*) if rpm -qa "$1" | grep -q .; then echo "installed $1"; else echo "missing $1"; fi; names="$names $1" ;;
    *)
      if rpm -q "$1" >/dev/null 2>&1 || rpm -q --whatprovides "$1" >/dev/null 2>&1; then echo "installed $1"
      elif newer_is_there "$1"; then echo "older $1"
      else echo "missing $1"; fi
      names="$names $1" ;;
  esac
  shift
  count=$((count - 1))
done
if [ "$latest" = latest ]; then
  echo @newer
  "$tool" -q "$@" check-update $names
  case $? in 0 | 100) ;; *) echo "@failed" ;; esac
fi"#;

/// What the host has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    pub tool: String,
    pub installed: Vec<String>,
    pub missing: Vec<String>,
    /// Names with a version that is older than the one that is there.
    pub older: Vec<String>,
    /// Names of which only the tool can tell.
    pub unsure: Vec<String>,
    /// Packages of which there are newer versions, with these.
    pub newer: Vec<(String, String)>,
}

/// Returns the program that looks.
pub fn command(params: &DnfParams, goal: Goal) -> Command {
    let latest = if matches!(goal, Goal::Latest | Goal::Upgrade) { "latest" } else { "any" };
    let names = if goal == Goal::Upgrade { Vec::new() } else { params.names() };
    let head = ["sh", "-c", LOOK, "sh", params.tools(), latest, &names.len().to_string()].map(str::to_owned);
    let mut options = params.source_options();
    options.extend(params.update_cache.then(|| "--refresh".to_owned()));
    options.extend(params.security.then(|| "--security".to_owned()));
    options.extend(params.bugfix.then(|| "--bugfix".to_owned()));
    Command::new(head.into_iter().chain(names).chain(options)).reads()
}

impl Seen {
    /// Reads what the look printed. A host without dnf or rpm, and a tool that fails, are failures.
    pub fn read(output: &ExecOutput) -> Result<Self, Failure> {
        let said = output.stdout.to_text();
        if said.starts_with("@none") {
            return Err(missing("dnf"));
        }
        if said.contains("\n@failed") {
            return Err(crate::tool::failed(output.stderr.to_text(), output));
        }
        let of = |kind: &str| {
            let lines = section(&said, "names").lines().filter_map(|line| line.split_once(' '));
            lines.filter(|(word, _)| *word == kind).map(|(_, name)| name.to_owned()).collect()
        };
        let newer = section(&said, "newer").split("Obsoleting Packages").next().unwrap_or_default();
        let newer = newer.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let (name, version, _) = (words.next()?, words.next()?, words.next()?);
            (words.next().is_none() && !line.starts_with(' ')).then(|| (name.to_owned(), version.to_owned()))
        });
        Ok(Self {
            tool: section(&said, "tool").trim().to_owned(),
            installed: of("installed"),
            missing: of("missing"),
            older: of("older"),
            unsure: of("unsure"),
            newer: newer.collect(),
        })
    }
}
