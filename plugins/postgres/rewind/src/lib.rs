//! `postgres.rewind`: takes the changes out of a stopped server that the other one does not have, with pg_rewind.

use postgres_server::{ControlData, Identity, Lsn, Role, Server, Settings, Source, Work, script, sql};
use switchover_sdk::prelude::*;

const NAME: &str = "postgres.rewind";
const DOING: &str = "the rewind";

#[derive(Params)]
struct RewindParams {
    #[param(flatten)]
    source: Source,
    /// The user who reads the source's files: a superuser, or one with EXECUTE on pg_ls_dir, pg_stat_file,
    /// pg_read_binary_file (both). `source_user` unless given.
    rewind_user: Option<String>,
    /// Seconds that looking (a dry run) may take.
    #[param(default = 1800)]
    look_timeout: u64,
    #[param(flatten)]
    settings: Settings,
}

struct Rewind;

/// A standby.signal at the end: what was rewound must never come up as a second primary.
const REWIND: &str = r#"
set -e
: > "$DATA.rewinding"
[ -z "$CONFIG" ] || ! pg_rewind --help | grep -q -e --config-file || set -- --config-file="$CONFIG"
pg_rewind --target-pgdata="$DATA" --source-server="$SOURCE" --progress "$@"
: > "$DATA/standby.signal"
rm -f "$DATA.rewinding"
"#;

const DRY_RUN: &str = r#"
[ -z "$CONFIG" ] || ! pg_rewind --help | grep -q -e --config-file || set -- --config-file="$CONFIG"
pg_rewind --dry-run --target-pgdata="$DATA" --source-server="$SOURCE" "$@" 2>&1
"#;

impl Module for Rewind {
    type Params = RewindParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Takes out of a stopped server the changes that the primary does not have (pg_rewind).",
        description: "After an orderly switchover there is nothing to take out, which control file and timelines show, and nothing is done. Else pg_rewind runs as a detached job; a \
                      second start attaches. One that breaks off leaves data that cannot be trusted: they are marked (a file \
                      `rewinding` beside the data directory), postgres.service does not start them, and postgres.basebackup replaces them. \
                      pg_rewind needs wal_log_hints or data checksums, and a `rewind_user`. A source that was just promoted must have made a checkpoint (postgres.promote does). \
                      Afterwards the server would start as a standby; postgres.follow says of whom.",
        effect: Spec::destroys("the changes of this server that the primary does not have"),
        long: true,
        examples: &[(
            "Rewind",
            "postgres.rewind: { data: /var/lib/postgresql/15/main, source_host: db-b, rewind_user: postgres, source_passfile: ~/.pgpass }",
        )],
        returns: &[("needed", "Whether there was something to take out."), ("said", "What pg_rewind said.")],
        ..Spec::DEFAULT
    };

    fn check(params: &RewindParams, host: &Host) -> Result<Delta, Failure> {
        let server = Server::look(host, &params.settings)?;
        if work(params).is_running(host)? {
            return Ok(Delta::change(params.settings.data.to_string(), "being rewound", "rewound"));
        }
        if let Some(failure) = refusal(&server) {
            return Err(failure);
        }
        let source = params.source.primary(host, &params.settings, server.system_identifier(), DOING)?;
        if let Some(why) = has_all(params, host, &server, &source)? {
            return Ok(Delta::none_with(json!({ "needed": false, "said": why })));
        }
        if let Some(failure) = unable(&server) {
            return Err(failure);
        }
        let output = host.exec(&program(params, DRY_RUN).reads().timeout(params.look_timeout))?;
        let said = output.stdout.to_text();
        let moved_on = source.timeline != server.timeline();
        match said.as_str() {
            text if text.contains("on the same timeline") && moved_on => Err(Failure::new(
                "pg_rewind reads the source's old timeline: it was promoted and has made no checkpoint since",
            )
            .remedy("run CHECKPOINT on the source, then run again")),
            text if text.contains("no rewind required") || text.contains("on the same timeline") => {
                Ok(Delta::none_with(json!({ "needed": false, "said": last(text) })))
            }
            text if output.rc == 0 || text.contains("must be shut down cleanly") => {
                let after = format!("as {} on timeline {}", params.source.place(), source.timeline);
                Ok(Delta::change(params.settings.data.to_string(), last(text), after)
                    .with_result(json!({ "needed": true })))
            }
            text => Err(Failure::new(format!("pg_rewind cannot work here: {}", sql::complaint(text)))
                .remedy("rebuild the server from the primary: postgres.basebackup")
                .with("stdout", text)),
        }
    }

    fn apply(params: &RewindParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let followed = work(params).run(host, progress)?;
        let said = followed.stderr.trim().to_owned();
        if followed.rc == 0 {
            return Ok(Outcome::changed(json!({ "needed": true, "said": last(&said) })));
        }
        Err(Failure::new(format!(
            "pg_rewind ended with exit code {}: {}",
            followed.rc,
            sql::complaint(&said)
        ))
        .remedy(
            "what it leaves cannot be trusted and will not be started: rebuild it with postgres.basebackup",
        )
        .with("rc", followed.rc)
        .with("stderr", said))
    }
}

fn refusal(server: &Server) -> Option<Failure> {
    if server.role() != Role::Stopped {
        let why = format!("needs a stopped server, and this one is {}", server.role().word());
        return Some(cluster_kit::refuse(DOING, &why).remedy("stop it in order: postgres.service"));
    }
    if server.half_rewound {
        return Some(
            cluster_kit::refuse(
                DOING,
                "cannot begin where another one broke off: these data cannot be trusted",
            )
            .remedy("rebuild the server from the primary: postgres.basebackup"),
        );
    }
    None
}

/// Returns why nothing is to be taken out, as far as control file and timelines alone show it. pg_rewind would say the same, but asks for
/// hint bits or checksums and for a user who reads the source's files even then; a fresh pair of Debian's has neither.
fn has_all(
    params: &RewindParams,
    host: &Host,
    server: &Server,
    source: &Identity,
) -> Result<Option<String>, Failure> {
    let Some(control) = server.control.as_ref().filter(|control| control.is_clean()) else { return Ok(None) };
    if control.timeline == source.timeline {
        return Ok(Some(format!("both are on timeline {}", source.timeline)));
    }
    let history = params.source.history(host, &params.settings, source.timeline)?;
    let fork = history.iter().find(|(timeline, _)| *timeline == control.timeline).map(|(_, end)| *end);
    Ok(fork.filter(|fork| ends_before(control, *fork)).map(|fork| {
        format!("timeline {} was left at {fork}, and this server ended before", control.timeline)
    }))
}

/// Whether all that a server ended with, in order, lies before the place where the other one left its timeline.
fn ends_before(control: &ControlData, fork: Lsn) -> bool {
    let Ok(checkpoint) = control.checkpoint.parse::<Lsn>() else { return false };
    // The checkpoint is the last record of a primary and begins here: a fork behind its beginning is behind its end.
    let replayed = control.replayed_at_least.parse::<Lsn>().unwrap_or(Lsn(0));
    checkpoint < fork && replayed <= fork
}

fn unable(server: &Server) -> Option<Failure> {
    server.control.as_ref().is_none_or(|control| !control.can_rewind).then(|| {
        cluster_kit::refuse(DOING, "needs wal_log_hints = on or data checksums, and this server has neither")
            .remedy("rebuild the server from the primary: postgres.basebackup")
    })
}

fn work(params: &RewindParams) -> Work {
    Work::new(NAME, &params.settings.data, program(params, REWIND))
}

fn program(params: &RewindParams, body: &str) -> Command {
    let user = params.rewind_user.clone().unwrap_or_else(|| params.source.source_user.clone());
    let source = Source { source_user: user, ..params.source.clone() };
    script(&params.settings, body, None, "")
        .env("SOURCE", source.conninfo(&[("dbname", params.settings.database.as_str())]))
        .env("CONFIG", params.settings.config_file.as_deref().unwrap_or_default())
}

/// Reads `12345/67890 kB (18%) copied`.
fn progress(host: &Host, text: &str) -> Result<(), Failure> {
    let Some(line) = text.lines().rev().find(|line| line.contains(" kB ")) else { return Ok(()) };
    let numbers = line.trim().split_once(" kB").and_then(|(numbers, _)| numbers.split_once('/'));
    let number = |text: &str| text.trim().parse::<u64>().ok().map(|kib| kib * 1024);
    match numbers.and_then(|(done, total)| Some((number(done)?, number(total)?))) {
        Some((done, total)) => host.progress(done, Some(total), "bytes", "pg_rewind"),
        None => Ok(()),
    }
}

fn last(text: &str) -> String {
    let line = text.trim().rsplit('\n').find(|line| !line.contains("Done!")).unwrap_or_default();
    line.trim_start_matches("pg_rewind: ").to_owned()
}

export_modules!(Rewind);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ended_before_the_fork_has_nothing_to_take_out() {
        let ended = |checkpoint: &str, replayed: &str| ControlData {
            state: "shut down".to_owned(),
            checkpoint: checkpoint.to_owned(),
            replayed_at_least: replayed.to_owned(),
            ..ControlData::default()
        };
        let fork = "0/30000A0".parse().unwrap();
        assert!(ends_before(&ended("0/3000028", "0/0"), fork));
        assert!(!ends_before(&ended("0/30000A0", "0/0"), fork), "written behind the fork");
        assert!(!ends_before(&ended("0/3000028", "0/4000000"), fork), "replayed behind the fork");
        assert!(!ends_before(&ended("", ""), fork));
    }

    #[test]
    fn the_last_word_of_pg_rewind_is_shown() {
        let said = "pg_rewind: servers diverged at WAL location 0/3000148 on timeline 1\npg_rewind: no rewind required\n";
        assert_eq!(last(said), "no rewind required");
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Rewind>();
    }
}
