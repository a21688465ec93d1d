use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::{Group, Host, VarsBeside};

/// The number of the group `all`.
pub(crate) const ALL: usize = 0;

/// The number of the group `ungrouped`.
pub(crate) const UNGROUPED: usize = 1;

/// All hosts and groups, in the order in which the sources name them.
///
/// There are always the groups `all`, which holds everything, and `ungrouped`, which holds the hosts of no other group.
#[derive(Clone, Debug)]
pub struct Inventory {
    pub(crate) hosts: IndexMap<Arc<str>, Host>,
    pub(crate) groups: IndexMap<Arc<str>, Group>,
    pub(crate) beside: Vec<VarsBeside>,
    /// Groups get names that templates can use.
    pub(crate) renames: bool,
    /// One of them did.
    pub(crate) renamed: bool,
}

impl Default for Inventory {
    fn default() -> Self {
        let mut inventory = Self {
            hosts: IndexMap::new(),
            groups: IndexMap::new(),
            beside: Vec::new(),
            renames: false,
            renamed: false,
        };
        inventory.add_group("all");
        inventory.add_group("ungrouped");
        inventory.settle();
        inventory
    }
}

impl Inventory {
    /// Returns a host by its inventory name. The implicit `localhost` is not among them.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.get(name)
    }

    /// Returns a group by its name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// Returns all hosts in the order in which the sources name them.
    ///
    /// The order of the pattern `all` is another: it goes from group to group.
    pub fn all_hosts(&self) -> impl ExactSizeIterator<Item = &Host> {
        self.hosts.values()
    }

    /// Returns all groups, `all` and `ungrouped` first.
    pub fn all_groups(&self) -> impl ExactSizeIterator<Item = &Group> {
        self.groups.values()
    }

    /// Returns the hosts of a group and of the groups below it, the nearer groups first; none for an unknown group.
    pub fn group_hosts(&self, name: &str) -> Vec<&Host> {
        match self.groups.get_index_of(name) {
            Some(group) => self.hosts_below(group).into_iter().map(|host| &self.hosts[host]).collect(),
            None => Vec::new(),
        }
    }

    /// Returns the groups directly below a group.
    pub fn child_groups(&self, name: &str) -> Vec<&Group> {
        self.group(name).into_iter().flat_map(|g| &g.children).map(|child| &self.groups[*child]).collect()
    }

    /// Returns the names of all groups of a host, sorted, without `all`: Ansible's `group_names`.
    pub fn group_names(&self, host: &str) -> Vec<&str> {
        let Some(host) = self.hosts.get(host) else { return Vec::new() };
        let mut names: Vec<&str> = self
            .ancestors(&host.groups)
            .into_iter()
            .filter(|group| *group != ALL)
            .map(|group| self.groups[group].name.as_ref())
            .collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn hosts_below(&self, group: usize) -> Vec<usize> {
        let mut seen = vec![false; self.hosts.len()];
        let mut hosts = Vec::new();
        for group in self.descendants(group) {
            for host in &self.groups[group].hosts {
                if !std::mem::replace(&mut seen[*host], true) {
                    hosts.push(*host);
                }
            }
        }
        hosts
    }

    /// Returns the group and all below it, level by level.
    pub(crate) fn descendants(&self, group: usize) -> Vec<usize> {
        self.walk(&[group], |g| &g.children)
    }

    /// Returns the groups and all above them.
    pub(crate) fn ancestors(&self, groups: &[usize]) -> Vec<usize> {
        self.walk(groups, |g| &g.parents)
    }

    fn walk(&self, start: &[usize], next: impl Fn(&Group) -> &Vec<usize>) -> Vec<usize> {
        let mut seen: HashSet<usize> = start.iter().copied().collect();
        let mut found = start.to_vec();
        let mut at = 0;
        while at < found.len() {
            for other in next(&self.groups[found[at]]) {
                if seen.insert(*other) {
                    found.push(*other);
                }
            }
            at += 1;
        }
        found
    }
}
