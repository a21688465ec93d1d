use switchover_sdk::Command;

use super::PipParams;
use super::requirement::normal_name;
use switchover_sdk::script::section;

/// Finds pip and tells what it has installed. `$1` virtual environment or nothing, `$2` pip or nothing, `$3` folder or nothing,
/// `$4` file of requirements or nothing, which is printed last, `$5` the playbook's Python or nothing.
const LOOK: &str = r#"export LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1
[ -z "$3" ] || cd -- "$3" || exit
requirements=$4
if [ -n "$1" ]; then
  environment=${1%/}
  set --
  [ -e "$environment/bin/activate" ] || [ -e "$environment/bin/python" ] && echo @environment
  for name in pip3 pip; do
    [ -x "$environment/bin/$name" ] && { set -- "$environment/bin/$name"; break; }
  done
elif [ -n "$2" ]; then
  found=$(command -v "$2") && set -- "$found" || set --
elif [ -n "$5" ]; then
  "$5" -m pip --version >/dev/null 2>&1 && set -- "$5" -m pip || set --
else
  set --
  for name in pip3 pip; do
    found=$(command -v "$name") && { set -- "$found"; break; }
  done
  if [ $# = 0 ] && python3 -m pip --version >/dev/null 2>&1; then set -- python3 -m pip; fi
fi
[ $# != 0 ] || exit 0
echo @pip
printf '%s\n' "$@"
echo @list
"$@" list --format=freeze 2>/dev/null
if [ -n "$requirements" ]; then
  echo @requirements
  cat -- "$requirements"
fi
exit 0"#;

/// What the host has.
pub struct Seen {
    /// The virtual environment is there.
    pub environment: bool,
    /// How pip is called; empty when it is not there.
    pub pip: Vec<String>,
    /// Normal names and versions.
    installed: Vec<(String, String)>,
    /// The lines of the file of requirements, without comments.
    pub requirements: Vec<String>,
}

/// Returns the program that looks.
pub fn command(params: &PipParams, python: Option<&str>) -> Command {
    let word = |path: &Option<switchover_sdk::HostPath>| path.as_deref().unwrap_or_default().to_owned();
    let requirements = params.requirements.clone().unwrap_or_default();
    let args = [
        word(&params.virtualenv),
        word(&params.executable),
        word(&params.chdir),
        requirements,
        python.unwrap_or_default().to_owned(),
    ];
    Command::new(["sh", "-c", LOOK, "sh"].map(str::to_owned).into_iter().chain(args)).reads()
}

impl Seen {
    /// Reads what the look printed.
    pub fn read(said: &str) -> Self {
        let (said, file) = said.split_once("\n@requirements\n").unwrap_or((said, ""));
        let lines = file.lines().map(|line| line.split(" #").next().unwrap_or_default().trim());
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let installed = section(said, "list").lines().filter_map(|line| line.trim().split_once("=="));
        Self {
            environment: said.starts_with("@environment"),
            pip: section(said, "pip").lines().map(str::to_owned).collect(),
            installed: installed.map(|(name, version)| (normal_name(name), version.to_owned())).collect(),
            requirements: lines.map(str::to_owned).collect(),
        }
    }

    /// Returns the version of a package that is there.
    pub fn version(&self, name: &str) -> Option<&str> {
        self.installed.iter().find(|(known, _)| known == name).map(|(_, version)| version.as_str())
    }
}
