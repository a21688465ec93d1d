/// Returns the candidate that was probably meant, or `None` when nothing is near.
///
/// Letters may be missing, added, wrong or swapped: one for short words, a third of the length for longer ones.
/// Case does not count, nor whether `-` or `_` was written. The first of equally near candidates wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let allowed = (folded.len() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn fold(word: &str) -> Vec<char> {
    word.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Edit distance with swaps of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let wrong = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + wrong);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best;
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 6] = ["become", "become_user", "when", "with_items", "register", "hosts"];

    #[test]
    fn finds_the_word_that_was_meant() {
        for (written, meant) in [
            ("becom", "become"),
            ("beocme", "become"),
            ("become-user", "become_user"),
            ("Wehn", "when"),
            ("regsiter", "register"),
            ("host", "hosts"),
        ] {
            assert_eq!(nearest(written, WORDS), Some(meant), "{written}");
        }
    }

    #[test]
    fn finds_nothing_when_nothing_is_near() {
        assert_eq!(nearest("serial", WORDS), None);
        assert_eq!(nearest("x", WORDS), None);
        assert_eq!(nearest("", WORDS), None);
    }
}
