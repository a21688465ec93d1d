//! The controller and its hosts under faults: whatever happens, nothing is lost and nothing is done twice.
//!
//! Each test tries a few moments that its seed picks; with `SWITCHOVER_FAULTS=all` it tries all (`tests/faults`).

mod clocks;
mod cuts;
mod figures;
mod full_disk;
mod moments;
mod random;
mod reboot;
mod signals;
mod together;
mod update;
