use switchover_sdk::prelude::*;
use switchover_sdk::text_file::TextFile;

#[derive(Params)]
pub struct PamLimitsParams {
    /// A user, `@group`, `*`, or a range of numbers.
    pub domain: String,
    /// Whether the limit is fixed.
    #[param(choices("hard", "soft", "-"))]
    pub limit_type: String,
    /// What is limited.
    #[param(choices(
        "core",
        "data",
        "fsize",
        "memlock",
        "nofile",
        "rss",
        "stack",
        "cpu",
        "nproc",
        "as",
        "maxlogins",
        "maxsyslogins",
        "priority",
        "locks",
        "sigpending",
        "msgqueue",
        "nice",
        "rtprio",
        "chroot"
    ))]
    pub limit_item: String,
    /// A number, or `unlimited`, `infinity` or `-1`.
    pub value: String,
    /// Leaves a larger value as it is.
    #[param(default = false)]
    pub use_max: bool,
    /// Leaves a smaller value as it is.
    #[param(default = false)]
    pub use_min: bool,
    /// The file.
    #[param(default = "/etc/security/limits.conf")]
    pub dest: HostPath,
    /// Keeps the old file, with a time in its name.
    #[param(default = false)]
    pub backup: bool,
    /// A comment behind the limit.
    #[param(default = "")]
    pub comment: String,
}

pub struct PamLimits;

impl Module for PamLimits {
    type Params = PamLimitsParams;
    const SPEC: Spec = Spec {
        name: "community.general.pam_limits",
        aliases: &["pam_limits"],
        summary: "Keeps a limit of a user or group in limits.conf.",
        mutually_exclusive: &[&["use_max", "use_min"]],
        examples: &[
            ("Open files", "pam_limits: { domain: joe, limit_type: soft, limit_item: nofile, value: 64000 }"),
            (
                "At least",
                "community.general.pam_limits: { domain: '@db', limit_type: '-', limit_item: memlock, value: unlimited, use_max: true }",
            ),
        ],
        returns: &[("msg", "the line of the limit"), ("backup_file", "where the old file is")],
        ..Spec::DEFAULT
    };

    fn check(params: &PamLimitsParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let file = TextFile::read(&params.dest, host)?;
        let (folder, _) = params.dest.rsplit_once('/').unwrap_or((".", ""));
        if file.stat.is_none() && host.stat_with(folder, true, None)?.is_none() {
            return Err(Failure::new(format!(
                "{} is not visible (check presence, access rights, use sudo)",
                params.dest
            )));
        }
        let (after, line) = params.edited(&file.text);
        let result = json!({ "msg": format!("{line}\n") });
        Ok(match file.change(&after, &Attributes::default())? {
            Some(change) if after != file.text => {
                Delta::changes(vec![change]).with_result(result).with_state(json!(after))
            }
            _ => Delta::none_with(result),
        })
    }

    fn apply(params: &PamLimitsParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let mut result = result.clone();
        let written = host.write_file(WriteFile {
            path: params.dest.0.clone(),
            content: Content::Inline(state.as_str().unwrap_or_default().into()),
            attributes: Attributes::default(),
            backup: params.backup,
            validate: None,
            follow: true,
        })?;
        if let Some(backup) = written.backup {
            result.insert("backup_file".into(), json!(backup));
        }
        Ok(Outcome { changed: true, result, ..Outcome::default() })
    }
}

impl PamLimitsParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let number = self.value.parse::<i64>();
        let msg = if self.domain.is_empty() || self.domain.contains([' ', '\t', '\n', '#']) {
            format!("domain {:?} must be one word", self.domain)
        } else if matches!(&*self.limit_item, "nice" | "priority") {
            match number {
                Ok(-20..=19) => return Ok(()),
                _ => format!("Argument 'value' can be -20 to 19 for {}", self.limit_item),
            }
        } else if unlimited(&self.value) || number.is_ok_and(|number| number >= 0) {
            return Ok(());
        } else {
            "Argument 'value' can be one of 'unlimited', 'infinity', '-1' or positive number. Refer to manual pages \
             for more details."
                .to_owned()
        };
        Err(Failure::arguments(msg))
    }

    fn line(&self, value: &str) -> String {
        let comment = if self.comment.is_empty() { String::new() } else { format!("\t#{}", self.comment) };
        format!("{}\t{}\t{}\t{value}{comment}", self.domain, self.limit_type, self.limit_item)
    }

    /// Returns the file with the limit, and the limit's line.
    fn edited(&self, before: &str) -> (String, String) {
        let mut lines: Vec<String> = Vec::new();
        let mut kept = None;
        for line in before.lines() {
            let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
            let is_this =
                words.len() == 4 && words[..3] == [&*self.domain, &*self.limit_type, &*self.limit_item];
            match (is_this, &kept) {
                (false, _) => lines.push(line.to_owned()),
                (true, None) => {
                    let value = self.value_beside(words[3]);
                    let same = value == words[3];
                    let new = if same { line.to_owned() } else { self.line(value) };
                    kept = Some(self.line(value));
                    lines.push(new);
                }
                // The last line counts for PAM; one is enough.
                (true, Some(_)) => {}
            }
        }
        let line = kept.unwrap_or_else(|| {
            lines.push(self.line(&self.value));
            self.line(&self.value)
        });
        (lines.iter().map(|line| format!("{line}\n")).collect(), line)
    }

    /// Returns the value beside one that is there.
    fn value_beside<'a>(&'a self, old: &'a str) -> &'a str {
        let size = |value: &str| if unlimited(value) { i64::MAX } else { value.parse().unwrap_or(0) };
        let keeps = (self.use_max && size(old) > size(&self.value))
            || (self.use_min && size(old) < size(&self.value));
        if keeps || size(old) == size(&self.value) { old } else { &self.value }
    }
}

fn unlimited(value: &str) -> bool {
    matches!(value, "unlimited" | "infinity" | "-1")
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<PamLimits>(env!("CARGO_MANIFEST_DIR"));
        examples::<PamLimits>();
    }
}
