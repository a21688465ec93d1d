//! Playbooks, variables and whatever else is YAML or JSON: a document or a picture of what is wrong, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchover_syntax::{Source, parse, parse_data, parse_json, to_value};

fuzz_target!(|text: &str| {
    let source = Source::new("input.yml", text);
    match parse(&source) {
        Ok(parsed) => parsed.documents.iter().for_each(|node| drop(to_value(node))),
        Err(mistakes) => assert!(mistakes.iter().all(|mistake| !mistake.render(false).is_empty())),
    }
    drop(parse_data(&source));
    drop(parse_json(&source));
});
