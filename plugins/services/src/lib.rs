//! What runs on a host and when: `service`, `systemd_service`, `sysvinit`, `service_facts`, `cron`, `reboot`.
//!
//! Each module looks by one script that answers in [`sections`], decides in Rust, and changes by one script more. Data
//! reach a script as arguments or input, never as part of its text.

mod at;
mod cron;
mod cronvar;
mod reboot;
mod sections;
mod service;
mod service_facts;
mod systemd;
mod sysv;
mod sysvinit;

use at::At;
use cron::Cron;
use cronvar::Cronvar;
use reboot::Reboot;
use service::Service;
use service_facts::ServiceFacts;
use systemd::SystemdService;
use sysvinit::Sysvinit;

switchover_sdk::export_modules!(At, Cron, Cronvar, Reboot, Service, ServiceFacts, Sysvinit, SystemdService);
