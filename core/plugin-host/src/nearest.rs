/// Returns the candidate that was most likely meant by `name`: at most one wrong letter in three, case ignored.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let limit = (wanted.len() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.to_lowercase().chars().collect();
            (distance(&wanted, &letters), candidate)
        })
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Counts letters to insert, delete, replace, or swap with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = previous[j] + usize::from(x != y);
            let mut best = replaced.min(previous[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut previous, row);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["copy", "command", "lineinfile", "ansible.builtin.copy"];
        assert_eq!(nearest("coyp", names), Some("copy"));
        assert_eq!(nearest("Comand", names), Some("command"));
        assert_eq!(nearest("line_in_file", names), Some("lineinfile"));
        assert_eq!(nearest("ansible.builtin.coppy", names), Some("ansible.builtin.copy"));
    }

    #[test]
    fn stays_silent_when_nothing_is_like_it() {
        assert_eq!(nearest("zap", ["copy", "command"]), None);
        assert_eq!(nearest("x", ["y", "ab"]), None);
        assert_eq!(nearest("", ["a"]), None);
    }
}
