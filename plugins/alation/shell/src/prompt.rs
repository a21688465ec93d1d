//! Whether an action is waiting for an answer.

const QUESTIONS: &[&str] = &[
    "[y/n]",
    "(y/n)",
    "[yes/no]",
    "(yes/no)",
    "type yes",
    "enter yes",
    "type 'yes'",
    "type \"yes\"",
    "'yes' to",
    "\"yes\" to",
    "yes to continue",
    "yes to confirm",
    "yes to proceed",
    "are you sure",
    "press enter",
    "continue?",
    "proceed?",
    "password:",
    "confirm:",
];

/// Returns the unfinished line at the end of some output, when it looks like a question to a human.
pub fn question(output: &str) -> Option<&str> {
    let last = output.rsplit('\n').next().unwrap_or_default();
    let line = last.rsplit('\r').next().unwrap_or_default().trim();
    if line.is_empty() { None } else { looks_asked(line).then_some(line) }
}

/// Returns the last line of an action's whole output, finished or not, when it asks for an explicit answer.
pub fn unanswered(output: &str) -> Option<&str> {
    let line = output.trim_end().rsplit('\n').next().unwrap_or_default().trim();
    asks_for_words(line).then_some(line)
}

fn looks_asked(line: &str) -> bool {
    asks_for_words(line) || line.ends_with(['?', ':', '>'])
}

fn asks_for_words(line: &str) -> bool {
    let lower = line.to_lowercase();
    QUESTIONS.iter().any(|question| lower.contains(question))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_question_is_seen() {
        for text in [
            "Stopping...\nThis deletes all data. Type YES to continue: ",
            "Are you sure? [y/N] ",
            "Enter 'YES' to proceed\nanswer> ",
        ] {
            assert!(question(text).is_some(), "{text}");
        }
    }

    #[test]
    fn work_in_progress_is_no_question() {
        for text in ["copying kvstore\n", "copied 40%", "10%\r20%", "", "Copying postgres: base backup ... "]
        {
            assert_eq!(question(text), None, "{text}");
        }
    }

    #[test]
    fn a_finished_line_may_still_be_an_unanswered_question() {
        assert!(unanswered("Type YES to continue:\n").is_some());
        assert_eq!(unanswered("Done: all copied\n"), None);
    }
}
