use switchover_sdk::prelude::*;

use super::GitParams;
use switchover_sdk::script::{MISSING, missing, sections};

/// `$1` the folder, `$2` the repository, `$3` what it is called, `$4` the version, `$5` `bare` or nothing, `$6` whether
/// the repository is asked: `never`, `new` (only for a new clone) or `always`, `$7` `recursive` or nothing. Sections: see [`Found`].
const LOOK: &str = r#"dest=$1 repo=$2 remote=$3 version=$4 bare=$5 ask=$6 recursive=$7
kind= branch= head=
if [ -n "$bare" ]; then [ -f "$dest/HEAD" ] && [ -d "$dest/objects" ] && kind=clone
elif [ -e "$dest/.git" ]; then kind=clone; fi
[ -n "$kind" ] || { [ -e "$dest" ] && [ -n "$(ls -A -- "$dest" 2>&1)" ] && kind=other; }
printf '%s\036' "$kind"
if [ "$kind" = clone ]; then
cd -- "$dest" || exit
head=$(g rev-parse HEAD 2>&1) || { [ -n "$(g rev-parse --git-dir 2>/dev/null)" ] || { printf '%s' "$head" >&2; exit 1; }; head=; }
branch=$(g symbolic-ref -q --short HEAD)
printf '%s\036%s\036%s\036' "$head" "$branch" "$(g config --get "remote.$remote.url")"
[ -n "$bare" ] || g status --porcelain --untracked-files=no
printf '\036'
if [ -n "$recursive" ] && [ -z "$bare" ] && [ -e .gitmodules ]; then g submodule status --recursive 2>/dev/null | grep '^[-+U]'; fi
printf '\036'
else printf '\036\036\036\036\036'; fi
v=$version
if [ "$v" = HEAD ] && [ "$kind" = clone ] && [ -z "$bare" ]; then
v=${branch:-$(g symbolic-ref -q --short "refs/remotes/$remote/HEAD" | sed "s|^$remote/||")}; v=${v:-HEAD}; fi
printf '%s\036' "$v"
if [ "$kind" = clone ]; then g rev-parse -q --verify "$version^{commit}" 2>/dev/null; fi
printf '\036'
if [ "$ask" = never ] || { [ "$ask" = new ] && [ "$kind" = clone ]; } || { [ -n "$head" ] && [ "$version" = "$head" ]; }; then printf '\036%s' 0
else
case $v in refs/*) set -- "$v";; *) set --;; esac
said=$(g ls-remote -- "$repo" HEAD "refs/heads/$v" "refs/tags/$v" "refs/tags/$v^{}" "$@" 2>&1); rc=$?
printf '%s\036%s' "$said" $rc
fi"#;

/// A clone as it is, and what the repository has.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// `clone`, `other` (something else is there), or nothing.
    pub kind: String,
    /// The commit; empty in a clone without any.
    pub head: String,
    /// The branch; empty when a commit itself is checked out.
    pub branch: String,
    pub url: String,
    pub local_changes: bool,
    /// Submodules are not at the commits that are noted.
    pub submodules_differ: bool,
    /// The version, where `HEAD` stands for the branch of the clone.
    pub version: String,
    /// The commit that the clone itself knows by the version.
    pub known: String,
    /// Commits by name, as the repository has them.
    pub refs: Vec<(String, String)>,
}

/// What a version is in the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Branch,
    Tag,
    /// The repository's own choice.
    Head,
    Other,
}

impl Kind {
    /// Returns the word for scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::Head => "head",
            Self::Other => "other",
        }
    }
}

impl Found {
    /// Looks at the clone and asks the repository, in one round trip.
    pub fn look(params: &GitParams, host: &Host) -> Result<Self, Failure> {
        let (repo, _) = params.access.repository(&params.repo);
        let ask = if params.update { "always" } else { "new" };
        let flag = |flag: bool, word: &'static str| if flag { word } else { "" };
        let (bare, recursive) = (flag(params.bare, "bare"), flag(params.recursive, "recursive"));
        let arguments = [&*params.dest, &repo, &params.remote, &params.version, bare, ask, recursive];
        let command = params.access.script(LOOK, &params.repo, &arguments).reads();
        let output = host.exec(&command)?;
        if output.rc == MISSING {
            return Err(missing(&params.access.executable));
        }
        let said = output.stdout.to_text();
        let parts = sections(&said);
        let [kind, head, branch, url, status, submodules, version, known, refs, rc] = parts[..] else {
            let stderr = output.stderr.to_text();
            return Err(Failure::new(stderr.trim().to_owned()).with("rc", output.rc).with("stderr", stderr));
        };
        if rc.trim() != "0" {
            return Err(Failure::new(refs.trim().to_owned())
                .with("stderr", refs)
                .with("rc", rc.trim().parse::<i32>().unwrap_or(1)));
        }
        Ok(Self {
            kind: kind.to_owned(),
            head: head.trim().to_owned(),
            branch: branch.to_owned(),
            url: url.trim().to_owned(),
            local_changes: !status.trim().is_empty(),
            submodules_differ: !submodules.trim().is_empty(),
            version: version.to_owned(),
            known: known.trim().to_owned(),
            refs: refs
                .lines()
                .filter_map(|line| line.split_once('\t'))
                .map(|(c, r)| (r.to_owned(), c.to_owned()))
                .collect(),
        })
    }

    fn commit(&self, name: &str) -> Option<String> {
        self.refs.iter().find(|(known, _)| known == name).map(|(_, commit)| commit.clone())
    }

    /// Returns the commit that the version stands for, and what it is; `None` when nobody knows it.
    pub fn target(&self) -> Option<(String, Kind)> {
        let version = &self.version;
        if let Some(commit) = self.commit(&format!("refs/heads/{version}")) {
            return Some((commit, Kind::Branch));
        }
        let tag = format!("refs/tags/{version}");
        if let Some(commit) = self.commit(&format!("{tag}^{{}}")).or_else(|| self.commit(&tag)) {
            return Some((commit, Kind::Tag));
        }
        if let (Some(commit), "HEAD") = (self.commit("HEAD"), version.as_str()) {
            return Some((commit, Kind::Head));
        }
        let is_commit = (7..=64).contains(&version.len()) && version.chars().all(|c| c.is_ascii_hexdigit());
        let known = Some(self.known.clone()).filter(|known| !known.is_empty());
        let other = self.commit(version).or(known).or_else(|| is_commit.then(|| version.clone()));
        other.map(|commit| (commit, Kind::Other))
    }
}
