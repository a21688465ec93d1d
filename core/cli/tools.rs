//! Ansible's tools by their names: what of them is here, and what is refused with its reason.

mod options;
mod refused;

pub use options::{Fate, OPTIONS};
pub use refused::{REFUSED_TOOLS, RefusedTool};

use crate::{exit, problems};

/// Returns the refusal of a whole tool, by its name or as a command of this program.
pub fn refused_tool(name: &str) -> Option<&'static RefusedTool> {
    REFUSED_TOOLS.iter().find(|tool| name == tool.name || name == tool.command())
}

/// Returns why an option of a tool is refused, when one of these words is such an option.
pub fn refused_option(tool: &str, words: &[String]) -> Option<(&'static str, &'static str)> {
    let mut words = words.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let Some(option) = OPTIONS.iter().find(|option| option.tool == tool && option.is(word)) else {
            continue;
        };
        if let Fate::Refused(why) = option.fate {
            return Some((option.forms, why));
        }
        // What stands behind an option is its value, whatever it looks like.
        if option.takes_next(word) {
            words.next();
        }
    }
    None
}

/// Says that a tool is not here, and what to do instead.
pub fn refuse_tool(tool: &RefusedTool) -> u8 {
    problems::say(&format!("{} is not here: {}", tool.name, tool.why), Some(tool.instead));
    exit::OPTIONS
}

/// Says that an option is not here, and what to do instead.
pub fn refuse_option((forms, why): (&str, &str)) -> u8 {
    problems::say(&format!("{forms}: {why}"), None);
    exit::OPTIONS
}

#[cfg(test)]
mod document;
#[cfg(test)]
mod tests;
