use postgres_server::{Identity, Role, Server, Settings, Standby, State, auto_conf, script};
use switchover_sdk::prelude::*;

use crate::{BasebackupParams, DOING};

/// Where the copy would be put.
#[derive(Debug, PartialEq)]
pub struct Place {
    /// Bytes that are free beside the data directory.
    pub free: Option<u64>,
    /// Why the data directory cannot be replaced by a rename.
    pub hindrance: Option<&'static str>,
}

const LOOK: &str = r#"
parent=$(dirname "$DATA")
[ -d "$parent" ] || { echo "@@hindrance parent"; exit 0; }
df -Pk "$parent" | awk 'END { print "@@free " $4 }'
[ -w "$parent" ] || echo "@@hindrance readonly"
[ -h "$DATA" ] && echo "@@hindrance link"
if [ -d "$DATA" ]; then
  [ "$(df -Pk "$DATA" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 6)" = "$(cd "$DATA" && pwd -P)" ] && echo "@@hindrance mount"
  [ -h "$DATA/pg_wal" ] && echo "@@hindrance wal"
  [ -d "$DATA/pg_tblspc" ] && [ -n "$(ls -A "$DATA/pg_tblspc")" ] && echo "@@hindrance tablespaces"
fi
true
"#;

const HINDRANCES: &[(&str, &str)] = &[
    ("parent", "the folder above the data directory is missing"),
    ("readonly", "the folder above the data directory cannot be written by this user"),
    ("link", "the data directory is a symbolic link: name the folder that it leads to"),
    (
        "mount",
        "the data directory is a mount point, which cannot be renamed: it has to be a folder below one",
    ),
    ("wal", "pg_wal is a symbolic link, which a fresh copy would not have"),
    ("tablespaces", "the data directory has tablespaces, whose folders a copy would share"),
];

impl Place {
    pub fn look(host: &Host, settings: &Settings) -> Result<Self, Failure> {
        let command = script(settings, LOOK, None, "").reads().timeout(settings.read_timeout);
        Ok(Self::read(&host.output(&command)?))
    }

    fn read(text: &str) -> Self {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let hindrance = value("@@hindrance ");
        let found = HINDRANCES.iter().find(|(word, _)| hindrance == Some(*word));
        Self {
            free: value("@@free ").and_then(|kib| kib.trim().parse::<u64>().ok()).map(|kib| kib * 1024),
            hindrance: found.map(|(_, why)| *why),
        }
    }
}

/// Looks whether it is done already, and refuses where it would do harm.
pub fn check(params: &BasebackupParams, host: &Host) -> Result<Delta, Failure> {
    let (settings, standby) = (&params.settings, &params.standby);
    let server = Server::look(host, settings)?;
    let source = standby.source.primary(host, settings, server.system_identifier(), DOING)?;
    if is_done(&server, &source, standby, host, settings)? {
        return Ok(Delta::none_with(json!({ "bytes": 0, "timeline": source.timeline })));
    }
    if let Some(failure) = refusal(&server, &source, host.about.check_mode) {
        return Err(failure);
    }
    let place = Place::look(host, settings)?;
    if let Some(why) = place.hindrance {
        let by_hand = "rebuild it by hand: pg_basebackup into an empty folder (with --tablespace-mapping or --waldir), then postgres.follow";
        return Err(cluster_kit::refuse(DOING, &format!("is not possible: {why}")).remedy(by_hand));
    }
    if let (Some(free), Some(size), false) = (place.free, params.source_size, params.make_room)
        && free < size
    {
        return Err(too_large(&settings.data, size, free));
    }
    let before = format!("data of timeline {} ({})", server.timeline(), server.role().word());
    let after = format!("a copy of {} on timeline {}", standby.source.place(), source.timeline);
    Ok(Delta::change(settings.data.to_string(), before, after)
        .with_result(json!({ "timeline": source.timeline })))
}

/// A fresh copy that was not started yet, or a standby that streams on the source's timeline.
fn is_done(
    server: &Server,
    source: &Identity,
    standby: &Standby,
    host: &Host,
    settings: &Settings,
) -> Result<bool, Failure> {
    if server.half_rewound || server.timeline() != source.timeline {
        return Ok(false);
    }
    if server.role() == Role::Stopped && server.standby_signal && server.backup_label {
        let followed = auto_conf::get(&Standby::read(host, settings)?, "primary_conninfo");
        return Ok(followed == Some(standby.conninfo(host)));
    }
    let receiver = server.live.as_ref().and_then(|live| live.facts.get("receiver"));
    Ok(server.role() == Role::Standby && receiver == Some(&json!("streaming")))
}

fn refusal(server: &Server, source: &Identity, check_mode: bool) -> Option<Failure> {
    let role = server.role();
    if role == Role::Primary {
        return Some(
            cluster_kit::refuse(DOING, "would replace the data of a running primary")
                .remedy("see which host is which: postgres_primary and postgres_standby in the inventory"),
        );
    }
    if matches!(role, Role::Standby | Role::Silent) && !check_mode {
        return Some(
            cluster_kit::refuse(DOING, "needs a stopped server, and this one runs")
                .remedy("stop it first: postgres.service with `state: stopped`"),
        );
    }
    if server.state == State::Foreign {
        return Some(cluster_kit::refuse(DOING, "would replace a folder that holds no PostgreSQL data"));
    }
    (source.timeline < server.timeline()).then(|| {
        let (theirs, mine) = (source.timeline, server.timeline());
        cluster_kit::refuse(
            DOING,
            &format!(
                "would replace data of timeline {mine} by older ones: the source is on timeline {theirs}"
            ),
        )
        .remedy("this server was promoted after the source: see which of the two is to live")
    })
}

/// Returns the failure of a disk that does not hold the copy.
pub fn too_large(data: &str, size: u64, free: u64) -> Failure {
    let mib = |bytes: u64| bytes / (1024 * 1024);
    cluster_kit::refuse(
        DOING,
        &format!("needs {} MiB beside {data}, and {} MiB are free", mib(size), mib(free)),
    )
    .remedy("make room, or let it remove the old data first: `make_room: true` (postgres_make_room)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read() {
        let place = Place::read("@@free 2048\n@@hindrance mount\n");
        assert_eq!(place.free, Some(2_097_152));
        assert!(place.hindrance.unwrap().contains("mount point"));
        assert_eq!(Place::read("@@free 1\n").hindrance, None);
    }
}
