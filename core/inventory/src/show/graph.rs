use std::fmt::Write;

use indexmap::IndexMap;
use switchover_syntax::Tag;
use switchover_values::Stored;

use super::View;
use super::python::str;
use super::shown::Shown;
use crate::{Group, Inventory};

/// A graph begins at a group.
#[derive(Debug, thiserror::Error)]
#[error("there is no group `{0}` to draw")]
pub struct NoSuchGroup(pub String);

impl Inventory {
    /// Returns what `ansible-inventory --graph GROUP` prints, with a line break after each line.
    ///
    /// `vars` shows variables too, as `--vars` does; encrypted ones are shown as `(encrypted)`.
    pub fn graph(&self, group: &str, vars: bool, view: &View<'_>) -> Result<String, NoSuchGroup> {
        let group = self.group(group).ok_or_else(|| NoSuchGroup(group.to_owned()))?;
        let mut graph = Graph { inventory: self, view, vars, out: String::new() };
        graph.group(group, 0);
        Ok(graph.out)
    }
}

struct Graph<'a> {
    inventory: &'a Inventory,
    view: &'a View<'a>,
    vars: bool,
    out: String,
}

impl Graph<'_> {
    fn line(&mut self, text: &str, depth: usize) {
        let (bars, dashes) = if depth > 0 { ("  |".repeat(depth), "--") } else { (String::new(), "") };
        // Writing to a String cannot fail.
        let _ = writeln!(self.out, "{bars}{dashes}{text}");
    }

    fn group(&mut self, group: &Group, depth: usize) {
        let inventory = self.inventory;
        self.line(&format!("@{}:", group.name), depth);
        for child in &group.children {
            self.group(&inventory.groups[*child], depth + 1);
        }
        if &*group.name != "all" {
            for host in &group.hosts {
                let host = &inventory.hosts[*host];
                self.line(&host.name, depth + 1);
                if self.vars {
                    self.variables(inventory.merged_vars(&host.name, self.view.playbook), depth + 2);
                }
            }
        }
        if self.vars {
            self.variables(inventory.group_vars(group, self.view.named), depth + 1);
        }
    }

    fn variables(&mut self, mut vars: IndexMap<String, Stored>, depth: usize) {
        vars.sort_unstable_keys();
        for (name, value) in &vars {
            let value = match value {
                Stored::Author(node) if node.tag == Tag::Vault => "(encrypted)".to_owned(),
                Stored::Author(node) if node.tag == Tag::Unsafe && node.as_str().is_some() => {
                    node.as_str().unwrap_or_default().to_owned()
                }
                other => str(&Shown::of(other)),
            };
            self.line(&format!("{{{name} = {value}}}"), depth);
        }
    }
}
