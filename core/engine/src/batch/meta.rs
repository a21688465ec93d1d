use std::sync::Arc;

use switchover_model::{Block, Task};

use super::Batch;
use crate::host_run::HostState;
use crate::state_change::Meta;

impl Batch {
    /// Carries out a `meta` action that a host decided.
    pub(super) fn carry_out_meta(&mut self, index: usize, task: &Task, meta: Meta) {
        match meta {
            Meta::FlushHandlers => self.flush_handlers(index),
            Meta::ClearFacts => {
                let memory = &self.play.world.memory;
                self.play.all_hosts.iter().for_each(|host| memory.clear_facts(host));
            }
            Meta::ClearHostErrors => self.clear_errors(),
            Meta::EndHost => {
                self.end_host(index);
                self.update_active();
            }
            Meta::EndRole => {
                let role = task.context.role().map(|role| (&role.path, &role.name));
                let is_it = |block: &Block| block.context.role.as_ref().map(|r| (&r.path, &r.name)) == role;
                self.hosts[index].cursor.leave_block(is_it);
            }
            Meta::EndBatch => (0..self.hosts.len()).for_each(|host| self.end_host(host)),
            Meta::EndPlay => {
                (0..self.hosts.len()).for_each(|host| self.end_host(host));
                self.ended = true;
            }
            Meta::ResetConnection => self.reset_connection(index),
            Meta::RefreshInventory => self.refresh_inventory(),
            Meta::Noop => {}
        }
    }

    fn flush_handlers(&mut self, index: usize) {
        self.settle_notifications(index);
        let host = &mut self.hosts[index];
        if !host.notified.is_empty() && !self.handlers.is_empty() {
            host.cursor.enter_handlers(self.handlers.block());
        }
    }

    fn end_host(&mut self, index: usize) {
        let host = &mut self.hosts[index];
        host.cursor.finish();
        if host.state == HostState::Active {
            host.state = HostState::Ended;
        }
    }

    fn clear_errors(&mut self) {
        for host in self.hosts.iter_mut().filter(|host| host.is_lost()) {
            host.state = HostState::Active;
        }
        self.cleared = true;
        self.play.world.journal.forgive();
        self.update_active();
    }

    fn refresh_inventory(&mut self) {
        let world = &self.play.world;
        world.hosts.refresh();
        world.hosts.take_warnings().into_iter().for_each(|text| world.events.warn(text));
        self.update_active();
    }

    fn reset_connection(&mut self, index: usize) {
        let (world, name) = (Arc::clone(&self.play.world), self.hosts[index].name.clone());
        tokio::spawn(async move { world.pool.reset(&name).await });
    }
}
