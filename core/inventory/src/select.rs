use std::collections::HashSet;
use std::sync::Arc;

use crate::pattern::{Operation, Part};
use crate::{Inventory, Pattern};

/// Names that mean the controller itself when the inventory does not know them.
const LOCALHOST: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The hosts that a pattern matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// In the order of the pattern's parts, and within a part in that of the inventory. A name that the inventory does
    /// not hold is the implicit `localhost`.
    pub hosts: Vec<Arc<str>>,
    /// The parts that match nothing; Ansible says "Could not match supplied host pattern, ignoring: NAME".
    pub unmatched: Vec<String>,
    /// The parts such as `web[5]` whose name matches fewer hosts; Ansible ends the run with an error.
    pub out_of_range: Vec<String>,
}

impl Inventory {
    /// Returns the hosts of a pattern, and of these only those of the limit when there is one.
    pub fn hosts(&self, pattern: &Pattern, limit: Option<&Pattern>) -> Selection {
        let mut selection = self.select(pattern);
        if let Some(limit) = limit {
            let allowed = self.select(limit);
            let names: HashSet<&Arc<str>> = allowed.hosts.iter().collect();
            selection.hosts.retain(|host| names.contains(host));
            selection.unmatched.extend(allowed.unmatched);
            selection.out_of_range.extend(allowed.out_of_range);
        }
        selection
    }

    fn select(&self, pattern: &Pattern) -> Selection {
        let mut selection = Selection::default();
        for part in &pattern.parts {
            let found = self.matching(part, &mut selection);
            let set: HashSet<&Arc<str>> = found.iter().collect();
            match part.operation {
                Operation::Add => {
                    let mut known: HashSet<Arc<str>> = selection.hosts.iter().cloned().collect();
                    selection.hosts.extend(found.into_iter().filter(|host| known.insert(Arc::clone(host))));
                }
                Operation::Keep => selection.hosts.retain(|host| set.contains(host)),
                Operation::Remove => selection.hosts.retain(|host| !set.contains(host)),
            }
        }
        selection
    }

    fn matching(&self, part: &Part, selection: &mut Selection) -> Vec<Arc<str>> {
        let groups: Vec<usize> =
            (0..self.groups.len()).filter(|group| part.matcher.matches(&self.groups[*group].name)).collect();
        let mut hosts: Vec<usize> = groups.iter().flat_map(|group| self.hosts_below(*group)).collect();
        if groups.is_empty() || part.looks_at_hosts() {
            hosts.extend((0..self.hosts.len()).filter(|host| part.matcher.matches(&self.hosts[*host].name)));
        }
        if hosts.is_empty() && groups.is_empty() {
            if LOCALHOST.contains(&part.text.as_str()) {
                return vec![part.text.as_str().into()];
            }
            if part.text != "all" {
                selection.unmatched.push(part.text.clone());
            }
        }
        // A subscript counts hosts as often as they were found, as in Ansible.
        let hosts = match part.subscript {
            None => hosts,
            Some(subscript) => {
                let chosen = subscript.apply(&hosts);
                if chosen.is_empty() && !hosts.is_empty() {
                    selection.out_of_range.push(format!("{}[{subscript}]", part.text));
                }
                chosen
            }
        };
        hosts.into_iter().map(|host| Arc::clone(&self.hosts[host].name)).collect()
    }
}
