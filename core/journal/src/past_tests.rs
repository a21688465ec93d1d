use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::Place;

/// What a step of a made-up play does.
#[derive(Clone, Copy, Debug)]
enum Does {
    Looks,
    Acts,
    /// So many items, each of which acts.
    Loops(u32),
    /// It fails the first time, and its host stops there.
    FailsFirst,
}

/// Hosts with steps that are done in any order between hosts, and what was really done on the hosts.
struct Run<'a> {
    hosts: &'a [Vec<Does>],
    past: Past,
    done: BTreeMap<Act, u32>,
    seq: u64,
    /// Which host is next, and whether what was under way was done when the program died.
    dice: &'a mut dyn Iterator<Item = usize>,
}

/// What is left of the step that a host is at: entries to write, with what is done before each.
type Left = Vec<(Option<Act>, Kind, Vec<u8>)>;

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn place() -> Place {
    Place { file: "site.yml".into(), line: 1, column: 1 }
}

impl Run<'_> {
    fn write(&mut self, kind: Kind, body: Vec<u8>) {
        self.seq += 1;
        self.past.apply(&Entry { seq: self.seq, kind, body, sealed: None }).unwrap();
    }

    fn roll(&mut self, limit: usize) -> usize {
        self.dice.next().unwrap() % limit
    }

    /// Goes on until nothing is left or so many entries were written; returns how many.
    fn go_on(&mut self, most: usize) -> usize {
        let (mut written, mut stopped) = (0, BTreeSet::new());
        let mut left: Vec<(u32, Left)> = self.hosts.iter().map(|_| (0, Left::new())).collect();
        loop {
            let open: Vec<usize> = (0..self.hosts.len())
                .filter(|host| !stopped.contains(host))
                .filter(|host| {
                    !left[*host].1.is_empty() || (left[*host].0 as usize) < self.hosts[*host].len()
                })
                .collect();
            if open.is_empty() {
                return written;
            }
            let host = open[self.roll(open.len())];
            if left[host].1.is_empty() {
                left[host].0 += 1;
                left[host].1 = self.enter(host, left[host].0);
                continue;
            }
            let (act, kind, body) = left[host].1.remove(0);
            if written == most {
                // The program dies: what was under way may have been done, and nobody wrote that down.
                if let Some(act) = act.filter(|_| self.roll(2) == 0) {
                    self.act(act);
                }
                return written;
            }
            act.into_iter().for_each(|act| self.act(act));
            let fails = kind == Kind::Ended
                && matches!(self.hosts[host][left[host].0 as usize - 1], Does::FailsFirst);
            self.write(kind, body);
            written += 1;
            let key = key(host, left[host].0);
            if fails && !self.past.ended.contains_key(&key) {
                stopped.insert(host);
            }
        }
    }

    fn act(&mut self, act: Act) {
        let intended = self.past.intents.values().any(|intent| intent.act == act);
        assert!(intended, "{act:?} is done and nobody knows that it was begun");
        *self.done.entry(act).or_default() += 1;
    }

    /// Returns what is to be written of a step that a host comes to.
    fn enter(&self, host: usize, ordinal: u32) -> Left {
        let step = key(host, ordinal);
        if self.past.ended.contains_key(&step) {
            return Left::new();
        }
        let (mut left, does) = (Left::new(), self.hosts[host][ordinal as usize - 1]);
        let failed = self.past.tries.contains_key(&step);
        match does {
            Does::Looks => {}
            Does::FailsFirst if !failed => {}
            Does::Acts | Does::FailsFirst => self.begin(&Act { step: step.clone(), item: None }, &mut left),
            Does::Loops(items) => {
                for item in 0..items {
                    if self.past.items.get(&step).is_some_and(|items| items.contains_key(&item)) {
                        continue;
                    }
                    let act = Act { step: step.clone(), item: Some(item) };
                    self.begin(&act, &mut left);
                    let done = left.pop().map(|(_, _, _)| act.clone()).filter(|act| !self.is_found_done(act));
                    let part = ItemPart { act, status: Status::Changed, settled: true };
                    left.push((done, Kind::Item, json(&part)));
                }
            }
        }
        let settled = failed || !matches!(does, Does::FailsFirst);
        let acts = match left.last() {
            Some((_, Kind::Retracted, _)) => left.pop().and_then(|(act, _, _)| act),
            _ => None,
        };
        let ended = EndedPart {
            keys: vec![step],
            digest: "d".into(),
            task: "t".into(),
            place: place(),
            status: if settled { Status::Changed } else { Status::Failed },
            settled,
        };
        left.push((acts, Kind::Ended, json(&ended)));
        left
    }

    /// Only what was begun and is not known to have ended is looked at on the host.
    fn is_found_done(&self, act: &Act) -> bool {
        self.done.contains_key(act) && self.past.intents.values().any(|intent| intent.act == *act)
    }

    /// Intends an act, and leaves a mark where its end has to be written. What was begun before is
    /// done only when it was not.
    fn begin(&self, act: &Act, left: &mut Left) {
        let done = self.is_found_done(act);
        if !done {
            let intent = Intent {
                act: act.clone(),
                digest: "d".into(),
                task: "t".into(),
                place: place(),
                destroys: None,
                detached: false,
                label: None,
                registers: None,
            };
            left.push((None, Kind::Intent, json(&intent)));
        }
        left.push(((!done).then(|| act.clone()), Kind::Retracted, Vec::new()));
    }
}

fn key(host: usize, ordinal: u32) -> StepKey {
    StepKey { play: 0, host: format!("h{host}"), ordinal }
}

/// What a run had done, without the numbers of entries.
type Fold = (BTreeSet<StepKey>, BTreeMap<StepKey, Vec<u32>>, BTreeMap<StepKey, u32>, usize);

/// Goes through the play, dying after each of these numbers of entries, and resumes until all is done.
fn through(hosts: &[Vec<Does>], cuts: &[usize], seed: usize) -> (Fold, BTreeMap<Act, u32>) {
    let mut state = seed as u64;
    let mut dice = std::iter::from_fn(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some((state >> 33) as usize)
    });
    let mut run = Run { hosts, past: Past::default(), done: BTreeMap::new(), seq: 0, dice: &mut dice };
    let whole = [usize::MAX; 8];
    for most in cuts.iter().chain(&whole) {
        run.go_on(*most);
        let body = json(&serde_json::json!({ "by": "me", "at": 0.0 }));
        run.write(Kind::Resumed, body);
    }
    let Past { ended, items, intents, tries, .. } = run.past;
    let items = items.into_iter().map(|(step, items)| (step, items.into_keys().collect())).collect();
    ((ended.into_keys().collect(), items, tries.into_iter().collect(), intents.len()), run.done)
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        2 => Just(Does::Looks),
        4 => Just(Does::Acts),
        2 => (1_u32..4).prop_map(Does::Loops),
        1 => Just(Does::FailsFirst),
    ]
}

proptest! {
    /// fold(events) after cuts and resumes = fold(events) of the whole, and each act is done once.
    #[test]
    fn what_was_done_after_any_cuts_is_what_is_done_without(
        hosts in prop::collection::vec(prop::collection::vec(does(), 1..7), 1..4),
        cuts in prop::collection::vec(0_usize..40, 0..5),
        seed: usize,
    ) {
        let (whole, once) = through(&hosts, &[], seed);
        let (cut, done) = through(&hosts, &cuts, seed.wrapping_add(1));
        prop_assert!(once.values().all(|times| *times == 1), "{once:?}");
        prop_assert_eq!(whole.3, 0);
        prop_assert_eq!(cut, whole);
        prop_assert_eq!(done, once);
    }
}
