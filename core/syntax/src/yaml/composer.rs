use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Span as RawSpan, StrInput, StructureStyle, Tag as RawTag};

use super::entries::Entries;
use super::number::Number;
use super::resolve::{Plain, plain};
use super::tag::{Meaning, meaning, remedy};
use super::{DuplicateKeys, Parsed, explain, indent};
use crate::{Diagnostic, Node, NodeKind, Severity, Source, Span, Style, Tag};

/// Deeper nesting is refused: whoever walks a tree may do so by recursion.
const MAX_DEPTH: u32 = 200;

/// How many nodes aliases may unfold to. Ten lines of aliases can otherwise stand for more nodes than there is memory.
const MAX_ALIASED: u64 = 1_000_000;

/// Builds nodes from events.
pub(super) struct Composer<'a> {
    source: &'a Arc<Source>,
    schema: Schema,
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Composed>,
    aliased: u64,
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

/// What plain scalars mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    Yaml,
    /// The text is known to be JSON: `1e3` is a number.
    Json,
}

/// A node, with how many nodes it is when unfolded and how deep it goes.
#[derive(Clone)]
struct Composed {
    node: Node,
    weight: u64,
    height: u32,
}

/// What ends the reading at once.
type Fatal = Box<Diagnostic>;

type Properties<'a> = Option<std::borrow::Cow<'a, RawTag>>;

impl<'a> Composer<'a> {
    pub(super) fn new(source: &'a Arc<Source>, schema: Schema) -> Self {
        // The grammar's limit for keys is no limit of JSON.
        let longest_key = if schema == Schema::Json { source.text.len() } else { 1024 };
        let options = granit_parser::options! {
            emit_comments: false,
            emit_unresolved_aliases: true,
            simple_key_max_lookahead: longest_key,
            block_scalar_eof_without_line_feed: true,
            flow_nesting_limit: MAX_DEPTH as usize + 10,
            block_nesting_limit: MAX_DEPTH as usize + 10,
        };
        Self {
            source,
            schema,
            events: Parser::new_from_str_with_options(&source.text, options),
            anchors: HashMap::new(),
            aliased: 0,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn documents(mut self) -> Result<Parsed, Vec<Diagnostic>> {
        let mut documents = Vec::new();
        if let Err(fatal) = self.read(&mut documents) {
            self.errors.push(*fatal);
        }
        if self.errors.is_empty() {
            Ok(Parsed { documents, warnings: self.warnings })
        } else {
            let place = |e: &Diagnostic| e.labels.first().map(|l| l.span.start);
            self.errors.sort_by_key(place);
            // The same mistake may stop the parser after it was found in the tree.
            self.errors.dedup_by(|a, b| a.code == b.code && place(a) == place(b));
            Err(self.errors)
        }
    }

    fn read(&mut self, documents: &mut Vec<Node>) -> Result<(), Fatal> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart(..) => self.anchors.clear(),
                Event::StreamStart | Event::DocumentEnd => {}
                node => documents.push(self.node(node, span, 0)?.node),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, RawSpan), Fatal> {
        match self.events.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => Err(Box::new(explain::scan_error(self.source, &error))),
            None => Ok((Event::StreamEnd, RawSpan::default())),
        }
    }

    fn span(&self, raw: &RawSpan) -> Span {
        let range = raw.byte_range().unwrap_or(0..0);
        Span::new(self.source, range.start as u32, range.end.max(range.start) as u32)
    }

    fn node(&mut self, event: Event<'a>, raw: RawSpan, depth: u32) -> Result<Composed, Fatal> {
        let span = self.span(&raw);
        if depth > MAX_DEPTH {
            let text = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(Box::new(Diagnostic::error("yaml::too-deep", text, &span)));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, &tag, &raw, span);
                Ok(self.keep(anchor, Composed { node, weight: 1, height: 0 }))
            }
            Event::SequenceStart(style, anchor, tag) => {
                let composed = self.sequence(style, span.start, depth)?;
                let composed = self.tagged(composed, &tag, &raw, Meaning::Seq);
                Ok(self.keep(anchor, composed))
            }
            Event::MappingStart(style, anchor, tag) => {
                let composed = self.mapping(style, span.start, depth)?;
                let composed = self.tagged(composed, &tag, &raw, Meaning::Map);
                Ok(self.keep(anchor, composed))
            }
            Event::Alias(id) => self.alias(id, span, depth),
            Event::UnresolvedAlias(name) => {
                self.errors.push(
                    Diagnostic::error(
                        "yaml::unknown-anchor",
                        format!("no anchor `&{name}` above this"),
                        &span,
                    )
                    .help(format!(
                        "write `&{name}` at the value that is meant; quote the text if the `*` belongs to it"
                    )),
                );
                Ok(leaf(span))
            }
            _ => Err(Box::new(Diagnostic::error("yaml::syntax", "expected a value", &span))),
        }
    }

    fn keep(&mut self, anchor: usize, composed: Composed) -> Composed {
        if anchor != 0 {
            self.anchors.insert(anchor, composed.clone());
        }
        composed
    }

    fn alias(&mut self, id: usize, span: Span, depth: u32) -> Result<Composed, Fatal> {
        let Some(target) = self.anchors.get(&id).cloned() else {
            let text = "this value contains itself";
            self.errors.push(Diagnostic::error("yaml::recursive-alias", text, &span));
            return Ok(leaf(span));
        };
        self.aliased = self.aliased.saturating_add(target.weight);
        if self.aliased > MAX_ALIASED {
            let text = format!("aliases unfold to more than {MAX_ALIASED} values");
            return Err(Box::new(Diagnostic::error("yaml::alias-bomb", text, &span)));
        }
        if depth + target.height > MAX_DEPTH {
            let text = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(Box::new(Diagnostic::error("yaml::too-deep", text, &span)));
        }
        Ok(target)
    }

    fn sequence(&mut self, style: StructureStyle, start: u32, depth: u32) -> Result<Composed, Fatal> {
        let (mut items, mut weight, mut height, mut end) = (Vec::new(), 1, 0, start);
        loop {
            let (event, raw) = self.next()?;
            if event == Event::SequenceEnd {
                if style == StructureStyle::Flow {
                    end = self.span(&raw).end;
                }
                break;
            }
            let alias = event.is_alias().then(|| self.span(&raw).end);
            let item = self.node(event, raw, depth + 1)?;
            weight += item.weight;
            height = height.max(item.height + 1);
            end = end.max(alias.unwrap_or(item.node.span.end));
            items.push(item.node);
        }
        let span = Span::new(self.source, start, end);
        Ok(Composed {
            node: Node { span, tag: Tag::None, kind: NodeKind::Sequence(items.into()) },
            weight,
            height,
        })
    }

    fn mapping(&mut self, style: StructureStyle, start: u32, depth: u32) -> Result<Composed, Fatal> {
        let (mut entries, mut weight, mut height, mut end) = (Entries::default(), 1, 0, start);
        loop {
            let (event, raw) = self.next()?;
            if event == Event::MappingEnd {
                if style == StructureStyle::Flow {
                    end = self.span(&raw).end;
                }
                break;
            }
            let merge = is_merge_key(&event);
            if style == StructureStyle::Block {
                self.errors.extend(indent::tab_before(&self.span(&raw)));
            }
            let key = self.node(event, raw, depth + 1)?;
            let (event, raw) = self.next()?;
            let alias = event.is_alias().then(|| self.span(&raw));
            let value = self.node(event, raw, depth + 1)?;
            weight += key.weight + value.weight;
            height = height.max(value.height.max(key.height) + 1);
            let written = alias.as_ref().unwrap_or(&value.node.span);
            end = end.max(key.node.span.end).max(written.end);
            if merge {
                self.merge(&mut entries, &value.node, written);
            } else if self.is_key(&key.node) {
                entries.push(key.node, value.node);
            }
        }
        let (mapping, duplicates) = entries.finish();
        match DuplicateKeys::chosen() {
            DuplicateKeys::Warn => self.warnings.extend(duplicates.iter().map(explain::duplicate_key)),
            DuplicateKeys::Ignore => {}
            DuplicateKeys::Refuse => self.errors.extend(
                duplicates
                    .iter()
                    .map(|found| Diagnostic { severity: Severity::Error, ..explain::duplicate_key(found) }),
            ),
        }
        let span = Span::new(self.source, start, end);
        let kind = NodeKind::Mapping(Arc::new(mapping));
        Ok(Composed { node: Node { span, tag: Tag::None, kind }, weight, height })
    }

    fn merge(&mut self, entries: &mut Entries, value: &Node, written: &Span) {
        match &value.kind {
            NodeKind::Mapping(mapping) => entries.merge(mapping),
            NodeKind::Sequence(items) if items.iter().all(|i| i.as_mapping().is_some()) => {
                // The first of a list wins, so it comes last.
                items.iter().rev().filter_map(Node::as_mapping).for_each(|m| entries.merge(m));
            }
            _ => self.errors.push(
                Diagnostic::error(
                    "yaml::merge",
                    format!("`<<` cannot take in {}", value.describe()),
                    written,
                )
                .help("`<<` takes an alias of a mapping, or a list of such aliases"),
            ),
        }
    }

    fn is_key(&mut self, key: &Node) -> bool {
        if key.as_sequence().is_none() && key.as_mapping().is_none() {
            return true;
        }
        self.errors.push(explain::complex_key(key));
        false
    }

    fn tagged(&mut self, composed: Composed, tag: &Properties<'a>, raw: &RawSpan, own: Meaning) -> Composed {
        let Composed { node, weight, height } = composed;
        let node = match meaning(tag.as_deref()) {
            Ok(Meaning::Resolve) => node,
            Ok(found) if found == own => node,
            Ok(Meaning::Unsafe) => made_unsafe(node),
            Ok(Meaning::Vault) => {
                let text = format!("`!vault` needs text, not {}", node.describe());
                self.errors.push(Diagnostic::error("yaml::tag", text, &self.tag_span(raw)));
                node
            }
            Ok(_) => {
                let text = format!("this tag does not fit {}", node.describe());
                self.errors.push(Diagnostic::error("yaml::tag", text, &self.tag_span(raw)));
                node
            }
            Err(tag) => {
                self.unknown_tag(&tag, raw);
                node
            }
        };
        Composed { node, weight, height }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: &Properties<'a>,
        raw: &RawSpan,
        span: Span,
    ) -> Node {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let string = || NodeKind::String { text: text.into(), style };
        let resolved = |composer: &mut Self| match style {
            Style::Plain => composer.plain(text, &span),
            _ => string(),
        };
        let (tag, kind) = match meaning(tag.as_deref()) {
            Ok(Meaning::Resolve) => (Tag::None, resolved(self)),
            Ok(Meaning::Unsafe) => (Tag::Unsafe, resolved(self)),
            Ok(Meaning::Vault) => (Tag::Vault, string()),
            Ok(Meaning::Str | Meaning::Timestamp) => (Tag::None, string()),
            Ok(wanted) => (Tag::None, self.forced(wanted, text, &span)),
            Err(unknown) => {
                self.unknown_tag(&unknown, raw);
                (Tag::None, string())
            }
        };
        Node { span, tag, kind }
    }

    fn plain(&mut self, text: &str, span: &Span) -> NodeKind {
        match plain(text) {
            Plain::Null => NodeKind::Null,
            Plain::Bool(value) => NodeKind::Bool(value),
            Plain::Number(Number::Int(value)) => NodeKind::Int(value),
            Plain::Number(Number::Float(value)) => NodeKind::Float(value),
            Plain::Number(Number::TooLarge) => {
                self.warnings.push(
                    Diagnostic::warning(
                        "yaml::large-number",
                        "does not fit into 64 bits, so it is kept as text",
                        span,
                    )
                    .help("put it in quotes to say so"),
                );
                NodeKind::String { text: text.into(), style: Style::Plain }
            }
            Plain::Number(Number::Malformed) => {
                self.errors.push(
                    Diagnostic::error("yaml::number", "a number without digits", span)
                        .help("put it in quotes if it is text"),
                );
                NodeKind::Null
            }
            Plain::Text => match text.parse() {
                Ok(value) if self.schema == Schema::Json => NodeKind::Float(value),
                _ => NodeKind::String { text: text.into(), style: Style::Plain },
            },
        }
    }

    fn forced(&mut self, wanted: Meaning, text: &str, span: &Span) -> NodeKind {
        let kind = match (wanted, plain(text)) {
            (Meaning::Int, Plain::Number(Number::Int(value))) => Some(NodeKind::Int(value)),
            (Meaning::Float, Plain::Number(Number::Int(value))) => Some(NodeKind::Float(value as f64)),
            (Meaning::Float, Plain::Number(Number::Float(value))) => Some(NodeKind::Float(value)),
            (Meaning::Float, Plain::Text) => text.parse().ok().map(NodeKind::Float),
            (Meaning::Bool, _) => match plain(&text.to_lowercase()) {
                Plain::Bool(value) => Some(NodeKind::Bool(value)),
                _ => None,
            },
            (Meaning::Null, _) => Some(NodeKind::Null),
            _ => None,
        };
        kind.unwrap_or_else(|| {
            self.errors.push(Diagnostic::error("yaml::tag", "the value does not fit its tag", span));
            NodeKind::Null
        })
    }

    fn unknown_tag(&mut self, tag: &str, raw: &RawSpan) {
        let span = self.tag_span(raw);
        let text = format!("the tag `{tag}` is not supported");
        self.errors.push(Diagnostic::error("yaml::tag", text, &span).help(remedy(tag)));
    }

    fn tag_span(&self, raw: &RawSpan) -> Span {
        self.span(&raw.tag_span().unwrap_or(*raw))
    }
}

fn leaf(span: Span) -> Composed {
    Composed { node: Node { span, tag: Tag::None, kind: NodeKind::Null }, weight: 1, height: 0 }
}

fn is_merge_key(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<")
}

/// Marks everything below, as Ansible does: `!unsafe [..]` means that none of its texts is a template.
fn made_unsafe(node: Node) -> Node {
    let kind = match node.kind {
        NodeKind::Sequence(items) => NodeKind::Sequence(items.iter().cloned().map(made_unsafe).collect()),
        NodeKind::Mapping(mapping) => {
            let entries = mapping.entries.iter().cloned().map(|mut entry| {
                entry.value = made_unsafe(entry.value);
                entry
            });
            NodeKind::Mapping(Arc::new(crate::Mapping { entries: entries.collect() }))
        }
        other => other,
    };
    let tag = if node.tag == Tag::Vault { Tag::Vault } else { Tag::Unsafe };
    Node { tag, kind, ..node }
}
