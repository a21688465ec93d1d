use switchover_engine::Summary;
use switchover_journal::Counts;

/// Returns the one next command after a run that did not go through.
pub fn line(summary: &Summary) -> Option<String> {
    let any = |pick: fn(&Counts) -> u32| summary.recap.total(pick) > 0;
    let again = command();
    if any(|c| c.unknown) {
        return Some(
            "A step was started and its end is unknown: look at the host before anything is run again."
                .into(),
        );
    }
    if any(|c| c.refused) {
        return Some(format!(
            "Stopped before a step that needs a human's word. When it is given (see `next:` above), run again:\n  {again}"
        ));
    }
    if summary.stopped {
        return Some(format!(
            "Stopped on request. What was done stays done; to go on, run again:\n  {again}"
        ));
    }
    let lost: Vec<&str> = summary
        .recap
        .hosts
        .iter()
        .filter(|(_, counts)| counts.failed + counts.unreachable > 0)
        .map(|(name, _)| name.as_str())
        .collect();
    (!lost.is_empty()).then(|| {
        format!(
            "After mending {}, run again; what is done already stays as it is:\n  {again}",
            lost.join(", ")
        )
    })
}

/// Returns the command that was given, as it can be typed again.
fn command() -> String {
    let words: Vec<String> = std::env::args().map(|word| quote(&word)).collect();
    words.join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
