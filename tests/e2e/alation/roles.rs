use super::pair::Pair;

/// Swaps the two hosts in the inventory.
fn swap(pair: &Pair) {
    let path = pair.dir().join("inventory.yml");
    let text = std::fs::read_to_string(&path).unwrap();
    let swapped = text
        .replace("alation_primary", "x")
        .replace("alation_secondary", "alation_primary")
        .replace("        x:", "        alation_secondary:");
    std::fs::write(path, swapped).unwrap();
}

#[test]
fn swapped_roles_are_seen_before_anything_changes() {
    let pair = Pair::start(&[]);
    swap(&pair);
    let outcome = pair.update();
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("the roles look swapped"), "{}", outcome.stdout);
    assert_eq!(pair.problems("untouched"), "");
}

#[test]
fn roles_swapped_in_the_middle_of_an_update_are_seen() {
    let pair = Pair::start(&[]);
    let stopped = pair.scenario().confirmed(&["backup"]).run();
    assert_ne!(stopped.code, 0);
    assert_eq!(pair.problems("split"), "");
    swap(&pair);
    let before = pair.story();
    let outcome = pair.update();
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("it began this update as the"), "{}", outcome.stdout);
    assert_eq!(pair.story(), before);
}
