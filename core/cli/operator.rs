use std::io::{BufRead as _, IsTerminal as _, Write as _};

use switchover_engine::{ApprovalRequest, Operator};

/// The person at the terminal: questions go to standard error, answers come from standard input.
pub struct TerminalOperator;

impl TerminalOperator {
    fn is_there(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    fn line(&self, question: &str) -> Option<String> {
        let mut to = std::io::stderr().lock();
        write!(to, "{question}").and_then(|()| to.flush()).ok()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).ok()?;
        Some(answer.trim_end_matches(['\r', '\n']).to_owned())
    }
}

impl Operator for TerminalOperator {
    fn approve(&self, request: &ApprovalRequest) -> Option<bool> {
        if !self.is_there() {
            return None;
        }
        let ApprovalRequest { host, task, module, what, findings } = request;
        let found: String = findings.iter().map(|finding| format!("    {finding}\n")).collect();
        let question = format!(
            "\n{task} ({module}) on {host} destroys:\n    {what}\n{found}Type the host's name to permit it, or \
             anything else to stop: "
        );
        self.line(&question).map(|answer| answer.trim() == host)
    }

    fn confirm(&self, question: &str) -> Option<bool> {
        if !self.is_there() {
            return None;
        }
        let answer = self.line(&format!("\n{question}\nType yes to confirm, or anything else to stop: "))?;
        Some(matches!(answer.trim().to_lowercase().as_str(), "yes" | "y"))
    }

    fn ask(&self, question: &str, secret: bool) -> Option<String> {
        if !self.is_there() {
            return None;
        }
        if secret {
            return rpassword::prompt_password(format!("{question}: ")).ok();
        }
        self.line(&format!("{question}: "))
    }
}
