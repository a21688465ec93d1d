use super::Persistent;

/// What files should say of a module.
pub struct Kept<'a> {
    pub name: &'a str,
    pub params: Vec<&'a str>,
}

/// A file as it is and as it should be.
type Edit = (String, String, String);

impl Kept<'_> {
    /// Returns the files that have to change; the texts are those that the look printed.
    pub fn edits(&self, wanted: Persistent, load_files: &str, option_files: &str) -> Vec<Edit> {
        let (load, options) = (files(load_files), files(option_files));
        let is_kept = load.iter().any(|(_, text)| text.lines().any(|line| self.names(line)));
        let mut found: Vec<&str> =
            options.iter().flat_map(|(_, text)| text.lines()).filter_map(|line| self.param(line)).collect();
        found.sort_unstable();
        found.dedup();
        let mut edits = Vec::new();
        match wanted {
            Persistent::Disabled => {}
            Persistent::Absent => {
                edits.extend(hidden(&load, |line| self.names(line)));
                edits.extend(hidden(&options, |line| self.param(line).is_some()));
            }
            Persistent::Present => {
                if !is_kept {
                    edits.push(written("/etc/modules-load.d", self.name, &load, format!("{}\n", self.name)));
                }
                let mut params = self.params.clone();
                params.sort_unstable();
                params.dedup();
                if params != found {
                    let lines: Vec<String> =
                        self.params.iter().map(|param| format!("options {} {param}\n", self.name)).collect();
                    let own = written("/etc/modprobe.d", self.name, &options, lines.concat());
                    let others =
                        options.iter().filter(|(path, _)| *path != own.0).cloned().collect::<Vec<_>>();
                    edits.extend(hidden(&others, |line| self.param(line).is_some()));
                    edits.push(own);
                }
            }
        }
        edits
    }

    fn names(&self, line: &str) -> bool {
        bare(line) == self.name
    }

    /// Returns the parameter that a line `options NAME a=b` sets.
    fn param<'b>(&self, line: &'b str) -> Option<&'b str> {
        let rest = bare(line).strip_prefix("options ")?.trim_start().strip_prefix(self.name)?;
        let param = rest.strip_prefix(' ')?.trim();
        (param.contains('=') && !param.contains(' ')).then_some(param)
    }
}

/// Returns a line without its comment.
fn bare(line: &str) -> &str {
    line.split(['#', ';']).next().unwrap_or_default().trim()
}

/// Reads path, 035, content, 035.
fn files(text: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = text.split('\u{1d}').collect();
    parts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

fn written(folder: &str, name: &str, known: &[(&str, &str)], after: String) -> Edit {
    let path = format!("{folder}/{name}.conf");
    let before = known.iter().find(|(known, _)| *known == path).map_or("", |(_, text)| text);
    (path, before.to_owned(), after)
}

/// Makes comments of the lines that match.
fn hidden(files: &[(&str, &str)], matches: impl Fn(&str) -> bool) -> Vec<Edit> {
    let edit = |(path, before): &(&str, &str)| {
        let line = |line: &str| if matches(line) { format!("#{line}\n") } else { format!("{line}\n") };
        ((*path).to_owned(), (*before).to_owned(), before.lines().map(line).collect::<String>())
    };
    files.iter().filter(|(_, text)| text.lines().any(&matches)).map(edit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_lose_old_parameters() {
        let kept = Kept { name: "dummy", params: vec!["numdummies=2"] };
        let options = "/etc/modprobe.d/x.conf\u{1d}options dummy numdummies=1 # old\nblacklist y\n\u{1d}";
        let edits = kept.edits(Persistent::Present, "/etc/modules-load.d/a\u{1d}dummy\n\u{1d}", options);
        assert_eq!(edits.len(), 2);
        assert_eq!(edits[0].2, "#options dummy numdummies=1 # old\nblacklist y\n");
        assert_eq!(edits[1].0, "/etc/modprobe.d/dummy.conf");
        assert_eq!(edits[1].2, "options dummy numdummies=2\n");
    }

    #[test]
    fn a_longer_name_is_another_module() {
        let kept = Kept { name: "dummy", params: Vec::new() };
        let edits = kept.edits(Persistent::Absent, "/f\u{1d}dummy_hcd\n\u{1d}", "");
        assert_eq!(edits, []);
    }
}
