//! Clocks that jump by days while a run is under way: the controller's and, on the local connection, the host's with it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::figures::Figures;
use super::moments::{self, Seeded};
use super::random;
use crate::scenario::Outcome;

/// Moves the clock of the program that it is loaded into, by so many seconds as a file says.
const SHIFT: &str = r#"
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long shift(void) {
  const char *path = getenv("CLOCK_SHIFT");
  FILE *file = path ? fopen(path, "r") : NULL;
  long by = 0;
  if (file) { if (fscanf(file, "%ld", &by) != 1) by = 0; fclose(file); }
  return by;
}
int clock_gettime(clockid_t clock, struct timespec *at) {
  int r = syscall(SYS_clock_gettime, clock, at);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) at->tv_sec += shift();
  return r;
}
int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec; at->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *to) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (to) *to = now.tv_sec;
  return now.tv_sec;
}
"#;

const DAY: i64 = 86_400;

/// Returns the library, or nothing where no compiler for C is.
fn library() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (source, library) = (folder.path().join("shift.c"), folder.path().join("shift.so"));
        std::fs::write(&source, SHIFT).unwrap();
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
        cc.status().is_ok_and(|status| status.success()).then_some((folder, library))
    });
    built.as_ref().map(|(_, library)| library.as_path())
}

fn shifted<'a>(command: &'a mut Command, library: &Path, by: &Path) -> &'a mut Command {
    command.env("LD_PRELOAD", library).env("CLOCK_SHIFT", by)
}

fn survive(number: usize, library: &Path, figures: &Figures) {
    let seed = 20 + number % 20;
    let (whole, scenario) = (random::Whole::of(seed), random::scenario(seed));
    let by = scenario.path("shift");
    let ended = AtomicBool::new(false);
    let mut seeded = Seeded::of(&format!("clock {number}"));
    let kills = seeded.below(2) == 0;
    let at = 1 + seeded.below(whole.events);
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            let jumps = [DAY, -DAY, 30 * DAY, -30 * DAY, 3600, 0];
            while !ended.load(Ordering::SeqCst) {
                // By rename: half a number is another number.
                std::fs::write(by.with_extension("new"), jumps[seeded.below(jumps.len())].to_string())
                    .unwrap();
                std::fs::rename(by.with_extension("new"), &by).unwrap();
                std::thread::sleep(Duration::from_millis(seeded.below(200) as u64));
            }
        });
        let mut command = scenario.command();
        shifted(&mut command, library, &by);
        let outcome = if kills {
            crate::resume::kills::killed_after(command, at);
            let mut resume = random::resume(&scenario);
            Outcome::of(shifted(&mut resume, library, &by))
        } else {
            Outcome::of(&mut command)
        };
        ended.store(true, Ordering::SeqCst);
        outcome
    });
    let when = format!("clock {number}, seed {seed}, killed {kills} after {at}");
    if outcome.code != 0 && !outcome.stderr.contains("went through") {
        figures.lost(format!("{when}: exit code {}: {}", outcome.code, outcome.stderr));
    }
    whole.compare(&when, &scenario, figures);
    figures.tried();
}

#[test]
fn clocks_that_jump_by_days_lose_nothing() {
    let Some(library) = library() else {
        println!("skipped: cc is not installed");
        return;
    };
    let figures = Figures::of("clock of controller and host jumps, controller killed in every second run");
    let all: Vec<usize> = (1..=if moments::all() { 100 } else { 2 }).collect();
    moments::each(&all, |number| survive(number, library, &figures));
    figures.settle(all.len());
}
