//! What is no mistake yet: one row for each rule, one function below it.

use switchover_model::{Task, short};
use switchover_protocol::Effect;
use switchover_syntax::{Node, NodeKind};

use super::visit::{Look, argument, command_line};

/// Something to look for in a play.
pub struct Rule {
    pub code: &'static str,
    pub doc: &'static str,
    pub look: fn(&mut Look<'_>),
}

impl Rule {
    /// Returns the last part of the code, as `# noqa` and `--skip` take it.
    pub fn short(&self) -> &'static str {
        self.code.rsplit("::").next().unwrap_or(self.code)
    }
}

pub const RULES: &[Rule] = &[
    Rule { code: "lint::unnamed-play", doc: "a play without a name", look: unnamed_play },
    Rule { code: "lint::unnamed-task", doc: "a task without a name", look: unnamed_task },
    Rule {
        code: "lint::compared-with-literal",
        doc: "a condition that compares with true, false or \"\"",
        look: literal,
    },
    Rule {
        code: "lint::command-for-module",
        doc: "a command for which there is a module",
        look: command_for_module,
    },
    Rule {
        code: "lint::shell-without-need",
        doc: "`shell` for a command that needs none",
        look: shell_without_need,
    },
    Rule {
        code: "lint::always-changed",
        doc: "a command that never says whether it changed anything",
        look: always_changed,
    },
    Rule { code: "lint::secret-shown", doc: "a secret in a task without `no_log`", look: secret_shown },
    Rule {
        code: "lint::decimal-mode",
        doc: "permission bits that YAML reads as a decimal number",
        look: decimal_mode,
    },
    Rule {
        code: "lint::destroys-unexpected",
        doc: "a destroying task in a play without `expect`",
        look: destroys_unexpected,
    },
    Rule {
        code: "lint::unjudged-errors",
        doc: "`ignore_errors` whose result nobody looks at",
        look: unjudged_errors,
    },
];

fn unnamed_play(look: &mut Look<'_>) {
    if look.play.name.is_none() {
        let span = look.play.hosts.span.clone();
        look.warn(
            &span,
            "the play has no name",
            "give it a `name:`; it is shown, and `--list-tasks` finds it",
        );
    }
}

fn unnamed_task(look: &mut Look<'_>) {
    look.tasks(&mut |look, task| {
        let is_silent = matches!(
            short(&task.action.name),
            "meta" | "include_tasks" | "import_tasks" | "include_role" | "import_role" | "include_vars"
        );
        if task.name.is_none() && !is_silent {
            look.warn(
                &task.action.name_span,
                "the task has no name",
                "say in `name:` what is reached, not how",
            );
        }
    });
}

/// Returns the conditions that stand at a task itself.
fn conditions(task: &Task) -> impl Iterator<Item = &Node> {
    let rules = [&task.changed_when, &task.failed_when].into_iter().flatten().flatten();
    task.context.when.iter().chain(&task.until).chain(rules)
}

fn literal(look: &mut Look<'_>) {
    const LITERALS: [&str; 8] =
        ["== true", "== false", "!= true", "!= false", "== True", "== False", "== \"\"", "== ''"];
    look.tasks(&mut |look, task| {
        for condition in conditions(task) {
            let text = condition.as_str().unwrap_or_default();
            if let Some(literal) = LITERALS.iter().find(|literal| text.contains(*literal)) {
                let message = format!("`{literal}` asks what the value says itself");
                look.warn(&condition.span, message, "write `x`, `not x`, or `x | length == 0`");
            }
        }
    });
}

/// Programs, and the modules that do the same and can tell whether anything is to be done.
const MODULES: [(&str, &str); 27] = [
    ("apt", "apt"),
    ("apt-get", "apt"),
    ("chkconfig", "service"),
    ("chmod", "file"),
    ("chown", "file"),
    ("cp", "copy"),
    ("curl", "uri"),
    ("dnf", "dnf"),
    ("dpkg", "apt"),
    ("getent", "getent"),
    ("git", "git"),
    ("groupadd", "group"),
    ("hostnamectl", "hostname"),
    ("ln", "file"),
    ("mkdir", "file"),
    ("mount", "mount"),
    ("rm", "file"),
    ("rpm", "yum"),
    ("sed", "replace"),
    ("service", "service"),
    ("stat", "stat"),
    ("sysctl", "sysctl"),
    ("systemctl", "systemd"),
    ("tar", "unarchive"),
    ("useradd", "user"),
    ("wget", "get_url"),
    ("yum", "yum"),
];

fn is_command(task: &Task) -> bool {
    matches!(short(&task.action.name), "command" | "shell")
}

fn command_for_module(look: &mut Look<'_>) {
    look.tasks(&mut |look, task| {
        let Some(line) = command_line(task).filter(|_| is_command(task)) else { return };
        let program = line.as_str().unwrap_or_default().split_whitespace().next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let Some((_, module)) = MODULES.iter().find(|(known, _)| *known == program) else { return };
        if look.catalog.resolve(module).is_some() {
            let help =
                format!("`switchover plugin doc {module}`; it changes nothing when nothing is to be done");
            look.warn(&line.span.clone(), format!("`{program}` has a module: {module}"), help);
        }
    });
}

fn shell_without_need(look: &mut Look<'_>) {
    look.tasks(&mut |look, task| {
        let Some(line) = command_line(task).filter(|_| short(&task.action.name) == "shell") else { return };
        let text = line.as_str().unwrap_or_default();
        let outside = without_templates(text);
        if !outside.contains([
            '|', '&', ';', '<', '>', '$', '`', '*', '?', '~', '(', '[', '\n', '\\', '"', '\'', '=', '{',
        ]) {
            let span = task.action.name_span.clone();
            look.warn(
                &span,
                "nothing here needs a shell",
                "use `command`: no word of it is taken for something else",
            );
        }
    });
}

/// Returns the text without its templates, whose values are not known.
fn without_templates(text: &str) -> String {
    let mut outside = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        outside.push_str(before);
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    outside + rest
}

fn always_changed(look: &mut Look<'_>) {
    look.tasks(&mut |look, task| {
        let tells = task.changed_when.is_some() || argument(task, &["creates", "removes"]).is_some();
        if is_command(task) && !tells && !task.is_handler {
            let span = task.action.name_span.clone();
            look.warn(
                &span,
                "the task counts as changed each time",
                "say it with `changed_when`, `creates` or `removes`",
            );
        }
    });
}

fn secret_shown(look: &mut Look<'_>) {
    const WORDS: [&str; 5] = ["password", "passwd", "secret", "token", "private_key"];
    look.tasks(&mut |look, task| {
        if task.context.keyword(|keywords| keywords.no_log.as_ref()).is_some() {
            return;
        }
        let declared: Vec<String> = look.module(task).map_or_else(Vec::new, |module| {
            let secrets = module.spec.params.iter().filter(|param| param.secret);
            secrets.flat_map(|param| std::iter::once(&param.name).chain(&param.aliases)).cloned().collect()
        });
        let mut texts: Vec<&Node> = task.action.free_form.iter().collect();
        if let Some(mapping) = task.action.args.as_mapping() {
            let open = mapping.entries.iter().filter(|entry| {
                !entry.key.as_str().is_some_and(|key| declared.iter().any(|name| name == key))
            });
            texts.extend(open.map(|entry| &entry.value));
        }
        for text in texts {
            let inside =
                text.as_str().and_then(|text| text.split_once("{{")).map(|(_, rest)| rest.to_lowercase());
            let is_secret = |inside: &String| WORDS.iter().any(|word| inside.contains(word));
            if inside.as_ref().is_some_and(is_secret) && !is_file_name(inside.as_deref().unwrap_or_default())
            {
                let span = text.span.clone();
                look.warn(
                    &span,
                    "a secret may be shown here",
                    "add `no_log: true`, or keep the secret in a vault: its values are masked",
                );
            }
        }
    });
}

/// A variable that names where a secret lies holds none.
fn is_file_name(inside: &str) -> bool {
    ["_file", "_path", "_name", "_dir"].iter().any(|ending| inside.contains(ending))
}

fn decimal_mode(look: &mut Look<'_>) {
    look.tasks(&mut |look, task| {
        let Some(mode) = argument(task, &["mode", "directory_mode"]) else { return };
        let NodeKind::Int(_) = &mode.kind else { return };
        let written =
            mode.span.source.text.get(mode.span.start as usize..mode.span.end as usize).unwrap_or_default();
        if !written.starts_with('0') {
            let span = mode.span.clone();
            look.warn(
                &span,
                format!("`{written}` is a decimal number"),
                format!("write \"0{written}\", in quotes"),
            );
        }
    });
}

fn destroys_unexpected(look: &mut Look<'_>) {
    if !look.play.expect.is_empty() {
        return;
    }
    look.tasks(&mut |look, task| {
        let by_word =
            task.effect.as_ref().map(|effect| effect.as_str().unwrap_or("destroys").starts_with("destroys"));
        let by_module =
            look.module(task).is_some_and(|module| matches!(module.spec.effect, Effect::Destroys { .. }));
        if by_word.unwrap_or(by_module) {
            let span = task.action.name_span.clone();
            look.warn(
                &span,
                "a destroying task, and the play does not say what must hold",
                "add `expect:` to the play: it is held at the start and again right before this task",
            );
        }
    });
}

fn unjudged_errors(look: &mut Look<'_>) {
    look.tasks(&mut |look, task| {
        let Some(ignored) = &task.context.keywords.ignore_errors else { return };
        if matches!(ignored.kind, NodeKind::Bool(true))
            && task.register.is_none()
            && task.failed_when.is_none()
        {
            let span = ignored.span.clone();
            look.warn(
                &span,
                "nobody looks at this failure",
                "say with `failed_when` which failures are none, or register the result",
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_named_once_and_explained() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(rule.code.starts_with("lint::") && !rule.doc.is_empty(), "{}", rule.code);
            assert!(RULES[..index].iter().all(|other| other.code != rule.code), "{}", rule.code);
        }
    }

    #[test]
    fn templates_are_not_taken_for_the_shell() {
        assert_eq!(without_templates("ls {{ a | b }} x"), "ls  x");
    }
}
