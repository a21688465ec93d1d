//! How far a long action is, as far as its output tells.

use switchover_sdk::prelude::*;

/// Reads an action's output as it comes, and tells the operator.
#[derive(Debug, Default)]
pub struct Progress {
    lines: u64,
    tail: String,
}

impl Progress {
    /// Takes new output and reports it: per cent when a line tells them, else the number of lines.
    pub fn news(&mut self, host: &Host, text: &str) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        self.lines += text.matches('\n').count() as u64;
        self.tail.push_str(text);
        let keep = self.tail.trim_end().rfind('\n').map_or(0, |at| at + 1);
        self.tail.drain(..keep);
        let note = self.tail.trim().rsplit('\r').next().unwrap_or_default();
        match per_cent(note) {
            Some(done) => host.progress(done, Some(100), "%", note),
            None => host.progress(self.lines, None, "lines", note),
        }
    }
}

/// Finds a percentage: `42%`, `42.7 %`, or `7/20` and `7 of 20`.
fn per_cent(line: &str) -> Option<u64> {
    let number = |text: &str| text.parse::<f64>().ok();
    if let Some((before, _)) = line.split_once('%') {
        let digits = before.trim_end().rsplit(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        return number(digits).filter(|done| (0.0..=100.0).contains(done)).map(|done| done as u64);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let pair = words.windows(3).find(|three| three[1] == "of").map(|three| (three[0], three[2]));
    let pair = pair.or_else(|| words.iter().find_map(|word| word.split_once('/')));
    let (done, total) = pair.and_then(|(done, total)| Some((number(done)?, number(total)?)))?;
    (total > 0.0 && done <= total).then(|| (100.0 * done / total) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_found_in_a_line() {
        assert_eq!(per_cent("copying 42% (3 GB)"), Some(42));
        assert_eq!(per_cent("12.7 % done"), Some(12));
        assert_eq!(per_cent("table 5/20"), Some(25));
        assert_eq!(per_cent("step 3 of 4"), Some(75));
        assert_eq!(per_cent("restarting web"), None);
        assert_eq!(per_cent("see /var/log"), None);
        assert_eq!(per_cent("7 of 3"), None);
    }
}
