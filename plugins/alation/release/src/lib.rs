//! `alation.release` and `alation.observe`: what is installed on a host, and where it stands in its pair.

mod observe;
mod release;

use observe::Observe;
use release::Release;
use switchover_sdk::export_modules;

export_modules!(Release, Observe);
