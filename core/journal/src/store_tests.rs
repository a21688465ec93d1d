use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::{Inputs, Place, Runs, Status};

fn header(run: &str) -> Header {
    Header {
        format: FORMAT,
        version: "1".into(),
        run: run.into(),
        started: 1.0,
        operator: "me@here".into(),
        folder: "/".into(),
        playbooks: Vec::new(),
        inventories: Vec::new(),
        inputs: Inputs::default(),
    }
}

fn place() -> Place {
    Place { file: "site.yml".into(), line: 1, column: 1 }
}

fn key(ordinal: u32) -> StepKey {
    StepKey { play: 0, host: "one".into(), ordinal }
}

fn intent(ordinal: u32) -> Intent {
    let act = Act { step: key(ordinal), item: None };
    Intent {
        act,
        digest: "d".into(),
        task: "t".into(),
        place: place(),
        destroys: None,
        detached: false,
        label: None,
        registers: None,
    }
}

fn ended(ordinal: u32, settled: bool) -> Ended {
    Ended {
        keys: vec![key(ordinal)],
        digest: "d".into(),
        task: "t".into(),
        place: place(),
        status: if settled { Status::Changed } else { Status::Failed },
        settled,
        acted: true,
        body: json!({ "n": ordinal, "text": "x".repeat(3000) }),
    }
}

fn durable(store: &Store, intents: Vec<Intent>) {
    let (told, heard) = channel();
    store.intend(intents, Box::new(move |result| told.send(result).unwrap()));
    assert_eq!(heard.recv().unwrap(), Ok(()));
}

/// A run that was killed at its fifth step, and was never closed.
fn killed(state: &Path) -> RunFolder {
    let runs = Runs::below(state);
    let folder = runs.create("r").unwrap();
    let store = Store::create(folder.clone(), &header("r"), &["run".to_owned()]).unwrap();
    for ordinal in 1..5 {
        durable(&store, vec![intent(ordinal)]);
        store.end(ended(ordinal, true));
    }
    durable(&store, vec![intent(5)]);
    // What a killed program leaves behind is what is there while it still works.
    let left = runs.create("left").unwrap();
    for entry in std::fs::read_dir(&folder.path).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), left.path.join(entry.file_name())).unwrap();
        }
    }
    left
}

#[test]
fn what_was_written_is_on_record_and_what_did_not_end_is_unfinished() {
    let state = tempfile::tempdir().unwrap();
    let (store, begun) = Store::open(killed(state.path()), "me").unwrap();
    assert_eq!(begun.words, ["run"]);
    assert!(store.is_replaying());
    for ordinal in 1..5 {
        assert_eq!(store.on_record(&key(ordinal)).unwrap().task, "t");
        assert_eq!(store.take(&key(ordinal)).unwrap()["n"], ordinal);
    }
    assert!(!store.is_replaying());
    let open: Vec<_> = store.unfinished().into_iter().map(|(_, intent)| intent.act.step.ordinal).collect();
    assert_eq!(open, [5]);
}

#[test]
fn what_followed_a_failure_is_done_again_with_it() {
    let state = tempfile::tempdir().unwrap();
    let folder = killed(state.path());
    let (store, _) = Store::open(folder.clone(), "me").unwrap();
    store.resume("me", 2.0);
    store.end(ended(5, false));
    store.end(ended(6, true));
    store.close(2, 3.0, None).unwrap();
    drop(store);
    let (store, begun) = Store::open(folder, "me").unwrap();
    assert_eq!(begun.closed, Some(2));
    assert!(store.on_record(&key(4)).is_some());
    assert_eq!(store.on_record(&key(5)), None);
    assert_eq!(store.on_record(&key(6)), None);
    assert_eq!(store.earlier(&key(5), "d").unwrap().tries, 1);
    assert!(store.unfinished().is_empty());
}

#[test]
fn a_step_whose_host_went_out_of_sight_is_still_at_the_same_try() {
    let state = tempfile::tempdir().unwrap();
    let folder = killed(state.path());
    for status in [Status::Unreachable, Status::Unknown] {
        let (store, _) = Store::open(folder.clone(), "me").unwrap();
        store.resume("me", 2.0);
        store.end(Ended { status, ..ended(5, false) });
        store.close(4, 3.0, None).unwrap();
        drop(store);
        let (store, _) = Store::open(folder.clone(), "me").unwrap();
        assert_eq!(store.earlier(&key(5), "d").unwrap().tries, 0, "{status:?}");
    }
}

#[test]
fn a_second_holder_is_told_of_the_first() {
    let state = tempfile::tempdir().unwrap();
    let folder = killed(state.path());
    let (_first, _) = Store::open(folder.clone(), "me@here").unwrap();
    let Err(broken) = Store::open(folder, "you") else { panic!("two hold the run") };
    assert!(broken.to_string().contains("me@here"), "{broken}");
}

/// Opens a journal and returns what it has on record, when it can be opened.
fn opened(folder: &RunFolder) -> Option<(BTreeSet<u32>, BTreeSet<u32>)> {
    let (store, _) = Store::open(folder.clone(), "me").ok()?;
    let ended = (1..10).filter(|n| store.on_record(&key(*n)).is_some_and(|_| store.take(&key(*n)).is_ok()));
    let ended = ended.collect();
    let open = store.unfinished().into_iter().map(|(_, intent)| intent.act.step.ordinal).collect();
    Some((ended, open))
}

/// A journal's files, byte for byte. Closing a database may or may not fold its log into it.
struct Files(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Files {
    fn of(folder: &RunFolder) -> Self {
        let paths = ["journal.db", "journal.db-wal"].map(|name| folder.path.join(name));
        Self(paths.into_iter().map(|path| (path.clone(), std::fs::read(path).ok())).collect())
    }

    fn restore(&self, folder: &RunFolder) {
        for (path, bytes) in &self.0 {
            match bytes {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => drop(std::fs::remove_file(path)),
            }
        }
        drop(std::fs::remove_file(folder.path.join("journal.db-shm")));
    }

    /// Each file cut at every page and altered every 1531 bytes.
    fn damaged(&self) -> impl Iterator<Item = (&Path, Vec<u8>)> {
        self.0.iter().filter_map(|(path, bytes)| Some((path.as_path(), bytes.as_ref()?))).flat_map(
            |(path, bytes)| {
                let cuts = (0..bytes.len()).step_by(4096).map(|at| bytes[..at].to_vec());
                let flips = (0..bytes.len()).step_by(1531).map(|at| {
                    let mut other = bytes.clone();
                    other[at] ^= 0x55;
                    other
                });
                cuts.chain(flips).map(move |other| (path, other))
            },
        )
    }
}

#[test]
fn a_journal_cut_at_any_page_or_altered_anywhere_is_no_other_journal() {
    let state = tempfile::tempdir().unwrap();
    let folder = killed(state.path());
    let as_left = Files::of(&folder);
    assert!(as_left.0.iter().all(|(_, bytes)| bytes.is_some()), "a killed program leaves the log");
    let whole = opened(&folder).unwrap();
    let as_closed = Files::of(&folder);
    for (files, least) in [(as_left, 20), (as_closed, 4)] {
        let (mut tried, mut refused) = (0, 0);
        for (path, other) in files.damaged() {
            files.restore(&folder);
            std::fs::write(path, other).unwrap();
            match opened(&folder) {
                None => refused += 1,
                Some(found) => assert_eq!(found, whole),
            }
            tried += 1;
        }
        println!(
            "damaged journals: {tried} tried, {refused} refused, {} whole in spite of it",
            tried - refused
        );
        assert!(refused >= least, "{refused} of {tried}");
    }
}
