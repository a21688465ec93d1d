//! A declaration and arguments, both from outside: a line of each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchover_plugin_host::{check_arguments, check_arguments_static};
use switchover_protocol::{Map, ModuleSpec};

fuzz_target!(|text: &str| {
    let Some((spec, args)) = text.split_once('\n') else { return };
    let Ok(spec) = serde_json::from_str::<ModuleSpec>(spec) else { return };
    let Ok(args) = serde_json::from_str::<Map>(args) else { return };
    let early = check_arguments_static(&spec, &args);
    let (_, problems) = check_arguments(&spec, &args);
    assert!(problems.len() >= early.len() || text.contains('{'), "what is told early is told again");
});
