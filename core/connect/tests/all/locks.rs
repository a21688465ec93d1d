//! The lock of a host: one holder, whoever asks, whenever.

use std::sync::Arc;

use switchover_protocol::*;
use tempfile::TempDir;

use crate::support::*;

/// A lock in a folder of the test's own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> String {
        self.0.path().join("locks/lock").to_str().unwrap().to_owned()
    }

    fn act(&self, verb: LockVerb) -> HostCall {
        HostCall::Lock(LockAct { verb, file: Some(self.file()) })
    }

    fn take(&self, claim: &str, about: &str) -> HostCall {
        self.act(LockVerb::Take { claim: claim.to_owned(), about: about.to_owned() })
    }

    fn replace(&self, claim: &str, from: &str) -> HostCall {
        let (claim, about, from) = (claim.to_owned(), "new".to_owned(), from.to_owned());
        self.act(LockVerb::Replace { claim, about, from })
    }

    /// Returns the names of the files beside the lock.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path().join("locks")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

async fn seen(probe: &Probe, call: HostCall) -> Option<LockSeen> {
    match probe.call(call).await {
        HostReply::Lock(seen) => seen,
        reply => panic!("{reply:?}"),
    }
}

async fn holder(probe: &Probe, call: HostCall) -> String {
    seen(probe, call).await.map_or_else(String::new, |seen| seen.claim)
}

async fn each(test: impl AsyncFn(Probe)) {
    each_shell(&test).await;
    each_toolset(&test).await;
}

#[tokio::test]
async fn the_second_is_told_who_is_first() {
    each(async |probe| {
        let place = Place::new();
        assert_eq!(seen(&probe, place.act(LockVerb::Look)).await, None);
        assert_eq!(holder(&probe, place.take("r1.a", "it's \"me\" \\ %s")).await, "r1.a");
        let first = seen(&probe, place.take("r2.b", "you")).await.unwrap();
        assert_eq!((first.claim.as_str(), first.about.as_str()), ("r1.a", "it's \"me\" \\ %s"));
        assert!(first.age < 60 && !first.jobs_run, "{first:?}");
        assert_eq!(first.file, place.file());
        let release = |claim: &str| place.act(LockVerb::Release { claim: claim.to_owned() });
        assert_eq!(holder(&probe, release("r2.b")).await, "r1.a");
        assert_eq!(holder(&probe, release("r1.a")).await, "");
        assert_eq!(holder(&probe, place.take("r2.b", "you")).await, "r2.b");
        assert_eq!(place.files(), ["lock"]);
    })
    .await;
}

#[tokio::test]
async fn a_holder_renews_its_lock_and_changes_what_it_says() {
    each(async |probe| {
        let place = Place::new();
        holder(&probe, place.take("r1.a", "begun")).await;
        let renewed = seen(&probe, place.take("r1.a", "kept")).await.unwrap();
        assert_eq!((renewed.claim.as_str(), renewed.about.as_str()), ("r1.a", "kept"));
        assert_eq!(place.files(), ["lock"]);
    })
    .await;
}

#[tokio::test]
async fn of_many_that_take_it_at_once_one_has_it() {
    let probe = Arc::new(Probe::local().await);
    let place = Place::new();
    let takers: Vec<_> = (0..16)
        .map(|number| {
            let (probe, call) = (Arc::clone(&probe), place.take(&format!("r{number}.x"), ""));
            tokio::spawn(async move { holder(&probe, call).await })
        })
        .collect();
    let mut told = Vec::new();
    for taker in takers {
        told.push(taker.await.unwrap());
    }
    let now = holder(&probe, place.act(LockVerb::Look)).await;
    assert!(told.iter().all(|claim| *claim == now), "{told:?}, {now}");
}

#[tokio::test]
async fn of_many_that_replace_a_dead_holder_one_has_it() {
    let probe = Arc::new(Probe::local().await);
    let place = Place::new();
    holder(&probe, place.take("dead.x", "")).await;
    let takers: Vec<_> = (0..16)
        .map(|number| {
            let (probe, call) = (Arc::clone(&probe), place.replace(&format!("r{number}.x"), "dead.x"));
            tokio::spawn(async move { holder(&probe, call).await == format!("r{number}.x") })
        })
        .collect();
    let mut winners = 0;
    for taker in takers {
        winners += usize::from(taker.await.unwrap());
    }
    assert_eq!(winners, 1);
    assert_eq!(place.files(), ["lock"]);
    // Who comes late finds another holder than the one it wanted to replace.
    let now = holder(&probe, place.act(LockVerb::Look)).await;
    assert_eq!(holder(&probe, place.replace("late.x", "dead.x")).await, now);
}

#[tokio::test]
async fn what_is_in_the_way_is_no_lock() {
    let probe = Probe::local().await;
    let place = Place::new();
    std::fs::create_dir_all(place.file()).unwrap();
    let error = probe.error(place.take("r1.a", "")).await.to_string();
    assert!(error.contains("cannot be made"), "{error}");
    std::fs::remove_dir_all(place.file()).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", place.file()).unwrap();
    let told = seen(&probe, place.take("r1.a", "")).await.unwrap();
    assert!(told.claim.starts_with("root:"), "{told:?}");
    assert!(std::fs::read_to_string("/etc/passwd").unwrap().starts_with("root:"));
}

#[tokio::test]
async fn jobs_of_a_holder_that_still_run_are_told() {
    let probe = Probe::local().await;
    let (place, jobs) = (Place::new(), tempfile::tempdir().unwrap());
    let shell = jobs.path().join("sh");
    let text = format!("#!/bin/sh\nSWITCHOVER_JOBS={} exec /bin/sh \"$@\"\n", jobs.path().display());
    std::fs::write(&shell, text).unwrap();
    std::fs::set_permissions(&shell, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let run = format!("run-{}", std::process::id());
    holder(&probe, place.take(&format!("{run}.a"), "")).await;
    let other = Probe::with_shell(shell.to_str().unwrap()).await;
    let key = format!("{run}.1.h.0");
    let start = HostCall::JobStart { key: key.clone(), exec: argv(&["sleep", "1000"]), origin: None };
    other.job(start).await;
    assert!(seen(&probe, place.take("r2.b", "")).await.unwrap().jobs_run);
    other.job(HostCall::JobKill { key }).await;
    assert!(!seen(&probe, place.take("r2.b", "")).await.unwrap().jobs_run);
}

#[tokio::test]
async fn programs_of_a_holder_that_is_gone_are_told_as_long_as_they_work() {
    for shell in ["/bin/sh", "/bin/bash"] {
        let (place, run) = (Place::new(), format!("r{}-{}", std::process::id(), shell.len()));
        let first = Arc::new(Probe::of_run(&run, local(shell)).await);
        first.call(place.take(&format!("{run}.a"), "one")).await;
        let other = Probe::of_run("r2", local(shell)).await;
        // Its shell waits for a word: nothing is at work.
        assert!(!seen(&other, place.take("r2.b", "")).await.unwrap().jobs_run, "{shell}");
        let (begun, go) = (place.0.path().join("begun"), place.0.path().join("go"));
        let text = format!("touch {}; until [ -e {} ]; do sleep 0.05; done", begun.display(), go.display());
        let working = tokio::spawn({
            let first = Arc::clone(&first);
            async move { first.sh(&text).await }
        });
        while !begun.exists() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(seen(&other, place.take("r2.b", "")).await.unwrap().jobs_run, "{shell}");
        std::fs::write(go, "").unwrap();
        working.await.unwrap();
        assert!(!seen(&other, place.take("r2.b", "")).await.unwrap().jobs_run, "{shell}");
    }
}
