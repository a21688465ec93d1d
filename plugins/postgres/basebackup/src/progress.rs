use switchover_sdk::prelude::*;

use crate::look;

/// Reads pg_basebackup's progress as it comes, and stops a copy that the disk cannot hold.
pub struct Progress {
    free: Option<u64>,
    total: u64,
    stopped: bool,
}

impl Progress {
    /// `free` is what was free before the copy began.
    pub fn new(free: Option<u64>) -> Self {
        Self { free, total: 0, stopped: false }
    }

    /// Takes new output and reports it; a failure ends the following.
    pub fn news(&mut self, host: &Host, text: &str) -> Result<(), Failure> {
        let Some((done, total)) = text.lines().rev().find_map(read) else { return Ok(()) };
        self.total = total;
        host.progress(done, Some(total), "bytes", "pg_basebackup")?;
        // The estimate of the server itself. A copy that is attached to has used a part of the room already.
        self.stopped = done * 10 < total && self.free.is_some_and(|free| free < total);
        if self.stopped { Err(Failure::new("the disk cannot hold it")) } else { Ok(()) }
    }

    /// Returns the failure of a copy that does not fit, when that was seen.
    pub fn too_large(&self, data: &str) -> Option<Failure> {
        self.stopped.then(|| look::too_large(data, self.total, self.free.unwrap_or_default()))
    }

    /// Returns the bytes of the whole copy.
    pub fn total(&self) -> u64 {
        self.total
    }
}

/// Reads `12345/67890 kB (18%), 0/1 tablespace`.
fn read(line: &str) -> Option<(u64, u64)> {
    let (numbers, _) = line.trim().split_once(" kB ")?;
    let (done, total) = numbers.split_once('/')?;
    let number = |text: &str| text.trim().parse::<u64>().ok().map(|kib| kib * 1024);
    Some((number(done)?, number(total)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_in_bytes() {
        assert_eq!(read("   1024/2048 kB (50%), 0/1 tablespace"), Some((1_048_576, 2_097_152)));
        assert_eq!(read("waiting for checkpoint"), None);
    }
}
