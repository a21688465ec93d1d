use switchover_sdk::prelude::*;

use super::GitParams;
use switchover_sdk::script::{MARK, MISSING, missing};

/// `$1` the folder, `$2` the repository, `$3` what it is called, `$4` the version, `$5` `branch`, `tag`, `head` or `other`, `$6` the
/// commit, `$7` the depth, `$8` one more refspec, `$9` the umask, then words: see [`words`]. Prints the commit at the end, and whether
/// submodules moved;
/// a step that fails prints its name.
const RUN: &str = r#"dest=$1 repo=$2 remote=$3 version=$4 kind=$5 target=$6 depth=$7 refspec=$8 umask=$9; shift 9
moved= new= bare= single= force= recursive= track= verify= reference= separate=
for word; do case $word in
reference=*) reference=${word#*=};;
separate=*) separate=${word#*=};;
new|bare|single|force|recursive|track|verify) eval "$word=1";;
esac; done
[ -z "$umask" ] || umask "$umask"
step() { name=$1; shift; "$@" >&2 || { rc=$?; printf '\036%s' "$name"; exit $rc; }; }
if [ -n "$new" ]; then
step mkdir mkdir -p -- "$(dirname -- "$dest")"
set -- clone -q --origin "$remote"
[ -z "$bare" ] || set -- "$@" --bare
[ -z "$depth" ] || set -- "$@" --depth "$depth"
[ -z "$single" ] || set -- "$@" --single-branch
if [ -n "$depth$single" ] && { [ "$kind" = branch ] || [ "$kind" = tag ]; }; then set -- "$@" --branch "$version"; fi
[ -z "$reference" ] || set -- "$@" --reference "$reference"
[ -z "$separate" ] || set -- "$@" --separate-git-dir="$separate"
step clone g "$@" -- "$repo" "$dest"
cd -- "$dest" || exit
else
cd -- "$dest" || exit
[ -z "$force" ] || [ -n "$bare" ] || step reset g reset -q --hard HEAD
if g config --get "remote.$remote.url" >/dev/null; then step remote g remote set-url "$remote" "$repo"
else step remote g remote add "$remote" "$repo"; fi
set -- fetch -q --force
[ -z "$depth" ] || set -- "$@" --depth "$depth"
if [ -n "$bare" ]; then step fetch g "$@" "$remote" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
elif [ -n "$depth" ] && [ "$kind" = branch ]; then step fetch g "$@" "$remote" "+refs/heads/$version:refs/remotes/$remote/$version"
elif [ -n "$depth" ] && [ "$kind" = tag ]; then step fetch g "$@" "$remote" "+refs/tags/$version:refs/tags/$version"
else step fetch g "$@" --tags "$remote"; fi
fi
[ -z "$refspec" ] || step fetch g fetch -q --force ${depth:+--depth "$depth"} "$remote" "$refspec"
if [ -z "$bare" ]; then
if [ "$kind" = branch ]; then
g rev-parse -q --verify "refs/remotes/$remote/$version" >/dev/null || step fetch g fetch -q ${depth:+--depth "$depth"} "$remote" "+refs/heads/$version:refs/remotes/$remote/$version"
step checkout g checkout -q --force -B "$version" "refs/remotes/$remote/$version" --
elif [ "$kind$new" = head1 ]; then :
elif [ "$kind" = tag ]; then step checkout g checkout -q --force "refs/tags/$version" --
else
g cat-file -e "$target^{commit}" 2>/dev/null || g fetch -q ${depth:+--depth "$depth"} "$remote" "$target" >&2
step checkout g checkout -q --force "$target" --
fi
[ -z "$verify" ] || step verify g verify-commit HEAD
if [ -n "$recursive" ] && [ -e .gitmodules ]; then
step submodules g submodule -q sync --recursive
if [ -n "$(g submodule status --recursive 2>/dev/null | grep '^[-+U]')" ]; then moved=1; fi
step submodules g submodule -q update --init --recursive ${force:+--force} ${track:+--remote}
fi
elif [ -n "$verify" ]; then step verify g verify-commit HEAD; fi
g rev-parse HEAD
[ -z "$moved" ] || echo submodules"#;

/// Makes the clone or brings it up to date, in one round trip.
pub fn apply(params: &GitParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
    let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
    let mut result = result.clone();
    let new = state["new"] == true;
    if new && !params.clone {
        return Ok(Outcome { changed: true, result, ..Outcome::default() });
    }
    let text = |key: &str| state[key].as_str().unwrap_or_default();
    let (repo, _) = params.access.repository(&params.repo);
    let depth = params.depth.map(|depth| depth.to_string()).unwrap_or_default();
    let umask = params.umask.as_ref().map_or("", |umask| umask.0.as_str());
    let words = words(params, new);
    let mut arguments =
        vec![&*params.dest, &repo, &params.remote, text("version"), text("kind"), text("target")];
    arguments.extend([&depth, params.refspec.as_deref().unwrap_or_default(), umask]);
    arguments.extend(words.iter().map(String::as_str));
    let output = host.exec(&params.access.script(RUN, &params.repo, &arguments))?;
    let (stdout, stderr) = (output.stdout.to_text(), output.stderr.to_text());
    if output.rc == 0 {
        let (commit, moved) = stdout.trim().split_once('\n').unwrap_or((stdout.trim(), ""));
        result.insert("after".into(), json!(commit));
        if !moved.is_empty() {
            result.insert("submodules_changed".into(), json!(true));
        }
        return Ok(Outcome { changed: true, result, ..Outcome::default() });
    }
    if output.rc == MISSING {
        return Err(missing(&params.access.executable));
    }
    let msg = match stdout.rsplit(MARK).next() {
        Some("checkout") => format!("Failed to checkout {}", text("version")),
        Some("verify") => format!("Failed to verify GPG signature of commit/tag \"{}\"", text("version")),
        Some("submodules") => format!("Failed to init/update submodules: {}", stderr.trim()),
        Some("fetch") => format!("Failed to download remote objects and refs: {}", stderr.trim()),
        _ => stderr.trim().to_owned(),
    };
    Err(Failure::new(msg)
        .with("rc", output.rc)
        .with("stderr", stderr)
        .with("before", result["before"].clone()))
}

/// Returns what the script shall do beside its nine fixed arguments.
fn words(params: &GitParams, new: bool) -> Vec<String> {
    let flags = [
        (new, "new"),
        (params.bare, "bare"),
        (params.single_branch, "single"),
        (params.force, "force"),
        (params.recursive, "recursive"),
        (params.track_submodules, "track"),
        (params.verify_commit, "verify"),
    ];
    let mut words: Vec<String> =
        flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned()).collect();
    words.extend(params.reference.as_ref().map(|path| format!("reference={path}")));
    words.extend(params.separate_git_dir.as_ref().map(|path| format!("separate={path}")));
    words
}
