use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use switchover_protocol::{Map, Value};

/// Facts kept between runs: one JSON file a host, as Ansible's `jsonfile` reads and writes it.
///
/// A file that cannot be read is as good as none; one that cannot be written is told.
#[derive(Debug)]
pub struct FactCache {
    pub folder: PathBuf,
    pub prefix: String,
    /// How old a file may be; `None` for any age.
    pub keeps: Option<Duration>,
}

impl FactCache {
    /// Returns the facts of a host under the names that they were given.
    pub fn read(&self, host: &str) -> Option<Map> {
        let file = self.file(host);
        let age = std::fs::metadata(&file).ok()?.modified().ok()?.elapsed().unwrap_or_default();
        if self.keeps.is_some_and(|keeps| age > keeps) {
            return None;
        }
        let Value::Object(mut outer) = serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?
        else {
            return None;
        };
        match outer.remove(PAYLOAD) {
            Some(Value::String(text)) => match plain(serde_json::from_str(&text).ok()?) {
                Value::Object(facts) => Some(facts),
                _ => None,
            },
            _ => Some(outer),
        }
    }

    /// Writes the facts of a host; says what went wrong.
    pub fn write(&self, host: &str, facts: &Map) -> Result<(), String> {
        let told = |error: std::io::Error| {
            format!("the facts of {host} cannot be kept in {}: {error}", self.folder.display())
        };
        std::fs::create_dir_all(&self.folder).map_err(told)?;
        let text = Value::Object(facts.clone()).to_string();
        let whole = Value::Object(Map::from_iter([(PAYLOAD.to_owned(), text.into())])).to_string();
        let fresh = self.file(host).with_extension(format!("{}.new", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&fresh).map_err(told)?;
        file.write_all(whole.as_bytes()).map_err(told)?;
        std::fs::rename(&fresh, self.file(host)).map_err(told)
    }

    /// Forgets a host.
    pub fn forget(&self, host: &str) {
        // A file that is not there is forgotten already.
        std::fs::remove_file(self.file(host)).ok();
    }

    /// `s1` is how Ansible marks the form of the file.
    fn file(&self, host: &str) -> PathBuf {
        self.folder.join(format!("{}s1_{}", self.prefix, host.replace('/', "_")))
    }
}

const PAYLOAD: &str = "__payload__";

/// Ansible writes beside some values where they came from; only the values count.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut map) if map.contains_key("__ansible_type") && map.contains_key("value") => {
            map.remove("value").map(plain).unwrap_or_default()
        }
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &std::path::Path) -> FactCache {
        FactCache { folder: folder.to_owned(), prefix: "p_".to_owned(), keeps: None }
    }

    #[test]
    fn reads_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let facts = Map::from_iter([("ansible_system".to_owned(), "Linux".into())]);
        cache(folder.path()).write("h", &facts).unwrap();
        assert_eq!(cache(folder.path()).read("h"), Some(facts));
        assert!(folder.path().join("p_s1_h").exists());
        cache(folder.path()).forget("h");
        assert_eq!(cache(folder.path()).read("h"), None);
    }

    #[test]
    fn takes_the_values_out_of_what_ansible_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let inner =
            r#"{"foo": {"value": "1", "tags": [{"path": "a.yml"}], "__ansible_type": "_AnsibleTaggedStr"}}"#;
        let text = Value::Object(Map::from_iter([(PAYLOAD.to_owned(), inner.into())])).to_string();
        std::fs::write(folder.path().join("p_s1_h"), text).unwrap();
        assert_eq!(cache(folder.path()).read("h").unwrap()["foo"], "1");
    }

    #[test]
    fn what_is_too_old_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let young = FactCache { keeps: Some(Duration::ZERO), ..cache(folder.path()) };
        young.write("h", &Map::new()).unwrap();
        assert_eq!(young.read("h"), None);
    }
}
