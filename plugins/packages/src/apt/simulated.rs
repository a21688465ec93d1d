use switchover_sdk::prelude::*;

/// What `apt-get --simulate` said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simulated {
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Simulated {
    /// Returns each package that would change, with its versions before and after.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        for change in self.stdout.lines().filter_map(change) {
            if !changes.iter().any(|known| known.what == change.what) {
                changes.push(change);
            }
        }
        changes
    }
}

/// Reads `Inst name [old] (new ...)`, `Conf name (new ...)`, `Remv name [old]`, `Purg name [old]`, or `Del file [size]`.
fn change(line: &str) -> Option<Change> {
    let (word, rest) = line.split_once(' ')?;
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let within = |open: char, close: char| {
        let text = rest.split_once(open)?.1;
        text.split([close, ' ']).next().map(str::to_owned)
    };
    let old = if rest.starts_with('[') { within('[', ']') } else { None };
    let (before, after) = match word {
        "Inst" => (old, within('(', ')')),
        "Conf" => (Some("not configured".to_owned()), within('(', ')')),
        "Remv" | "Purg" | "Del" => (old.or_else(|| Some("installed".to_owned())), None),
        _ => return None,
    };
    Some(Change { what: name.to_owned(), before: json!(before), after: json!(after), ..Change::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_would_change() {
        let stdout = "Reading package lists...\nInst hello (2.10-3 Debian:12.15/oldstable [amd64])\n\
            Inst bash [5.2-2] (5.2-3 Debian [amd64])\nRemv old [1.0] [x ]\nPurg gone [2]\nConf hello (2.10-3 Debian [amd64])\n";
        let changes = Simulated { stdout: stdout.into(), ..Simulated::default() }.changes();
        let lines: Vec<String> = changes
            .iter()
            .map(|change| format!("{} {} {}", change.what, change.before, change.after))
            .collect();
        assert_eq!(
            lines,
            ["hello null \"2.10-3\"", "bash \"5.2-2\" \"5.2-3\"", "old \"1.0\" null", "gone \"2\" null"]
        );
    }
}
