//! Ansible's INI: hosts with variables on a line, and sections `[group]`, `[group:vars]` and `[group:children]`.

use std::collections::HashMap;
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Node, NodeKind, Source, Span, Style, Tag, nearest};
use switchover_values::VarMap;

use super::literal::literal;
use super::words::{Word, words};
use crate::address::address;
use crate::inventory::UNGROUPED;
use crate::load::Loading;

/// Reads an INI text and reports every line that is wrong.
pub(super) fn read(loading: &mut Loading<'_>, source: &Arc<Source>) {
    let mut reader = Reader {
        loading,
        source,
        section: Section::Hosts(UNGROUPED),
        waiting: HashMap::new(),
        variables: Vec::new(),
    };
    let mut start = 0;
    for line in source.text.split('\n') {
        let content = line.trim_start_matches(['\u{feff}', ' ', '\t']);
        let indent = line.len() - content.len();
        let content = content.trim_end();
        if !content.is_empty() && !content.starts_with(['#', ';']) {
            reader.line(content, start + indent);
        }
        start += line.len() + 1;
    }
    reader.finish();
}

/// What the lines of a section are.
enum Section {
    Hosts(usize),
    /// Variables of a group that may be declared further down.
    Vars(Arc<str>, Span),
    Children(usize),
    /// After a header that is wrong: one error is enough.
    Skip,
}

struct Variable {
    group: Arc<str>,
    header: Span,
    name: Node,
    value: Node,
}

struct Reader<'a, 'b> {
    loading: &'a mut Loading<'b>,
    source: &'a Arc<Source>,
    section: Section,
    /// Children that no section has declared yet, with the groups that want them.
    waiting: HashMap<String, Vec<(usize, Span)>>,
    variables: Vec<Variable>,
}

impl Reader<'_, '_> {
    fn span(&self, start: usize, length: usize) -> Span {
        Span::new(self.source, start as u32, (start + length) as u32)
    }

    fn line(&mut self, line: &str, start: usize) {
        if let Some((inner, offset)) = header(line) {
            let span = self.span(start + offset, inner.len());
            return self.header(inner, span);
        }
        if line.starts_with('[') && line.ends_with(']') && address(line).is_err() {
            let span = self.span(start, line.len());
            self.section = Section::Skip;
            let text = "the name of a section has no spaces and no second `:`";
            self.loading.errors.push(Diagnostic::error("inventory::section", text, &span).help(SECTIONS));
            return;
        }
        match &self.section {
            Section::Hosts(group) => self.hosts(*group, line, start),
            Section::Vars(group, header) => {
                let (group, header) = (Arc::clone(group), header.clone());
                self.variable(group, header, line, start);
            }
            Section::Children(parent) => self.child(*parent, line, start),
            Section::Skip => {}
        }
    }

    fn header(&mut self, inner: &str, span: Span) {
        let (name, kind) = inner.split_once(':').unwrap_or((inner, "hosts"));
        self.section = match kind {
            "hosts" => Section::Hosts(self.declare(name)),
            "children" => Section::Children(self.declare(name)),
            "vars" => Section::Vars(name.into(), span),
            _ => {
                let mut found =
                    Diagnostic::error("inventory::section", format!("a section cannot be `:{kind}`"), &span);
                found = match nearest(kind, ["vars", "children", "hosts"]) {
                    Some(meant) => found.help(format!("did you mean `[{name}:{meant}]`?")),
                    None => found.help(SECTIONS),
                };
                self.loading.errors.push(found);
                Section::Skip
            }
        };
    }

    fn declare(&mut self, name: &str) -> usize {
        let group = self.loading.inventory.add_group(name);
        let name = &*self.loading.inventory.groups[group].name.clone();
        for (parent, span) in self.waiting.remove(name).unwrap_or_default() {
            self.loading.child(parent, group, &span);
        }
        group
    }

    fn hosts(&mut self, group: usize, line: &str, start: usize) {
        let words = match words(line) {
            Ok(words) => words,
            Err(at) => {
                let span = self.span(start + at.0, 1);
                let text = if line[at.0..].starts_with('\\') {
                    "nothing follows this"
                } else {
                    "this quote is never closed"
                };
                return self.loading.error("inventory::quotes", text, &span);
            }
        };
        let Some((pattern, rest)) = words.split_first() else { return };
        let span = self.span(start + pattern.start, pattern.end - pattern.start);
        if let Some(error) = yaml_instead(&pattern.text, &span) {
            return self.loading.errors.push(error);
        }
        let found = match address(&pattern.text) {
            Ok(found) => found,
            Err(error) => {
                let mut found = Diagnostic::error("inventory::host", error.to_string(), &span);
                if pattern.text.starts_with('[') {
                    found = found.help(SECTIONS);
                }
                return self.loading.errors.push(found);
            }
        };
        let vars: VarMap = rest.iter().filter_map(|word| self.host_variable(word, line, start)).collect();
        let vars = Arc::new(vars);
        for host in self.loading.hosts(&found.names, found.port, group, &span) {
            self.loading.inventory.set_host_vars(host, Arc::clone(&vars));
        }
    }

    fn host_variable(
        &mut self,
        word: &Word,
        line: &str,
        start: usize,
    ) -> Option<(String, switchover_values::Stored)> {
        let span = self.span(start + word.start, word.end - word.start);
        let Some((name, value)) = word.text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            let text = format!("expected `name=value`, found `{}`", word.text);
            self.loading.errors.push(
                Diagnostic::error("inventory::variable", text, &span)
                    .help("put a value that holds spaces in quotes: name=\"a b\""),
            );
            return None;
        };
        let equals = line[word.start..word.end].find('=').map_or(0, |at| at + 1);
        let value_span = self.span(start + word.start + equals, word.end - word.start - equals);
        let name = self.loading.variable_name(&text_node(name, &span))?;
        Some((name, literal(value, &value_span).into()))
    }

    fn variable(&mut self, group: Arc<str>, header: Span, line: &str, start: usize) {
        let whole = self.span(start, line.len());
        let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
            let text = format!("expected `name=value`, found `{line}`");
            let mut found = Diagnostic::error("inventory::variable", text, &whole);
            if line.contains(": ") {
                found = found.help("this is YAML; an INI inventory has `=`");
            }
            return self.loading.errors.push(found);
        };
        let offset = name.len() + 1 + (value.len() - value.trim_start().len());
        let value = value.trim();
        let value = literal(value, &self.span(start + offset, value.len()));
        let name = name.trim();
        let name = text_node(name, &self.span(start, name.len()));
        self.variables.push(Variable { group, header, name, value });
    }

    fn child(&mut self, parent: usize, line: &str, start: usize) {
        let (name, rest) = line.split_at(line.find([' ', '\t']).unwrap_or(line.len()));
        let rest = rest.trim_start();
        let span = self.span(start, name.len());
        if name.contains([':', ']']) || !(rest.is_empty() || rest.starts_with('#')) {
            let text = format!("expected the name of a group, found `{line}`");
            let mut found = Diagnostic::error("inventory::child", text, &span);
            if rest.contains('=') {
                found = found.help("variables of hosts stand in a section without `:children`");
            }
            return self.loading.errors.push(found);
        }
        let wanted = self.loading.inventory.group_name(name).into_owned();
        let name = wanted.as_str();
        match self.loading.inventory.groups.get_index_of(name) {
            Some(child) => self.loading.child(parent, child, &span),
            None => self.waiting.entry(wanted).or_default().push((parent, span)),
        }
    }

    fn finish(self) {
        let loading = self.loading;
        let mut waiting: Vec<(String, Span)> = Vec::new();
        for (name, wanted) in self.waiting {
            waiting.extend(wanted.into_iter().map(|(_, span)| (name.clone(), span)));
        }
        waiting.sort_by_key(|(_, span)| span.start);
        for (name, span) in waiting {
            let mut found = undefined(loading, &name, &span);
            found.help.get_or_insert_with(|| format!("declare it with a section `[{name}]`"));
            loading.errors.push(found);
        }
        let mut told: Vec<u32> = Vec::new();
        for variable in self.variables {
            let group = loading.inventory.group_name(&variable.group);
            match loading.inventory.groups.get_index_of(&*group) {
                Some(group) => loading.group_var(group, &variable.name, &variable.value),
                None if told.contains(&variable.header.start) => {}
                None => {
                    told.push(variable.header.start);
                    let found = undefined(loading, &variable.group, &variable.header);
                    loading.errors.push(found);
                }
            }
        }
    }
}

const SECTIONS: &str = "sections are [group], [group:vars] and [group:children]";

/// Returns what stands in the brackets of a section's header, which a comment may follow, and where that begins.
fn header(line: &str) -> Option<(&str, usize)> {
    let (inner, after) = line.strip_prefix('[')?.split_once(']')?;
    let after = after.trim_start();
    let (name, kind) = inner.split_once(':').unwrap_or((inner, "hosts"));
    let word = !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || c == '_');
    let valid = !name.is_empty() && !name.contains(char::is_whitespace) && word;
    (valid && (after.is_empty() || after.starts_with('#'))).then_some((inner, 1))
}

fn yaml_instead(pattern: &str, span: &Span) -> Option<Diagnostic> {
    let message = if pattern.starts_with("---") {
        "`---` is a sign that this is a YAML file"
    } else if pattern.ends_with(':') {
        "a host cannot end in `:`, which would begin a port"
    } else {
        return None;
    };
    Some(
        Diagnostic::error("inventory::host", message, span)
            .help("if the file is YAML, let its name end in .yml or correct the error that makes it no YAML"),
    )
}

fn undefined(loading: &Loading<'_>, name: &str, span: &Span) -> Diagnostic {
    let found = Diagnostic::error("inventory::undefined-group", format!("there is no group `{name}`"), span);
    match nearest(name, loading.inventory.groups.keys().map(|known| &**known)) {
        Some(meant) => found.help(format!("did you mean `{meant}`?")),
        None => found,
    }
}

fn text_node(text: &str, span: &Span) -> Node {
    Node {
        span: span.clone(),
        tag: Tag::None,
        kind: NodeKind::String { text: text.into(), style: Style::Plain },
    }
}
