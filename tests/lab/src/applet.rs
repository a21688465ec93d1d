//! The commands of a simulated host. Each is this program, called by another name through a symbolic link.

mod action;
mod alation_conf;
mod chroot;
mod curl;
mod df;
mod hostname;
mod id;
mod init;
mod rpm;
mod rpm_query;
mod site;
mod su;
mod sudo;
mod update;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use crate::sim::Action;
use site::Site;

/// One of the commands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Applet {
    Sudo,
    Su,
    Chroot,
    Rpm,
    Id,
    Whoami,
    Df,
    Hostname,
    Curl,
    Init,
    AlationAction,
    AlationConf,
    /// A single action, called by its own file.
    Single(Action),
}

/// Returns the command as which this program was called, from its name.
pub fn called_as() -> Option<Applet> {
    let name = std::env::args_os().next()?;
    Applet::named(Path::new(&name).file_name()?.to_str()?)
}

impl Applet {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sudo" => Self::Sudo,
            "su" => Self::Su,
            "chroot" => Self::Chroot,
            "rpm" => Self::Rpm,
            "id" => Self::Id,
            "whoami" => Self::Whoami,
            "df" => Self::Df,
            "hostname" => Self::Hostname,
            "curl" => Self::Curl,
            "alation" => Self::Init,
            "alation_action" => Self::AlationAction,
            "alation_conf" => Self::AlationConf,
            "alation_pre_upgrade_reindex" => Self::Single(Action::Reindex),
            other => Self::Single(Action::named(other)?),
        })
    }

    /// Plays the command with this process's arguments, environment and streams.
    pub fn run(self) -> ExitCode {
        behave_like_a_command();
        let site = match Site::from_environment() {
            Ok(site) => site,
            Err(message) => {
                site::complain(&format!("switchover-lab: {message}"));
                return ExitCode::from(125);
            }
        };
        let args: Vec<OsString> = std::env::args_os().skip(1).collect();
        ExitCode::from(self.play(&site, &args))
    }

    fn play(self, site: &Site, args: &[OsString]) -> u8 {
        match self {
            Self::Sudo => sudo::run(site, args),
            Self::Su => su::run(site, args),
            Self::Chroot => chroot::run(site, args),
            Self::Rpm => rpm::run(site, &texts(args)),
            Self::Id => id::run(site, &texts(args)),
            Self::Whoami => id::whoami(site),
            Self::Df => df::run(site, args),
            Self::Hostname => hostname::run(site, &texts(args)),
            Self::Curl => curl::run(&texts(args)),
            Self::Init => init::run(site, &texts(args)),
            Self::AlationAction => action::run(site, &texts(args)),
            Self::AlationConf => alation_conf::run(site, &texts(args)),
            Self::Single(action) => action::perform(site, action),
        }
    }
}

fn texts(args: &[OsString]) -> Vec<String> {
    args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
}

/// Dies silently when nobody reads its output, as commands do, and keeps its own files writable on a host
/// whose disk is full.
fn behave_like_a_command() {
    // SAFETY: called first thing, while there is one thread; the limit is a living value.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        if libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_FSIZE, &limit);
        }
    }
}
