use super::UserParams;

/// Makes a home folder as `useradd` does, unless it is there: files of the skeleton, the owner, the mode that `login.defs`
/// names. `$1` folder, `$2` user, `$3` skeleton, `$4` umask or nothing.
const MAKE: &str = r#"[ -e "$1" ] && exit 0
setting() { awk -v name="$1" '$1 == name { value = $2 } END { print value }' /etc/login.defs 2>/dev/null; }
mkdir -p -- "$1" || exit
if [ -d "$3" ]; then cp -R -- "$3/." "$1/" || exit; fi
mode=
[ -n "$4" ] || mode=$(setting HOME_MODE)
if [ -z "$mode" ]; then
  umask=${4:-$(setting UMASK)}
  mode=$(printf %o $((0777 & ~0${umask:-022})))
fi
chown -R -- "$2:" "$1" && chmod "$mode" "$1""#;

/// Returns the program that makes a home folder which is not there.
pub fn make(params: &UserParams, home: &str) -> Vec<String> {
    let skeleton = params.skeleton.as_deref().unwrap_or("/etc/skel");
    let umask = params.umask.as_deref().unwrap_or_default();
    ["sh", "-c", MAKE, "sh", home, &params.name, skeleton, umask].map(str::to_owned).to_vec()
}

/// Returns the program that makes the folder above a home folder; `useradd` makes only the last.
pub fn make_parent(home: &str) -> Option<Vec<String>> {
    let parent = home.trim_end_matches('/').rsplit_once('/')?.0;
    (!parent.is_empty()).then(|| ["mkdir", "-p", "--", parent].map(str::to_owned).to_vec())
}
