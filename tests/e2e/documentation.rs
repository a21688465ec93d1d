//! What the documentation says, done.

use std::path::Path;

use crate::scenario::Scenario;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_smallest_playbook_says_hello_and_changes_nothing() {
    let outcome = Scenario::new()
        .inside(root())
        .args(["run", "playbooks/hello.yml", "-i", "inventory/local.yml"])
        .run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("here runs "), "{outcome:?}");
    assert!(!outcome.stdout.contains("changed"), "{outcome:?}");
}

#[test]
fn the_example_inventories_are_what_the_playbooks_take() {
    let pairs = [
        ("alation-example", "alation/update_ha_pair"),
        ("postgres-example", "postgres/update_ha_pair"),
        ("postgres-example", "postgres/rebuild_standby"),
        ("template-example", "template/update_pair"),
    ];
    for (inventory, playbook) in pairs {
        let (inventory, playbook) =
            (format!("inventory/{inventory}.yml"), format!("playbooks/{playbook}.yml"));
        let outcome =
            Scenario::new().inside(root()).args(["run", &playbook, "-i", &inventory, "--list-hosts"]).run();
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert!(outcome.stdout.contains("hosts (1)"), "{outcome:?}");
        assert!(!outcome.stdout.contains("hosts (0)"), "{outcome:?}");
    }
}

#[test]
fn every_module_is_documented_with_all_its_arguments() {
    let list = Scenario::new().args(["plugin", "list"]).run();
    assert_eq!(list.code, 0, "{list:?}");
    let modules: Vec<&str> = list.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(modules.contains(&"ansible.builtin.copy") && modules.contains(&"alation.update"), "{modules:?}");
    for module in modules {
        let doc = Scenario::new().args(["plugin", "doc", module]).run();
        assert_eq!(doc.code, 0, "{module}: {doc:?}");
        assert!(doc.stdout.contains("\neffect: "), "{module}: {doc:?}");
        let undocumented = doc.stdout.lines().zip(doc.stdout.lines().skip(1)).find(|(line, next)| {
            line.starts_with("  ")
                && !line.starts_with("   ")
                && line.ends_with(')')
                && !next.starts_with("      ")
        });
        assert_eq!(undocumented, None, "{module} has an argument without documentation");
    }
}
