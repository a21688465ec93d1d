use super::pair::Pair;

#[test]
fn checking_a_whole_update_changes_nothing() {
    let pair = Pair::start(&[]);
    let outcome = pair.scenario().args(["--check", "--diff"]).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("untouched"), "");
    assert_eq!(pair.story(), [""; 0]);
    assert_eq!(pair.state("primary", "/product/mode"), "master");
    assert!(!pair.dir().join("hosts/primary/home/lab/.switchover").exists());
}

#[test]
fn checking_an_updated_pair_finds_nothing_to_do() {
    let pair = Pair::start(&[]);
    assert_eq!(pair.update().code, 0);
    let outcome = pair.scenario().args(["--check"]).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("\n  changed "), "{}", outcome.stdout);
}
