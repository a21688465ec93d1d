use super::*;
use crate::testing::{block, name_of, plain_block, task};

fn walk(cursor: &mut Cursor, failing: &[&str]) -> (Vec<String>, Option<Fate>) {
    let mut seen = Vec::new();
    let mut fate = None;
    while let Some(task) = cursor.settle(|_, _| true) {
        let name = name_of(&task);
        cursor.advance();
        if failing.contains(&name.as_str()) {
            fate = Some(cursor.fail());
        }
        seen.push(name);
    }
    (seen, fate)
}

#[test]
fn a_failure_goes_through_rescue_and_always() {
    let inner = block(&["a", "b", "c"], &["mend"], &["tidy"]);
    let play = plain_block(vec![Item::Block(inner), task("after")]);
    let (seen, fate) = walk(&mut Cursor::new(play), &["b"]);
    assert_eq!(seen, ["a", "b", "mend", "tidy", "after"]);
    assert_eq!(fate, Some(Fate::Rescued));
}

#[test]
fn without_rescue_only_always_runs_and_the_host_is_out() {
    let inner = block(&["a", "b"], &[], &["tidy"]);
    let play = plain_block(vec![Item::Block(inner), task("after")]);
    let (seen, fate) = walk(&mut Cursor::new(play), &["a"]);
    assert_eq!(seen, ["a", "tidy"]);
    assert_eq!(fate, Some(Fate::Doomed));
}

#[test]
fn a_failing_rescue_still_runs_always_and_then_the_outer_rescue() {
    let inner = block(&["a"], &["mend"], &["tidy"]);
    let outer =
        Arc::new(Block { rescue: vec![task("outer mend")], ..plain(vec![Item::Block(inner), task("b")]) });
    let play = plain_block(vec![Item::Block(outer), task("after")]);
    let (seen, _) = walk(&mut Cursor::new(play), &["a", "mend"]);
    assert_eq!(seen, ["a", "mend", "tidy", "outer mend", "after"]);
}

fn plain(body: Vec<Item>) -> Block {
    Arc::try_unwrap(plain_block(body)).expect("the block was just made")
}

#[test]
fn a_host_inside_an_include_stands_before_one_at_the_next_task() {
    let play = plain_block(vec![task("include"), task("next")]);
    let mut inside = Cursor::new(Arc::clone(&play));
    let mut outside = Cursor::new(play);
    for cursor in [&mut inside, &mut outside] {
        cursor.settle(|_, _| true);
        cursor.advance();
    }
    inside.include(vec![Part { block: plain_block(vec![task("x")]), extra: None, order: 0 }]);
    assert_eq!(name_of(&inside.settle(|_, _| true).unwrap()), "x");
    outside.settle(|_, _| true);
    assert!(inside.path() < outside.path());
}

#[test]
fn unwanted_tasks_are_passed_over() {
    let mut cursor = Cursor::new(plain_block(vec![task("a"), task("b")]));
    assert_eq!(name_of(&cursor.settle(|task, _| name_of(task) == "b").unwrap()), "b");
}
