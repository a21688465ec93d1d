use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexSet;
use minijinja::Value;
use minijinja::value::ValueKind;
use switchover_syntax::{Node, NodeKind, Span, Tag};

use crate::lazy::{LazyList, LazyMap, force, is_static, needs_force};
use crate::settings::Settings;
use crate::template::program::{self, Dialect, has_markers};
use crate::template::run::{self, Wish};
use crate::template::{locate, text_options};
use crate::vaulted::Vaulted;
use crate::view::View;
use crate::{Fault, Layer, Stored, TemplateError, TextOptions, VarMap, convert};

/// The variables that one task sees on one host, and the way to render text with them.
///
/// A clone is cheap and shares what has been rendered; [`push`](Self::push) and [`overlay`](Self::overlay) give
/// this clone its own view.
#[derive(Clone, Default)]
pub struct Scope {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Weakest first; within a layer the last push wins.
    layers: Vec<(Layer, Arc<VarMap>)>,
    /// Above all layers: magic and loop variables; the last wins.
    overlays: Vec<Arc<VarMap>>,
    settings: Arc<Settings>,
    /// Results of templates of variables, by the address of their text, which the layers keep alive.
    rendered: Mutex<HashMap<usize, Value>>,
}

thread_local! {
    /// The variables that are being rendered on this thread, with their scope's address.
    static ACTIVE: RefCell<Vec<(usize, String)>> = const { RefCell::new(Vec::new()) };
}

/// Variables that refer to variables deeper than this are a mistake, and the stack is finite.
const DEEPEST: usize = 100;

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope").field("layers", &self.inner.layers.len()).finish_non_exhaustive()
    }
}

impl Scope {
    /// Returns a scope without variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a scope without variables that follows these settings.
    pub fn with_settings(settings: Arc<Settings>) -> Self {
        Self { inner: Arc::new(Inner { settings, ..Inner::default() }) }
    }

    /// Returns the settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Adds variables of a layer; of the same layer the later push wins.
    pub fn push(&mut self, layer: Layer, vars: Arc<VarMap>) {
        let layers = &mut self.own().layers;
        let at = layers.partition_point(|(other, _)| *other <= layer);
        layers.insert(at, (layer, vars));
    }

    /// Adds variables above all layers, such as magic variables and `item`; the later one wins.
    pub fn overlay(&mut self, vars: Arc<VarMap>) {
        self.own().overlays.push(vars);
    }

    /// Makes this clone independent; what was rendered is forgotten, because it may depend on what changes.
    fn own(&mut self) -> &mut Inner {
        if Arc::get_mut(&mut self.inner).is_none() {
            self.inner = Arc::new(Inner {
                layers: self.inner.layers.clone(),
                overlays: self.inner.overlays.clone(),
                settings: Arc::clone(&self.inner.settings),
                rendered: Mutex::default(),
            });
        }
        let inner = Arc::get_mut(&mut self.inner).expect("it was made a moment ago or is not shared");
        inner.rendered.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        inner
    }

    /// Returns how a variable is stored, by the strongest layer that has it.
    pub fn stored(&self, name: &str) -> Option<&Stored> {
        let overlays = self.inner.overlays.iter().rev();
        let layers = self.inner.layers.iter().rev().map(|(_, vars)| vars);
        overlays.chain(layers).find_map(|vars| vars.get(name))
    }

    /// Returns a variable, fully rendered; `None` when there is none of this name.
    pub fn get(&self, name: &str) -> Result<Option<Value>, TemplateError> {
        let Some(value) = self.lazy(name)? else { return Ok(None) };
        force(&value).map(Some).map_err(|error| error.within(name))
    }

    /// Returns the layers that set a variable and where, strongest first; overlays have no layer and are left out.
    pub fn origin(&self, name: &str) -> Vec<(Layer, Option<Span>)> {
        let layers = self.inner.layers.iter().rev();
        layers.filter_map(|(layer, vars)| Some((*layer, vars.get(name)?.span().cloned()))).collect()
    }

    /// Returns the names of all variables, weakest layer first, each once.
    pub fn names(&self) -> impl Iterator<Item = String> + use<> {
        let layers = self.inner.layers.iter().map(|(_, vars)| vars);
        let names: IndexSet<String> =
            layers.chain(&self.inner.overlays).flat_map(|vars| vars.names().map(str::to_string)).collect();
        names.into_iter()
    }

    /// Returns a mapping of all variables, each rendered when it is asked for.
    pub fn as_value(&self) -> Value {
        Value::from_object(View(self.clone()))
    }

    /// Renders a node at all depths; scalars that are one expression keep that expression's type.
    ///
    /// A value may be or hold the `omit` sentinel: see [`is_omit`](crate::is_omit).
    pub fn render(&self, node: &Node) -> Result<Value, TemplateError> {
        match &node.kind {
            NodeKind::Sequence(items) => {
                let items: Result<Vec<Value>, _> = items.iter().map(|item| self.render(item)).collect();
                items.map(Value::from)
            }
            NodeKind::Mapping(mapping) => {
                let entries = mapping.entries.iter();
                let pairs: Result<Vec<(Value, Value)>, _> = entries
                    .map(|entry| Ok((convert::node_to_value(&entry.key), self.render(&entry.value)?)))
                    .collect();
                pairs.map(Value::from_pairs)
            }
            _ => force(&self.scalar(node)?).map_err(|error| error.at(&node.span)),
        }
    }

    /// Renders a node as far as its own text goes: what is inside may still be undefined.
    pub fn render_lazily(&self, node: &Node) -> Result<Value, TemplateError> {
        self.lazy_node(node).map_err(|error| error.at(&node.span))
    }

    /// Renders the text of a template, as the module `template` does.
    ///
    /// The first line may set options (`#jinja2: trim_blocks: false`).
    pub fn render_text(&self, template: &str, options: &TextOptions) -> Result<String, TemplateError> {
        text_options::render(self, template, options)
    }

    /// Evaluates an expression, without `{{ }}`.
    pub fn expression(&self, text: &str, span: &Span) -> Result<Value, TemplateError> {
        let value = self.evaluate(Dialect::Expression, text, span)?;
        force(&value).map_err(|error| error.at(span))
    }

    /// Returns the conditions of `that:`, a list or a single one; a template may stand for the author's list.
    pub fn conditions(&self, node: &Node) -> Result<Vec<Node>, TemplateError> {
        crate::condition::all_of(self, node)
    }

    /// Returns whether a condition holds: a boolean, a bare expression, or one in `{{ }}`.
    pub fn condition(&self, node: &Node) -> Result<bool, TemplateError> {
        crate::condition::evaluate(self, node)
    }

    /// Returns a variable as [`lazy`](Self::lazy) does, but encrypted text as it is.
    pub(crate) fn undecrypted(&self, name: &str) -> Result<Option<Value>, TemplateError> {
        match self.stored(name) {
            Some(Stored::Author(Node { tag: Tag::Vault, kind: NodeKind::String { text, .. }, .. })) => {
                Ok(Some(Vaulted::value(text, self)))
            }
            _ => self.lazy(name),
        }
    }

    /// Returns a variable, rendered as far as its own text goes.
    pub(crate) fn lazy(&self, name: &str) -> Result<Option<Value>, TemplateError> {
        if self.settings().merge_hashes
            && let Some(merged) = self.merged(name)?
        {
            return Ok(Some(merged));
        }
        match self.stored(name) {
            None => Ok(None),
            Some(Stored::Data(value)) => Ok(Some(value.clone())),
            Some(Stored::Author(node)) => self.guarded(name, node).map(Some),
        }
    }

    /// Returns the dictionaries of all layers as one, when the two strongest places of a name hold dictionaries.
    fn merged(&self, name: &str) -> Result<Option<Value>, TemplateError> {
        if self.inner.overlays.iter().any(|vars| vars.contains(name)) {
            return Ok(None);
        }
        let layers = self.inner.layers.iter().rev();
        let stored: Vec<&Stored> = layers.filter_map(|(_, vars)| vars.get(name)).collect();
        let is_map = |stored: &&&Stored| match stored {
            Stored::Author(node) => node.as_mapping().is_some(),
            Stored::Data(value) => value.kind() == ValueKind::Map,
        };
        let maps: Vec<_> = stored.iter().take_while(is_map).collect();
        if maps.len() < 2 {
            return Ok(None);
        }
        let mut whole = Vec::new();
        for stored in maps.into_iter().rev() {
            whole.push(match stored {
                Stored::Author(node) => force(&self.lazy_node(node)?).map_err(|error| error.within(name))?,
                Stored::Data(value) => value.clone(),
            });
        }
        crate::filters::merge_all(whole).map(Some).map_err(TemplateError::from)
    }

    fn guarded(&self, name: &str, node: &Node) -> Result<Value, TemplateError> {
        if !matches!(node.kind, NodeKind::String { .. }) {
            return self.lazy_node(node);
        }
        let scope = Arc::as_ptr(&self.inner) as usize;
        enter(scope, name).map_err(|error| error.at(&node.span))?;
        let result = self.lazy_node(node);
        ACTIVE.with_borrow_mut(Vec::pop);
        result.map_err(|error| error.within(name))
    }

    /// Returns a node of a variable's value: scalars rendered, containers lazily.
    pub(crate) fn lazy_node(&self, node: &Node) -> Result<Value, TemplateError> {
        match &node.kind {
            NodeKind::Sequence(items) if !is_static(node) => {
                Ok(Value::from_object(LazyList { items: Arc::clone(items), scope: self.clone() }))
            }
            NodeKind::Mapping(mapping) if !is_static(node) => {
                Ok(Value::from_object(LazyMap { mapping: Arc::clone(mapping), scope: self.clone() }))
            }
            NodeKind::Sequence(items) => {
                self.kept(items.as_ptr() as usize, || Ok((convert::node_to_value(node), true)))
            }
            NodeKind::Mapping(mapping) => {
                self.kept(Arc::as_ptr(mapping) as usize, || Ok((convert::node_to_value(node), true)))
            }
            NodeKind::String { text, .. } if has_markers(text) && node.tag == Tag::None => {
                self.kept(text.as_ptr() as usize, || {
                    let value = self.scalar(node)?;
                    // Lazy values hold their scope; keeping them in it would be a circle that is never freed.
                    let keep = !is_volatile(text) && !needs_force(&value);
                    Ok((value, keep))
                })
            }
            _ => self.scalar(node),
        }
    }

    /// Returns a result that is kept under an address, or makes it.
    fn kept(
        &self,
        address: usize,
        make: impl FnOnce() -> Result<(Value, bool), TemplateError>,
    ) -> Result<Value, TemplateError> {
        let rendered = || self.inner.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = rendered().get(&address) {
            return Ok(known.clone());
        }
        let (value, keep) = make()?;
        if keep {
            rendered().insert(address, value.clone());
        }
        Ok(value)
    }

    fn scalar(&self, node: &Node) -> Result<Value, TemplateError> {
        let NodeKind::String { text, .. } = &node.kind else { return Ok(convert::node_to_value(node)) };
        match node.tag {
            Tag::Vault => {
                self.settings().decrypt(text).map(Value::from).map_err(|error| error.at(&node.span))
            }
            Tag::None if has_markers(text) => self.evaluate(Dialect::Yaml, text, &node.span),
            Tag::None => Ok(convert::trusted(text)),
            _ => Ok(Value::from(Arc::clone(text))),
        }
    }

    /// Evaluates a text of the author; the result may hold lazy parts.
    pub(crate) fn evaluate(&self, dialect: Dialect, text: &str, span: &Span) -> Result<Value, TemplateError> {
        let program =
            program::compiled(dialect, text).map_err(|problems| first_problem(problems, text, span))?;
        run::run(&program, self, Wish::Value).map_err(|failure| match failure.range {
            Some(range) => failure.error.at(&locate::place(span, program.source, &range)),
            None => failure.error.at(span),
        })
    }
}

fn first_problem(problems: Vec<crate::template::rewrite::Problem>, text: &str, span: &Span) -> TemplateError {
    match problems.into_iter().next() {
        Some(problem) => problem.error.at(&locate::place(span, text, &problem.range)),
        None => TemplateError::new(Fault::Syntax, "the template cannot be compiled").at(span),
    }
}

/// Notes that a variable is being rendered, unless it already is.
fn enter(scope: usize, name: &str) -> Result<(), TemplateError> {
    ACTIVE.with_borrow_mut(|active| {
        let first = active.iter().position(|(other, active)| *other == scope && active == name);
        if let Some(first) = first {
            let mut names: Vec<&str> = active[first..].iter().map(|(_, name)| name.as_str()).collect();
            names.push(name);
            return Err(TemplateError::new(
                Fault::Cycle,
                format!("variables need each other: {}", names.join(" -> ")),
            ));
        }
        if active.len() >= DEEPEST {
            return Err(TemplateError::new(
                Fault::Cycle,
                format!("variables refer to variables {DEEPEST} levels deep"),
            ));
        }
        active.push((scope, name.to_string()));
        Ok(())
    })
}

fn is_volatile(text: &str) -> bool {
    program::compiled(Dialect::Yaml, text).map_or(true, |program| program.volatile)
}
