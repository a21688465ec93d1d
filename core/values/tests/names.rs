//! Every filter, test and lookup that ansible-core 2.19 documents (`ansible-doc --list`) is known, and most have an
//! example in the cases whose answer is Ansible's.

use switchover_values::{check_template, known_filter, known_lookup};

const FILTERS: &str = include_str!("names/filters.txt");
const TESTS: &str = include_str!("names/tests.txt");
const LOOKUPS: &str = include_str!("names/lookups.txt");

/// Names whose answer is another each time, or another on each machine: tests of their own look at them.
const WITHOUT_A_CASE: [&str; 19] = [
    "config",
    "csvfile",
    "expanduser",
    "expandvars",
    "file",
    "fileglob",
    "first_found",
    "ini",
    "inventory_hostnames",
    "link_exists",
    "password",
    "random_choice",
    "realpath",
    "strftime",
    "template",
    "unvault",
    "url",
    "vault",
    "vaulted_file",
];

fn cases() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let files = std::fs::read_dir(folder).expect("the cases are there").flatten();
    files.map(|file| std::fs::read_to_string(file.path()).expect("a case can be read")).collect()
}

fn knows_test(name: &str) -> bool {
    let text = format!("{{{{ 1 is {name} }}}}");
    let source = switchover_syntax::Source::new("case", text.as_str());
    let span = switchover_syntax::Span::new(&source, 0, 1);
    let found = check_template(&text, &span);
    !found.iter().any(|problem| problem.code == "template::unknown-name")
}

#[test]
fn every_documented_name_is_known() {
    let unknown: Vec<&str> = FILTERS
        .lines()
        .filter(|name| !known_filter(name))
        .chain(TESTS.lines().filter(|name| !knows_test(name)))
        .chain(LOOKUPS.lines().filter(|name| !known_lookup(name)))
        .collect();
    assert!(FILTERS.lines().count() > 100 && TESTS.lines().count() > 70 && LOOKUPS.lines().count() > 20);
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(!knows_test("no_such_test"));
}

#[test]
fn names_have_an_example_whose_answer_is_recorded() {
    let cases = cases();
    let forms: [(&str, &[&str]); 3] = [
        (FILTERS, &["| NAME ", "| NAME(", "|NAME ", "|NAME(", "'NAME'", "filter NAME"]),
        (TESTS, &["is NAME ", "is NAME(", "is not NAME", "'NAME'"]),
        (LOOKUPS, &["'NAME'", "'NAME',", "'NAME')"]),
    ];
    let mut without = Vec::new();
    for (names, forms) in forms {
        let shown = |name: &str| forms.iter().any(|form| cases.contains(&form.replace("NAME", name)));
        without.extend(names.lines().filter(|name| !shown(name) && !WITHOUT_A_CASE.contains(name)));
    }
    assert!(without.is_empty(), "{without:?}");
}
