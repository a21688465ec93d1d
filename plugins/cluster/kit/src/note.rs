use switchover_sdk::prelude::*;

/// A small JSON file below `~/.switchover` on the host, for what must survive a broken run.
///
/// It is written by rename and readable by its owner only. Its name is the author's: plain words with one slash or none.
#[derive(Clone, Debug)]
pub struct Note {
    name: String,
}

impl Note {
    /// Returns the note `~/.switchover/NAME.json`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    /// Reads the note; `None` when this user never wrote it.
    pub fn read(&self, host: &Host) -> Result<Option<Map>, Failure> {
        let file = self.file();
        let command = Command::shell(format!("if [ -e {file} ]; then cat {file}; fi")).reads().timeout(60);
        let text = host.output(&command)?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        let value: Option<Value> = text.parse().ok();
        value.and_then(|value| value.as_object().cloned()).map(Some).ok_or_else(|| {
            Failure::new(format!("~/.switchover/{}.json on the host cannot be read as a record", self.name))
                .remedy("look at the file, and move it away when no procedure is under way")
        })
    }

    /// Replaces the note.
    pub fn write(&self, host: &Host, value: &Value) -> Result<(), Failure> {
        let file = self.file();
        let text = format!(
            "umask 077; mkdir -p \"$(dirname {file})\" && cat > {file}.new && mv -f {file}.new {file}"
        );
        host.output(&Command::shell(text).stdin(format!("{value:#}\n"))).map(|_| ())
    }

    /// Returns the host's clock, in seconds since 1970.
    pub fn now(host: &Host) -> Result<u64, Failure> {
        let text = host.output(&Command::new(["date", "+%s"]).reads())?;
        text.trim().parse().map_err(|_| Failure::new(format!("the host's clock says `{}`", text.trim())))
    }

    fn file(&self) -> String {
        format!("\"$HOME/.switchover/{}.json\"", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_stands_below_the_home_of_the_user() {
        assert_eq!(Note::new("alation/procedure").file(), "\"$HOME/.switchover/alation/procedure.json\"");
    }
}
