//! `alation.package` and `alation.rpm_install`: looks at the update package, and unpacks it.

mod header;
mod install;
mod look;
mod package;
#[cfg(test)]
mod real_rpm;

use install::RpmInstall;
use look::PackageLook;
use switchover_sdk::export_modules;

export_modules!(PackageLook, RpmInstall);
