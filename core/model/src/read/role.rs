use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Mapping, Node, NodeKind, Span, Tag};

use super::trail::Stop;
use super::validation::{unjudged, validation};
use super::{Reader, Site};
use crate::files::{folder, shown};
use crate::{Block, Context, Item, Role, RoleFrom};

/// A use of a role: which one, how, and the level of keywords and parameters that it is given.
pub(super) struct Wanted {
    pub name: String,
    pub span: Span,
    pub from: RoleFrom,
    pub allow_duplicates: Option<bool>,
    pub level: Context,
    /// Names of the roles that pulled this one in, outermost first.
    pub parents: Vec<String>,
    /// Folders beside the play's own in which to look.
    pub search: Vec<PathBuf>,
}

impl Reader<'_> {
    /// Reads a role: itself, and its dependencies' blocks followed by its own.
    pub(super) fn role(&self, mut wanted: Wanted) -> Option<(Arc<Role>, Vec<Item>)> {
        let path;
        (path, wanted.name) = self.find_role(&wanted)?;
        let entry = wanted.from.tasks_from.clone().unwrap_or_else(|| "main".to_owned());
        let stop = Stop::Role { name: wanted.name.clone(), path: path.clone(), entry };
        let span = wanted.span.clone();
        self.within(stop, &span, || self.role_at(path, wanted))
    }

    fn role_at(&self, path: PathBuf, wanted: Wanted) -> Option<(Arc<Role>, Vec<Item>)> {
        let meta = self.role_meta(&path)?;
        let bare = self.bare_role(path, &wanted, &meta)?;
        let mut level = wanted.level.clone();
        // A role does not look where its play looks.
        level.keywords.collections = meta.collections.or_else(|| Some(no_collections(&wanted.span)));
        let probe = level_of(&level, &Arc::new(bare.clone()));
        let dependencies: Vec<Wanted> =
            meta.dependencies.iter().filter_map(|node| self.role_entry(node, &probe, true)).collect();
        let names = dependencies.iter().map(|dependency| dependency.name.clone()).collect();
        let bare = Role { dependencies: names, ..bare };
        let handlers = self.role_tasks(&bare, "handlers", &wanted, &level, &Arc::new(bare.clone()))?;
        let role = Arc::new(Role { handlers, ..bare });
        let mut blocks = self.dependency_blocks(dependencies, &role, &level_of(&level, &role));
        blocks.push(self.role_block(&role, &wanted, &level)?);
        Some((role, blocks))
    }

    /// Returns a role without what is read below its own level: handlers and dependencies.
    fn bare_role(&self, path: PathBuf, wanted: &Wanted, meta: &Meta) -> Option<Role> {
        let from = &wanted.from;
        let vars = |part: &str, from: &Option<String>| {
            self.role_variables(&path, part, from.as_deref(), &wanted.span)
        };
        Some(Role {
            name: wanted.name.clone(),
            defaults: vars("defaults", &from.defaults_from)?,
            vars: vars("vars", &from.vars_from)?,
            handlers: Vec::new(),
            allow_duplicates: wanted.allow_duplicates.unwrap_or(meta.allow_duplicates),
            argument_spec: meta.argument_spec(from.tasks_from.as_deref()),
            dependencies: Vec::new(),
            parents: wanted.parents.clone(),
            path,
        })
    }

    fn role_block(&self, role: &Arc<Role>, wanted: &Wanted, level: &Context) -> Option<Item> {
        let context = level_of(level, role);
        let mut body: Vec<Item> = validation(role, wanted, &context).into_iter().collect();
        if !body.is_empty() {
            unjudged(role).into_iter().for_each(|warning| self.report(warning));
        }
        body.extend(self.role_tasks(role, "tasks", wanted, level, role)?);
        Some(Item::Block(Arc::new(Block::of(&wanted.span, None, context, body))))
    }

    fn dependency_blocks(&self, found: Vec<Wanted>, role: &Arc<Role>, parent: &Arc<Context>) -> Vec<Item> {
        let mut blocks = Vec::new();
        for mut dependency in found {
            dependency.level.parent = Some(Arc::clone(parent));
            dependency.parents = role.parents.iter().chain([&role.name]).cloned().collect();
            dependency.search = vec![folder(&role.path)];
            blocks.extend(self.role(dependency).map(|(_, blocks)| blocks).unwrap_or_default());
        }
        blocks
    }

    /// Reads a part of a role that is a list of tasks; a part that is not there is empty, unless it was named.
    fn role_tasks(
        &self,
        role: &Role,
        part: &str,
        wanted: &Wanted,
        level: &Context,
        of: &Arc<Role>,
    ) -> Option<Vec<Item>> {
        let handlers = part == "handlers";
        let from = if handlers { &wanted.from.handlers_from } else { &wanted.from.tasks_from };
        let Some(file) = self.role_file(&role.path, part, from.as_deref(), &wanted.span)? else {
            return Some(Vec::new());
        };
        let site = Site::new(&level_of(level, of), folder(&file)).of_handlers(handlers);
        self.task_list(&file, Some(&wanted.span), &site)
    }

    /// Reads a role for an include at run time.
    pub fn included_role(
        &self,
        (name, span): (&str, &Span),
        from: &RoleFrom,
        parent: &Arc<Context>,
        search: &[PathBuf],
    ) -> Option<(Arc<Role>, Block)> {
        let wanted = Wanted {
            name: name.to_owned(),
            span: span.clone(),
            from: from.clone(),
            allow_duplicates: None,
            level: Context::inside(Some(parent)),
            parents: Vec::new(),
            search: search.to_vec(),
        };
        let (role, body) = self.role(wanted)?;
        let context = Arc::clone(parent);
        Some((role, Block::of(span, None, context, body)))
    }

    /// Says that a part of a role that was asked for by name is not there.
    pub(super) fn no_role_file(&self, role: &Path, part: &str, name: &str, span: &Span) {
        let message = format!("the role has no `{part}/{name}`");
        self.report(
            Diagnostic::error("role::no-such-file", message, span)
                .help(format!("looked in {}", shown(&role.join(part)).display())),
        );
    }
}

fn level_of(level: &Context, role: &Arc<Role>) -> Arc<Context> {
    Arc::new(Context { role: Some(Arc::clone(role)), ..level.clone() })
}

/// Returns whether a value that cannot be a template is true, as Ansible reads it.
pub(super) fn is_true(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Bool(value) => *value,
        NodeKind::Int(value) => *value != 0,
        NodeKind::String { text, .. } => {
            matches!(text.trim().to_ascii_lowercase().as_str(), "yes" | "true" | "on" | "1" | "y" | "t")
        }
        _ => false,
    }
}

/// What `meta/` says about a role.
#[derive(Default)]
pub(super) struct Meta {
    pub dependencies: Vec<Node>,
    pub allow_duplicates: bool,
    pub collections: Option<Node>,
    pub specs: Option<Arc<Mapping>>,
}

impl Meta {
    /// Returns the entry point's declaration; files are named with or without their ending.
    fn argument_spec(&self, tasks_from: Option<&str>) -> Option<Node> {
        let entry = tasks_from.unwrap_or("main");
        let entry = entry.strip_suffix(".yml").or_else(|| entry.strip_suffix(".yaml")).unwrap_or(entry);
        self.specs.as_ref()?.get(entry).filter(|spec| spec.as_mapping().is_some()).cloned()
    }
}

fn no_collections(span: &Span) -> Node {
    Node { span: span.clone(), tag: Tag::None, kind: NodeKind::Sequence(Arc::default()) }
}
