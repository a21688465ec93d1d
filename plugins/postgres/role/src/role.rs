use postgres_server::{Role, Server, Settings};
use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct RoleParams {
    /// Fails when the server is the opposite: a running standby where a primary is declared, or the other way round.
    declared: Option<Declared>,
    /// Fails when the data directory has another system identifier.
    system_identifier: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

#[derive(Choice, Clone, Copy, PartialEq)]
pub enum Declared {
    Primary,
    Standby,
}

/// Looks what the server of this host is.
pub struct PostgresRole;

impl Module for PostgresRole {
    type Params = RoleParams;
    const SPEC: Spec = Spec {
        name: "postgres.role",
        summary: "Looks what a PostgreSQL server is: primary, standby, stopped, silent, or no data at all.",
        description: "Looks at the data directory, the control file and, when it runs, the server itself, in one round trip. `silent` is a \
                      server that runs and does not answer, such as one that still recovers; a stopped one tells in `would_be` how it \
                      would start.",
        effect: Spec::READS,
        examples: &[
            ("Look", "postgres.role: { data: /var/lib/postgresql/15/main }"),
            ("Make sure", "postgres.role: { data: /var/lib/postgresql/15/main, declared: primary }"),
        ],
        returns: &[
            ("role", "`primary`, `standby`, `stopped`, `silent` or `absent`."),
            ("would_be", "`primary` or `standby`: what it is, or would start as."),
            ("said", "Why a silent server does not answer."),
            ("version", "The version that runs; empty when none runs."),
            ("installed", "The version of the programs on the disk."),
            ("major", "The version that the data directory is of."),
            ("system_identifier", "What all servers of one pair share."),
            ("timeline", "Counts the promotions."),
            ("lsn", "Up to where a primary has written, or a standby has replayed."),
            ("clean", "Whether a stopped server was ended in order."),
            ("checkpoint", "Where the latest checkpoint begins."),
            ("can_rewind", "Whether pg_rewind can work on this data."),
            ("half_rewound", "Whether a rewind began here and did not end."),
            ("size", "Bytes of all databases."),
            ("sessions", "How many clients are connected."),
            ("slots", "Replication slots: `name`, `type`, `active`."),
            ("archiving", "`mode`, `command`, `archived`, `failed`, and `failing` when the last try failed."),
            ("pending_restart", "Settings that wait for a restart."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &RoleParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &RoleParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let server = Server::look(host, &params.settings)?;
        match contradiction(params, &server) {
            Some(failure) => {
                Err(failure.with_result(server.to_value().as_object().cloned().unwrap_or_default()))
            }
            None => Ok(Outcome::unchanged(server.to_value())),
        }
    }
}

fn contradiction(params: &RoleParams, server: &Server) -> Option<Failure> {
    let swapped = match (params.declared, server.role()) {
        (Some(Declared::Primary), Role::Standby) => Some(("the primary", "a standby")),
        (Some(Declared::Standby), Role::Primary) => Some(("a standby", "a primary")),
        _ => None,
    };
    if let Some((declared, is)) = swapped {
        return Some(
            Failure::new(format!("the inventory calls this host {declared}, but its server runs as {is}"))
                .remedy(
                    "the roles look swapped: correct postgres_primary and postgres_standby in the inventory",
                ),
        );
    }
    let wanted = params.system_identifier.as_deref().filter(|wanted| !wanted.is_empty())?;
    let is = server.system_identifier();
    (!is.is_empty() && is != wanted).then(|| {
        Failure::new(format!("the data directory has the system identifier {is}, not {wanted}"))
            .remedy("this is another cluster: correct the host or the data directory in the inventory")
    })
}

#[cfg(test)]
mod tests {
    use switchover_sdk::ExecOutput;
    use switchover_sdk::testing::FakeHost;

    use super::*;

    const STANDBY: &str = "\n@@installed\npostgres (PostgreSQL) 15.18\n\n@@data\n15\n\n@@signals\nstandby.signal\n\n@@control\n\
        Database system identifier: 77\nDatabase cluster state: in archive recovery\nLatest checkpoint location: 0/3\n\
        Latest checkpoint's TimeLineID: 1\n\n@@answer\n{\"in_recovery\": true, \"version\": \"15.18\", \"timeline\": 1, \"lsn\": \"0/4\"}\n";

    fn look(more: Value) -> Result<Outcome, Failure> {
        let output = ExecOutput { stdout: STANDBY.into(), ..ExecOutput::default() };
        let mut arguments = json!({ "data": "/pg" });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        FakeHost::new().script("@@installed", output).run::<PostgresRole>(arguments)
    }

    #[test]
    fn tells_what_the_server_is() {
        let result = look(json!({ "declared": "standby", "system_identifier": "77" })).unwrap().result;
        assert_eq!((&result["role"], &result["lsn"]), (&json!("standby"), &json!("0/4")));
    }

    #[test]
    fn swapped_roles_and_another_cluster_are_failures() {
        let failure = look(json!({ "declared": "primary" })).unwrap_err();
        assert_eq!(
            failure.msg,
            "the inventory calls this host the primary, but its server runs as a standby"
        );
        let failure = look(json!({ "system_identifier": "78" })).unwrap_err();
        assert_eq!(failure.msg, "the data directory has the system identifier 77, not 78");
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<PostgresRole>();
    }
}
