/// The human at the terminal, if there is one. Implemented by the command line.
pub trait Operator: Send + Sync {
    /// Asks for permission to destroy something; `None` when nobody can be asked, else whether it was given.
    fn approve(&self, request: &ApprovalRequest) -> Option<bool>;

    /// Asks a yes-or-no question that only a human can answer; `None` when nobody can be asked.
    fn confirm(&self, question: &str) -> Option<bool>;

    /// Asks for a line of text; `None` when nobody can be asked. A secret is not echoed.
    fn ask(&self, question: &str, secret: bool) -> Option<String>;
}

/// What is about to be destroyed, and where.
#[derive(Clone, Debug)]
pub struct ApprovalRequest {
    pub host: String,
    pub task: String,
    pub module: String,
    /// What is lost, in words.
    pub what: String,
    /// What the module found that it would change.
    pub findings: Vec<String>,
}

/// Nobody is there to answer.
pub struct Nobody;

impl Operator for Nobody {
    fn approve(&self, _: &ApprovalRequest) -> Option<bool> {
        None
    }

    fn confirm(&self, _: &str) -> Option<bool> {
        None
    }

    fn ask(&self, _: &str, _: bool) -> Option<String> {
        None
    }
}
