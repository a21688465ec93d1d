use switchover_protocol::{Effect, ModuleSpec};

use super::{SpecFault, excerpt};

/// Adds a fault for each text of a module that holds control characters other than the ends of lines.
pub(super) fn controls(spec: &ModuleSpec, faults: &mut Vec<SpecFault>) {
    let mut look = |param: Option<&str>, text: &str| {
        if text.chars().any(spoils) {
            let of = param.map(|name| format!("parameter {} of ", excerpt(name))).unwrap_or_default();
            let place = format!("{of}module {}", excerpt(&spec.name));
            faults.push(SpecFault::Control { place, text: excerpt(text) });
        }
    };
    look(None, &spec.summary);
    look(None, &spec.description);
    if let Effect::Destroys { what } = &spec.effect {
        look(None, what);
    }
    for param in &spec.params {
        let more = [&param.deprecated, &param.refused].into_iter().flatten();
        std::iter::once(&param.doc)
            .chain(&param.choices)
            .chain(more)
            .for_each(|t| look(Some(&param.name), t));
    }
    spec.examples
        .iter()
        .flat_map(|example| [&example.title, &example.yaml])
        .for_each(|text| look(None, text));
    spec.returns.iter().flat_map(|key| [&key.name, &key.doc]).for_each(|text| look(None, text));
}

fn spoils(letter: char) -> bool {
    letter.is_control() && letter != '\n' && letter != '\t'
}
