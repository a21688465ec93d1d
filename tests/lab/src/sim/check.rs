use super::action::{Action, EVENT_BUS};
use super::conf;
use super::dataset::Kind;
use super::host::{HostState, Member};
use super::product::{Mode, Product, Update};
use super::release::{Build, Release};
use super::world::World;

/// What a lab is expected to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Expectation {
    /// A whole pair on the target release, nothing lost, nothing done twice.
    Updated,
    /// Both members alone, as after the split.
    Split,
    /// As it was made.
    Untouched,
}

/// Returns what differs from the expectation, one sentence each; empty when all is as expected.
pub fn problems(world: &World, expect: Expectation, target: (Release, Build), from: Build) -> Vec<String> {
    let mut found = damage(world);
    let (Some(primary), Some(secondary)) = (pair(world, Member::Primary), pair(world, Member::Secondary))
    else {
        found.push("there is no pair".to_owned());
        return found;
    };
    match expect {
        Expectation::Updated => updated(world, primary, secondary, target, &mut found),
        Expectation::Split => {
            expect_modes([(primary, Mode::Standalone), (secondary, Mode::Standalone)], &mut found);
        }
        Expectation::Untouched => untouched(primary, secondary, from, &mut found),
    }
    found
}

type Member2<'a> = (&'a HostState, &'a Product);

fn pair(world: &World, member: Member) -> Option<Member2<'_>> {
    let host = world.member(member)?;
    Some((host, host.product.as_ref()?))
}

fn damage(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for host in world.hosts.values() {
        for loss in &host.losses {
            let (kind, generation) = (loss.data.name(), loss.generation);
            found.push(format!("{}: LOST {kind} generation {generation}, by {}", host.name, loss.by));
        }
        for twice in &host.double_starts {
            found.push(format!("{}: {} was started while it ran", host.name, twice.work));
        }
    }
    found
}

fn expect_modes(wanted: [(Member2<'_>, Mode); 2], found: &mut Vec<String>) {
    for ((host, product), mode) in wanted {
        if product.mode != mode {
            found.push(format!("{}: mode {}, not {}", host.name, product.mode.word(), mode.word()));
        }
    }
}

fn updated(
    world: &World,
    primary: Member2<'_>,
    secondary: Member2<'_>,
    (release, build): (Release, Build),
    found: &mut Vec<String>,
) {
    expect_modes([(primary, Mode::Master), (secondary, Mode::Slave)], found);
    for (host, product) in [primary, secondary] {
        if (product.release, product.build) != (release, build) {
            found.push(format!("{}: release {} build {}", host.name, product.release, product.build));
        }
        if product.update != Update::Done {
            found.push(format!("{}: the update is not done", host.name));
        }
        if !product.services {
            found.push(format!("{}: services are down", host.name));
        }
        if !product.running.is_empty() {
            found.push(format!("{}: {} still runs", host.name, product.running[0].work));
        }
        let address = product.conf.get(conf::OVERRIDE_IP).map(String::as_str);
        let overridden = product.is_on(conf::ENABLE_OVERRIDE_IP) && address == Some(host.address.as_str());
        if release >= Release::new(2020, 4) && !overridden {
            found.push(format!("{}: override_ip is not its own address, or not enabled", host.name));
        }
    }
    same_data(primary, secondary, release, found);
    each_once(primary, secondary, release, found);
    if world.lag(&primary.0.name).is_none() {
        found.push(format!("{}: replication is unknown", primary.0.name));
    }
    if !primary.1.is_on(conf::BACKUP_V1) && !primary.1.is_on(conf::BACKUP_V2) {
        found.push(format!("{}: no backup tool is on", primary.0.name));
    }
}

fn same_data(primary: Member2<'_>, secondary: Member2<'_>, release: Release, found: &mut Vec<String>) {
    let with_bus = [Kind::Postgres, Kind::Kvstore, Kind::Eventbus];
    let kinds = if release >= EVENT_BUS { &with_bus[..] } else { &with_bus[..2] };
    for &kind in kinds {
        let (ours, theirs) = (primary.1.data.get(kind), secondary.1.data.get(kind));
        if !ours.is_whole() {
            found.push(format!("{}: {} is {}", primary.0.name, kind.name(), ours.describe()));
        }
        if !theirs.is_whole() || theirs.generation != ours.generation {
            let (have, want) = (theirs.describe(), ours.describe());
            found.push(format!("{}: {} is {have}, the primary has {want}", secondary.0.name, kind.name()));
        }
    }
}

fn each_once(primary: Member2<'_>, secondary: Member2<'_>, release: Release, found: &mut Vec<String>) {
    let mut wanted = vec![
        (primary, "update", 1),
        (secondary, "update", 1),
        (primary, Action::AddSlaves.name(), 1),
        (secondary, Action::AddSlaves.name(), 0),
        (primary, Action::EnterMaster.name(), 1),
        (secondary, Action::EnterMaster.name(), 0),
        (primary, Action::KvstoreCopy.name(), 0),
        (secondary, Action::KvstoreCopy.name(), 1),
        (primary, Action::ReplicatePostgres.name(), 0),
        (secondary, Action::ReplicatePostgres.name(), 1),
    ];
    if release >= EVENT_BUS {
        wanted.push((secondary, Action::KafkaSync.name(), 1));
    }
    for ((host, product), action, times) in wanted {
        let done = product.completed.get(action).copied().unwrap_or(0);
        if done != times {
            found.push(format!("{}: {action} was done {done} times, not {times}", host.name));
        }
    }
}

fn untouched(primary: Member2<'_>, secondary: Member2<'_>, from: Build, found: &mut Vec<String>) {
    expect_modes([(primary, Mode::Master), (secondary, Mode::Slave)], found);
    for (host, product) in [primary, secondary] {
        if product.build != from || product.has_unpacked() {
            found.push(format!("{}: build {}, unpacked {}", host.name, product.build, product.rpm_build));
        }
        for (work, times) in &product.completed {
            found.push(format!("{}: {work} was done {times} times", host.name));
        }
        for running in &product.running {
            found.push(format!("{}: {} runs", host.name, running.work));
        }
    }
}
