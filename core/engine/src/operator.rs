/// The human at the terminal, if there is one. Implemented by the command line.
pub trait Operator: Send + Sync {
    /// Asks for permission to destroy something; `None` when nobody can be asked.
    fn approve(&self, request: &ApprovalRequest) -> Option<Word>;

    /// Asks a yes-or-no question that only a human can answer, known by its id; `None` when nobody can be asked.
    fn confirm(&self, id: &str, question: &str) -> Option<Word>;

    /// Asks for a line of text; `None` when nobody can be asked. A secret is not echoed.
    fn ask(&self, question: &str, secret: bool) -> Option<String>;

    /// Takes the open questions back: the run stops, and whatever is answered now permits nothing.
    fn leave(&self) {}
}

/// What a human said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// It was yes.
    pub given: bool,
    pub by: String,
    /// How it was said, such as `terminal`.
    pub how: &'static str,
    pub why: Option<String>,
}

/// What is about to be destroyed, and where.
#[derive(Clone, Debug)]
pub struct ApprovalRequest {
    pub host: String,
    pub task: String,
    pub module: String,
    /// The name under which the step is approved.
    pub step: String,
    /// Only a word that was given since the run was interrupted counts.
    pub anew: bool,
    /// What is lost, in words.
    pub what: String,
    /// What the module found that it would change.
    pub findings: Vec<String>,
}

/// Nobody is there to answer.
pub struct Nobody;

impl Operator for Nobody {
    fn approve(&self, _: &ApprovalRequest) -> Option<Word> {
        None
    }

    fn confirm(&self, _: &str, _: &str) -> Option<Word> {
        None
    }

    fn ask(&self, _: &str, _: bool) -> Option<String> {
        None
    }
}
