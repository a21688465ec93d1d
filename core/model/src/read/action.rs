use switchover_syntax::{Diagnostic, Entry, Mapping, Node, Span, nearest};

use super::Reader;
use crate::keywords::{Keyword, Place, Refused};
use crate::modules::short;
use crate::{Action, Context};

/// What a task does, as it was written.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub name: String,
    pub name_span: Span,
    pub value: Node,
    /// Written as `local_action`.
    pub local: bool,
}

impl Found {
    /// Returns the name as a node of the author's.
    pub fn name_node(&self) -> Node {
        Node { span: self.name_span.clone(), ..self.value.with_text(&self.name) }
    }
}

/// Words that the loader and the engine know themselves.
const OWN_WORDS: [&str; 5] =
    ["import_playbook", "import_role", "import_tasks", "include_role", "include_tasks"];

impl Reader<'_> {
    /// Finds the one entry of a task that names its module.
    pub(super) fn action(&self, task: &Mapping, span: &Span, place: Place) -> Option<Found> {
        if let Some(old) = task.entry("action").or_else(|| task.entry("local_action")) {
            return self.old_action(task, old, place);
        }
        let candidates = self.candidates(task, place);
        let (known, unknown): (Vec<&Entry>, Vec<&Entry>) =
            candidates.into_iter().partition(|entry| self.known(entry.key.as_str().unwrap_or_default()));
        match (known.as_slice(), unknown.as_slice()) {
            ([entry], strays) => {
                strays.iter().for_each(|stray| self.stray(stray, place));
                strays.is_empty().then(|| found(entry))
            }
            ([first, second, ..], _) => {
                self.two_actions(first, second);
                None
            }
            ([], []) => {
                if task.entries.iter().all(|entry| entry.key.as_str().is_some()) {
                    self.no_action(task, span);
                }
                None
            }
            ([], strays) => {
                self.no_known_action(strays, place);
                None
            }
        }
    }

    /// Returns the entries that are no keyword of a task, and so may name the module.
    pub(super) fn candidates<'n>(&self, task: &'n Mapping, place: Place) -> Vec<&'n Entry> {
        let places = Place::TASK.or(Place::HANDLER).or(Place::INCLUDE);
        let mut candidates = Vec::new();
        for (key, entry) in self.entries(task) {
            if Keyword::find_in(key, places).is_some() || key.starts_with("with_") {
                continue;
            }
            let misplaced =
                (Keyword::find(key).is_some() && !OWN_WORDS.contains(&key)) || Refused::find(key).is_some();
            let modules = &self.loader.settings.modules;
            let named = modules.knows(key) || modules.refused(key).is_some();
            if misplaced && key != "include" && !named {
                self.unknown_keyword(key, &entry.key.span, place);
            } else {
                candidates.push(entry);
            }
        }
        candidates
    }

    /// Returns whether this names a module; one that is refused is a matter of where it stands.
    pub(super) fn known(&self, name: &str) -> bool {
        let modules = &self.loader.settings.modules;
        OWN_WORDS.contains(&short(name)) || modules.knows(name) || modules.refused(name).is_some()
    }

    /// A module that is refused stops the load, but under a condition: that may never hold here.
    pub(super) fn refuse_module(&self, action: &Action, level: &Context) {
        let modules = &self.loader.settings.modules;
        let Some((why, instead)) = modules.refused(&action.name).filter(|_| !modules.knows(&action.name))
        else {
            return;
        };
        let conditional = level.levels().any(|level| !level.when.is_empty());
        let message = format!("couldn't resolve module/action '{}': {why}", action.name);
        let code = "playbook::refused-module";
        self.report(match conditional {
            true => Diagnostic::warning(code, message, &action.name_span)
                .help(format!("where its condition holds, the task fails; {instead}")),
            false => Diagnostic::error(code, message, &action.name_span).help(instead),
        });
    }

    pub(super) fn two_actions(&self, first: &Entry, second: &Entry) {
        let names = [first, second].map(|entry| entry.key.as_str().unwrap_or_default());
        let message = format!("conflicting action statements: {}, {}", names[0], names[1]);
        self.report(
            Diagnostic::error("playbook::two-actions", message, &second.key.span)
                .label("a task does one thing, this is the second")
                .and(&first.key.span, "the first")
                .help("begin a new task with `- ` for the second"),
        );
    }

    fn no_action(&self, task: &Mapping, span: &Span) {
        let place = task.entries.first().map_or(span, |entry| &entry.key.span);
        self.report(
            Diagnostic::error("playbook::no-action", "no module/action detected in task.", place)
                .help("add the module, such as `command: ...`, at the depth of `name`"),
        );
    }

    /// One unknown word is a module that does not exist; of several, those that look like keywords are misspelt.
    fn no_known_action(&self, strays: &[&Entry], place: Place) {
        let named = strays.iter().position(|entry| {
            let key = entry.key.as_str().unwrap_or_default();
            key.contains('.') || Keyword::nearest(key, place).is_none()
        });
        let module = named.unwrap_or(0);
        for (index, stray) in strays.iter().enumerate() {
            if index == module {
                self.unknown_module(stray.key.as_str().unwrap_or_default(), &stray.key.span, place)
            } else {
                self.stray(stray, place)
            }
        }
    }

    /// Beside a known module, another word is a misspelt keyword, or an argument at the wrong depth.
    fn stray(&self, entry: &Entry, place: Place) {
        let key = entry.key.as_str().unwrap_or_default();
        let (span, here) = (&entry.key.span, place.describe());
        if Refused::find(key).is_some() || Keyword::nearest(key, place).is_some() {
            return self.unknown_keyword(key, span, place);
        }
        let message = format!("'{key}' is not a valid attribute for a {}", place.class());
        let error = Diagnostic::error("playbook::unknown-keyword", message, span)
            .label(format!("{here} has no such keyword"));
        self.report(error.help("an argument of the module stands below the module, two blanks further in"));
    }

    pub(super) fn unknown_module(&self, name: &str, span: &Span, place: Place) {
        if Refused::find(short(name)).is_some() {
            return self.unknown_keyword(short(name), span, place);
        }
        let names = self.loader.settings.modules.names();
        let mut words: Vec<&str> = names.iter().map(String::as_str).chain(OWN_WORDS).collect();
        words.extend(crate::keywords::KEYWORDS.iter().filter(|k| place.is_in(k.places)).map(|k| k.name));
        let message = format!("couldn't resolve module/action '{name}'");
        let error = Diagnostic::error("playbook::unknown-module", message, span);
        self.report(match (nearest(short(name), words), name.rsplit_once('.')) {
            (Some(near), _) => error.label(format!("did you mean `{near}`?")),
            (None, Some((collection, _))) => error.help(format!(
                "Switchover has no `{collection}` of its own: install a plugin that offers `{name}`; `switchover plugin list` shows what is there"
            )),
            (None, None) => error.help(format!(
                "install a plugin that offers `{name}`, or see `switchover plugin list` for what is there"
            )),
        });
    }
}

fn found(entry: &Entry) -> Found {
    Found {
        name: entry.key.as_str().unwrap_or_default().to_owned(),
        name_span: entry.key.span.clone(),
        value: entry.value.clone(),
        local: false,
    }
}
