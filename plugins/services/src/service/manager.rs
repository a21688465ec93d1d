use switchover_sdk::prelude::*;

use switchover_sdk::script::script;

use crate::sections::Sections;
use crate::systemd::{self, Unit};
use crate::sysv::{self, Asking};

/// What manages the services of a host.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    Systemd,
    Openrc,
    Sysvinit,
}

/// A service as its manager tells of it.
pub enum Found {
    Systemd(Unit),
    Script {
        manager: Manager,
        /// Empty when there is no such service.
        path: String,
        enabled: bool,
        running: bool,
    },
}

impl Manager {
    /// Returns the manager that a task names; `None` when the host shall tell.
    pub fn named(name: &str) -> Result<Option<Self>, Failure> {
        match name.rsplit('.').next().unwrap_or(name) {
            "auto" => Ok(None),
            "systemd" | "systemd_service" => Ok(Some(Self::Systemd)),
            "sysvinit" | "service" => Ok(Some(Self::Sysvinit)),
            "openrc" => Ok(Some(Self::Openrc)),
            other => Err(Failure::arguments(format!(
                "use `{other}` is not supported, only auto, systemd, sysvinit, openrc and service"
            ))),
        }
    }
}

/// Looks who manages services here and asks it about one, in one round trip.
pub fn look(named: Option<Manager>, asking: &Asking, runlevel: &str, host: &Host) -> Result<Found, Failure> {
    let manager = named.map_or("auto", |manager| manager.word());
    let [name, arguments, pattern] = asking.arguments();
    let said = Sections::look(&text(), &[manager, runlevel, name, arguments, pattern], 5, "systemctl", host)?;
    Ok(match said.get(0) {
        "systemd" => Found::Systemd(Unit::read(&said, 1, true)),
        "openrc" => {
            let levels: Vec<&str> = said.get(2).split_whitespace().collect();
            let status = sysv::is_running(asking.name, said.get(3), said.number(4));
            Found::Script {
                manager: Manager::Openrc,
                path: said.get(1).trim().to_owned(),
                enabled: levels.contains(&runlevel),
                running: status.unwrap_or(false),
            }
        }
        _ => {
            let found = asking.read(&said, 1);
            Found::Script {
                manager: Manager::Sysvinit,
                path: found.path,
                enabled: !found.runlevels.is_empty(),
                running: found.running,
            }
        }
    })
}

/// The first section names the manager; those of its own script follow.
fn text() -> String {
    format!(
        r#"manager=$1 level=$2; shift 2
if [ "$manager" = auto ]; then
if [ -d /run/systemd/system ]; then manager=systemd
elif [ -d /run/openrc ]; then manager=openrc
elif command -v systemctl >/dev/null && [ "$(readlink /sbin/init | sed 's|.*/||')" = systemd ]; then manager=systemd
else manager=sysvinit; fi; fi
printf '%s\036' $manager
if [ $manager = systemd ]; then set -- "$1"
{systemd}
elif [ $manager = openrc ]; then
rc-service -e "$1" && printf '/etc/init.d/%s' "$1"; printf '\036'
rc-update show 2>/dev/null | while read -r name bar levels; do [ "$name" = "$1" ] && echo "$levels"; done; printf '\036'
rc-service "$1" status 2>&1; printf '\036%s\036' $?
else
{sysv}
fi"#,
        systemd = systemd::LOOK,
        sysv = sysv::LOOK
    )
}

const OPENRC: &str = r#"name=$1 enable=$2 level=$3; shift 3
case $enable in
yes) rc-update add "$name" "$level" || exit;;
no) rc-update del "$name" "$level" || exit;;
esac
for verb; do rc-service "$name" "$verb" || exit; done"#;

/// Enables and moves a service of OpenRC, in one round trip.
pub fn run_openrc(
    name: &str,
    enable: Option<bool>,
    runlevel: &str,
    verbs: &[String],
    host: &Host,
) -> Result<(), Failure> {
    let enable = enable.map_or("", |enable| if enable { "yes" } else { "no" });
    let fixed = [name, enable, runlevel].map(str::to_owned);
    let output = host.exec(&script(OPENRC, &[&fixed[..], verbs].concat()))?;
    sysv::Ran::read(&output).or_fail(|said| format!("Unable to change service {name}: {said}")).map(drop)
}
