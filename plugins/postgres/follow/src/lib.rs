//! `postgres.follow`: makes a stopped server a standby of the other one, or points a running standby there.

use postgres_server::{Role, Server, Settings, Standby, auto_conf, sql};
use switchover_sdk::prelude::*;

#[derive(Params)]
struct FollowParams {
    #[param(flatten)]
    standby: Standby,
    #[param(flatten)]
    settings: Settings,
}

struct Follow;

const DOING: &str = "following";

impl Module for Follow {
    type Params = FollowParams;
    const SPEC: Spec = Spec {
        name: "postgres.follow",
        summary: "Makes a server follow a primary: standby.signal, primary_conninfo and primary_slot_name.",
        description: "A stopped server becomes a standby with its next start; a running standby is pointed elsewhere and reloads. Refuses on a \
                      running primary, and when the source is no primary of the same system. A server whose own changes the source does \
                      not have needs postgres.rewind first. The settings go into postgresql.auto.conf; a password only into the file that \
                      `source_passfile` names.",
        examples: &[(
            "Follow a",
            "postgres.follow: { data: /var/lib/postgresql/15/main, source_host: db-a, source_passfile: ~/.pgpass, slot: db_b }",
        )],
        returns: &[("primary_conninfo", "How it connects."), ("timeline", "The timeline of the source.")],
        ..Spec::DEFAULT
    };

    fn check(params: &FollowParams, host: &Host) -> Result<Delta, Failure> {
        let (server, text) = look(params, host)?;
        let wanted = params.standby.auto_conf(host, &text);
        let conninfo = params.standby.conninfo(host);
        let bent = server.bent();
        if bent == Role::Standby && same(&text, &wanted) {
            return Ok(Delta::none_with(json!({ "primary_conninfo": conninfo })));
        }
        if !host.about.check_mode {
            let mine = server.system_identifier();
            let source = params.standby.source.primary(host, &params.settings, mine, DOING)?;
            if source.timeline < server.timeline() {
                return Err(cluster_kit::refuse(
                    DOING,
                    &format!(
                        "timeline {} makes no sense for data of timeline {}",
                        source.timeline,
                        server.timeline()
                    ),
                )
                .remedy("the source is behind this server: see which of the two is to live"));
            }
        }
        let before = auto_conf::get(&text, "primary_conninfo").map(mask).unwrap_or_default();
        Ok(Delta::change(format!("primary_conninfo ({})", bent.word()), before, conninfo.clone())
            .with_result(json!({ "primary_conninfo": conninfo })))
    }

    fn apply(params: &FollowParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let settings = &params.settings;
        let (server, text) = look(params, host)?;
        let conninfo = params.standby.conninfo(host);
        if server.role() == Role::Standby {
            let statements = format!(
                "ALTER SYSTEM SET primary_conninfo = {};\nALTER SYSTEM SET primary_slot_name = {};\nSELECT pg_reload_conf();\n",
                sql::literal(&conninfo),
                sql::literal(params.standby.slot().unwrap_or_default()),
            );
            sql::execute(host, settings, &statements, settings.read_timeout)?;
        } else {
            // The signal comes first: a server that is started between the two must not come up as a second primary.
            host.write(&format!("{}/standby.signal", settings.data), "")?;
            let wanted = params.standby.auto_conf(host, &text);
            host.write(&format!("{}/postgresql.auto.conf", settings.data), wanted)?;
        }
        Ok(Outcome::changed(json!({ "primary_conninfo": conninfo })))
    }
}

fn look(params: &FollowParams, host: &Host) -> Result<(Server, String), Failure> {
    let server = Server::look(host, &params.settings)?;
    let allowed = match server.role() {
        Role::Stopped | Role::Standby => true,
        Role::Primary => host.about.check_mode,
        Role::Silent | Role::Absent => false,
    };
    if allowed {
        return Ok((server, Standby::read(host, &params.settings)?));
    }
    let why = format!("needs a stopped server or a standby, and this one is {}", server.role().word());
    Err(cluster_kit::refuse(DOING, &why))
}

/// Compares what is followed, not how the file is written.
fn same(text: &str, wanted: &str) -> bool {
    let empty_is_none = |text, name| auto_conf::get(text, name).filter(|value| !value.is_empty());
    ["primary_conninfo", "primary_slot_name"]
        .iter()
        .all(|name| empty_is_none(text, name) == empty_is_none(wanted, name))
}

/// Hides a password; libpq allows spaces around the `=`.
fn mask(conninfo: String) -> String {
    let hidden = |(at, word): (usize, &str)| {
        let rest = conninfo[at + word.len()..].trim_start();
        let begins =
            conninfo[..at].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
        (begins && rest.starts_with('=')).then_some(at)
    };
    let found = ["password", "sslpassword"]
        .iter()
        .flat_map(|word| conninfo.match_indices(word))
        .filter_map(hidden)
        .min();
    match found {
        Some(at) => {
            let word = conninfo[at..].split([' ', '=']).next().unwrap_or_default();
            format!("{}{word}={}", &conninfo[..at], cluster_kit::secret::MASK)
        }
        None => conninfo,
    }
}

export_modules!(Follow);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_source_in_another_form_is_the_same() {
        assert!(same("primary_conninfo = 'a'\nprimary_slot_name = ''\n", "# x\nprimary_conninfo='a'\n"));
        assert!(!same("primary_conninfo = 'a'\n", "primary_conninfo = 'b'\n"));
    }

    #[test]
    fn an_old_password_is_not_shown() {
        assert_eq!(mask("host=a password=hunter2 port=1".into()), "host=a password=********");
        assert_eq!(mask("password = hunter2".into()), "password=********");
        assert_eq!(mask("host=a sslpassword=hunter2".into()), "host=a sslpassword=********");
        assert_eq!(mask("host=a passfile=/p user=password".into()), "host=a passfile=/p user=password");
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<Follow>();
    }
}
