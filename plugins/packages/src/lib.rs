//! Packages: `package`, `apt`, `dnf` (and `yum`).
//!
//! What would change is what the host's own tool tells when it is asked to simulate; nothing of Python is needed.

mod apt;
mod dnf;
mod package;
mod sections;
mod tool;

use apt::Apt;
use dnf::Dnf;
use package::Package;

switchover_sdk::export_modules!(Apt, Dnf, Package);
