//! Playbooks as people write them, right and wrong, and what the loader makes of them.

mod cases;

use cases::{each_case, loader, pictures};

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
