use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::server::Config;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::layout::Layout;
use super::options::Options;
use super::processes::end_processes;
use super::settings::{HostEntry, Preset, Settings};
use super::{first_world, key, make};
use crate::server::{Listeners, Machine, Supervisor};
use crate::sim::{
    Build, Event, Expectation, FaultSpec, HostState, Package, PackageError, Release, Store, StoreError, now,
    problems,
};

/// A lab that is served by this process, on the Tokio runtime that started it. Dropping it ends the servers
/// and every process of its hosts; the folder stays.
pub struct Lab {
    store: Arc<Store>,
    supervisors: Vec<JoinHandle<()>>,
}

/// Why a lab cannot be made or served.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    #[error("{} holds a lab already", dir.display())]
    Exists { dir: PathBuf },
    #[error("{} holds no lab", dir.display())]
    Missing { dir: PathBuf },
    #[error(
        "the lab's folder {dir:?} may not hold spaces, quotes or backslashes, since its path goes into command lines"
    )]
    Folder { dir: PathBuf },
    #[error("a pair has two hosts, not {count}")]
    Pair { count: usize },
    #[error("{name:?} is no host name")]
    Name { name: String },
    #[error("{name} is named twice")]
    Twice { name: String },
    #[error("the lab has no host {name}")]
    NoHost { name: String },
    #[error("the scale is {scale}, but must be above zero")]
    Scale { scale: f64 },
    #[error("build {to} is not later than {from}")]
    Order { from: Build, to: Build },
    #[error("the build of {release} is not known; give it with the release")]
    Build { release: Release },
    #[error("the program switchover-lab was not found; build it, or give its path")]
    Program,
    #[error("failed to listen on {address}")]
    Listen { address: String, source: io::Error },
    #[error("failed to make the lab's files in {}", dir.display())]
    Files { dir: PathBuf, source: io::Error },
    #[error("failed to make the update package")]
    Package(#[from] PackageError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Lab {
    /// Makes a lab in a folder that holds none, and serves it.
    pub async fn start(options: Options) -> Result<Self, LabError> {
        fs::create_dir_all(&options.dir).map_err(|source| files(&options.dir, source))?;
        let dir = options.dir.canonicalize().map_err(|source| files(&options.dir, source))?;
        check(&options, &dir)?;
        let layout = Layout::new(&dir);
        if layout.settings().exists() {
            return Err(LabError::Exists { dir });
        }
        let program = options.find_multicall().ok_or(LabError::Program)?;
        let program = program.canonicalize().map_err(|source| files(&program, source))?;
        let (settings, listeners) = listen_anew(&options).await?;
        let build = |source| files(&dir, source);
        key::keep(&layout.client_key(), "switchover-lab").map_err(build)?;
        for entry in &settings.hosts {
            make::make_host(&layout, &settings, entry, &program).map_err(build)?;
        }
        if settings.preset == Preset::HaPair {
            fs::create_dir_all(layout.packages()).map_err(build)?;
            let name = format!("{}.rpm", Package::label(settings.to, settings.to_build));
            let path = layout.packages().join(name);
            Package::create(&path, settings.to, settings.to_build, options.package_payload)?;
        }
        make::write_client_files(&layout, &settings).map_err(build)?;
        let store = Store::new(layout.clone(), settings.clone());
        store.create(&first_world(&settings, &options.faults))?;
        settings.write(&layout.settings()).map_err(build)?;
        Self::serve(store, listeners)
    }

    /// Serves a lab that exists, at the addresses and in the state it had.
    pub async fn resume(dir: &Path) -> Result<Self, LabError> {
        let dir = dir.canonicalize().map_err(|source| files(dir, source))?;
        let layout = Layout::new(&dir);
        if !layout.settings().exists() {
            return Err(LabError::Missing { dir });
        }
        let store = Store::open(layout)?;
        let mut listeners = Vec::new();
        for entry in &store.settings().hosts {
            let ssh = bind(&entry.address, entry.ssh_port).await?;
            listeners.push(Listeners { ssh, page: bind(&entry.address, entry.monitor_port).await? });
        }
        Self::serve(store, listeners)
    }

    fn serve(store: Store, listeners: Vec<Listeners>) -> Result<Self, LabError> {
        let layout = store.layout().clone();
        let failed = |source| files(layout.root(), source);
        let client = key::keep(&layout.client_key(), "switchover-lab").map_err(failed)?;
        let store = Arc::new(store);
        let mut supervisors = Vec::new();
        for (entry, listeners) in store.settings().hosts.iter().zip(listeners) {
            let settings = store.settings();
            let host_key = key::keep(&layout.host(&entry.name).host_key(), &entry.name).map_err(failed)?;
            let config = Config {
                keys: vec![host_key],
                auth_rejection_time: std::time::Duration::from_millis(50),
                auth_rejection_time_initial: Some(std::time::Duration::ZERO),
                inactivity_timeout: None,
                nodelay: true,
                ..Config::default()
            };
            let (user, password) = (settings.user.clone(), settings.password.clone());
            let public = client.public_key().clone();
            let machine = Machine::new(entry.clone(), layout.clone(), user, password, public);
            let supervisor = Supervisor::new(machine, Arc::clone(&store), Arc::new(config), listeners);
            supervisors.push(tokio::spawn(supervisor.map_err(failed)?.run()));
        }
        Ok(Self { store, supervisors })
    }

    /// The lab's folder.
    pub fn dir(&self) -> &Path {
        self.store.layout().root()
    }

    /// The inventory to give to the runner.
    pub fn inventory_path(&self) -> PathBuf {
        self.store.layout().inventory()
    }

    /// What the lab was made with, ports included.
    pub fn settings(&self) -> &Settings {
        self.store.settings()
    }

    /// Where the lab keeps its files.
    pub fn layout(&self) -> &Layout {
        self.store.layout()
    }

    /// The persisted world, for looks and changes that no command makes.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The name and addresses of a host.
    pub fn host(&self, name: &str) -> Result<&HostEntry, LabError> {
        let hosts = &self.store.settings().hosts;
        hosts.iter().find(|host| host.name == name).ok_or_else(|| LabError::NoHost { name: name.to_owned() })
    }

    /// What is true of a host now.
    pub fn state(&self, name: &str) -> Result<HostState, LabError> {
        self.host(name)?;
        let mut world = self.store.world()?;
        world.hosts.remove(name).ok_or_else(|| LabError::NoHost { name: name.to_owned() })
    }

    /// What was run on a host so far.
    pub fn events(&self, name: &str) -> Result<Vec<Event>, LabError> {
        self.host(name)?;
        Ok(self.store.events(name)?)
    }

    /// What differs from an expectation, one sentence each; empty when all is as expected.
    pub fn problems(&self, expect: Expectation) -> Result<Vec<String>, LabError> {
        let settings = self.settings();
        let target = (settings.to, settings.to_build);
        Ok(problems(&self.store.world()?, expect, target, settings.from_build))
    }

    /// Turns a fault on or off, on the host it names or on all.
    pub fn set_fault(&self, spec: &FaultSpec, on: bool) -> Result<(), LabError> {
        set_fault(&self.store, spec, on)
    }

    /// Ends the servers and every process of the hosts.
    pub async fn stop(mut self) {
        for supervisor in self.supervisors.drain(..) {
            supervisor.abort();
            // It was aborted: there is no result.
            let _ = supervisor.await;
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for supervisor in &self.supervisors {
            supervisor.abort();
        }
        end_processes(self.store.layout().root());
    }
}

/// Turns a fault on or off in a lab that may be served by another process.
pub fn set_fault(store: &Store, spec: &FaultSpec, on: bool) -> Result<(), LabError> {
    let known = |name: &String| store.settings().hosts.iter().any(|host| host.name == *name);
    if let Some(name) = spec.host.as_ref().filter(|name| !known(name)) {
        return Err(LabError::NoHost { name: name.clone() });
    }
    store.change(|world| {
        let wanted = |host: &&mut HostState| spec.host.as_ref().is_none_or(|name| *name == host.name);
        for host in world.hosts.values_mut().filter(wanted) {
            if on {
                host.faults.insert(spec.fault, spec.value.clone());
            } else {
                host.faults.remove(&spec.fault);
            }
        }
        Ok(())
    })?;
    Ok(())
}

fn files(dir: &Path, source: io::Error) -> LabError {
    LabError::Files { dir: dir.to_owned(), source }
}

fn check(options: &Options, dir: &Path) -> Result<(), LabError> {
    let plain = |c: char| !c.is_whitespace() && !"'\"\\$`&;()<>|*?#!~%".contains(c);
    if !dir.to_str().is_some_and(|text| text.chars().all(plain)) {
        return Err(LabError::Folder { dir: dir.to_owned() });
    }
    if options.preset == Preset::HaPair && options.hosts.len() != 2 {
        return Err(LabError::Pair { count: options.hosts.len() });
    }
    if !(options.scale > 0.0 && options.scale.is_finite()) {
        return Err(LabError::Scale { scale: options.scale });
    }
    for (index, name) in options.hosts.iter().enumerate() {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.starts_with(['.', '-']) || !name.chars().all(good) {
            return Err(LabError::Name { name: name.clone() });
        }
        if options.hosts[..index].contains(name) {
            return Err(LabError::Twice { name: name.clone() });
        }
    }
    for host in options.faults.iter().filter_map(|fault| fault.host.as_ref()) {
        if !options.hosts.contains(host) {
            return Err(LabError::NoHost { name: host.clone() });
        }
    }
    Ok(())
}

async fn bind(address: &str, port: u16) -> Result<TcpListener, LabError> {
    let failed = |source| LabError::Listen { address: format!("{address}:{port}"), source };
    TcpListener::bind((address, port)).await.map_err(failed)
}

fn build_of(release: Release, given: Option<Build>) -> Result<Build, LabError> {
    given.or_else(|| release.usual_build()).ok_or(LabError::Build { release })
}

/// Gives each host an address of its own in the loopback network and free ports.
async fn listen_anew(options: &Options) -> Result<(Settings, Vec<Listeners>), LabError> {
    let (from_build, to_build) =
        (build_of(options.from, options.from_build)?, build_of(options.to, options.to_build)?);
    if options.preset == Preset::HaPair && to_build <= from_build {
        return Err(LabError::Order { from: from_build, to: to_build });
    }
    let mut hosts = Vec::new();
    let mut listeners = Vec::new();
    for (index, name) in options.hosts.iter().enumerate() {
        let address = format!("127.0.{}.{}", index / 200, 11 + index % 200);
        let pair = Listeners { ssh: bind(&address, 0).await?, page: bind(&address, 0).await? };
        let port = |listener: &TcpListener| {
            let failed = |source| LabError::Listen { address: address.clone(), source };
            listener.local_addr().map(|at| at.port()).map_err(failed)
        };
        let (ssh_port, monitor_port) = (port(&pair.ssh)?, port(&pair.page)?);
        hosts.push(HostEntry { name: name.clone(), address, ssh_port, monitor_port });
        listeners.push(pair);
    }
    let settings = Settings {
        preset: options.preset,
        hosts,
        from: options.from,
        from_build,
        to: options.to,
        to_build,
        scale: options.scale,
        epoch: now(),
        user: options.user.clone(),
        password: options.password.clone(),
        sudo_password: options.sudo_password.clone(),
        shell_form: options.shell_form,
        backup_tool: options.backup_tool,
    };
    Ok((settings, listeners))
}
