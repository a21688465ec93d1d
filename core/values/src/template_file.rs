use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::methods::datetime;
use crate::{Scope, Stored, Value, VarMap};

/// A template that stands in a file of its own.
#[derive(Clone, Copy, Debug)]
pub struct TemplateFile<'a> {
    /// Its path as the author wrote it.
    pub written: &'a str,
    pub path: &'a Path,
    /// Where its text goes.
    pub destination: Option<&'a str>,
}

/// What `ansible_managed` says when neither a variable nor the configuration does.
const MANAGED: &str = "Ansible managed";

impl TemplateFile<'_> {
    /// Returns the variables that only such templates have: `template_path`, `ansible_managed` and so on.
    pub fn vars(&self, scope: &Scope) -> VarMap {
        let mut vars = VarMap::new();
        let mut set = |key: &str, value: Value| drop(vars.insert(key, Stored::Data(value)));
        let meta = self.path.metadata().ok();
        let owner = meta.as_ref().map(|meta| owner(meta.uid())).unwrap_or_default();
        let changed = meta.as_ref().and_then(|meta| {
            let stamp = Timestamp::new(meta.mtime(), i32::try_from(meta.mtime_nsec()).ok()?).ok()?;
            Some(stamp.to_zoned(TimeZone::system()))
        });
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
        // A variable of that name is the author's own text.
        if scope.stored("ansible_managed").is_none() {
            let managed = self.managed(scope, &owner, &host, changed.as_ref());
            set("ansible_managed", managed.into());
        }
        set("template_host", host.into());
        set("template_path", self.written.into());
        set("template_fullpath", self.path.display().to_string().into());
        set("template_destpath", self.destination.map_or(Value::from(()), Value::from));
        set("template_uid", owner.into());
        set("template_run_date", datetime::value(Zoned::now().datetime()));
        if let Some(changed) = changed {
            set("template_mtime", datetime::value(changed.datetime()));
        }
        vars
    }

    /// `{file}`, `{host}` and `{uid}` of the setting are filled in, and the template's own time.
    fn managed(&self, scope: &Scope, owner: &str, host: &str, changed: Option<&Zoned>) -> String {
        let setting = scope.settings().config.iter().find(|(name, _)| name == "DEFAULT_MANAGED_STR");
        let Some(text) = setting.and_then(|(_, value)| value.as_str()) else { return MANAGED.to_owned() };
        let text = text.replace("{host}", host).replace("{uid}", owner).replace("{file}", self.written);
        let dated =
            changed.filter(|_| text.contains('%')).and_then(|time| datetime::strftime(time, &text).ok());
        dated.unwrap_or(text)
    }
}

/// Returns the name of a user of the controller, or the number of one who has none.
fn owner(uid: u32) -> String {
    let number = uid.to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut lines = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let name =
        lines.find(|fields| fields.get(2) == Some(&number.as_str())).map(|fields| fields[0].to_owned());
    name.unwrap_or(number)
}
