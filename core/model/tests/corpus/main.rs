//! Playbooks as people write them, right and wrong, and what the loader makes of them.

mod cases;
mod dump;

use cases::{each_case, loader, pictures};
use dump::dump;

#[test]
fn broken_playbooks_are_refused_with_their_pictures() {
    each_case("tests/broken", |path| {
        let loader = loader();
        match loader.playbook(path) {
            Ok(_) => format!("accepted\n\n{}", pictures(&loader.warnings())),
            Err(errors) => pictures(&errors),
        }
    });
}

#[test]
fn good_playbooks_are_read_as_they_are_meant() {
    each_case("tests/good", |path| {
        let loader = loader();
        match loader.playbook(path) {
            Ok(playbook) => match loader.warnings() {
                warnings if warnings.is_empty() => dump(&playbook),
                warnings => format!("{}\n{}", dump(&playbook), pictures(&warnings)),
            },
            Err(errors) => format!("refused\n\n{}", pictures(&errors)),
        }
    });
}
