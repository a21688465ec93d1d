use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct NpmParams {
    /// The package; without it what `package.json` in the folder names.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The folder of the project.
    pub path: Option<HostPath>,
    /// For the whole host instead of a project.
    #[param(default = false)]
    pub global: bool,
    /// Whether it is there.
    #[param(default = "present")]
    pub state: State,
    /// Takes exactly what the lock file names (`npm ci`).
    #[param(default = false)]
    pub ci: bool,
    /// Leaves out what only developers need.
    #[param(default = false)]
    pub production: bool,
    /// Where packages come from.
    pub registry: Option<String>,
    /// The program.
    pub executable: Option<HostPath>,
    /// Runs no scripts of packages.
    #[param(default = false)]
    pub ignore_scripts: bool,
    /// Leaves out what is optional.
    #[param(default = false)]
    pub no_optional: bool,
    /// Makes no links to programs.
    #[param(default = false)]
    pub no_bin_links: bool,
    /// Takes things although npm warns (`--force`).
    #[param(default = false)]
    pub force: bool,
    /// Keeps root when scripts run.
    #[param(default = false)]
    pub unsafe_perm: bool,
}

/// Whether a package is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Present,
    Absent,
    Latest,
}

pub struct Npm;

/// `$1` the program, `$2` the folder, `$3` `latest` to ask for newer versions, then options. Sections: what is there, what
/// is older than it could be.
const LOOK: &str = r#"npm=$1 folder=$2 newer=$3; shift 3
command -v "$npm" >/dev/null 2>&1 || exit 64
if [ -n "$folder" ]; then [ -d "$folder" ] || { printf '{}\036{}'; exit 0; }; cd -- "$folder" || exit; fi
"$npm" list --json --long "$@" 2>/dev/null
printf '\036'; [ -z "$newer" ] || "$npm" outdated --json "$@" 2>/dev/null; :"#;

/// `$1` the program, `$2` the folder, then arguments.
const DO: &str = r#"npm=$1 folder=$2; shift 2
if [ -n "$folder" ]; then mkdir -p -- "$folder" && cd -- "$folder" || exit; fi
exec "$npm" "$@""#;

impl Module for Npm {
    type Params = NpmParams;
    const SPEC: Spec = Spec {
        name: "community.general.npm",
        aliases: &["npm"],
        summary: "Keeps packages of Node.js, of a project or of the whole host.",
        long: true,
        examples: &[
            ("A package of a project", "npm: { name: coffee-script, path: /app/location }"),
            ("For the whole host", "community.general.npm: { name: pm2, version: 5.3.0, global: true }"),
            ("All that package.json names", "npm: { path: /app/location, production: true }"),
        ],
        returns: &[],
        ..Spec::DEFAULT
    };

    fn check(params: &NpmParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let newer = if params.state == State::Latest { "latest" } else { "" };
        let mut arguments = vec![params.program(), params.folder(), newer];
        arguments.extend(params.global.then_some("--global"));
        arguments.extend((!params.global && params.production).then_some("--omit=dev"));
        let [list, outdated] = look(LOOK, &arguments, params.program(), host)?;
        let there: Value = read(&list)?;
        let outdated: Value = if outdated.trim().is_empty() { json!({}) } else { read(&outdated)? };
        if params.ci && params.name.is_none() {
            return Ok(
                Delta::change(params.folder(), Value::Null, "npm ci").with_state(json!(params.orders("ci")))
            );
        }
        let verb = match params.state {
            State::Absent => params.is_there(&there).then_some("uninstall"),
            State::Present => (!params.is_there(&there)).then_some("install"),
            State::Latest if !params.is_there(&there) => Some("install"),
            State::Latest => params.is_old(&outdated).then_some("update"),
        };
        let Some(verb) = verb else { return Ok(Delta::none()) };
        let what = params.name.as_deref().unwrap_or(params.folder());
        let (before, after) =
            if params.state == State::Absent { ("there", "not there") } else { ("not so", "there") };
        Ok(Delta::change(what, before, after).with_state(json!(params.orders(verb))))
    }

    fn apply(params: &NpmParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let orders: Vec<String> = switchover_sdk::from_value(delta.state().clone()).unwrap_or_default();
        let mut arguments = vec![params.program().to_owned(), params.folder().to_owned()];
        arguments.extend(orders);
        change(&script(DO, &arguments).live(), str::to_owned, host)?;
        Ok(Outcome::changed(json!({})))
    }
}

impl NpmParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let words = [&self.name, &self.version].into_iter().flatten();
        let msg = if self.path.is_none() && !self.global {
            "path must be specified when not using global"
        } else if self.state == State::Absent && self.name.is_none() {
            "uninstalling a package is only available for named packages"
        } else if words.clone().any(|word| word.starts_with('-') || word.contains(char::is_whitespace)) {
            "name and version are one word each"
        } else {
            return Ok(());
        };
        Err(Failure::arguments(msg))
    }

    fn program(&self) -> &str {
        self.executable.as_deref().unwrap_or("npm")
    }

    fn folder(&self) -> &str {
        self.path.as_deref().unwrap_or_default()
    }

    /// Returns whether npm's list has the package in its version; without a name, whether nothing is missing.
    fn is_there(&self, list: &Value) -> bool {
        let all = &list["dependencies"];
        let whole = |entry: &Value| entry["missing"] != true && entry["invalid"].is_null();
        match &self.name {
            Some(name) => {
                let found = &all[name.as_str()];
                let version = self.version.as_deref().is_none_or(|version| found["version"] == version);
                !found.is_null() && whole(found) && version
            }
            None => match all.as_object() {
                Some(all) => all.values().all(whole) && list["problems"].is_null(),
                None => list["name"].is_null() || list["problems"].is_null(),
            },
        }
    }

    fn is_old(&self, outdated: &Value) -> bool {
        match &self.name {
            Some(name) => !outdated[name.as_str()].is_null(),
            None => outdated.as_object().is_some_and(|all| !all.is_empty()),
        }
    }

    /// Returns the arguments of npm.
    fn orders(&self, verb: &str) -> Vec<String> {
        let mut words = vec![verb.to_owned()];
        let flags = [
            (self.global, "--global"),
            (self.production, "--omit=dev"),
            (self.force, "--force"),
            (self.ignore_scripts, "--ignore-scripts"),
            (self.unsafe_perm, "--unsafe-perm"),
            (self.no_optional, "--no-optional"),
            (self.no_bin_links, "--no-bin-links"),
        ];
        words.extend(flags.into_iter().filter(|(given, _)| *given).map(|(_, flag)| flag.to_owned()));
        if let Some(registry) = &self.registry {
            words.extend(["--registry".to_owned(), registry.clone()]);
        }
        if let Some(name) = &self.name {
            let version = self.version.as_deref().filter(|_| verb == "install");
            words.push(version.map_or_else(|| name.clone(), |version| format!("{name}@{version}")));
        }
        words
    }
}

fn read(text: &str) -> Result<Value, Failure> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    text.parse().map_err(|error: <Value as std::str::FromStr>::Err| {
        Failure::new(format!("npm's list cannot be read: {error}")).with("stdout", text)
    })
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Npm>(env!("CARGO_MANIFEST_DIR"));
        examples::<Npm>();
    }
}
