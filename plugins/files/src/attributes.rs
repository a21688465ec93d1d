use switchover_sdk::prelude::*;

use crate::mode;

/// Mode, owner and group that are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub mode: Option<String>,
    pub owner: Option<String>,
    pub group: Option<String>,
    /// A file that cannot be replaced is written over.
    pub in_place: bool,
}

/// How a path's attributes differ from what is wanted.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Only what differs; the mode in octal digits.
    pub attributes: Attributes,
    pub before: Map,
    pub after: Map,
}

impl From<&FileAttributes> for Wanted {
    fn from(given: &FileAttributes) -> Self {
        let Attributes { mode, owner, group, in_place } = given.wanted();
        Self { mode, owner, group, in_place }
    }
}

impl Wanted {
    /// Compares with a path; names and numbers mean the same.
    pub fn difference(&self, stat: &FileStat) -> Result<Difference, Failure> {
        let mut found = Difference::default();
        found.attributes.in_place = self.in_place;
        if let Some(owner) = self.owner.as_ref().filter(|owner| !same(owner, stat.uid, &stat.owner)) {
            found.note("owner", identity(stat.uid, &stat.owner, owner), json!(owner));
            found.attributes.owner = Some(owner.clone());
        }
        if let Some(group) = self.group.as_ref().filter(|group| !same(group, stat.gid, &stat.group)) {
            found.note("group", identity(stat.gid, &stat.group, group), json!(group));
            found.attributes.group = Some(group.clone());
        }
        // Linux has no mode of a link.
        if let (Some(wanted), true) = (&self.mode, stat.kind != FileKind::Link) {
            let bits = mode::bits(wanted, stat.mode, stat.kind == FileKind::Directory)?;
            if bits != stat.mode {
                found.note("mode", json!(mode::shown(stat.mode)), json!(mode::shown(bits)));
                found.attributes.mode = Some(mode::octal(bits));
            }
        }
        Ok(found)
    }

    /// Returns what a new path gets; the mode in octal digits.
    pub fn for_new(&self, is_dir: bool) -> Result<Attributes, Failure> {
        let mode = match &self.mode {
            Some(wanted) => Some(mode::octal(mode::bits(wanted, mode::of_new(is_dir), is_dir)?)),
            None => None,
        };
        let (owner, group) = (self.owner.clone(), self.group.clone());
        Ok(Attributes { mode, owner, group, in_place: self.in_place })
    }
}

impl Difference {
    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Returns it as `--diff` shows it.
    pub fn change(&self, path: &str) -> Change {
        let with_path = |map: &Map| {
            let mut map = map.clone();
            map.insert("path".into(), json!(path));
            Value::Object(map)
        };
        Change {
            what: path.to_owned(),
            before: with_path(&self.before),
            after: with_path(&self.after),
            ..Change::default()
        }
    }

    fn note(&mut self, key: &str, before: Value, after: Value) {
        self.before.insert(key.into(), before);
        self.after.insert(key.into(), after);
    }
}

fn same(wanted: &str, number: u32, name: &str) -> bool {
    wanted.parse::<u32>().map_or(name == wanted, |wanted| wanted == number)
}

/// Shows a name beside a name, a number beside a number.
fn identity(number: u32, name: &str, wanted: &str) -> Value {
    if name.is_empty() || wanted.parse::<u32>().is_ok() { json!(number) } else { json!(name) }
}

/// Returns the keys that results have for a path that is there: `uid, gid, owner, group, mode, state, size`.
pub fn path_result(stat: &FileStat) -> Map {
    let name = |name: &str, number: u32| if name.is_empty() { number.to_string() } else { name.to_owned() };
    let keys = [
        ("uid", json!(stat.uid)),
        ("gid", json!(stat.gid)),
        ("owner", json!(name(&stat.owner, stat.uid))),
        ("group", json!(name(&stat.group, stat.gid))),
        ("mode", json!(mode::shown(stat.mode))),
        ("state", json!(state_word(stat))),
        ("size", json!(stat.size)),
    ];
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Returns what Ansible calls the state of a path that is there.
pub fn state_word(stat: &FileStat) -> &'static str {
    match stat.kind {
        FileKind::Link => "link",
        FileKind::Directory => "directory",
        _ if stat.nlink > 1 => "hard",
        _ => "file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_mean_the_same() {
        let stat = FileStat { uid: 0, owner: "root".into(), gid: 5, mode: 0o644, ..FileStat::default() };
        let wanted = |owner: &str, group: &str| Wanted {
            owner: Some(owner.into()),
            group: Some(group.into()),
            mode: Some("u=rw,go=r".into()),
            in_place: false,
        };
        assert!(wanted("root", "5").difference(&stat).unwrap().is_empty());
        assert!(wanted("0", "5").difference(&stat).unwrap().is_empty());
        let found = wanted("7", "staff").difference(&stat).unwrap();
        assert_eq!(found.before, *json!({ "owner": 0, "group": 5 }).as_object().unwrap());
        assert_eq!(found.after, *json!({ "owner": "7", "group": "staff" }).as_object().unwrap());
    }

    #[test]
    fn the_mode_of_a_link_never_differs() {
        let stat = FileStat { kind: FileKind::Link, mode: 0o777, ..FileStat::default() };
        let wanted = Wanted { mode: Some("0600".into()), ..Wanted::default() };
        assert!(wanted.difference(&stat).unwrap().is_empty());
    }
}
