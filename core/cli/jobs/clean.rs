use switchover_protocol::{HostCall, HostReply};
use switchover_report::plural;

use super::{call, failed, list};
use crate::exit;
use crate::reach::Reach;

/// Removes the records of jobs that ended so many seconds ago or earlier, and shows what went.
pub async fn run(reach: &Reach, older_than: u64) -> u8 {
    let (mut rows, mut code) = (Vec::new(), exit::OK);
    for (host, plan) in &reach.hosts {
        match call(&reach.world, plan, HostCall::JobClean { older_than }).await {
            Ok(HostReply::JobList(gone)) => rows.extend(gone.iter().map(|record| list::row(host, record))),
            Ok(other) => unreachable!("a list of jobs was asked for: {other:?}"),
            Err(error) => code = code.max(failed(host, &error)),
        }
    }
    if !rows.is_empty() {
        list::print(&rows);
    }
    println!("{} removed", plural(rows.len(), "record"));
    code
}
