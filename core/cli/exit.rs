//! The exit codes, a public contract. Below 10 and at 99 and 250 they are Ansible's.

/// Everything was done, or was so already.
pub const OK: u8 = 0;
/// The run could not begin, or broke off: see the message.
pub const ERROR: u8 = 1;
/// A task failed; also a task of `exec` that cannot be one, for who takes the program for Ansible.
pub const FAILED: u8 = 2;
/// The options are wrong, and the one who gave them took the program for Ansible.
pub const USAGE: u8 = 2;
/// The playbook, the inventory or an argument of a module is wrong; no host was touched.
pub const PLAN: u8 = 4;
/// A host cannot be reached.
pub const UNREACHABLE: u8 = 4;
/// Something was started, and how it ended cannot be told.
pub const UNKNOWN: u8 = 11;
/// The options are wrong.
pub const OPTIONS: u8 = 5;
/// The journal of the run cannot be kept or read.
pub const JOURNAL: u8 = 12;
/// Another run holds a lock.
pub const LOCKED: u8 = 13;
