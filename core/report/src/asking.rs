//! Who is asked at the terminal must be able to read the question, and to see what is typed.

use std::io::{Write, stderr, stdout};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{MultiProgress, ProgressDrawTarget};

/// One question after the other.
static TURN: Mutex<()> = Mutex::new(());

/// A process has one terminal.
static SCREEN: Mutex<Screen> = Mutex::new(Screen { open: false, held: Vec::new(), bars: None });

struct Screen {
    /// A question stands there.
    open: bool,
    /// What is to be written when it is answered.
    held: Vec<(Standard, String)>,
    /// What moves at the bottom.
    bars: Option<MultiProgress>,
}

/// Which of the program's own streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    Output,
    Error,
}

/// Asks something at the terminal, when all others who ask have their answers. Nothing else is written there meanwhile:
/// it comes after the answer.
pub fn asking<T>(ask: impl FnOnce() -> T) -> T {
    let _turn = lock(&TURN);
    let _open = Open::begin();
    ask()
}

/// Has bars taken away while somebody is asked.
pub fn move_below(bars: &MultiProgress) {
    lock(&SCREEN).bars = Some(bars.clone());
}

/// Keeps a line for later when a question stands on the screen; returns whether it was kept.
pub fn hold(to: Standard, line: &str) -> bool {
    let mut screen = lock(&SCREEN);
    if screen.open {
        screen.held.push((to, line.to_owned()));
    }
    screen.open
}

/// A question on the screen, also when whoever asks panics.
struct Open;

impl Open {
    fn begin() -> Self {
        let mut screen = lock(&SCREEN);
        screen.open = true;
        if let Some(bars) = &screen.bars {
            // It fails when the terminal is gone, and there is nothing to take away then.
            drop(bars.clear());
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut screen = lock(&SCREEN);
        screen.open = false;
        for (to, line) in std::mem::take(&mut screen.held) {
            // Without a reader the work goes on.
            drop(match to {
                Standard::Output => writeln!(stdout(), "{line}"),
                Standard::Error => writeln!(stderr(), "{line}"),
            });
        }
        if let Some(bars) = &screen.bars {
            bars.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_wait_for_the_answer_and_questions_for_each_other() {
        assert!(!hold(Standard::Output, "before"));
        let other = asking(|| {
            assert!(hold(Standard::Error, "meanwhile"));
            let other = std::thread::spawn(|| asking(|| lock(&SCREEN).held.len()));
            std::thread::sleep(std::time::Duration::from_millis(50));
            assert!(!other.is_finished());
            other
        });
        assert_eq!(other.join().unwrap(), 0);
        assert!(!hold(Standard::Output, "after"));
    }
}
