use std::io::{BufRead as _, Write as _};

/// Asks for a secret at the terminal; without one the answer is a line of standard input.
pub fn secret(question: &str) -> std::io::Result<String> {
    if let Ok(answer) = rpassword::prompt_password(question) {
        return Ok(answer);
    }
    let mut to = std::io::stderr().lock();
    write!(to, "{question}").and_then(|()| to.flush())?;
    let mut answer = String::new();
    if std::io::stdin().lock().read_line(&mut answer)? == 0 {
        return Err(std::io::Error::other(
            "there is no terminal to ask at, and standard input is at its end",
        ));
    }
    Ok(answer.trim_end_matches(['\r', '\n']).to_owned())
}
