//! `postgres.basebackup`: replaces a standby's data directory by a copy of the primary's.

mod look;
mod progress;

use look::Place;
use postgres_server::{Settings, Standby, Work, auto_conf, script, sql};
use progress::Progress;
use switchover_sdk::prelude::*;

const NAME: &str = "postgres.basebackup";
const DOING: &str = "the base backup";

#[derive(Params)]
struct BasebackupParams {
    #[param(flatten)]
    standby: Standby,
    /// Bytes of the source's databases (`size` of postgres.role there), so that the disk is judged before anything begins.
    source_size: Option<u64>,
    /// The most that is read from the source in a second, as pg_basebackup takes it: `20M`.
    max_rate: Option<String>,
    /// Keeps the old data directory beside the new one, as DATA.old.
    #[param(default = false)]
    keep_old: bool,
    /// Removes the old data directory before the copy begins, where the disk has no room for both.
    #[param(default = false)]
    make_room: bool,
    #[param(flatten)]
    settings: Settings,
}

struct Basebackup;

/// Copies into a fresh folder and renames, so that half a copy never looks whole. May be run again from anywhere.
const COPY: &str = r#"
set -e; umask 077
new=$DATA.new old=$DATA.old
rm -rf "$new"
[ -z "$MAKE_ROOM" ] || rm -rf "$DATA" "$old"
[ -z "$SLOT" ] || set -- "$@" --slot="$SLOT"
[ -z "$RATE" ] || set -- "$@" --max-rate="$RATE"
pg_basebackup -D "$new" -d "$SOURCE" -X stream --checkpoint=fast --no-password --progress "$@"
printf '%s' "$CONF" >> "$new/postgresql.auto.conf"
: > "$new/standby.signal"
if [ -e "$DATA" ]; then rm -rf "$old"; mv "$DATA" "$old"; fi
mv "$new" "$DATA"
rm -f "$DATA.rewinding"
[ -n "$KEEP_OLD" ] || rm -rf "$old"
"#;

impl Module for Basebackup {
    type Params = BasebackupParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Replaces the data directory of a standby by a fresh copy of the primary's (pg_basebackup).",
        description: "Copies into DATA.new and renames when the copy is whole and on the disk; until then the old data stay as they are. Runs as a \
                      detached job, a second start attaches. Refuses on a running server, and unless the source is a primary of the same \
                      system on the same or a later timeline. The copy would start as a standby of the source, by the slot that is named. \
                      A copy that was not started yet, and a standby that streams from the source's timeline, count as done. \
                      Data directories with tablespaces, a separate pg_wal, or that are a mount point themselves are refused.",
        effect: Spec::destroys("all data of this server"),
        long: true,
        mutually_exclusive: &[&["keep_old", "make_room"]],
        examples: &[(
            "Rebuild",
            "postgres.basebackup: { data: /var/lib/postgresql/15/main, source_host: db-a, source_passfile: ~/.pgpass, slot: db_b }",
        )],
        returns: &[
            ("bytes", "How much was copied."),
            ("kept", "Where the old data directory is, when it was kept."),
            ("timeline", "The timeline of the source."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &BasebackupParams, host: &Host) -> Result<Delta, Failure> {
        if work(params, host).is_running(host)? {
            return Ok(Delta::change(params.settings.data.to_string(), "being copied", "a copy"));
        }
        look::check(params, host)
    }

    fn apply(params: &BasebackupParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let work = work(params, host);
        let place = Place::look(host, &params.settings)?;
        let mut progress = Progress::new(place.free);
        let followed = work.run(host, |host, text| progress.news(host, text));
        if let Some(failure) = progress.too_large(&params.settings.data) {
            work.end(host)?;
            host.remove(&params.settings.beside("new"), true)?;
            return Err(failure);
        }
        let followed = followed?;
        if followed.rc != 0 {
            let said = followed.stderr;
            let left = if params.make_room {
                "the old data were removed before"
            } else {
                "the old data are as they were"
            };
            return Err(Failure::new(format!("pg_basebackup failed: {}; {left}", sql::complaint(&said)))
                .remedy("mend it and run again: the copy begins anew")
                .with("rc", followed.rc)
                .with("stderr", said));
        }
        let kept = if params.keep_old { params.settings.beside("old") } else { String::new() };
        Ok(Outcome::changed(json!({ "bytes": progress.total(), "kept": kept })))
    }
}

fn work(params: &BasebackupParams, host: &Host) -> Work {
    let flag = |on: bool| if on { "1" } else { "" };
    let standby = &params.standby;
    let conninfo = standby.conninfo(host);
    let conf = auto_conf::set(
        "",
        &[
            ("primary_conninfo", Some(&conninfo)),
            ("primary_slot_name", Some(standby.slot().unwrap_or_default())),
        ],
    );
    let command = script(&params.settings, COPY, None, "")
        .env("SOURCE", standby.source.conninfo(&[]))
        .env("SLOT", standby.slot().unwrap_or_default())
        .env("RATE", params.max_rate.as_deref().unwrap_or_default())
        .env("CONF", conf)
        .env("KEEP_OLD", flag(params.keep_old))
        .env("MAKE_ROOM", flag(params.make_room));
    Work::new(NAME, &params.settings.data, command)
}

export_modules!(Basebackup);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Basebackup>();
    }
}
