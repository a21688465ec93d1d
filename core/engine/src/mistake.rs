use switchover_syntax::Diagnostic;

/// What the author wrote wrong, and what only showed while the run went on: it ends the run.
#[derive(Clone, Debug)]
pub struct Mistake {
    pub problems: Vec<Diagnostic>,
    /// What was written could not be read as what it should be: an included file, a keyword of a play.
    pub misread: bool,
}

impl Mistake {
    /// The code of a keyword of a play that makes no sense.
    pub const KEYWORD: &str = "playbook::keyword";

    /// Returns the mistake that one problem is.
    pub fn of(problem: Diagnostic) -> Self {
        let misread = problem.code == Self::KEYWORD;
        Self { problems: vec![problem], misread }
    }
}
