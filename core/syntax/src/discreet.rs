//! Findings about a file that is encrypted: they tell the place, and nothing of what stands there.

use crate::Source;

/// What stands in place of words of the file.
const HIDDEN: &str = "…";

/// The remedy of every finding about an encrypted file.
pub(crate) const HELP: &str = "the file is encrypted, so nothing of it is shown; `switchover vault view` shows it to who has the password";

/// Returns a message without the quoted words that stand in an encrypted text.
pub(crate) fn message(message: &str, source: &Source) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some(start) = rest.find(['`', '\'', '"']) {
        let quote = rest[start..].chars().next().unwrap_or('`');
        let inner = start + quote.len_utf8();
        let Some(length) = rest[inner..].find(quote) else { break };
        let words = &rest[inner..inner + length];
        let known = !words.is_empty() && source.text.contains(words);
        out += &rest[..inner];
        out += if known { HIDDEN } else { words };
        out.push(quote);
        rest = &rest[inner + length + quote.len_utf8()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use crate::{Diagnostic, Source, Span, Text, parse};

    #[test]
    fn a_finding_tells_nothing_of_an_encrypted_file() {
        let source = Source::new("vault.yml", Text::sealed("a: 1\npassword:hunter2\nb: [\n".to_owned()));
        let mut findings = parse(&source).unwrap_err();
        let span = Span::new(&source, 5, 12);
        findings.push(
            Diagnostic::error("x::y", "there is no `password:hunter2` or 'other'", &span)
                .label("hunter2")
                .help("say hunter2"),
        );
        for finding in findings {
            for told in [finding.render(false), finding.render_origin(), finding.to_string()] {
                assert!(told.contains("vault.yml") && !told.contains("hunter2"), "{told}");
            }
        }
    }

    #[test]
    fn other_words_stay() {
        let source = Source::new("vault.yml", Text::sealed("key: value".to_owned()));
        assert_eq!(super::message("no `key` but `word`, it's so", &source), "no `…` but `word`, it's so");
    }
}
