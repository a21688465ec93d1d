use switchover_sdk::prelude::*;
use switchover_sdk::script::{look, script};

#[derive(Params)]
pub struct DpkgDivertParams {
    /// The file whose packages shall put theirs elsewhere.
    pub path: HostPath,
    /// Whether it is diverted.
    #[param(default = "present")]
    pub state: State,
    /// The package whose own file is not diverted; without it, all are.
    pub holder: Option<String>,
    /// Where the packages' file goes; without it, beside the path with `.distrib`.
    pub divert: Option<HostPath>,
    /// Moves the file that is there aside, or back.
    #[param(default = false)]
    pub rename: bool,
    /// With `rename`, replaces a file that is in the way.
    #[param(default = false)]
    pub force: bool,
}

/// Whether a file is diverted.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct DpkgDivert;

/// Sections: who holds the diversion, where it leads.
const LOOK: &str = r#"command -v dpkg-divert >/dev/null 2>&1 || exit 64
dpkg-divert --listpackage "$1"; printf '\036'; dpkg-divert --truename "$1""#;

/// `$1` is what goes, `$2` where to, both only when the second has to make room; then the arguments of dpkg-divert.
const RUN: &str = r#"from=$1 to=$2; shift 2
if [ -n "$from" ] && [ -e "$from" ] && [ -e "$to" ]; then rm -f -- "$to" || exit; fi
exec dpkg-divert "$@""#;

/// Who everybody's diversions belong to.
const LOCAL: &str = "LOCAL";

impl Module for DpkgDivert {
    type Params = DpkgDivertParams;
    const SPEC: Spec = Spec {
        name: "community.general.dpkg_divert",
        aliases: &["dpkg_divert"],
        summary: "Has dpkg put a file of its packages elsewhere, so that your own can take its place.",
        examples: &[
            ("Your own file", "dpkg_divert: { path: /etc/screenrc, rename: true }"),
            (
                "Theirs again",
                "community.general.dpkg_divert: { path: /etc/screenrc, state: absent, rename: true, force: true }",
            ),
        ],
        returns: &[
            ("diversion", "`path`, `state`, `divert` and `holder`"),
            ("commands", "what was run"),
            ("messages", "what dpkg-divert said"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &DpkgDivertParams, host: &Host) -> Result<Delta, Failure> {
        let [holder, truename] = look(LOOK, &[&*params.path], "dpkg-divert", host)?;
        let now = (!holder.trim().is_empty())
            .then(|| Diversion { holder: holder.trim().to_owned(), divert: truename.trim().to_owned() });
        let wanted = (params.state == State::Present).then(|| params.wanted());
        let result = |commands: &[Step]| {
            let words: Vec<String> = commands.iter().map(|step| step.shown()).collect();
            json!({ "diversion": told(&params.path, wanted.as_ref()), "commands": words, "messages": [] })
        };
        if now == wanted {
            return Ok(Delta::none_with(result(&[])));
        }
        let steps = params.steps(now.as_ref(), wanted.as_ref());
        let change = Delta::change(
            &*params.path,
            told(&params.path, now.as_ref()),
            told(&params.path, wanted.as_ref()),
        );
        let lists: Vec<Vec<&str>> =
            steps.iter().map(|step| step.arguments.iter().map(String::as_str).collect()).collect();
        Ok(change.with_result(result(&steps)).with_state(json!(lists)))
    }

    fn apply(_: &DpkgDivertParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let mut messages = Vec::new();
        for arguments in switchover_sdk::from_value::<Vec<Vec<String>>>(state.clone()).unwrap_or_default() {
            let output = host.exec(&script(RUN, &arguments))?;
            let stderr = output.stderr.to_text();
            if output.rc != 0 {
                let in_the_way = stderr.contains("rename involves overwriting");
                let msg = if in_the_way {
                    "Set 'force' param to True to force renaming of files."
                } else {
                    stderr.trim()
                };
                return Err(Failure::new(msg).with("rc", output.rc).with("stderr", stderr.clone()));
            }
            messages.extend(output.stdout.to_text().lines().map(str::to_owned));
        }
        let mut result = result.clone();
        result.insert("messages".into(), json!(messages));
        Ok(Outcome { changed: true, result, ..Outcome::default() })
    }
}

/// Where a path's files go, and whose do not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Diversion {
    holder: String,
    divert: String,
}

/// One run of dpkg-divert: what makes room for what, and its arguments.
struct Step {
    arguments: Vec<String>,
}

impl Step {
    fn shown(&self) -> String {
        format!("dpkg-divert {}", self.arguments[2..].join(" "))
    }
}

impl DpkgDivertParams {
    fn wanted(&self) -> Diversion {
        let beside = || format!("{}.distrib", self.path.0);
        Diversion {
            holder: self
                .holder
                .clone()
                .filter(|holder| !holder.is_empty())
                .unwrap_or_else(|| LOCAL.to_owned()),
            divert: self.divert.as_ref().map_or_else(beside, |divert| divert.0.clone()),
        }
    }

    /// A diversion is never altered: it goes and comes again.
    fn steps(&self, now: Option<&Diversion>, wanted: Option<&Diversion>) -> Vec<Step> {
        let path = self.path.0.clone();
        let rename = if self.rename { "--rename" } else { "--no-rename" }.to_owned();
        let step = |moved: [&str; 2], words: Vec<String>| {
            let moved = if self.rename && self.force { moved } else { ["", ""] };
            let arguments = moved.into_iter().map(str::to_owned).chain([rename.clone()]).chain(words);
            Step { arguments: arguments.collect() }
        };
        let remove = now.map(|now| step([&now.divert, &path], vec!["--remove".to_owned(), path.clone()]));
        let add = wanted.map(|wanted| {
            let mut words = match wanted.holder.as_str() {
                LOCAL => vec!["--local".to_owned()],
                holder => vec!["--package".to_owned(), holder.to_owned()],
            };
            if let Some(divert) = &self.divert {
                words.extend(["--divert".to_owned(), divert.0.clone()]);
            }
            words.extend(["--add".to_owned(), path.clone()]);
            step([&path, &wanted.divert], words)
        });
        remove.into_iter().chain(add).collect()
    }
}

fn told(path: &str, diversion: Option<&Diversion>) -> Value {
    json!({
        "path": path,
        "state": if diversion.is_some() { "present" } else { "absent" },
        "divert": diversion.map(|diversion| diversion.divert.as_str()),
        "holder": diversion.map(|diversion| diversion.holder.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<DpkgDivert>(env!("CARGO_MANIFEST_DIR"));
        examples::<DpkgDivert>();
    }
}
