use std::path::Path;
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Entry, Mapping, Node, nearest};

use super::level::items;
use super::variables::merged;
use super::{Reader, Site};
use crate::files::{absolute, folder};
use crate::keywords::{Keyword, Place, is_template};
use crate::modules::short;
use crate::{Context, Item, Play, Prompt, roles_in};

const STRATEGIES: [&str; 3] = ["free", "host_pinned", "linear"];
const ORDERS: [&str; 5] = ["inventory", "reverse_inventory", "reverse_sorted", "shuffle", "sorted"];

/// The keywords of a play beside what it shares with tasks.
#[derive(Default)]
struct Words<'n> {
    name: Option<Node>,
    vars_files: Vec<Node>,
    vars_prompt: Vec<Prompt>,
    gather_facts: Option<Node>,
    gather_subset: Option<Node>,
    gather_timeout: Option<Node>,
    serial: Option<Node>,
    strategy: Option<Node>,
    order: Option<Node>,
    max_fail_percentage: Option<Node>,
    force_handlers: Option<Node>,
    fact_path: Option<Node>,
    expect: Vec<Node>,
    lock: Option<Node>,
    pre_tasks: Option<&'n Node>,
    roles: Option<&'n Node>,
    tasks: Option<&'n Node>,
    post_tasks: Option<&'n Node>,
    handlers: Option<&'n Node>,
}

impl Reader<'_> {
    /// Reads a play.
    pub(super) fn play(
        &self,
        mapping: &Mapping,
        node: &Node,
        path: &Path,
        parent: &Arc<Context>,
    ) -> Option<Play> {
        let home = absolute(&folder(path));
        let mut level = Context { folder: Some(home.clone().into()), ..Context::inside(None) };
        let words = self.play_words(mapping, &mut level);
        let hosts = self.hosts(mapping, node);
        let vars = all_vars(parent, level.vars.as_deref());
        let context = Arc::new(outermost(parent, level, &vars));
        let [pre_tasks, roles, tasks, post_tasks, handlers] = self.sections(&words, &context, &home);
        Some(Play {
            span: node.span.clone(),
            folder: home,
            name: words.name,
            hosts: hosts?,
            context,
            vars,
            vars_files: words.vars_files,
            vars_prompt: words.vars_prompt,
            gather_facts: words.gather_facts,
            gather_subset: words.gather_subset,
            gather_timeout: words.gather_timeout,
            serial: words.serial,
            strategy: words.strategy,
            order: words.order,
            max_fail_percentage: words.max_fail_percentage,
            force_handlers: words.force_handlers,
            fact_path: words.fact_path,
            expect: words.expect,
            lock: words.lock,
            pre_tasks,
            roles,
            tasks,
            post_tasks,
            handlers,
        })
    }

    fn play_words<'n>(&self, mapping: &'n Mapping, level: &mut Context) -> Words<'n> {
        let mut words = Words::default();
        for (key, entry) in self.entries(mapping) {
            match Keyword::find_in(key, Place::PLAY) {
                Some(keyword) => self.play_word(&mut words, level, keyword, entry),
                None => self.stray_in_play(key, entry),
            }
        }
        words
    }

    fn sections(&self, words: &Words<'_>, context: &Arc<Context>, home: &Path) -> [Vec<Item>; 5] {
        let site = Site::new(context, home.to_owned());
        let read = |part: Option<&Node>| part.map_or_else(Vec::new, |part| self.tasks(part, &site));
        let pre_tasks = read(words.pre_tasks);
        let roles = words.roles.map_or_else(Vec::new, |roles| self.roles(roles, context));
        let (tasks, post_tasks) = (read(words.tasks), read(words.post_tasks));
        let own = words.handlers.map_or_else(Vec::new, |h| self.tasks(h, &site.clone().of_handlers(true)));
        let handlers = all_handlers(&roles, own, [&pre_tasks, &tasks, &post_tasks]);
        [pre_tasks, roles, tasks, post_tasks, handlers]
    }

    fn hosts(&self, mapping: &Mapping, node: &Node) -> Option<Node> {
        let Some(entry) = mapping.entry("hosts") else {
            if mapping
                .entries
                .iter()
                .any(|entry| entry.key.as_str().is_some_and(|key| self.is_task_word(key)))
            {
                return None;
            }
            let place = mapping.entries.first().map_or(&node.span, |entry| &entry.key.span);
            self.report(
                Diagnostic::error("playbook::missing-hosts", "this play has no `hosts`", place)
                    .help("add `hosts: PATTERN`, such as `all` or `localhost`"),
            );
            return None;
        };
        let hosts = items(&entry.value);
        let empty = hosts.iter().all(|host| host.as_str().is_some_and(|text| text.trim().is_empty()));
        let odd = hosts.iter().find(|host| host.as_str().is_none());
        let (message, span) = match (odd, empty) {
            (Some(odd), _) => {
                (format!("`hosts` must be text or a list of texts, found {}", odd.describe()), &odd.span)
            }
            (None, true) => ("`hosts` is empty".to_owned(), &entry.key.span),
            (None, false) => {
                self.check_templates(&entry.value);
                return Some(entry.value.clone());
            }
        };
        self.report(
            Diagnostic::error("playbook::missing-hosts", message, span)
                .help("write a pattern, such as `all` or `web:&staging`"),
        );
        None
    }

    fn play_word<'n>(&self, words: &mut Words<'n>, level: &mut Context, keyword: &Keyword, entry: &'n Entry) {
        if keyword.name == "hosts" || self.shared(level, keyword, entry) {
            return;
        }
        if !self.fits(keyword, entry) || entry.value.is_null() {
            return;
        }
        let value = &entry.value;
        match keyword.name {
            "name" => words.name = self.name(keyword, entry),
            "pre_tasks" => words.pre_tasks = Some(value),
            "roles" => words.roles = Some(value),
            "tasks" => words.tasks = Some(value),
            "post_tasks" => words.post_tasks = Some(value),
            "handlers" => words.handlers = Some(value),
            "vars_files" => words.vars_files = self.vars_files(value),
            "vars_prompt" => words.vars_prompt = self.prompts(value),
            "expect" => words.expect = self.conditions(value),
            "strategy" => words.strategy = self.choice(entry, &STRATEGIES),
            "order" => words.order = self.choice(entry, &ORDERS),
            _ => self.simple_play_word(words, keyword.name, value),
        }
    }

    fn simple_play_word(&self, words: &mut Words<'_>, name: &str, value: &Node) {
        self.check_templates(value);
        let slot = match name {
            "gather_facts" => &mut words.gather_facts,
            "gather_subset" => &mut words.gather_subset,
            "gather_timeout" => &mut words.gather_timeout,
            "serial" => &mut words.serial,
            "max_fail_percentage" => &mut words.max_fail_percentage,
            "force_handlers" => &mut words.force_handlers,
            "fact_path" => &mut words.fact_path,
            "lock" => &mut words.lock,
            other => unreachable!("keyword `{other}` of plays is not read"),
        };
        *slot = Some(value.clone());
    }

    /// Returns a word that must be one of a few.
    fn choice(&self, entry: &Entry, known: &[&'static str]) -> Option<Node> {
        let text = entry.value.as_str().unwrap_or_default();
        if is_template(&entry.value) || known.contains(&short(text)) {
            return Some(entry.value.clone());
        }
        let word = entry.key.as_str().unwrap_or_default();
        let message = format!("there is no {word} `{text}`");
        let error = Diagnostic::error("playbook::unknown-value", message, &entry.value.span);
        self.report(match nearest(text, known.iter().copied()) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.help(format!("there are {}", known.join(", "))),
        });
        None
    }

    fn vars_files(&self, node: &Node) -> Vec<Node> {
        let files = items(node);
        for file in files.iter().flat_map(items) {
            self.check_templates(&file);
            if file.as_str().is_none() {
                let message = format!("`vars_files` must name files, found {}", file.describe());
                self.report(Diagnostic::error("playbook::wrong-type", message, &file.span));
            }
        }
        files
    }

    fn roles(&self, node: &Node, context: &Arc<Context>) -> Vec<Item> {
        let entries = node.as_sequence().unwrap_or_default();
        let wanted = entries.iter().filter_map(|entry| self.role_entry(entry, context, false));
        wanted.filter_map(|wanted| self.role(wanted)).flat_map(|(_, blocks)| blocks).collect()
    }

    /// Returns whether this names a module, so that the mapping is a task rather than a play.
    fn is_task_word(&self, key: &str) -> bool {
        let word = short(key);
        word == "include"
            || word.starts_with("include_")
            || word.starts_with("import_")
            || self.loader.settings.modules.knows(key)
    }

    fn stray_in_play(&self, key: &str, entry: &Entry) {
        if !self.is_task_word(key) {
            return self.unknown_keyword(key, &entry.key.span, Place::PLAY);
        }
        if key == "include" {
            let message = "`include` is not supported: Ansible removed it";
            let error = Diagnostic::error("playbook::unsupported-keyword", message, &entry.key.span);
            return self.report(error.help("write `import_playbook`"));
        }
        let message = format!("'{key}' is not a valid attribute for a Play");
        self.report(
            Diagnostic::error("playbook::misplaced", message, &entry.key.span)
                .label("it begins a task, and a play was expected")
                .help("write `- hosts: PATTERN` and `tasks:`, and the tasks below; a file of tasks is read with `import_tasks`"),
        );
    }
}

/// Returns the play's level with what the imports around it add: the play stays the outermost level.
fn outermost(imports: &Arc<Context>, own: Context, vars: &Arc<Mapping>) -> Context {
    let mut around: Vec<_> = imports.levels().collect();
    around.reverse();
    let when = around.iter().flat_map(|level| level.when.clone()).collect();
    let tags = around.iter().flat_map(|level| level.tags.clone()).chain(own.tags.clone()).collect();
    Context { parent: None, when, tags, vars: Some(Arc::clone(vars)), ..own }
}

/// Returns the play's variables over those of the imports around it.
fn all_vars(parent: &Arc<Context>, own: Option<&Mapping>) -> Arc<Mapping> {
    let mut levels: Vec<_> = parent.levels().filter_map(|level| level.vars.as_deref()).collect();
    levels.reverse();
    Arc::new(levels.into_iter().chain(own).fold(Mapping::default(), |below, above| merged(&below, above)))
}

/// Returns all handlers in the order in which Ansible runs them: those of `roles:`, the play's, those of imports.
fn all_handlers(roles: &[Item], own: Vec<Item>, sections: [&Vec<Item>; 3]) -> Vec<Item> {
    let of =
        |items: &[Item]| roles_in(items).iter().flat_map(|role| role.handlers.clone()).collect::<Vec<_>>();
    let mut handlers = of(roles);
    handlers.extend(own);
    sections.into_iter().for_each(|section| handlers.extend(of(section)));
    handlers
}
