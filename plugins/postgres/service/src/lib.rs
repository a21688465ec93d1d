//! `postgres.service`: starts, stops, restarts and reloads a server, and sees that it is so.

mod control;

use std::time::{Duration, Instant};

use control::Control;
use postgres_server::{Role, Server, Settings, sql};
use switchover_sdk::prelude::*;

#[derive(Params)]
struct ServiceParams {
    /// What the server has to be.
    state: Wanted,
    /// Refuses unless the server is this, before anything is stopped: a guard against the wrong host.
    only_as: Option<Role>,
    /// Makes a checkpoint before a stop or a restart, so that the outage is short.
    #[param(default = true)]
    checkpoint: bool,
    #[param(flatten)]
    control: Control,
    #[param(flatten)]
    settings: Settings,
}

#[derive(Choice, Clone, Copy, PartialEq)]
enum Wanted {
    Started,
    Stopped,
    Restarted,
    Reloaded,
}

struct Service;

impl Module for Service {
    type Params = ServiceParams;
    const SPEC: Spec = Spec {
        name: "postgres.service",
        summary: "Starts, stops, restarts or reloads a PostgreSQL server, by pg_ctl, pg_ctlcluster or systemd.",
        description: "Whatever starts it, the result is looked up in the data directory: a started server answers, a stopped one has ended in \
                      order (its control file says `shut down`). A data directory in which a rewind broke off is not started. \
                      `restarted` and `reloaded` always do it.",
        long: true,
        examples: &[
            (
                "Start",
                "postgres.service: { data: /var/lib/postgresql/15/main, state: started, control: pg_ctlcluster }",
            ),
            (
                "Stop",
                "postgres.service: { data: /srv/pg/data, state: stopped, only_as: standby, stop_mode: fast, timeout: 600 }",
            ),
        ],
        returns: &[
            ("role", "What the server is afterwards."),
            ("version", "The version that runs afterwards."),
            (
                "checkpoint",
                "Where the latest checkpoint begins: the last word of a server that was stopped in order.",
            ),
            ("was", "What it was before."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &ServiceParams, host: &Host) -> Result<Delta, Failure> {
        let server = Server::look(host, &params.settings)?;
        let role = server.role();
        if role == Role::Absent {
            return Err(Failure::new(format!("there is no data directory at {}", params.settings.data)));
        }
        let up = matches!(role, Role::Primary | Role::Standby);
        if (params.state == Wanted::Started && up)
            || (params.state == Wanted::Stopped && role == Role::Stopped)
        {
            return Ok(Delta::none_with(result(&server, role)));
        }
        if let Some(failure) = refusal(params, &server) {
            return Err(failure);
        }
        if matches!(params.state, Wanted::Restarted | Wanted::Reloaded) {
            return Ok(Delta::unknown());
        }
        let what = params.settings.data.to_string();
        Ok(Delta::change(what, role.word(), params.state.word()).with_result(result(&server, role)))
    }

    fn apply(params: &ServiceParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let (settings, control) = (&params.settings, &params.control);
        let before = Server::look(host, settings)?;
        let was = before.role();
        if params.checkpoint
            && was == Role::Primary
            && matches!(params.state, Wanted::Stopped | Wanted::Restarted)
        {
            sql::execute(host, settings, "CHECKPOINT", control.timeout)?;
        }
        match params.state {
            // It runs already and does not answer yet: a controller that died may have started it.
            Wanted::Started if was == Role::Silent => wait(host, params)?,
            Wanted::Started => control.start(host, settings, &before)?,
            Wanted::Stopped => control.stop(host, settings, &before)?,
            Wanted::Restarted if was == Role::Stopped => control.start(host, settings, &before)?,
            Wanted::Restarted => {
                control.stop(host, settings, &before)?;
                control.start(host, settings, &before)?;
            }
            Wanted::Reloaded => {
                sql::execute(host, settings, "SELECT pg_reload_conf()", settings.read_timeout)?;
            }
        }
        let server = Server::look(host, settings)?;
        match wrong(params.state, &server) {
            Some(failure) => {
                Err(failure.with_result(result(&server, was).as_object().cloned().unwrap_or_default()))
            }
            None => Ok(Outcome::changed(result(&server, was))),
        }
    }
}

fn wait(host: &Host, params: &ServiceParams) -> Result<(), Failure> {
    let until = Instant::now() + Duration::from_secs(params.control.timeout);
    while Server::look(host, &params.settings)?.role() == Role::Silent && Instant::now() < until {
        cluster_kit::pause(host, Duration::from_secs(1), "the server")?;
    }
    Ok(())
}

fn refusal(params: &ServiceParams, server: &Server) -> Option<Failure> {
    let role = server.role();
    if let Some(wanted) = params.only_as.filter(|wanted| *wanted != role && *wanted != server.bent()) {
        let why = format!("is for a server that is {}, and this one is {}", wanted.word(), role.word());
        return Some(
            cluster_kit::refuse(&format!("`{}`", params.state.word()), &why)
                .remedy("see which host is which: postgres_primary and postgres_standby in the inventory"),
        );
    }
    (server.half_rewound && params.state != Wanted::Stopped).then(|| {
        cluster_kit::refuse(
            "a start",
            "of a data directory in which a rewind broke off would run on broken data",
        )
        .remedy("rebuild it: postgres.basebackup, or playbooks/postgres/rebuild_standby.yml")
    })
}

fn wrong(wanted: Wanted, server: &Server) -> Option<Failure> {
    match (wanted, server.role()) {
        (Wanted::Stopped, Role::Stopped) => {
            let clean = server.control.as_ref().is_some_and(|control| control.is_clean());
            (!clean).then(|| {
                Failure::new("the server has ended, but not in order: its control file does not say `shut down`")
                    .remedy("see the server's log; a start recovers it")
            })
        }
        (Wanted::Stopped, role) => {
            Some(Failure::new(format!("the server was told to stop, and is {}", role.word())).remedy(
                "sessions may hold it up (stop_mode: fast ends them), or the timeout is too short; run again to wait on",
            ))
        }
        (_, Role::Primary | Role::Standby) => None,
        (_, role) => Some(
            Failure::new(format!("the server was told to start, and is {}: {}", role.word(), said(server)))
                .remedy("see the server's log; a long recovery may need a larger `timeout`: run again to wait on"),
        ),
    }
}

fn said(server: &Server) -> String {
    server.to_value()["said"].as_str().unwrap_or_default().to_owned()
}

fn result(server: &Server, was: Role) -> Value {
    let all = server.to_value();
    json!({ "role": all["role"], "version": all["version"], "checkpoint": all["checkpoint"], "was": was.word() })
}

export_modules!(Service);

#[cfg(test)]
mod tests;
