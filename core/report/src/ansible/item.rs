use switchover_journal::{Status, TaskResult};

use super::json::dump;
use super::{Ansible, word};
use crate::paint::Meaning;

impl Ansible {
    /// Prints one item of a loop.
    pub(super) fn item(&mut self, task: u32, host: &str, label: &str, result: &TaskResult) {
        let always = self.is_debug(task);
        let host = super::result::with_delegate(host, result);
        let item = format!("(item={label})");
        match word(result.status) {
            Some((word, meaning)) => {
                let shown = self.verbosity > 0 || (always && word != "skipping");
                let json = dump(&super::result::cleaned(result), always || self.verbosity > 2);
                let more = if shown { format!(" => {json}") } else { String::new() };
                // Ansible leaves a blank after a skipped item.
                let gap = if word == "skipping" { " " } else { "" };
                self.print(meaning, &format!("{word}: [{host}] => {item}{gap}{more}"));
            }
            None => {
                let json = dump(&super::result::cleaned(result), false);
                self.print(Meaning::Bad, &format!("failed: [{host}] {item} => {json}"));
                if result.ignored {
                    self.print(Meaning::Skipped, "...ignoring");
                }
            }
        }
        if self.show_diff && result.status == Status::Changed {
            self.diff(result);
        }
    }
}
