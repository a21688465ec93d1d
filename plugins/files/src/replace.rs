use fancy_regex::Regex;
use switchover_sdk::prelude::*;

use crate::edit::{self, Before, Edit, EditParams};
use crate::regex::{Flags, compile, expand};

#[derive(Params)]
pub struct ReplaceParams {
    /// The file.
    #[param(alias = "dest", alias = "destfile", alias = "name")]
    pub path: HostPath,
    /// What is replaced: a Python expression in which `^` and `$` stand at each line.
    pub regexp: String,
    /// What takes its place, with groups filled in; without it, all that was found is removed.
    #[param(default = "")]
    pub replace: String,
    /// Works only on what comes after the first place where this expression is found.
    pub after: Option<String>,
    /// Works only on what comes before this expression.
    pub before: Option<String>,
    /// Ansible's name for a codec of the file; only UTF-8 is supported.
    #[param(default = "utf-8")]
    pub encoding: String,
    #[param(flatten)]
    pub edit: EditParams,
}

pub struct Replace;

impl Module for Replace {
    type Params = ReplaceParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.replace",
        aliases: &["replace"],
        summary: "Replaces all that an expression finds in a file.",
        examples: &[(
            "A host",
            "replace: { path: /etc/hosts, regexp: '(\\s)old(\\s|$)', replace: '\\1new\\2' }",
        )],
        returns: &[
            ("msg", "how many were replaced, or empty"),
            ("backup_file", "the copy of the old file, when one was kept"),
            ("rc", "always 0"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &ReplaceParams, host: &Host) -> Result<Delta, Failure> {
        if !matches!(params.encoding.to_lowercase().as_str(), "utf-8" | "utf8") {
            return Err(Failure::arguments(format!(
                "encoding {} is not supported, only utf-8",
                params.encoding
            )));
        }
        let before = Before::read(&params.path, host)?;
        if before.stat.is_none() {
            return Err(Failure::new(format!("Path {} does not exist !", before.path)).with("rc", 257));
        }
        let result = Map::from_iter([("rc".to_owned(), json!(0))]);
        let edit = match params.section(&before.text)? {
            Err(pattern) => {
                let msg = format!("Pattern for before/after params did not match the given file: {pattern}");
                Edit { after: None, msg, result, lists_diff: false, told: false }
            }
            Ok(section) => {
                let (middle, count) = params.replaced(&before.text[section.clone()])?;
                let after =
                    format!("{}{middle}{}", &before.text[..section.start], &before.text[section.end..]);
                let after = Some(after).filter(|after| *after != before.text);
                let msg = after.as_ref().map_or(String::new(), |_| format!("{count} replacements made"));
                Edit { after, msg, result, lists_diff: false, told: false }
            }
        };
        params.edit.delta(&before, edit, "backup_file")
    }

    fn apply(_: &ReplaceParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        edit::apply(delta, host)
    }
}

impl ReplaceParams {
    /// Returns the part of the text to work on, or the expression that was not found.
    fn section(&self, text: &str) -> Result<Result<std::ops::Range<usize>, String>, Failure> {
        let pattern = match (&self.after, &self.before) {
            (None, None) => return Ok(Ok(0..text.len())),
            (Some(after), None) => format!("{after}(?P<subsection>.*)"),
            (None, Some(before)) => format!("(?P<subsection>.*){before}"),
            (Some(after), Some(before)) => format!("{after}(?P<subsection>.*?){before}"),
        };
        let regex = compile(&pattern, Flags { dot_all: true, multiline: false })?;
        let captures = regex.captures(text).map_err(gave_up)?;
        let range = captures.and_then(|captures| captures.name("subsection").map(|found| found.range()));
        Ok(range.ok_or(pattern))
    }

    fn replaced(&self, text: &str) -> Result<(String, usize), Failure> {
        let regex: Regex = compile(&self.regexp, Flags { multiline: true, dot_all: false })?;
        let mut out = String::new();
        let (mut end, mut count) = (0, 0);
        for captures in regex.captures_iter(text) {
            let captures = captures.map_err(gave_up)?;
            let Some(whole) = captures.get(0) else { continue };
            out.push_str(&text[end..whole.start()]);
            out.push_str(&expand(&self.replace, &captures)?);
            end = whole.end();
            count += 1;
        }
        out.push_str(&text[end..]);
        Ok((out, count))
    }
}

fn gave_up(error: fancy_regex::Error) -> Failure {
    Failure::new(format!("the regular expression gave up: {error}"))
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Replace>(env!("CARGO_MANIFEST_DIR"));
        examples::<Replace>();
    }
}
