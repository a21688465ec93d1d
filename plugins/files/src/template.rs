use std::collections::BTreeMap;

use switchover_sdk::prelude::*;

use crate::attributes::Wanted;
use crate::encoding::encode;
use crate::plan::Plan;
use crate::put::Put;
use crate::source::Source;
use crate::steps;

#[derive(Params)]
pub struct TemplateParams {
    /// The template on the controller, searched in `templates`.
    pub src: String,
    /// The path on the host.
    pub dest: HostPath,
    /// Replaces a file that differs.
    #[param(default = true)]
    pub force: bool,
    /// Keeps the old file, with a time in its name.
    #[param(default = false)]
    pub backup: bool,
    /// A command that must succeed before the file goes into place; `%s` stands for the file.
    pub validate: Option<String>,
    /// Writes to what a link at `dest` leads to.
    #[param(default = false)]
    pub follow: bool,
    /// How lines end.
    #[param(default = "\n")]
    pub newline_sequence: String,
    /// The encoding of the file: also `utf-8-sig`, `utf-16`, `ascii`, `iso-8859-1` and `windows-1252`.
    #[param(default = "utf-8")]
    pub output_encoding: String,
    /// What begins a statement.
    #[param(default = "{%")]
    pub block_start_string: String,
    /// What ends a statement.
    #[param(default = "%}")]
    pub block_end_string: String,
    /// What begins an expression.
    #[param(default = "{{")]
    pub variable_start_string: String,
    /// What ends an expression.
    #[param(default = "}}")]
    pub variable_end_string: String,
    /// What begins a comment.
    #[param(default = "{#")]
    pub comment_start_string: String,
    /// What ends a comment.
    #[param(default = "#}")]
    pub comment_end_string: String,
    /// Removes the newline after a statement.
    #[param(default = true)]
    pub trim_blocks: bool,
    /// Removes blanks before a statement.
    #[param(default = false)]
    pub lstrip_blocks: bool,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

pub struct Template;

impl Module for Template {
    type Params = TemplateParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.template",
        aliases: &["template"],
        summary: "Renders a template of the controller into a file of the host.",
        missing: Some("src and dest are required"),
        examples: &[
            ("A configuration", "template: { src: app.conf.j2, dest: /etc/app.conf, mode: '0644' }"),
            (
                "Checked first",
                "template: { src: sshd.j2, dest: /etc/ssh/sshd_config, validate: sshd -t -f %s }",
            ),
        ],
        returns: &[
            ("dest", "the path on the host"),
            ("checksum", "SHA-1 of the file; `md5sum` after a change"),
            ("backup_file", "the copy of the old file, when one was kept"),
            ("mode", "its mode; also `owner`, `group`, `uid`, `gid`, `size`, `state`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &TemplateParams, host: &Host) -> Result<Delta, Failure> {
        let file = host.controller_file(&params.src, Some("templates"))?;
        if file.is_dir {
            return Err(Failure::new(format!("{} is a folder, not a template", file.path)));
        }
        let content = host.controller_plain(&file.path)?;
        let text = String::from_utf8(content.0)
            .map_err(|_| Failure::new(format!("the template {} is not UTF-8", file.path)))?;
        // However lines end in a template, `newline_sequence` says how they end in the file.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = host.render_with(&text, &file.path, params.options())?;
        let text = encode(&params.with_newlines(text)?, &params.output_encoding)?;
        let mut wanted = Wanted::from(&params.attributes);
        if wanted.mode.as_deref() == Some("preserve") {
            wanted.mode = Some(crate::mode::octal(host.controller_mode(&file.path)?));
        }
        let put = Put {
            source: Source::inline(text, &file.path),
            name: Some(steps::split(&file.path).1.to_owned()),
            dest: &params.dest,
            wanted,
            folders: Wanted::default(),
            force: params.force,
            backup: params.backup,
            validate: params.validate.as_deref(),
            follow: params.follow,
            expected: None,
        };
        put.check(host)
    }

    fn apply(_: &TemplateParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        Plan::apply(delta, host)
    }
}

impl TemplateParams {
    /// Returns the template's own settings for the engine.
    fn options(&self) -> BTreeMap<String, Value> {
        let words = [
            ("block_start_string", &self.block_start_string),
            ("block_end_string", &self.block_end_string),
            ("variable_start_string", &self.variable_start_string),
            ("variable_end_string", &self.variable_end_string),
            ("comment_start_string", &self.comment_start_string),
            ("comment_end_string", &self.comment_end_string),
        ];
        let mut options: BTreeMap<String, Value> =
            words.into_iter().map(|(name, word)| (name.to_owned(), json!(word))).collect();
        options.insert("trim_blocks".into(), json!(self.trim_blocks));
        options.insert("lstrip_blocks".into(), json!(self.lstrip_blocks));
        options
    }

    /// Ends lines as asked; the words `\n`, `\r` and `\r\n` may also be written with a real backslash.
    fn with_newlines(&self, text: String) -> Result<String, Failure> {
        match self.newline_sequence.as_str() {
            "\n" | "\\n" => Ok(text),
            "\r\n" | "\\r\\n" => Ok(text.replace('\n', "\r\n")),
            "\r" | "\\r" => Ok(text.replace('\n', "\r")),
            _ => Err(Failure::arguments("newline_sequence needs to be one of: \n, \r or \r\n")),
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Template>(env!("CARGO_MANIFEST_DIR"));
        examples::<Template>();
    }
}
