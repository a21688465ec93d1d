//! The readers of what hosts answer, for the fuzz targets in `tests/fuzz`; behind the feature `fuzzing`.

use switchover_protocol::{HostCall, HostError, HostReply};

use crate::compile::compile;
use crate::frame::{Framer, Piece};
use crate::plan::Raw;

/// Reads one answer to a call as if a host had given it, for each part of the call.
pub fn answer(call: &HostCall, rc: i32, stdout: &[u8], stderr: &[u8]) -> Vec<Result<HostReply, HostError>> {
    let Ok(parts) = compile(call) else { return Vec::new() };
    let raw = || Raw { rc, stdout: stdout.to_vec(), stderr: stderr.to_vec(), timed_out: false };
    parts.into_iter().map(|part| (part.parse)(raw())).collect()
}

/// Returns the bytes between marks, and how many marks there were, for a stream that comes in these chunks.
pub fn frames<'a>(token: &str, chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, usize) {
    let mut framer = Framer::new(token);
    let (mut bytes, mut marks) = (Vec::new(), 0);
    for piece in chunks.flat_map(|chunk| framer.push(chunk.to_vec())) {
        match piece {
            Piece::Data(data) => bytes.extend_from_slice(&data),
            Piece::Begin | Piece::End(_) | Piece::Remark(_) => marks += 1,
        }
    }
    (bytes, marks)
}
