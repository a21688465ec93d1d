use switchover_engine::Summary;
use switchover_journal::Counts;

/// Returns the one next command after a run that did not go through. A run with a journal is resumed by its name.
pub fn line(summary: &Summary, run: Option<&str>) -> Option<String> {
    let any = |pick: fn(&Counts) -> u32| summary.recap.total(pick) > 0;
    let (again, how) = match run {
        Some(run) => (format!("switchover resume {run}"), "go on"),
        None => (command(), "run again"),
    };
    if let Some(broken) = &summary.broken {
        let state = format!("Stopped, because {broken}. Nothing was started that is not on record");
        return Some(format!("{state}; when it can be written, {how}:\n  {again}"));
    }
    if any(|c| c.unknown) {
        return Some(format!(
            "A step was started and its end is unknown. Look at the host first; when you know (see `next:` above), \
             {how}:\n  {again}"
        ));
    }
    if any(|c| c.refused) {
        return Some(format!(
            "Stopped before a step that needs a human's word. When it is given (see `next:` above), {how}:\n  {again}"
        ));
    }
    if summary.stopped {
        return Some(format!("Stopped on request. What was done stays done; {how}:\n  {again}"));
    }
    let lost: Vec<&str> = summary
        .recap
        .hosts
        .iter()
        .filter(|(_, counts)| counts.failed + counts.unreachable > 0)
        .map(|(name, _)| name.as_str())
        .collect();
    (!lost.is_empty()).then(|| {
        format!("After mending {}, {how}; what is done already stays as it is:\n  {again}", lost.join(", "))
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
