//! The update of an Alation pair against simulated hosts: what their state is afterwards, not what the run says.

mod check_mode;
mod faults;
mod gates;
mod happy;
mod interruptions;
pub mod pair;
mod roles;
