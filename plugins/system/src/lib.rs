//! What a host is: `setup` gathers its facts in one round trip, `ping` says that it answers, `getent` asks its databases,
//! `hostname` names it.

mod getent;
mod hostname;
mod ping;
mod setup;

use getent::Getent;
use hostname::Hostname;
use ping::Ping;
use setup::Setup;

switchover_sdk::export_modules!(Getent, Hostname, Ping, Setup);
