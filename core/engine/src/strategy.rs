use std::sync::Arc;

use switchover_model::Task;

use crate::cursor::Path;

/// Which host may go on, and when: a pure function over where the hosts stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// All hosts do a task before any host does the next.
    #[default]
    Linear,
    /// Every host goes as fast as it can.
    Free,
    /// As `Free`, but no more hosts are under way than there are workers; each is finished before another begins.
    HostPinned,
}

/// What a strategy sees of a host.
pub struct Standing {
    /// The next task and its place; `None` at the end.
    pub next: Option<(Arc<Task>, Path)>,
    pub running: bool,
    /// It has begun the play.
    pub begun: bool,
}

impl Strategy {
    /// Returns the strategy of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name.strip_prefix("ansible.builtin.").unwrap_or(name) {
            "linear" => Some(Self::Linear),
            "free" => Some(Self::Free),
            "host_pinned" => Some(Self::HostPinned),
            _ => None,
        }
    }

    /// Returns the hosts (by index) that start their next task now.
    pub fn ready(self, hosts: &[Standing], workers: usize) -> Vec<usize> {
        match self {
            Self::Linear => linear(hosts),
            Self::Free => idle(hosts),
            Self::HostPinned => pinned(hosts, workers),
        }
    }
}

fn linear(hosts: &[Standing]) -> Vec<usize> {
    if hosts.iter().any(|host| host.running) {
        return Vec::new();
    }
    let next = |host: &Standing| host.next.as_ref().map(|(task, path)| (path.clone(), Arc::as_ptr(task)));
    let Some(first) = hosts.iter().filter_map(next).min_by(|a, b| a.0.cmp(&b.0)) else { return Vec::new() };
    (0..hosts.len())
        .filter(|index| next(&hosts[*index]).is_some_and(|n| n.1 == first.1 && n.0 == first.0))
        .collect()
}

fn idle(hosts: &[Standing]) -> Vec<usize> {
    (0..hosts.len()).filter(|index| !hosts[*index].running && hosts[*index].next.is_some()).collect()
}

fn pinned(hosts: &[Standing], workers: usize) -> Vec<usize> {
    let under_way = |host: &Standing| host.begun && (host.running || host.next.is_some());
    let mut free = workers.saturating_sub(hosts.iter().filter(|host| under_way(host)).count());
    idle(hosts)
        .into_iter()
        .filter(|index| {
            hosts[*index].begun || {
                let takes = free > 0;
                free = free.saturating_sub(1);
                takes
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;
    use crate::testing::{plain_block, task};

    fn standing(cursor: &mut Cursor, running: bool, begun: bool) -> Standing {
        let next = cursor.settle(|_, _| true).map(|task| (task, cursor.path()));
        Standing { next, running, begun }
    }

    #[test]
    fn linear_waits_for_the_slowest() {
        let play = plain_block(vec![task("a"), task("b")]);
        let (mut ahead, mut behind) = (Cursor::new(Arc::clone(&play)), Cursor::new(play));
        ahead.settle(|_, _| true);
        ahead.advance();
        let hosts = [standing(&mut ahead, false, true), standing(&mut behind, false, true)];
        assert_eq!(Strategy::Linear.ready(&hosts, 5), [1]);
        let hosts = [standing(&mut ahead, false, true), standing(&mut behind, true, true)];
        assert!(Strategy::Linear.ready(&hosts, 5).is_empty());
        assert_eq!(Strategy::Free.ready(&hosts, 5), [0]);
    }

    #[test]
    fn pinned_begins_no_more_hosts_than_workers() {
        let play = plain_block(vec![task("a")]);
        let mut cursors = [(); 3].map(|()| Cursor::new(Arc::clone(&play)));
        let hosts: Vec<_> = cursors.iter_mut().map(|cursor| standing(cursor, false, false)).collect();
        assert_eq!(Strategy::HostPinned.ready(&hosts, 2), [0, 1]);
    }
}
