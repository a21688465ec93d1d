//! What a host is: `setup` gathers its facts in one round trip, `ping` says that it answers, `getent` asks its databases,
//! `hostname` names it, `mount_facts` tells of its
//! file systems.

mod getent;
mod hostname;
mod mount_facts;
mod ping;
mod setup;

use getent::Getent;
use hostname::Hostname;
use mount_facts::MountFacts;
use ping::Ping;
use setup::Setup;

switchover_sdk::export_modules!(Getent, Hostname, MountFacts, Ping, Setup);
