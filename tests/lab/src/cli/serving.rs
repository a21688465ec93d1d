use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use super::{CliError, layout};
use crate::lab::{Layout, end_processes};
use crate::output::say;
use crate::sim::{Process, this_process};

/// How long an ending lab may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Writes down that this process serves the lab.
pub fn mark(layout: &Layout) -> Result<(), CliError> {
    let failed = |source| CliError::System { what: "write lab.pid", source };
    let text = serde_json::to_vec(&this_process()).map_err(|error| failed(error.into()))?;
    fs::write(layout.pid(), text).map_err(failed)
}

/// Removes the mark.
pub fn unmark(layout: &Layout) {
    // A mark that stays names a dead process, which nobody takes for a living one.
    let _ = fs::remove_file(layout.pid());
}

/// The living process that serves a lab.
pub fn served_by(layout: &Layout) -> Option<Process> {
    let process: Process = serde_json::from_slice(&fs::read(layout.pid()).ok()?).ok()?;
    process.is_alive().then_some(process)
}

/// Waits for the signal to end.
pub async fn wait_for_end() -> Result<(), CliError> {
    let failed = |source| CliError::System { what: "listen for signals", source };
    let mut term = signal(SignalKind::terminate()).map_err(failed)?;
    let mut int = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}

/// Starts this command again as a background process, and waits until it says that it is ready.
pub fn start_in_background(dir: &Path) -> Result<ExitCode, CliError> {
    let failed = |what| move |source| CliError::System { what, source };
    fs::create_dir_all(dir).map_err(failed("make the lab's folder"))?;
    let log = dir.join("lab.log");
    let errors = File::create(&log).map_err(failed("write lab.log"))?;
    let program = std::env::current_exe().map_err(failed("find this program"))?;
    let mut child = Command::new(program)
        .args(std::env::args_os().skip(1))
        .arg("--foreground")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .map_err(failed("start the serving process"))?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).map_err(failed("hear from the serving process"))?;
    }
    if line.starts_with("ready ") {
        say(line.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let text = fs::read_to_string(&log).unwrap_or_default();
    crate::output::complain(text.trim_end());
    Err(CliError::DidNotStart { log })
}

/// Ends the serving process of a lab.
pub fn stop(dir: &Path) -> Result<ExitCode, CliError> {
    let layout = layout(dir)?;
    let Some(process) = served_by(&layout) else {
        end_processes(layout.root());
        return Err(CliError::NotServed { dir: dir.to_owned() });
    };
    // SAFETY: kill takes no memory; number and start time say that it is the lab.
    unsafe { libc::kill(process.pid.cast_signed(), libc::SIGTERM) };
    let since = Instant::now();
    while process.is_alive() {
        if since.elapsed() > PATIENCE {
            let source = std::io::Error::from(std::io::ErrorKind::TimedOut);
            return Err(CliError::System { what: "end the serving process", source });
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(ExitCode::SUCCESS)
}
