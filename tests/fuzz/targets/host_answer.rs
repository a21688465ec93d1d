//! What a host answers: the framed stream of its shell, and the answer to every kind of call.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchover_connect::fuzzing::{answer, frames};
use switchover_protocol::{Algorithm, HostCall};

fuzz_target!(|input: (u8, i32, Vec<u8>, Vec<u8>)| {
    let (chunk, rc, stdout, stderr) = input;
    let path = || "/etc/motd".to_owned();
    let key = || "run-1.step-2".to_owned();
    let calls = [
        HostCall::Stat { path: path(), follow: true, checksum: Some(Algorithm::Sha1) },
        HostCall::Checksum { path: path(), algorithm: Algorithm::Sha256 },
        HostCall::Read { path: path(), limit: 64 },
        HostCall::List { path: path(), recursive: true },
        HostCall::JobStatus { key: key() },
        HostCall::JobPoll { key: key(), stdout_from: 0, stderr_from: 0, wait_ms: 0 },
        HostCall::JobKill { key: key() },
        HostCall::JobList,
    ];
    for call in &calls {
        assert_eq!(answer(call, rc, &stdout, &stderr).len(), 1);
    }
    let size = usize::from(chunk).max(1);
    let whole = frames("tok", std::iter::once(stdout.as_slice()));
    let pieces = frames("tok", stdout.chunks(size));
    // At the end of a stream something that may begin a mark is held back in both.
    assert_eq!(whole, pieces, "where a stream is cut changes nothing");
});
