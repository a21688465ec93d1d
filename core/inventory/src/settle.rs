use crate::inventory::{ALL, Inventory, UNGROUPED};

impl Inventory {
    /// Restores what holds of every inventory: groups without a parent are below `all`, hosts of no group are in
    /// `ungrouped` and others are not, and each group knows its depth.
    pub(crate) fn settle(&mut self) {
        for group in 1..self.groups.len() {
            if self.groups[group].parents.is_empty() {
                self.groups[ALL].children.push(group);
                self.groups[group].parents.push(ALL);
            }
        }
        self.settle_ungrouped();
        self.settle_depths();
    }

    fn settle_ungrouped(&mut self) {
        let mut left = false;
        for number in 0..self.hosts.len() {
            let host = &mut self.hosts[number];
            let grouped = host.groups.iter().any(|group| *group > UNGROUPED);
            let ungrouped = host.groups.contains(&UNGROUPED);
            if grouped && ungrouped {
                host.groups.retain(|group| *group != UNGROUPED);
                left = true;
            } else if !grouped && !ungrouped {
                host.groups.push(UNGROUPED);
                self.groups[UNGROUPED].hosts.push(number);
            }
        }
        if left {
            let hosts = &self.hosts;
            self.groups[UNGROUPED].hosts.retain(|host| hosts[*host].groups.contains(&UNGROUPED));
        }
    }

    /// The depth is the longest way from `all`, so a group is visited again when a longer way is found.
    fn settle_depths(&mut self) {
        let mut below = vec![0; self.groups.len()];
        for group in self.groups.values() {
            for child in &group.children {
                below[*child] += 1;
            }
        }
        let mut ready = vec![ALL];
        self.groups[ALL].depth = 0;
        while let Some(group) = ready.pop() {
            let depth = self.groups[group].depth + 1;
            for child in self.groups[group].children.clone() {
                let first = below[child] == self.groups[child].parents.len();
                let known = if first { 0 } else { self.groups[child].depth };
                self.groups[child].depth = known.max(depth);
                below[child] -= 1;
                if below[child] == 0 {
                    ready.push(child);
                }
            }
        }
    }
}
