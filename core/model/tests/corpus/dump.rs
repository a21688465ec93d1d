use std::fmt::Write;

use switchover_model::{Block, Context, Item, Play, Playbook, Task};
use switchover_syntax::{Mapping, Node, NodeKind, Tag};

/// Returns a playbook as readable lines; what is empty is left out.
pub fn dump(playbook: &Playbook) -> String {
    let mut out = String::new();
    playbook.plays.iter().for_each(|play| self::play(&mut out, play));
    out
}

fn play(out: &mut String, play: &Play) {
    let title = play.name.as_ref().map(|name| format!(" {}", node(name))).unwrap_or_default();
    line(out, 0, &format!("play{title}: hosts={}{}", node(&play.hosts), level(&play.context)));
    let single = [
        ("gather_facts", &play.gather_facts),
        ("gather_subset", &play.gather_subset),
        ("serial", &play.serial),
        ("strategy", &play.strategy),
        ("order", &play.order),
        ("max_fail_percentage", &play.max_fail_percentage),
        ("force_handlers", &play.force_handlers),
    ];
    for (name, value) in single.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        line(out, 1, &format!("{name}: {}", node(value)));
    }
    for (name, values) in [("vars_files", &play.vars_files), ("expect", &play.expect)] {
        values.iter().for_each(|value| line(out, 1, &format!("{name}: {}", node(value))));
    }
    for prompt in &play.vars_prompt {
        line(out, 1, &format!("prompt: {}", prompt.name));
    }
    let sections = [
        ("pre_tasks", &play.pre_tasks),
        ("roles", &play.roles),
        ("tasks", &play.tasks),
        ("post_tasks", &play.post_tasks),
        ("handlers", &play.handlers),
    ];
    sections.into_iter().for_each(|(name, list)| section(out, 1, name, list));
}

fn section(out: &mut String, depth: usize, name: &str, list: &[Item]) {
    if list.is_empty() {
        return;
    }
    line(out, depth, &format!("{name}:"));
    items(out, depth + 1, list);
}

fn items(out: &mut String, depth: usize, list: &[Item]) {
    for item in list {
        match item {
            Item::Task(task) => self::task(out, depth, task),
            Item::Block(block) => self::block(out, depth, block),
        }
    }
}

fn block(out: &mut String, depth: usize, block: &Block) {
    let title = block.name.as_ref().map(|name| format!(" {}", node(name))).unwrap_or_default();
    line(out, depth, &format!("block{title}{}", level(&block.context)));
    items(out, depth + 1, &block.body);
    section(out, depth + 1, "rescue", &block.rescue);
    section(out, depth + 1, "always", &block.always);
}

fn task(out: &mut String, depth: usize, task: &Task) {
    let kind = if task.is_handler { "handler" } else { "task" };
    let title = task.name.as_ref().map(|name| format!(" {}", node(name))).unwrap_or_default();
    let free = task.action.free_form.as_ref().map(|text| format!(" {}", node(text))).unwrap_or_default();
    let args =
        if task.action.args.is_null() { String::new() } else { format!(" {}", node(&task.action.args)) };
    line(out, depth, &format!("{kind}{title}: {}{free}{args}{}", task.action.name, level(&task.context)));
    if let Some(repeat) = &task.repeat {
        let lookup = repeat.lookup.as_deref().map(|name| format!("with {name} ")).unwrap_or_default();
        line(out, depth + 1, &format!("loop: {lookup}{}", node(&repeat.items)));
    }
    let single = [
        ("register", &task.register),
        ("retries", &task.retries),
        ("delay", &task.delay),
        ("async", &task.detach),
        ("poll", &task.poll),
        ("effect", &task.effect),
        ("approve", &task.approve),
        ("loop_var", &task.loop_control.loop_var),
        ("index_var", &task.loop_control.index_var),
        ("label", &task.loop_control.label),
    ];
    for (name, value) in single.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        line(out, depth + 1, &format!("{name}: {}", node(value)));
    }
    let lists = [
        ("until", Some(&task.until).filter(|list| !list.is_empty())),
        ("changed_when", task.changed_when.as_ref()),
        ("failed_when", task.failed_when.as_ref()),
        ("listen", Some(&task.listen).filter(|list| !list.is_empty())),
    ];
    for (name, list) in lists.iter().filter_map(|(name, list)| Some((name, list.as_ref()?))) {
        line(out, depth + 1, &format!("{name}: {}", nodes(list)));
    }
}

/// Returns what a level adds to the levels around it.
fn level(context: &Context) -> String {
    let mut out = String::new();
    if let Some(role) = &context.role {
        write!(out, " role={}", role.name).expect("text can be written to");
        if !role.parents.is_empty() {
            write!(out, " below={}", role.parents.join("/")).expect("text can be written to");
        }
        for (name, vars) in [("defaults", &role.defaults), ("role_vars", &role.vars)] {
            if !vars.entries.is_empty() {
                write!(out, " {name}={}", mapping(vars)).expect("text can be written to");
            }
        }
    }
    let lists = [("when", &context.when), ("tags", &context.tags)];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        write!(out, " {name}={}", nodes(list)).expect("text can be written to");
    }
    for (name, vars) in [("vars", &context.vars), ("params", &context.role_params)] {
        if let Some(vars) = vars.as_ref().filter(|vars| !vars.entries.is_empty()) {
            write!(out, " {name}={}", mapping(vars)).expect("text can be written to");
        }
    }
    out + &keywords(context)
}

fn keywords(context: &Context) -> String {
    let keywords = &context.keywords;
    let all = [
        ("become", &keywords.r#become),
        ("become_user", &keywords.become_user),
        ("check_mode", &keywords.check_mode),
        ("collections", &keywords.collections),
        ("connection", &keywords.connection),
        ("delegate_to", &keywords.delegate_to),
        ("environment", &keywords.environment),
        ("ignore_errors", &keywords.ignore_errors),
        ("no_log", &keywords.no_log),
        ("notify", &keywords.notify),
        ("remote_user", &keywords.remote_user),
        ("run_once", &keywords.run_once),
        ("throttle", &keywords.throttle),
    ];
    // The level of a role that names no collections has an empty list, so that it does not look where its play looks.
    let told = all.iter().filter_map(|(name, value)| Some((name, node(value.as_ref()?))));
    let told = told.filter(|(_, value)| value != "[]").map(|(name, value)| format!(" {name}={value}"));
    let defaults = &keywords.module_defaults;
    let defaults = defaults.iter().map(|d| format!(" defaults({})={}", node(&d.key), node(&d.values)));
    told.chain(defaults).collect()
}

fn nodes(list: &[Node]) -> String {
    format!("[{}]", list.iter().map(node).collect::<Vec<_>>().join(", "))
}

fn mapping(mapping: &Mapping) -> String {
    let entries = mapping.entries.iter().map(|entry| format!("{}: {}", node(&entry.key), node(&entry.value)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

fn node(value: &Node) -> String {
    let text = match &value.kind {
        NodeKind::Null => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Int(value) => value.to_string(),
        NodeKind::Float(value) => value.to_string(),
        NodeKind::String { text, .. } if text.contains([' ', ',', '\n']) => format!("{text:?}"),
        NodeKind::String { text, .. } => text.to_string(),
        NodeKind::Sequence(items) => nodes(items),
        NodeKind::Mapping(entries) => mapping(entries),
    };
    if value.tag == Tag::None { text } else { format!("!{:?} {text}", value.tag) }
}

fn line(out: &mut String, depth: usize, text: &str) {
    writeln!(out, "{}{text}", "  ".repeat(depth)).expect("text can be written to");
}
