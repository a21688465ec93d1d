use switchover_syntax::Diagnostic;

/// What the author wrote wrong, and what only showed while the run went on: it ends the run.
#[derive(Clone, Debug)]
pub struct Mistake {
    pub problems: Vec<Diagnostic>,
    /// A file that was included could not be read as what it should be.
    pub misread: bool,
}

impl Mistake {
    /// Returns the mistake that one problem is.
    pub fn of(problem: Diagnostic) -> Self {
        Self { problems: vec![problem], misread: false }
    }
}
