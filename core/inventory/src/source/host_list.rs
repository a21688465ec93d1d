use switchover_syntax::{Source, Span};

use crate::address::address;
use crate::inventory::UNGROUPED;
use crate::load::Loading;

/// Reads `a,b:22,c[1:3],`. Ansible takes ranges for a part of the name here; nobody can mean that.
pub(super) fn read(loading: &mut Loading<'_>, text: &str) {
    let source = Source::new("<host list>", text);
    let mut start = 0;
    for part in text.split(',') {
        let name = part.trim();
        let begin = start + (part.len() - part.trim_start().len());
        start += part.len() + 1;
        if name.is_empty() {
            continue;
        }
        let span = Span::new(&source, begin as u32, (begin + name.len()) as u32);
        match address(name) {
            Ok(found) => {
                loading.hosts(&found.names, found.port, UNGROUPED, &span);
            }
            Err(error) => loading.error("inventory::host", error.to_string(), &span),
        }
    }
}
