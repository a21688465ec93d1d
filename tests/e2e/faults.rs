//! The controller and its hosts under faults: whatever happens, nothing is lost and nothing is done twice.
//!
//! Each test tries a few moments that its seed picks; with `SWITCHOVER_FAULTS=all` it tries all (`tests/faults`).

mod cuts;
mod figures;
mod moments;
mod random;
mod update;
