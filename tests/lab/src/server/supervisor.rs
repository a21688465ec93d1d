use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use russh::server::Config;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::link::Link;
use super::machine::Machine;
use super::page;
use super::session::Session;
use crate::sim::{Fault, HostState, Store};

/// How often a host's state is looked at for faults and stopped services: often, so that a restart of
/// services is seen at a small time scale too, but seldom in a lab of a thousand hosts.
fn tick(hosts: usize) -> Duration {
    Duration::from_millis(u64::try_from(hosts).unwrap_or(u64::MAX).saturating_mul(3).clamp(15, 3000))
}

/// The sockets of a host, bound before anything is served, so that a busy port is an error at the start.
pub struct Listeners {
    pub ssh: TcpListener,
    pub page: TcpListener,
}

/// Keeps a host's servers as its state says: cut, slowed down, closed for a while, or without web page.
pub struct Supervisor {
    machine: Arc<Machine>,
    store: Arc<Store>,
    config: Arc<Config>,
    ssh_at: SocketAddr,
    page_at: SocketAddr,
    ssh: Option<JoinHandle<()>>,
    page: Option<JoinHandle<()>>,
    cuts: u64,
    down_until: Option<Instant>,
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.close_ssh();
        self.close_page();
    }
}

impl Supervisor {
    /// Begins to serve on the listeners.
    pub fn new(
        machine: Machine,
        store: Arc<Store>,
        config: Arc<Config>,
        listeners: Listeners,
    ) -> std::io::Result<Self> {
        let cuts = store.glance(&machine.entry.name).map_or(0, |state| state.session_cuts);
        let mut supervisor = Self {
            machine: Arc::new(machine),
            store,
            config,
            ssh_at: listeners.ssh.local_addr()?,
            page_at: listeners.page.local_addr()?,
            ssh: None,
            page: None,
            cuts,
            down_until: None,
        };
        supervisor.open_ssh(listeners.ssh);
        supervisor.open_page(listeners.page);
        Ok(supervisor)
    }

    /// Serves until it is dropped.
    pub async fn run(mut self) {
        let tick = tick(self.store.settings().hosts.len());
        loop {
            if let Ok(state) = self.store.glance(&self.machine.entry.name) {
                self.apply(&state).await;
            }
            tokio::time::sleep(tick).await;
        }
    }

    async fn apply(&mut self, state: &HostState) {
        if state.session_cuts > self.cuts {
            self.cuts = state.session_cuts;
            self.machine.cut();
        }
        let pace = state.amount(Fault::SlowLink, 128.0).map_or(0, |kibibytes| (kibibytes * 1024.0) as u64);
        self.machine.pace.store(pace, Ordering::Relaxed);
        self.machine.disk_full.store(state.has(Fault::DiskFullOnUpload), Ordering::Relaxed);
        self.apply_sshd_down(state).await;
        self.apply_services(state).await;
    }

    async fn apply_sshd_down(&mut self, state: &HostState) {
        match (state.amount(Fault::SshdDown, 3.0), self.down_until) {
            (Some(seconds), None) => {
                self.down_until = Some(Instant::now() + Duration::from_secs_f64(seconds));
                self.close_ssh();
                self.machine.cut();
            }
            (Some(_), Some(until)) if Instant::now() >= until => {
                let name = self.machine.entry.name.clone();
                // When this fails the next tick tries again.
                let _ = self.store.change(|world| {
                    world.host_mut(&name)?.faults.remove(&Fault::SshdDown);
                    Ok(())
                });
            }
            (None, Some(_)) => {
                if let Ok(listener) = TcpListener::bind(self.ssh_at).await {
                    self.open_ssh(listener);
                    self.down_until = None;
                }
            }
            _ => {}
        }
    }

    async fn apply_services(&mut self, state: &HostState) {
        let up = state.product.as_ref().is_none_or(|product| product.services);
        match (up, self.page.is_some()) {
            (false, true) => self.close_page(),
            (true, false) => {
                if let Ok(listener) = TcpListener::bind(self.page_at).await {
                    self.open_page(listener);
                }
            }
            _ => {}
        }
    }

    fn open_ssh(&mut self, listener: TcpListener) {
        let (machine, config) = (Arc::clone(&self.machine), Arc::clone(&self.config));
        self.ssh = Some(tokio::spawn(accept(listener, machine, config)));
    }

    fn open_page(&mut self, listener: TcpListener) {
        let name = self.machine.entry.name.clone();
        self.page = Some(tokio::spawn(page::serve(listener, Arc::clone(&self.store), name)));
    }

    fn close_ssh(&mut self) {
        if let Some(task) = self.ssh.take() {
            task.abort();
        }
    }

    fn close_page(&mut self) {
        if let Some(task) = self.page.take() {
            task.abort();
        }
    }
}

async fn accept(listener: TcpListener, machine: Arc<Machine>, config: Arc<Config>) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else { continue };
        // Without it each answer may wait for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let Ok(number) = machine.remember(&stream) else { continue };
        let (machine, config) = (Arc::clone(&machine), Arc::clone(&config));
        tokio::spawn(async move {
            let link = Link::new(stream, Arc::clone(&machine.pace));
            let session = Session::new(Arc::clone(&machine), Some(peer));
            if let Ok(running) = russh::server::run_stream(config, link, session).await {
                // How a client leaves does not matter to the host.
                let _ = running.await;
            }
            machine.forget(number);
        });
    }
}
