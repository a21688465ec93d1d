use std::io::{ErrorKind, IsTerminal, Write};

use switchover_syntax::harmless;

/// Where the output of a job is shown as it comes: byte for byte to a program; at a terminal as text that does not drive it.
pub struct Screen {
    to: Box<dyn Write>,
    terminal: bool,
    /// The first bytes of a letter whose others have not come yet.
    begun: Vec<u8>,
}

/// Whether somebody reads what is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Yes,
    NobodyReads,
}

impl Shown {
    /// Returns whether somebody reads either.
    pub fn and(self, other: Self) -> Self {
        if self == Self::Yes { other } else { self }
    }
}

impl Screen {
    /// Shows on standard output.
    pub fn stdout() -> Self {
        let to = std::io::stdout();
        Self { terminal: to.is_terminal(), to: Box::new(to), begun: Vec::new() }
    }

    /// Shows on standard error.
    pub fn stderr() -> Self {
        let to = std::io::stderr();
        Self { terminal: to.is_terminal(), to: Box::new(to), begun: Vec::new() }
    }

    /// Shows what came.
    pub fn show(&mut self, bytes: &[u8]) -> Shown {
        let written = match self.terminal {
            true => {
                let text = self.text(bytes);
                self.to.write_all(harmless(&text).as_bytes())
            }
            false => self.to.write_all(bytes),
        };
        match written.and_then(|()| self.to.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Shown::NobodyReads,
            // A terminal that is gone for another reason ends the program by its own signal.
            _ => Shown::Yes,
        }
    }

    /// Returns the letters that are complete.
    fn text(&mut self, bytes: &[u8]) -> String {
        self.begun.extend(bytes);
        let all = std::mem::take(&mut self.begun);
        let last = all.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
        let incomplete = std::str::from_utf8(last).is_err_and(|error| error.error_len().is_none());
        let end = if incomplete { all.len() - last.len() } else { all.len() };
        self.begun = all[end..].to_vec();
        String::from_utf8_lossy(&all[..end]).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Screen;

    #[test]
    fn a_letter_in_two_pieces_is_one() {
        let mut screen = Screen { to: Box::new(std::io::sink()), terminal: true, begun: Vec::new() };
        assert_eq!(screen.text(b"a\xe2\x98"), "a");
        assert_eq!(screen.text(b"\x83b\xff"), "\u{2603}b\u{fffd}");
        assert_eq!(screen.text(b"c"), "c");
    }
}
