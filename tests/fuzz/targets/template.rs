//! Templates and conditions of playbooks, as they are checked before a run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchover_syntax::{Source, Span};
use switchover_values::{check_condition, check_template};

fuzz_target!(|text: &str| {
    let source = Source::new("input.yml", text);
    let span = Span::new(&source, 0, text.len() as u32);
    for mistake in check_template(text, &span).iter().chain(&check_condition(text, &span)) {
        assert!(!mistake.render(false).is_empty());
    }
});
