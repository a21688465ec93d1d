#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Same,
    Gone,
    New,
}

/// One line of a comparison, with how many lines of either text come before it.
struct Line<'a> {
    kind: Kind,
    text: &'a str,
    before: usize,
    after: usize,
}

/// Returns the hunks of a unified diff, as Python's `difflib` writes them, with so many lines around each change; without
/// the headers of the files.
pub fn hunks(before: &str, after: &str, around: usize) -> Vec<String> {
    let lines = compare(&split(before), &split(after));
    let changed: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].kind != Kind::Same).collect();
    let mut out = Vec::new();
    let mut rest = changed.as_slice();
    while let Some(first) = rest.first() {
        let near = |pair: &&[usize]| pair[1] - pair[0] <= 2 * around + 1;
        let length = rest.windows(2).take_while(near).count() + 1;
        let (hunk, later) = rest.split_at(length);
        let end = (hunk[length - 1] + around + 1).min(lines.len());
        write(&lines[first.saturating_sub(around)..end], &mut out);
        rest = later;
    }
    out
}

fn write(lines: &[Line<'_>], out: &mut Vec<String>) {
    let count = |without: Kind| lines.iter().filter(|line| line.kind != without).count();
    let range = |start: usize, length: usize| match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    };
    let (before, after) =
        (range(lines[0].before, count(Kind::New)), range(lines[0].after, count(Kind::Gone)));
    out.push(format!("@@ -{before} +{after} @@"));
    for line in lines {
        let sign = match line.kind {
            Kind::Same => ' ',
            Kind::Gone => '-',
            Kind::New => '+',
        };
        match line.text.strip_suffix('\n') {
            Some(text) => out.push(format!("{sign}{text}")),
            None => out.extend([format!("{sign}{}", line.text), "\\ No newline at end of file".to_owned()]),
        }
    }
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Finds the shortest way from one text to the other (Myers), removals before additions.
fn compare<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Line<'a>> {
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = before.iter().zip(after).take_while(same).count();
    let (a, b) = (&before[head..], &after[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(same).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let mut lines = Vec::new();
    let (mut x, mut y) = (0, 0);
    let mut push = |kind: Kind, text: &'a str| {
        lines.push(Line { kind, text, before: x, after: y });
        x += usize::from(kind != Kind::New);
        y += usize::from(kind != Kind::Gone);
    };
    before[..head].iter().for_each(|text| push(Kind::Same, text));
    for (kind, index) in middle(a, b) {
        push(kind, if kind == Kind::New { b[index] } else { a[index] });
    }
    before[before.len() - tail..].iter().for_each(|text| push(Kind::Same, text));
    lines
}

/// The longest common subsequence by a table; what differs in files that are shown is short.
fn middle(a: &[&str], b: &[&str]) -> Vec<(Kind, usize)> {
    let width = b.len() + 1;
    let mut longest = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut steps) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            steps.push((Kind::Same, i));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            steps.push((Kind::Gone, i));
            i += 1;
        } else {
            steps.push((Kind::New, j));
            j += 1;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::hunks;

    #[test]
    fn a_new_file_begins_at_line_zero() {
        assert_eq!(hunks("", "one\ntwo\n", 3), ["@@ -0,0 +1,2 @@", "+one", "+two"]);
        assert_eq!(hunks("", "x", 3), ["@@ -0,0 +1 @@", "+x", "\\ No newline at end of file"]);
    }

    #[test]
    fn changes_that_are_near_share_a_hunk() {
        assert_eq!(
            hunks("one\ntwo\n", "one\n2\nthree\n", 3),
            ["@@ -1,2 +1,3 @@", " one", "-two", "+2", "+three"]
        );
        let long: String = (0..30).map(|n| format!("{n}\n")).collect();
        let changed = long.replace("3\n4\n", "3\nx\n").replace("25\n", "y\n");
        let starts: Vec<_> = hunks(&long, &changed, 3).into_iter().filter(|l| l.starts_with("@@")).collect();
        assert_eq!(starts, ["@@ -2,7 +2,7 @@", "@@ -23,7 +23,7 @@"]);
    }
}
