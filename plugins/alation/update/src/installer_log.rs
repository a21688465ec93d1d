use alation_shell::{Settings, progress::Progress, quote, rules};
use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

/// The updater's log, followed while the update runs.
#[derive(Debug)]
pub struct InstallerLog {
    path: String,
    sudo: String,
    offset: u64,
    /// The connecting user may not read it.
    as_root: bool,
    progress: Progress,
    end: String,
}

/// How much of the log is read at once, and how much of its end is kept for a failure.
const LIMIT: u64 = 65_536;
const END: usize = 4000;

impl InstallerLog {
    /// Returns a log that was not read yet.
    pub fn new(settings: &Settings, path: String) -> Self {
        let sudo = settings.as_root(&format!("tail -c +{{offset}} {} 2>/dev/null", quote(&path)));
        Self { path, sudo, offset: 0, as_root: false, progress: Progress::default(), end: String::new() }
    }

    /// Leaves out what an earlier update wrote.
    pub fn skip_old(&mut self, host: &Host) -> Result<(), Failure> {
        while self.read(host)?.is_some() {}
        self.end.clear();
        Ok(())
    }

    /// Reads what is new, and tells the operator.
    pub fn news(&mut self, host: &Host) -> Result<(), Failure> {
        while let Some(text) = self.read(host)? {
            self.progress.news(host, &text)?;
        }
        Ok(())
    }

    /// Returns the end of what this update wrote.
    pub fn end(&self) -> String {
        self.end.clone()
    }

    fn read(&mut self, host: &Host) -> Result<Option<String>, Failure> {
        if !self.as_root {
            let call = HostCall::ReadFrom { path: self.path.clone(), offset: self.offset, limit: LIMIT };
            match host.call(call) {
                Ok(HostReply::Content(bytes)) => return Ok(self.take(&bytes.0)),
                Ok(_) => return Err(Failure::new("the host side gave an answer of the wrong kind")),
                Err(failure) if failure.kind == switchover_sdk::FailureKind::Failed => self.as_root = true,
                Err(failure) => return Err(failure),
            }
        }
        let line = self.sudo.replace("{offset}", &(self.offset + 1).to_string());
        let output = host.exec(&Command::shell(format!("{line} | head -c {LIMIT}")).reads().timeout(60))?;
        Ok(self.take(&output.stdout.0))
    }

    fn take(&mut self, bytes: &[u8]) -> Option<String> {
        if bytes.is_empty() {
            return None;
        }
        self.offset += bytes.len() as u64;
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.end = rules::end_of(&format!("{}{text}", self.end), END);
        Some(text)
    }
}
