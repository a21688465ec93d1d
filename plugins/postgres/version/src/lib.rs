//! `postgres.version`: which version is installed and which one runs.

use postgres_server::{Server, Settings, Version};
use switchover_sdk::prelude::*;

#[derive(Params)]
struct VersionParams {
    /// Fails unless this version, such as `15.18`, is installed.
    installed: Option<String>,
    /// Fails unless this version runs.
    running: Option<String>,
    /// Fails unless this version is of the same major version as the data: a minor update.
    minor_update_to: Option<String>,
    #[param(flatten)]
    settings: Settings,
}

struct PostgresVersion;

impl Module for PostgresVersion {
    type Params = VersionParams;
    const SPEC: Spec = Spec {
        name: "postgres.version",
        summary: "Reads which version of PostgreSQL is installed and which one runs, and verifies it.",
        description: "A package that was updated takes effect with the next start: until then `restart_needed` is true.",
        effect: Spec::READS,
        examples: &[
            ("Which versions?", "postgres.version: { data: /var/lib/postgresql/15/main }"),
            ("Verify", "postgres.version: { data: /var/lib/postgresql/15/main, running: '15.18' }"),
        ],
        returns: &[
            ("installed", "The version of the programs on the disk."),
            ("running", "The version that runs; empty when none runs."),
            ("major", "The version that the data directory is of."),
            ("restart_needed", "Whether another version runs than is installed."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &VersionParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &VersionParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let server = Server::look(host, &params.settings)?;
        let installed = server.installed.as_ref().map_or("", |version| version.text.as_str());
        let running = server.live.as_ref().map_or("", |live| live.version.as_str());
        let result = json!({
            "installed": installed,
            "running": running,
            "major": server.data_major,
            "restart_needed": !running.is_empty() && running != installed,
        });
        let problem = wrong("installed", params.installed.as_deref(), installed)
            .or_else(|| wrong("running", params.running.as_deref(), running))
            .or_else(|| other_major(params.minor_update_to.as_deref(), server.data_major));
        match problem {
            Some(failure) => Err(failure.with_result(result.as_object().cloned().unwrap_or_default())),
            None => Ok(Outcome::unchanged(result)),
        }
    }
}

fn wrong(what: &str, wanted: Option<&str>, is: &str) -> Option<Failure> {
    let wanted = wanted.filter(|wanted| *wanted != is)?;
    let is = if is.is_empty() { "none" } else { is };
    let remedy = match what {
        "installed" => {
            "see what the package manager offers, and whether `bin` leads to the programs that it installs"
        }
        _ => "the server has to be started anew with the installed version",
    };
    Some(Failure::new(format!("PostgreSQL {wanted} should be {what}, and it is {is}")).remedy(remedy))
}

fn other_major(wanted: Option<&str>, data: Option<u32>) -> Option<Failure> {
    let wanted = Version::find(wanted?)?;
    let data = data.filter(|data| *data != wanted.major)?;
    Some(
        Failure::new(format!("{wanted} is no minor update: the data directory is of version {data}"))
            .remedy("another major version needs pg_upgrade or a dump, which is another procedure"),
    )
}

export_modules!(PostgresVersion);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_major_version_is_no_minor_update() {
        assert!(other_major(Some("15.18"), Some(15)).is_none());
        let failure = other_major(Some("16.2"), Some(15)).unwrap();
        assert_eq!(failure.msg, "16.2 is no minor update: the data directory is of version 15");
    }

    #[test]
    fn what_is_not_so_is_named() {
        assert!(wrong("running", Some("15.18"), "15.18").is_none());
        assert_eq!(
            wrong("running", Some("15.18"), "").unwrap().msg,
            "PostgreSQL 15.18 should be running, and it is none"
        );
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<PostgresVersion>();
    }
}
