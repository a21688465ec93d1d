use std::borrow::Cow;
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Node, NodeKind, Span, Tag};
use switchover_values::{Stored, Value, VarMap};

use crate::inventory::{ALL, Inventory};
use crate::load::is_identifier;
use crate::{Files, Group, Host, HostSource};

/// Two groups that would hold each other.
#[derive(Debug, thiserror::Error)]
#[error("group `{child}` cannot be below `{parent}`: it holds `{parent}` already")]
pub struct Loop {
    pub parent: Arc<str>,
    pub child: Arc<str>,
}

impl Inventory {
    /// Adds a host while a play runs, as `add_host` does: the groups are made when they are missing, variables of a
    /// known host are replaced. Returns whether this changed anything but variables.
    pub fn add_host(&mut self, name: &str, groups: &[&str], vars: &VarMap) -> bool {
        let known = self.hosts.contains_key(name);
        let host = self.host_or_new(name, None);
        let mut changed = !known;
        // As in Ansible it stands in `all` itself, before the hosts of the groups there.
        self.add_member(ALL, host);
        for group in groups {
            let group = self.add_group(group);
            changed |= self.add_member(group, host);
        }
        self.set_host_vars(host, vars.clone());
        self.settle();
        changed
    }

    /// Puts a host into a group while a play runs, as `group_by` does, below the given parents.
    ///
    /// Returns whether this changed anything; an unknown host changes nothing.
    pub fn group_by(&mut self, host: &str, group: &str, parents: &[&str]) -> Result<bool, Loop> {
        let Some(host) = self.hosts.get_index_of(host) else { return Ok(false) };
        let group = self.add_group(group);
        let mut changed = self.add_member(group, host);
        for parent in parents {
            let parent = self.add_group(parent);
            changed |= self.add_child(parent, group)?;
        }
        self.settle();
        Ok(changed)
    }

    /// Reads what stands beside the sources for groups and a host that came into being while plays ran.
    pub fn learn(&mut self, groups: &[&str], host: &str, files: &dyn Files) -> Vec<Diagnostic> {
        self.beside.iter_mut().flat_map(|beside| beside.learn(groups, host, files)).collect()
    }

    /// Returns the name that a group gets.
    pub(crate) fn group_name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match self.renames && !is_identifier(name) {
            true => Cow::Owned(safe(name)),
            false => Cow::Borrowed(name),
        }
    }

    /// Returns the number of a group, which is made when it is missing.
    pub(crate) fn add_group(&mut self, name: &str) -> usize {
        let wanted = self.group_name(name);
        self.renamed |= wanted != name;
        let name = &*wanted;
        match self.groups.get_index_of(name) {
            Some(group) => group,
            None => {
                let group = Group::new(name);
                self.groups.insert_full(Arc::clone(&group.name), group).0
            }
        }
    }

    pub(crate) fn host_or_new(&mut self, name: &str, source: Option<&HostSource>) -> usize {
        match self.hosts.get_index_of(name) {
            Some(host) => host,
            None => {
                let name: Arc<str> = name.into();
                let host = Host {
                    name: Arc::clone(&name),
                    vars: Arc::default(),
                    source: source.cloned(),
                    groups: Vec::new(),
                };
                self.hosts.insert_full(name, host).0
            }
        }
    }

    pub(crate) fn add_member(&mut self, group: usize, host: usize) -> bool {
        let groups = &mut self.hosts[host].groups;
        if groups.contains(&group) {
            return false;
        }
        groups.push(group);
        self.groups[group].hosts.push(host);
        true
    }

    pub(crate) fn add_child(&mut self, parent: usize, child: usize) -> Result<bool, Loop> {
        if self.groups[parent].children.contains(&child) {
            return Ok(false);
        }
        if self.ancestors(&[parent]).contains(&child) {
            let name = |group: usize| Arc::clone(&self.groups[group].name);
            return Err(Loop { parent: name(parent), child: name(child) });
        }
        self.groups[parent].children.push(child);
        self.groups[child].parents.push(parent);
        Ok(true)
    }

    /// Sets a group's variable; `ansible_group_priority` must be a whole number and is no variable.
    pub(crate) fn set_group_var(&mut self, group: usize, name: &str, value: Node) -> Result<(), BadPriority> {
        let group = &mut self.groups[group];
        if name == "ansible_group_priority" {
            group.priority = match &value.kind {
                NodeKind::Int(number) => *number,
                NodeKind::String { text, .. } => text.trim().parse().map_err(|_| BadPriority)?,
                _ => return Err(BadPriority),
            };
        } else {
            Arc::make_mut(&mut group.vars).insert(name, value);
        }
        Ok(())
    }

    pub(crate) fn set_host_var(&mut self, host: usize, name: &str, value: Node) {
        Arc::make_mut(&mut self.hosts[host].vars).insert(name, value);
    }

    /// Adds variables to a host; many hosts may share one map.
    pub(crate) fn set_host_vars(&mut self, host: usize, vars: impl Into<Arc<VarMap>>) {
        let vars = vars.into();
        let own = &mut self.hosts[host].vars;
        if own.is_empty() {
            *own = vars;
        } else if !vars.is_empty() {
            Arc::make_mut(own).extend(&vars);
        }
    }

    /// Returns what Ansible knows about the `localhost` that nobody has to name: it needs no connection.
    pub fn implicit_localhost(name: &str) -> Host {
        let mut vars = VarMap::new();
        vars.insert("ansible_connection", Stored::Data(Value::from("local")));
        Host { name: name.into(), vars: Arc::new(vars), source: None, groups: Vec::new() }
    }
}

/// `ansible_group_priority` that is no whole number.
#[derive(Debug)]
pub(crate) struct BadPriority;

/// Returns a whole number that stands at this place.
pub(crate) fn int_node(value: i64, span: &Span) -> Node {
    Node { span: span.clone(), tag: Tag::None, kind: NodeKind::Int(value) }
}

/// Returns a group's name that templates can use: what is odd becomes an underscore, a digit at the beginning, too.
pub(crate) fn safe(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{}", &name[1..]) } else { name }
}
