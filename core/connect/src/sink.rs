/// Which of the two output streams of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// Receives the output of programs while they run, and remarks about the connection.
pub trait Sink: Send {
    /// Takes output as it arrives; pieces may end in the middle of a line or of a character.
    fn output(&mut self, stream: Stream, bytes: &[u8]);

    /// Takes a remark for the operator, e.g. that contact was lost and for how long.
    fn note(&mut self, _text: &str) {}
}

impl Sink for () {
    fn output(&mut self, _stream: Stream, _bytes: &[u8]) {}
}
