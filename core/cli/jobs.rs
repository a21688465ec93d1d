mod clean;
mod follow;
mod kill;
mod list;
mod screen;

use std::time::Duration;

use switchover_engine::{ConnectionPlan, World};
use switchover_protocol::{HostCall, HostError, HostReply};

use crate::options::ReachArgs;
use crate::reach::Reach;
use crate::{exit, problems};

#[derive(clap::Args, Debug)]
pub struct JobsArgs {
    /// The hosts: names or patterns.
    #[arg(required = true, value_name = "HOSTS")]
    pub hosts: Vec<String>,
    #[command(flatten)]
    pub act: JobAct,
    /// With `--follow`: leaves out what was written before.
    #[arg(long, requires = "follow")]
    pub from_now: bool,
    /// With `--clean`: only what ended so long ago, such as `7d`, `12h`, `30m`.
    #[arg(long, requires = "clean", value_parser = age, value_name = "AGE")]
    pub older_than: Option<Duration>,
    /// With `--clean`: also records that runs which are not complete, or of other users, may need to go on.
    #[arg(long, requires = "clean")]
    pub unfinished: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// What is done with the jobs; without any of these they are listed.
#[derive(clap::Args, Debug)]
#[group(multiple = false)]
pub struct JobAct {
    /// Shows the output of a job until it ends, and ends with its exit code.
    #[arg(long, value_name = "KEY")]
    pub follow: Option<String>,
    /// Ends a job with all its processes.
    #[arg(long, value_name = "KEY")]
    pub kill: Option<String>,
    /// Removes the records of jobs that have ended and that no run needs any more.
    #[arg(long)]
    pub clean: bool,
}

/// Lists the detached jobs on hosts, follows one, ends one, or cleans up.
pub fn run(arguments: &JobsArgs) -> u8 {
    let reach = match Reach::of(&arguments.reach, &arguments.hosts) {
        Ok(reach) => reach,
        Err(code) => return code,
    };
    let JobAct { follow, kill, clean } = &arguments.act;
    let older_than = arguments.older_than.unwrap_or_default().as_secs();
    let broom = clean::Broom { older_than, unfinished: arguments.unfinished };
    let work = async {
        match (follow, kill) {
            (Some(id), _) => follow::run(&reach, switchover_engine::job_key_of(id), arguments.from_now).await,
            (_, Some(id)) => kill::run(&reach, switchover_engine::job_key_of(id)).await,
            _ if *clean => clean::run(&reach, &broom).await,
            _ => list::run(&reach).await,
        }
    };
    reach.block_on(work).unwrap_or_else(|code| code)
}

/// Makes one call to a host.
async fn call(world: &World, plan: &ConnectionPlan, call: HostCall) -> Result<HostReply, HostError> {
    let session = world.pool.session(&plan.target).await;
    let session = session.map_err(|error| HostError::Unreachable { reason: error.to_string() })?;
    match session.call(plan.elevation.as_ref(), &call, &mut Notes).await {
        HostReply::Error(error) => Err(error),
        reply => Ok(reply),
    }
}

/// Says that contact was lost, and for how long.
struct Notes;

impl switchover_connect::Sink for Notes {
    fn output(&mut self, _: switchover_connect::Stream, _: &[u8]) {}

    fn note(&mut self, text: &str) {
        crate::problems::plain(text);
    }
}

/// Says what went wrong with a host.
fn failed(host: &str, error: &HostError) -> u8 {
    problems::say(&format!("{host}: {error}"), None);
    match error {
        HostError::Unreachable { .. } | HostError::Lost { .. } => exit::UNREACHABLE,
        _ => exit::ERROR,
    }
}

/// Returns the only host, or says that one is needed.
fn only(reach: &Reach) -> Result<&(String, ConnectionPlan), u8> {
    match reach.hosts.as_slice() {
        [one] => Ok(one),
        many => {
            let names: Vec<&str> = many.iter().map(|(name, _)| name.as_str()).collect();
            problems::say("a job is on one host", Some(&format!("name one of: {}", names.join(", "))));
            Err(exit::OPTIONS)
        }
    }
}

/// Reads `7d`, `12h`, `30m`, `45s` or seconds.
fn age(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().find(|(_, c)| !c.is_ascii_digit()) {
        Some((at, _)) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        _ => return Err("it is a number with d, h, m or s, such as 7d".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "it begins with a number, such as 7d".to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_units() {
        assert_eq!(age("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(age("90"), Ok(Duration::from_secs(90)));
        assert!(age("7w").is_err() && age("d").is_err() && age("").is_err());
    }
}
