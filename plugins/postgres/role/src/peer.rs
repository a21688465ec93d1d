use postgres_server::{Identity, Server, Settings, Source};
use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct PeerParams {
    #[param(flatten)]
    source: Source,
    #[param(flatten)]
    settings: Settings,
}

/// Asks the other server who it is.
pub struct PostgresPeer;

impl Module for PostgresPeer {
    type Params = PeerParams;
    const SPEC: Spec = Spec {
        name: "postgres.peer",
        summary: "Asks the other server of a pair, by the connection for replication from this host, who it is.",
        description: "Fails when it does not answer, or belongs to another system. Before a switchover both hosts have to reach each other: \
                      the old primary will follow, and the fence in front of the promotion asks over the same way.",
        effect: Spec::READS,
        examples: &[(
            "Is the way open?",
            "postgres.peer: { data: /var/lib/postgresql/15/main, source_host: db-b, source_passfile: ~/.pgpass }",
        )],
        returns: &[
            ("role", "`primary` or `standby`."),
            ("timeline", "Its timeline."),
            ("system_identifier", "Its system identifier."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &PeerParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &PeerParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let place = params.source.place();
        let peer = params.source.identify(host, &params.settings)?.map_err(|why| {
            Failure::new(format!("the server at {place} does not answer to {}: {why}", params.source.source_user))
                .remedy(
                    "see postgres_address and postgres_port of the other host, postgres_replication_user, the password file, \
                     and pg_hba.conf there",
                )
        })?;
        let server = Server::look(host, &params.settings)?;
        match other_system(&place, server.system_identifier(), &peer) {
            Some(failure) => Err(failure),
            None => Ok(Outcome::unchanged(json!({
                "role": if peer.in_recovery { "standby" } else { "primary" },
                "timeline": peer.timeline,
                "system_identifier": peer.system_identifier,
            }))),
        }
    }
}

fn other_system(place: &str, mine: &str, peer: &Identity) -> Option<Failure> {
    let theirs = &peer.system_identifier;
    (!mine.is_empty() && mine != theirs).then(|| {
        Failure::new(format!("the server at {place} has the system identifier {theirs}, this one {mine}"))
            .remedy("this is another cluster: correct the address in the inventory")
    })
}

#[cfg(test)]
mod tests {
    use switchover_sdk::ExecOutput;
    use switchover_sdk::testing::FakeHost;

    use super::*;

    #[test]
    fn a_way_that_is_closed_is_told() {
        let silent = ExecOutput {
            rc: 2,
            stderr: "psql: error: FATAL:  no pg_hba.conf entry for replication connection".into(),
            ..ExecOutput::default()
        };
        let host = FakeHost::new().script("IDENTIFY_SYSTEM", silent);
        let failure = host.run::<PostgresPeer>(json!({ "data": "/pg", "source_host": "b" })).unwrap_err();
        assert_eq!(
            failure.msg,
            "the server at b:5432 does not answer to replicator: no pg_hba.conf entry for replication connection"
        );
    }

    #[test]
    fn another_system_is_told() {
        let peer = Identity { system_identifier: "78".into(), timeline: 1, in_recovery: false };
        assert!(other_system("b:5432", "77", &peer).unwrap().msg.contains("78, this one 77"));
        assert!(other_system("b:5432", "78", &peer).is_none());
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<PostgresPeer>();
    }
}
