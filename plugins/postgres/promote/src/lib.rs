//! `postgres.promote`: makes a standby the primary, unless there still is one.

use postgres_server::{Lsn, Role, Server, Settings, Source, sql};
use switchover_sdk::prelude::*;

#[derive(Params)]
struct PromoteParams {
    /// What was observed on the other host just before: `stopped`, `standby` or `absent`. Anything else is refused.
    peer_role: Option<Role>,
    /// The last checkpoint of the old primary after its end in order. The standby must have replayed past it.
    replayed_past: Option<String>,
    /// Promotes although nobody can tell whether the standby has replayed all: the old primary is lost.
    #[param(default = false)]
    accept_loss: bool,
    /// Seconds that the promotion may take.
    #[param(default = 120)]
    timeout: u64,
    #[param(flatten)]
    peer: Source,
    #[param(flatten)]
    settings: Settings,
}

struct Promote;

const DOING: &str = "the promotion";

impl Module for Promote {
    type Params = PromoteParams;
    const SPEC: Spec = Spec {
        name: "postgres.promote",
        summary: "Makes a standby the primary, unless there still is one.",
        description: "Three fences stand before it. What was observed on the other host must not be a running primary (`peer_role`); the \
                      other server, asked from here, must not answer as a primary of the same system; and the standby must have replayed \
                      past the last word of the old primary (`replayed_past`), unless `accept_loss` says that it is gone. `source_host` is \
                      the other server. After the promotion a checkpoint writes the new timeline into the control file, since pg_rewind reads it there.",
        effect: Spec::destroys("whatever the old primary wrote and this standby has not replayed"),
        long: true,
        required_one_of: &[&["replayed_past", "accept_loss"]],
        examples: &[(
            "Switch over",
            "postgres.promote: { data: /var/lib/postgresql/15/main, source_host: db-a, peer_role: stopped, replayed_past: 0/3000028 }",
        )],
        returns: &[
            ("timeline", "The new timeline."),
            ("was", "The timeline before."),
            ("lsn", "Where the new primary writes."),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &PromoteParams, host: &Host) -> Result<Delta, Failure> {
        let server = Server::look(host, &params.settings)?;
        match server.role() {
            Role::Primary => return Ok(Delta::none_with(json!({ "timeline": server.timeline() }))),
            Role::Standby => {}
            role => {
                return Err(cluster_kit::refuse(
                    DOING,
                    &format!("needs a running standby, and this server is {}", role.word()),
                ));
            }
        }
        // In check mode the steps that would have stopped the other server were only checked.
        if !host.about.check_mode {
            fence(params, host, &server)?;
        }
        Ok(Delta::change(params.settings.data.to_string(), "standby", "primary"))
    }

    fn apply(params: &PromoteParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let settings = &params.settings;
        let before = Server::look(host, settings)?;
        // Time has passed at the gate: the other server may be back.
        fence(params, host, &before)?;
        let promote = format!("SELECT pg_promote(true, {})", params.timeout);
        let said = sql::execute(host, settings, &promote, params.timeout + 30)?;
        let server = Server::look(host, settings)?;
        if server.role() != Role::Primary || server.timeline() <= before.timeline() {
            return Err(Failure::unknown(format!(
                "the standby was told to become the primary, and is {} on timeline {} (pg_promote said {})",
                server.role().word(),
                server.timeline(),
                said.trim()
            ))
            .remedy(
                "see its log; do not start the old primary before it is clear which of the two is to live",
            ));
        }
        // Until this checkpoint the control file shows the old timeline, and pg_rewind would find nothing to do.
        sql::execute(host, settings, "CHECKPOINT", params.timeout)?;
        Ok(Outcome::changed(json!({
            "timeline": server.timeline(),
            "was": before.timeline(),
            "lsn": server.to_value()["lsn"],
        })))
    }
}

fn fence(params: &PromoteParams, host: &Host, server: &Server) -> Result<(), Failure> {
    let split = |why: String| {
        Err(cluster_kit::refuse(DOING, &why).remedy(
            "two primaries would go separate ways (split brain): stop the old primary in order first",
        ))
    };
    match params.peer_role {
        Some(Role::Stopped | Role::Standby | Role::Absent) => {}
        Some(role) => {
            return split(format!("needs the other server to be down, and it was seen as {}", role.word()));
        }
        None => {
            return Err(Failure::arguments(format!(
                "{DOING} needs the argument `peer_role`: what was observed on the other host"
            )));
        }
    }
    if let Ok(peer) = params.peer.identify(host, &params.settings)?
        && !peer.in_recovery
        && peer.system_identifier == server.system_identifier()
    {
        return split(format!(
            "comes too early: the server at {} answers as the primary of this pair",
            params.peer.place()
        ));
    }
    if params.accept_loss {
        return Ok(());
    }
    let past: Lsn =
        params.replayed_past.as_deref().unwrap_or_default().parse().map_err(Failure::arguments)?;
    match server.lsn() {
        Some(lsn) if lsn > past => Ok(()),
        Some(lsn) => Err(cluster_kit::refuse(
            DOING,
            &format!(
                "would lose data: the old primary ended past {past}, and this standby has replayed to {lsn}"
            ),
        )
        .remedy("start the old primary again and let the standby catch up")),
        None => Err(cluster_kit::refuse(
            DOING,
            "needs to know how far this standby has replayed, and it does not tell",
        )),
    }
}

export_modules!(Promote);

#[cfg(test)]
mod tests {
    use switchover_sdk::ExecOutput;
    use switchover_sdk::testing::FakeHost;

    use super::*;

    const STANDBY: &str = "\n@@installed\npostgres (PostgreSQL) 15.18\n\n@@data\n15\n\n@@signals\nstandby.signal\n\n@@control\n\
        Database system identifier: 77\nDatabase cluster state: in archive recovery\nLatest checkpoint location: 0/3\n\
        Latest checkpoint's TimeLineID: 1\n\n@@answer\n{\"in_recovery\": true, \"version\": \"15.18\", \"timeline\": 1, \"lsn\": \"0/40000A0\"}\n";

    fn said(rc: i32, stdout: &str) -> ExecOutput {
        ExecOutput { rc, stdout: stdout.into(), ..ExecOutput::default() }
    }

    fn refused(peer: ExecOutput, more: Value) -> String {
        let host = FakeHost::new().script("@@installed", said(0, STANDBY)).script("IDENTIFY_SYSTEM", peer);
        let mut arguments = json!({ "data": "/pg", "source_host": "a", "peer_role": "stopped", "replayed_past": "0/4000028" });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        host.check::<Promote>(arguments).unwrap_err().msg
    }

    #[test]
    fn another_primary_of_the_pair_forbids_it() {
        let peer = said(0, "77 1 0/5\noff\n");
        let words = "comes too early: the server at a:5432 answers as the primary of this pair";
        assert!(refused(peer, json!({})).contains(words));
        assert!(refused(said(2, ""), json!({ "peer_role": "primary" })).contains("seen as primary"));
    }

    #[test]
    fn what_was_not_replayed_would_be_lost() {
        let words = "the old primary ended past 0/50000000, and this standby has replayed to 0/40000A0";
        assert!(refused(said(2, ""), json!({ "replayed_past": "0/50000000" })).contains(words));
    }

    #[test]
    fn a_peer_that_is_down_or_another_system_is_no_hindrance() {
        for peer in [said(2, ""), said(0, "78 1 0/5\noff\n"), said(0, "77 2 0/5\non\n")] {
            let host =
                FakeHost::new().script("@@installed", said(0, STANDBY)).script("IDENTIFY_SYSTEM", peer);
            let arguments = json!({ "data": "/pg", "source_host": "a", "peer_role": "stopped", "replayed_past": "0/4000028" });
            assert!(matches!(host.check::<Promote>(arguments).unwrap(), Delta::Some { .. }));
        }
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Promote>();
    }
}
