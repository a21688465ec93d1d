use switchover_journal::TaskResult;

use super::result::{cleaned, with_delegate};
use super::{Ansible, word};
use crate::paint::Meaning;

impl Ansible {
    /// Prints one item of a loop.
    pub(super) fn item(&mut self, task: u32, host: &str, label: &str, result: &TaskResult) {
        let always = result.loud;
        let json = self.dumped(&cleaned(result, self.is_debug(task)), always);
        let host = with_delegate(host, result);
        let label = if result.censored { "(censored due to no_log)" } else { label };
        let item = format!("(item={label})");
        match word(result.status) {
            Some((word, meaning)) => {
                let shown = self.display.verbosity > 0 || always;
                // Ansible leaves a blank after a skipped item.
                let gap = if word == "skipping" { " " } else { "" };
                let more = if shown { format!("{gap} => {json}") } else { gap.to_owned() };
                self.print(meaning, &format!("{word}: [{host}] => {item}{more}"));
            }
            None => {
                self.trouble(task, result);
                self.print_failure(Meaning::Bad, &format!("failed: [{host}] {item} => {json}"));
            }
        }
    }
}
