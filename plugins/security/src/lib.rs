//! Who may do what: access lists, capabilities, limits, passwords of web servers, firewalls, SELinux.
//!
//! Each module looks with one script of its tool and changes with one more.

mod acl;
mod capabilities;
mod firewalld;
mod htpasswd;
mod pam_limits;
mod seboolean;
mod sefcontext;
mod selinux;
mod sudoers;
mod ufw;

use acl::Acl;
use capabilities::Capabilities;
use firewalld::Firewalld;
use htpasswd::Htpasswd;
use pam_limits::PamLimits;
use seboolean::Seboolean;
use sefcontext::Sefcontext;
use selinux::Selinux;
use sudoers::Sudoers;
use ufw::Ufw;

switchover_sdk::export_modules!(
    Acl,
    Capabilities,
    Firewalld,
    Htpasswd,
    PamLimits,
    Seboolean,
    Sefcontext,
    Selinux,
    Sudoers,
    Ufw
);
