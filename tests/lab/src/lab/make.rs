use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::layout::{HostLayout, Layout};
use super::settings::{BackupTool, HostEntry, Preset, Settings};
use super::tree::{HOST_COMMANDS, install_version, link};
use super::{inventory, key};
use crate::sim::{
    Build, Dataset, FaultSpec, HostState, Kind, Member, Mode, Product, Release, Replication, World,
};

/// How long the pair has been replicating when the lab begins, in simulated seconds.
const LONG_AGO: f64 = -86_400.0;

/// The first state of all hosts.
pub fn first_world(settings: &Settings, faults: &[FaultSpec]) -> World {
    let mut world = World::new();
    for (index, entry) in settings.hosts.iter().enumerate() {
        let member = match (settings.preset, index) {
            (Preset::Plain, _) => Member::Plain,
            (Preset::HaPair, 0) => Member::Primary,
            (Preset::HaPair, _) => Member::Secondary,
        };
        world.hosts.insert(entry.name.clone(), HostState::new(&entry.name, &entry.address, member));
    }
    if settings.preset == Preset::HaPair {
        install_pair(&mut world, settings);
    }
    for spec in faults {
        let hosts = world.hosts.values_mut();
        for host in hosts.filter(|host| spec.host.as_ref().is_none_or(|name| *name == host.name)) {
            host.faults.insert(spec.fault, spec.value.clone());
        }
    }
    world
}

fn install_pair(world: &mut World, settings: &Settings) {
    let [primary, secondary] = &settings.hosts[..] else { return };
    let data = Kind::ALL.map(|kind| (kind, Dataset::whole(world.new_generation(), &primary.name)));
    for (entry, other) in [(primary, secondary), (secondary, primary)] {
        let mut product = Product::new(settings.from, settings.from_build, &Dataset::empty());
        for (kind, dataset) in &data {
            let exists = *kind != Kind::Eventbus || settings.from >= Release::new(2021, 4);
            // Search is not replicated.
            if exists && (entry == primary || *kind != Kind::Search) {
                *product.data.get_mut(*kind) = dataset.clone();
            }
        }
        product.cluster_hosts = vec![other.name.clone()];
        let base_url = format!("http://{}:{}", primary.address, primary.monitor_port);
        product.set_usual_conf(&base_url, settings.backup_tool == BackupTool::V2);
        if entry == primary {
            product.mode = Mode::Master;
        } else {
            product.mode = Mode::Slave;
            product.replication = Some(Replication { from: primary.name.clone(), since: LONG_AGO });
        }
        if let Some(host) = world.hosts.get_mut(&entry.name) {
            host.product = Some(product);
        }
    }
}

/// Makes a host's folder.
pub fn make_host(layout: &Layout, settings: &Settings, entry: &HostEntry, program: &Path) -> io::Result<()> {
    let host = layout.host(&entry.name);
    for folder in ["bin", "etc/ssh", "etc/init.d", "root", "tmp", "var/log"] {
        fs::create_dir_all(host.root().join(folder))?;
    }
    fs::create_dir_all(host.home(&settings.user))?;
    for command in HOST_COMMANDS {
        link(program, &host.bin().join(command))?;
    }
    if !Path::new("/usr/bin/curl").exists() && !Path::new("/bin/curl").exists() {
        link(program, &host.bin().join("curl"))?;
    }
    key::keep(&host.host_key(), &entry.name)?;
    if settings.preset == Preset::HaPair {
        make_product(&host, settings, program)?;
    }
    Ok(())
}

fn make_product(host: &HostLayout, settings: &Settings, program: &Path) -> io::Result<()> {
    for folder in ["opt/alation", "data", "backup/backup"] {
        fs::create_dir_all(host.root().join(folder))?;
    }
    for user in ["alation", "alationadmin"] {
        fs::create_dir_all(host.home(user))?;
    }
    link(program, &host.init())?;
    let tree = install_version(host, program, settings.from, settings.from_build)?;
    link(&tree, &host.current())?;
    for (file, disk) in [(".disk1_cache", "data"), (".disk2_cache", "backup")] {
        fs::write(tree.join(file), format!("{}\n", host.root().join(disk).display()))?;
    }
    fs::write(host.product().join("alation_license.lic"), "simulated license\n")?;
    let name = format!("202111230200_{}_alation_backup.tar.gz", dashed(settings.from_build));
    // Sparse: it has the size of a backup, and no content.
    File::create(host.root().join("backup/backup").join(name))?.set_len(20 * 1024 * 1024)
}

fn dashed(build: Build) -> String {
    build.to_string().replace('.', "-")
}

/// Writes what a client needs: inventory and known host keys.
pub fn write_client_files(layout: &Layout, settings: &Settings) -> io::Result<()> {
    fs::write(layout.inventory(), inventory::render(layout, settings))?;
    let mut known = String::new();
    for entry in &settings.hosts {
        let host_key = key::keep(&layout.host(&entry.name).host_key(), &entry.name)?;
        let line = key::line(host_key.public_key())?;
        known.push_str(&format!("[{}]:{} {line}\n", entry.address, entry.ssh_port));
    }
    fs::write(layout.known_hosts(), known)
}
