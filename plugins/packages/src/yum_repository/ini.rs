//! Sections of a `.repo` file. Other sections stay as they were written.

/// Returns the text with a section that holds these settings; the same text when it already does.
pub fn with(text: &str, name: &str, settings: &[(String, String)]) -> String {
    let (before, section, after) = split(text, name);
    if section.is_some_and(|section| read(section) == settings) {
        return text.to_owned();
    }
    let lines: String =
        settings.iter().map(|(key, value)| format!("{key} = {}\n", value.replace('\n', "\n\t"))).collect();
    let gap = if before.is_empty() || before.ends_with("\n\n") { "" } else { "\n" };
    let before =
        if before.is_empty() || before.ends_with('\n') { before.to_owned() } else { format!("{before}\n") };
    format!("{before}{gap}[{name}]\n{lines}\n{after}")
}

/// Returns the text without a section.
pub fn without(text: &str, name: &str) -> String {
    let (before, section, after) = split(text, name);
    match section {
        Some(_) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}

/// Returns what is before the section, what is in it with its head, and what is after it.
fn split<'a>(text: &'a str, name: &str) -> (&'a str, Option<&'a str>, &'a str) {
    let mut at = 0;
    let mut start = None;
    for line in text.split_inclusive('\n') {
        let head = line.trim_end().strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        match (start, head) {
            (None, Some(head)) if head == name => start = Some(at),
            (Some(start), Some(_)) => return (&text[..start], Some(&text[start..at]), &text[at..]),
            _ => {}
        }
        at += line.len();
    }
    match start {
        Some(start) => (&text[..start], Some(&text[start..]), ""),
        None => (text, None, ""),
    }
}

/// Returns the settings of a section, sorted by key; lines that go on are parted by a new line.
fn read(section: &str) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> = Vec::new();
    for line in section.lines().skip(1) {
        let goes_on = line.starts_with([' ', '\t']);
        match (line.split_once('='), settings.last_mut()) {
            _ if line.trim().is_empty() || line.starts_with(['#', ';']) => {}
            (_, Some((_, value))) if goes_on => {
                value.push('\n');
                value.push_str(line.trim());
            }
            (Some((key, value)), _) => settings.push((key.trim().to_owned(), value.trim().to_owned())),
            (None, _) => {}
        }
    }
    settings.sort();
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn other_sections_stay_as_they_were() {
        let text = "# mine\n[a]\nname=A\n\n[b]\nname=B\n";
        let wanted = settings(&[("baseurl", "x\ny"), ("name", "New")]);
        let after = with(text, "a", &wanted);
        assert_eq!(after, "# mine\n\n[a]\nbaseurl = x\n\ty\nname = New\n\n[b]\nname=B\n");
        assert_eq!(with(&after, "a", &wanted), after);
        assert_eq!(without(text, "b"), "# mine\n[a]\nname=A\n\n");
    }

    #[test]
    fn the_way_of_writing_does_not_matter() {
        let text = "[a]\nname=A\nbaseurl=x\n  y\n";
        assert_eq!(with(text, "a", &settings(&[("baseurl", "x\ny"), ("name", "A")])), text);
    }
}
