use std::sync::Arc;

use switchover_syntax::{Entry, Mapping, Node, NodeKind, Span, Style, Tag};

use super::{number, string};

/// Deeper brackets are text.
const MAX_DEPTH: usize = 50;

/// Reads one value from the beginning of the text.
pub(super) struct Reader<'a> {
    rest: &'a str,
    span: &'a Span,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, span: &'a Span) -> Self {
        Self { rest: text, span, depth: 0 }
    }

    /// Returns the value when the whole text is one; `1,2` is a tuple.
    pub(super) fn whole(mut self) -> Option<NodeKind> {
        self.blanks();
        let first = self.value()?;
        self.blanks();
        if !self.take(',') {
            return self.at_end().then_some(first.kind);
        }
        let mut items = vec![first];
        self.blanks();
        while !self.at_end() {
            items.push(self.value()?);
            self.blanks();
            if !self.take(',') && !self.at_end() {
                return None;
            }
            self.blanks();
        }
        Some(NodeKind::Sequence(items.into()))
    }

    /// Returns whether nothing is left but a comment.
    fn at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('#')
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\x0c']);
    }

    fn take(&mut self, c: char) -> bool {
        let Some(rest) = self.rest.strip_prefix(c) else { return false };
        self.rest = rest;
        true
    }

    fn node(&self, kind: NodeKind) -> Node {
        Node { span: self.span.clone(), tag: Tag::None, kind }
    }

    fn value(&mut self) -> Option<Node> {
        let kind = match self.rest.chars().next()? {
            '[' => self.nested(|r| Some(NodeKind::Sequence(r.items(']')?.0.into())))?,
            '(' => self.nested(Self::parentheses)?,
            '{' => self.nested(Self::braces)?,
            '+' | '-' | '.' | '0'..='9' => self.number()?,
            _ => self.word()?,
        };
        Some(self.node(kind))
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<NodeKind>) -> Option<NodeKind> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        self.rest = &self.rest[1..];
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    /// Returns the items up to the bracket, and whether there was a comma.
    fn items(&mut self, close: char) -> Option<(Vec<Node>, bool)> {
        let (mut items, mut comma) = (Vec::new(), false);
        loop {
            self.blanks();
            if self.take(close) {
                return Some((items, comma));
            }
            if !items.is_empty() && !comma {
                return None;
            }
            items.push(self.value()?);
            self.blanks();
            let more = self.take(',');
            comma = more;
            if !more {
                self.blanks();
                return self.take(close).then(|| {
                    let tuple = items.len() > 1;
                    (items, tuple)
                });
            }
        }
    }

    fn parentheses(&mut self) -> Option<NodeKind> {
        let (mut items, comma) = self.items(')')?;
        if items.len() == 1 && !comma {
            return items.pop().map(|only| only.kind);
        }
        Some(NodeKind::Sequence(items.into()))
    }

    /// A dictionary, or a set, which becomes a list.
    fn braces(&mut self) -> Option<NodeKind> {
        self.blanks();
        if self.take('}') {
            return Some(NodeKind::Mapping(Arc::default()));
        }
        let first = self.value().filter(is_hashable)?;
        self.blanks();
        if !self.take(':') {
            let mut items = vec![first];
            if self.take(',') {
                items.extend(self.items('}')?.0);
            } else if !self.take('}') {
                return None;
            }
            return items.iter().all(is_hashable).then(|| NodeKind::Sequence(items.into()));
        }
        self.dictionary(first)
    }

    fn dictionary(&mut self, first: Node) -> Option<NodeKind> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut key = first;
        loop {
            self.blanks();
            let value = self.value()?;
            match entries.iter_mut().find(|e| same_key(&e.key, &key)) {
                Some(entry) => entry.value = value,
                None => entries.push(Entry { key, value }),
            }
            self.blanks();
            let comma = self.take(',');
            self.blanks();
            if self.take('}') {
                return Some(NodeKind::Mapping(Arc::new(Mapping { entries })));
            }
            if !comma {
                return None;
            }
            key = self.value().filter(is_hashable)?;
            self.blanks();
            if !self.take(':') {
                return None;
            }
        }
    }

    fn number(&mut self) -> Option<NodeKind> {
        let negative = self.rest.starts_with('-');
        if negative || self.rest.starts_with('+') {
            self.rest = &self.rest[1..];
            self.blanks();
        }
        let (kind, length) = number::number(self.rest, negative)?;
        self.rest = &self.rest[length..];
        Some(kind)
    }

    fn word(&mut self) -> Option<NodeKind> {
        if let Some((text, rest)) = string::strings(self.rest) {
            self.rest = rest;
            return Some(NodeKind::String { text: text.into(), style: Style::Quoted });
        }
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "True" => Some(NodeKind::Bool(true)),
            "False" => Some(NodeKind::Bool(false)),
            "None" => Some(NodeKind::Null),
            "set" => {
                self.rest = rest.strip_prefix("()")?;
                Some(NodeKind::Sequence(Arc::default()))
            }
            _ => None,
        }
    }
}

fn is_hashable(node: &Node) -> bool {
    node.as_sequence().is_none() && node.as_mapping().is_none()
}

fn same_key(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::String { text: a, .. }, NodeKind::String { text: b, .. }) => a == b,
        (NodeKind::Int(a), NodeKind::Int(b)) => a == b,
        (NodeKind::Bool(a), NodeKind::Bool(b)) => a == b,
        (NodeKind::Null, NodeKind::Null) => true,
        (NodeKind::Float(a), NodeKind::Float(b)) => a == b,
        _ => false,
    }
}
