/// A line of fstab that a task wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub src: String,
    pub path: String,
    pub fstype: String,
    pub opts: String,
    pub dump: String,
    pub passno: String,
}

impl Entry {
    fn fields(&self) -> [String; 6] {
        let fields = [&self.src, &self.path, &self.fstype, &self.opts, &self.dump, &self.passno];
        fields.map(|field| escaped(field))
    }
}

/// Returns fstab with this entry, in the place of the entry for the same path (of swap: the same device).
pub fn with(text: &str, entry: &Entry) -> String {
    let wanted = entry.fields();
    let mut found = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        match fields(line) {
            Some(is) if matches(&is, &wanted[1], Some(&wanted[0])) => {
                let same = is == wanted;
                found = true;
                lines.push(if same { line.to_owned() } else { wanted.join(" ") });
            }
            _ => lines.push(line.to_owned()),
        }
    }
    if !found {
        lines.push(wanted.join(" "));
    }
    ended(&lines)
}

/// Returns fstab without the entries for a path; the same text when there is none.
pub fn without(text: &str, path: &str, src: Option<&str>) -> String {
    let path = escaped(path);
    let src = src.map(escaped);
    let goes = |line: &&str| fields(line).is_some_and(|is| matches(&is, &path, src.as_deref()));
    if !text.lines().any(|line| goes(&line)) {
        return text.to_owned();
    }
    ended(&text.lines().filter(|line| !goes(line)).map(str::to_owned).collect::<Vec<_>>())
}

fn ended(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Swap has no path: its device tells which entry is meant.
fn matches(is: &[String; 6], path: &str, src: Option<&str>) -> bool {
    let other_swap = is[1] == "none" && is[2] == "swap" && src.is_some_and(|src| is[0] != src);
    is[1] == path && !other_swap
}

/// Returns the six fields of a line; the last two may be missing. `None` for comments and what is no entry.
fn fields(line: &str) -> Option<[String; 6]> {
    let mut fields: Vec<String> = line.split('#').next()?.split_whitespace().map(str::to_owned).collect();
    if !(4..=6).contains(&fields.len()) {
        return None;
    }
    fields.resize(6, "0".to_owned());
    fields.try_into().ok()
}

/// Writes what would part fields in octal, as fstab(5) has it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\134")
        .replace(' ', "\\040")
        .replace('\t', "\\011")
        .replace('\n', "\\012")
        .replace('&', "\\046")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, opts: &str) -> Entry {
        let text = |text: &str| text.to_owned();
        Entry {
            src: text("/dev/sdb1"),
            path: text(path),
            fstype: text("ext4"),
            opts: text(opts),
            dump: text("0"),
            passno: text("0"),
        }
    }

    #[test]
    fn an_entry_that_is_right_stays_as_it_is_written() {
        let text = "# a\n/dev/sdb1\t/data  ext4 defaults\n";
        assert_eq!(with(text, &entry("/data", "defaults")), text);
        assert_eq!(with(text, &entry("/data", "ro")), "# a\n/dev/sdb1 /data ext4 ro 0 0\n");
    }

    #[test]
    fn blanks_are_written_in_octal_and_found_again() {
        let text = with("", &entry("/a b", "defaults"));
        assert_eq!(text, "/dev/sdb1 /a\\040b ext4 defaults 0 0\n");
        assert_eq!(with(&text, &entry("/a b", "defaults")), text);
        assert_eq!(without(&text, "/a b", None), "");
    }

    #[test]
    fn swap_is_told_by_its_device() {
        let text = "/dev/sda1 none swap sw 0 0\n/dev/sda2 none swap sw 0 0\n";
        assert_eq!(without(text, "none", Some("/dev/sda2")), "/dev/sda1 none swap sw 0 0\n");
    }

    #[test]
    fn the_last_line_gets_its_end() {
        assert_eq!(with("# x", &entry("/d", "ro")), "# x\n/dev/sdb1 /d ext4 ro 0 0\n");
        assert_eq!(without("# x", "/d", None), "# x");
    }
}
