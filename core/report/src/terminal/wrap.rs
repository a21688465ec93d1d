use textwrap::{Options, WordSplitter};

/// A narrower terminal breaks lines by itself: there is no room for an indent and words.
const NARROWEST: usize = 40;

/// Where details of a step stand, below its line.
const DETAILS: usize = 12;

/// Returns a line broken between words. What follows stands below the first word, or among the details when the line is
/// that of a step; a word that is longer than a line, such as a path, stays whole.
pub fn lines(text: &str, width: usize) -> impl Iterator<Item = String> {
    let blanks = text.len() - text.trim_start_matches(' ').len();
    let indent = " ".repeat(if blanks == 2 { DETAILS } else { blanks });
    let options = Options::new(width.max(NARROWEST))
        .subsequent_indent(&indent)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    let broken: Vec<String> =
        textwrap::wrap(text, options).into_iter().map(|line| line.into_owned()).collect();
    broken.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_words_and_keeps_the_indent() {
        let text = format!("    {}", ["word"; 12].join(" "));
        let broken: Vec<String> = lines(&text, 40).collect();
        assert_eq!(
            broken,
            [format!("    {}", ["word"; 7].join(" ")), format!("    {}", ["word"; 5].join(" "))]
        );
    }

    #[test]
    fn keeps_paths_colours_and_empty_lines() {
        let path = format!("/{}", "folder/".repeat(9));
        assert_eq!(
            lines(&format!("  at {path}"), 40).collect::<Vec<_>>(),
            ["  at".to_owned(), format!("            {path}")]
        );
        let coloured = "\u{1b}[31mred\u{1b}[0m 123456789 123456789 123456789 1234567";
        assert_eq!(lines(coloured, 41).collect::<Vec<_>>(), [coloured]);
        assert_eq!(lines("", 80).collect::<Vec<_>>(), [""]);
    }
}
