use switchover_sdk::Command;
use switchover_sdk::script::section;

use super::UserParams;
use crate::accounts::{GroupEntry, Passwd};

/// Prints all that matters of an account. `$1` name, `$2` home folder or nothing, `$3` key file or nothing, then groups.
///
/// The shadow database is empty for who may not read it. `getent` takes numbers for names: what it says is filtered later.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin
name=$1 home=$2 key=$3
shift 3
echo @passwd
passwd=$(getent passwd "$name")
printf '%s\n' "$passwd"
echo @shadow
getent shadow "$name" 2>/dev/null
echo @memberships
getent group | NAME=$name awk -F: '{
  count = split($4, members, ",")
  for (i = 1; i <= count; i++) if (members[i] == ENVIRON["NAME"]) { print; break }
}'
echo @groups
rest=${passwd#*:*:*:}
for group in "${rest%%:*}" "$@"; do [ -z "$group" ] || getent group "$group"; done
echo @tools
for tool in useradd usermod userdel chage chpasswd; do command -v "$tool" >/dev/null && echo "$tool"; done
echo @home
rest=${rest#*:*:}
old=${rest%%:*}
: "${home:=$old}"
[ -e "$home" ] && echo new
[ -e "$old" ] && echo old
echo @key
if [ -n "$key" ]; then
  case $key in /*) ;; *) key=$home/$key ;; esac
  if [ -e "$key" ]; then
    echo there
    ssh-keygen -l -f "$key" 2>&1
    cat "$key.pub" 2>/dev/null
  fi
fi
exit 0"#;

/// What an account is now.
#[derive(Default)]
pub struct Seen {
    pub user: Option<Passwd>,
    /// The fields of the shadow line after the name; empty when there is none, or none that we may read.
    pub shadow: Vec<String>,
    /// The groups that name the user as a member.
    pub memberships: Vec<GroupEntry>,
    /// The user's primary group and those that were asked for, when they are there.
    pub groups: Vec<GroupEntry>,
    pub tools: Vec<String>,
    /// Something is at the home folder that the account should have.
    pub home_exists: bool,
    /// Something is at the home folder that the account has.
    pub old_home_exists: bool,
    /// The fingerprint and the public key, when the key's file is there.
    pub key: Option<(String, String)>,
}

/// Returns the program that looks.
pub fn command(params: &UserParams) -> Command {
    let home = params.home.as_deref().unwrap_or_default();
    let key = if params.generate_ssh_key { super::ssh_key::file(params) } else { String::new() };
    let mut command = Command::new(["sh", "-c", LOOK, "sh", &params.name, home, &key]).reads();
    let group = params.group.as_deref().unwrap_or(&params.name);
    for group in std::iter::once(group).chain(params.wanted_groups().unwrap_or_default()) {
        command = command.arg(group);
    }
    command
}

impl Seen {
    /// Reads what the program printed.
    pub fn read(said: &str, name: &str) -> Self {
        let user = section(said, "passwd").lines().filter_map(Passwd::read).find(|user| user.name == name);
        let groups = |section: &str| section.lines().filter_map(GroupEntry::read).collect();
        let shadow = section(said, "shadow").lines().map(|line| line.split(':')).find_map(|mut fields| {
            (fields.next() == Some(name)).then(|| fields.map(str::to_owned).collect())
        });
        let home: Vec<&str> = section(said, "home").lines().collect();
        let key = section(said, "key").strip_prefix("there\n").map(|key| {
            let (fingerprint, public) = key.split_once('\n').unwrap_or((key, ""));
            (fingerprint.trim().to_owned(), public.trim_end().to_owned())
        });
        Self {
            user,
            shadow: shadow.unwrap_or_default(),
            memberships: groups(section(said, "memberships")),
            groups: groups(section(said, "groups")),
            tools: section(said, "tools").lines().map(str::to_owned).collect(),
            home_exists: home.contains(&"new"),
            old_home_exists: home.contains(&"old"),
            key,
        }
    }

    /// Returns a field of the shadow line, counted as in its manual (the password is 1); empty when unknown.
    pub fn shadow(&self, field: usize) -> &str {
        self.shadow.get(field - 1).map_or("", String::as_str)
    }

    /// Returns the group that a playbook means by a name or number.
    pub fn group(&self, word: &str) -> Option<&GroupEntry> {
        self.groups
            .iter()
            .find(|group| group.name == word)
            .or_else(|| self.groups.iter().find(|g| g.is(word)))
    }
}
