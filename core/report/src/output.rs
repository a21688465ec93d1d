use std::io::Write;

/// Where a reporter writes. When the reader is gone, writing goes quiet.
pub struct Output {
    to: Option<Box<dyn Write + Send>>,
}

impl Output {
    /// Writes there.
    pub fn new(to: impl Write + Send + 'static) -> Self {
        Self { to: Some(Box::new(to)) }
    }

    /// Writes one line at once.
    pub fn line(&mut self, text: &str) {
        let Some(to) = &mut self.to else { return };
        if writeln!(to, "{text}").and_then(|()| to.flush()).is_err() {
            self.to = None;
        }
    }
}

/// Tells on standard error that something of the output could not be written.
pub fn complain(text: &str) {
    Output::new(std::io::stderr()).line(&format!("[WARNING]: {text}"));
}
