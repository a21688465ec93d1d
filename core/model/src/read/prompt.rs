use switchover_syntax::{Diagnostic, Entry, Node, nearest};

use super::Reader;
use super::level::items;
use crate::Prompt;

const WORDS: [&str; 9] =
    ["confirm", "default", "encrypt", "name", "private", "prompt", "salt", "salt_size", "unsafe"];

impl Reader<'_> {
    /// Reads `vars_prompt`: a list of mappings, or one mapping.
    pub(super) fn prompts(&self, node: &Node) -> Vec<Prompt> {
        items(node).iter().filter_map(|item| self.prompt(item)).collect()
    }

    fn prompt(&self, node: &Node) -> Option<Prompt> {
        let mapping = self.mapping(node, "an entry of `vars_prompt`")?;
        let mut prompt = Prompt {
            name: String::new(),
            prompt: None,
            default: None,
            private: None,
            confirm: None,
            encrypt: None,
            salt: None,
            salt_size: None,
            unsafe_: None,
        };
        for (key, entry) in self.entries(mapping) {
            self.prompt_word(&mut prompt, key, entry);
        }
        match mapping.get("name") {
            Some(name) => self.variable_name(name).then_some(prompt),
            None => {
                self.report(
                    Diagnostic::error(
                        "playbook::missing-argument",
                        "this prompt names no variable",
                        &node.span,
                    )
                    .help("add `name: VARIABLE`"),
                );
                None
            }
        }
    }

    fn prompt_word(&self, prompt: &mut Prompt, key: &str, entry: &Entry) {
        let slot = match key {
            "name" => {
                prompt.name = entry.value.as_str().unwrap_or_default().to_owned();
                return;
            }
            "prompt" => &mut prompt.prompt,
            "default" => &mut prompt.default,
            "private" => &mut prompt.private,
            "confirm" => &mut prompt.confirm,
            "encrypt" => &mut prompt.encrypt,
            "salt" => &mut prompt.salt,
            "salt_size" => &mut prompt.salt_size,
            "unsafe" => &mut prompt.unsafe_,
            _ => return self.unknown_prompt_word(key, entry),
        };
        self.check_templates(&entry.value);
        *slot = Some(entry.value.clone());
    }

    fn unknown_prompt_word(&self, key: &str, entry: &Entry) {
        let message = format!("Invalid vars_prompt data structure, found unsupported key '{key}'");
        let error = Diagnostic::error("playbook::unknown-keyword", message, &entry.key.span);
        self.report(match nearest(key, WORDS) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.help(format!("it knows {}", WORDS.join(", "))),
        });
    }
}
