//! The words of a validation command: split as a POSIX shell would, but nothing is expanded.

use switchover_protocol::HostError;

use super::invalid;

/// Splits the command; `%s` becomes `file`, `%%` a percent sign.
pub(super) fn words(command: &str, file: &str) -> Result<Vec<String>, HostError> {
    let words = crate::words::split(command)
        .ok_or_else(|| invalid(&format!("validate {command:?} has an open quote")))?;
    let mut found = false;
    let mut fill = |word: String| -> Result<String, HostError> {
        let mut filled = String::with_capacity(word.len());
        let mut characters = word.chars();
        while let Some(character) = characters.next() {
            match (character, characters.clone().next()) {
                ('%', Some('s')) => {
                    found = true;
                    filled.push_str(file);
                }
                ('%', Some('%')) => filled.push('%'),
                ('%', _) => return Err(invalid(&format!("validate {command:?} may hold only %s and %%"))),
                (character, _) => {
                    filled.push(character);
                    continue;
                }
            }
            characters.next();
        }
        Ok(filled)
    };
    let words = words.into_iter().map(&mut fill).collect::<Result<Vec<_>, _>>()?;
    if !found {
        return Err(invalid(&format!("validate {command:?} must contain %s, the file to look at")));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_split_and_the_file_is_filled_in() {
        let words = |command| super::words(command, "F").unwrap();
        assert_eq!(words("visudo -cf %s"), ["visudo", "-cf", "F"]);
        assert_eq!(
            words(r#"x 'a b' "c\"d" e\ f --file=%s 100%%"#),
            ["x", "a b", "c\"d", "e f", "--file=F", "100%"]
        );
        assert_eq!(words("x '' %s"), ["x", "", "F"]);
    }

    #[test]
    fn refuses_what_names_no_file() {
        assert!(super::words("visudo -c", "F").unwrap_err().to_string().contains("must contain %s"));
        assert!(super::words("x 'open %s", "F").unwrap_err().to_string().contains("open quote"));
    }
}
