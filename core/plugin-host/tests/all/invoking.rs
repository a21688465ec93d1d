//! Plugins that load and then misbehave.

use std::cell::Cell;

use crate::common::{Folder, broken, check, has_compiler, request};
use serde_json::json;
use switchover_protocol::{Delta, FailureKind, HostReply, Map, Operation, Reply};

fn nothing() -> Reply {
    Reply::Delta(Delta::None { result: Map::new() })
}

#[test]
fn a_reply_that_is_none_is_a_failure_that_names_the_plugin() {
    if !has_compiler() {
        return;
    }
    for (case, expected) in [
        ("REPLY_FAILS", "gave no reply: it answered with code 3 and said \"no memory\""),
        ("REPLY_NOTHING", "gave a reply that cannot be read: EOF while parsing a value"),
        ("REPLY_GARBAGE", "gave a reply that cannot be read: expected value"),
        ("REPLY_NOT_UTF8", "gave a reply that cannot be read: invalid unicode code point"),
        ("REPLY_TRAILING", "gave a reply that cannot be read: trailing characters"),
        (
            "REPLY_NULL_WITH_LENGTH",
            "gave no reply: it answered with 18446744073709551615 bytes at a null address",
        ),
        (
            "REPLY_HUGE",
            "gave no reply: it answered with 1099511627776 bytes, more than the limit of 268435456",
        ),
        ("REPLY_OUTCOME", "answered `check` with an outcome instead of a delta"),
        ("REPLY_DEEP", "gave a reply that cannot be read: "),
    ] {
        let folder = Folder::new();
        let file = folder.hostile("x", case);
        let said = broken(check(&folder.module()));
        assert!(said.starts_with(&format!("module hostile.module {expected}")), "{case}: {said}");
        assert!(said.ends_with(&format!("(plugin {})", file.display())), "{case}: {said}");
        assert!(said.len() < 600, "{case}: {}", said.len());
    }
}

#[test]
fn a_long_explanation_is_cut() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "REPLY_FAILS_AT_LENGTH");
    let said = broken(check(&folder.module()));
    assert_eq!(said.matches('x').count(), 4096 + said.replace("xx", "").matches('x').count());
}

#[test]
fn apply_must_be_answered_with_an_outcome() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "GOOD");
    let apply = Operation::Apply { delta: Delta::Unknown { state: json!(null) } };
    let mut host = |_| HostReply::Done;
    let reply = folder.module().invoke(&request(apply, json!({})), &mut host, &|| false);
    let said = broken(reply);
    assert!(
        said.starts_with("module hostile.module answered `apply` with a delta instead of an outcome"),
        "{said}"
    );
}

#[test]
fn frees_every_reply_exactly_once() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "REPLY_COUNTS_FREES");
    let module = folder.module();
    for frees in 0..5 {
        let Reply::Delta(Delta::None { result }) = check(&module) else { panic!("no delta") };
        assert_eq!(result["frees"], frees);
    }
}

#[test]
fn host_calls_that_make_no_sense_are_refused_and_do_no_harm() {
    if !has_compiler() {
        return;
    }
    for case in ["CALLS_GARBAGE", "CALLS_WITH_NULL", "CALLS_FROM_A_THREAD"] {
        let folder = Folder::new();
        folder.hostile("x", case);
        assert_eq!(check(&folder.module()), nothing(), "{case}");
    }
}

#[test]
fn a_host_that_was_kept_beyond_the_end_of_invoke_answers_no_more() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "CALLS_LATER");
    let module = folder.module();
    assert_eq!(check(&module), nothing());
    assert_eq!(check(&module), nothing());
}

#[test]
fn a_panic_of_the_engine_does_not_cross_the_plugin() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "CALLS_REMOVE");
    let mut host = |_| panic!("no such transport");
    let said = broken(folder.module().invoke(&request(Operation::Check, json!({})), &mut host, &|| false));
    assert_eq!(said, "the engine failed while it answered a host call of hostile.module: no such transport");
}

#[test]
fn a_plugin_hears_that_the_run_is_being_stopped() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "WAITS_UNTIL_CANCELLED");
    let asked = Cell::new(0);
    let cancelled = || asked.replace(asked.get() + 1) >= 10;
    let mut host = |_| HostReply::Done;
    let reply = folder.module().invoke(&request(Operation::Check, json!({})), &mut host, &cancelled);
    let Reply::Failure(failure) = reply else { panic!("{reply:?}") };
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!(asked.get(), 11);
}

#[test]
fn threads_do_not_see_each_others_hosts() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "CALLS_REMOVE");
    let module = folder.module();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let mut calls = 0;
                    let mut host = |_| {
                        calls += 1;
                        HostReply::Done
                    };
                    let reply = module.invoke(&request(Operation::Check, json!({})), &mut host, &|| false);
                    assert_eq!((reply, calls), (nothing(), 1));
                }
            });
        }
    });
}

#[test]
fn a_host_may_invoke_another_module_while_it_answers() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "CALLS_REMOVE");
    let module = folder.module();
    let mut inner_calls = 0;
    let mut host = |_| {
        let mut inner = |_| {
            inner_calls += 1;
            HostReply::Done
        };
        assert_eq!(module.invoke(&request(Operation::Check, json!({})), &mut inner, &|| false), nothing());
        HostReply::Done
    };
    assert_eq!(module.invoke(&request(Operation::Check, json!({})), &mut host, &|| false), nothing());
    assert_eq!(inner_calls, 1);
}
