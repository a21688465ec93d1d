use std::time::{Duration, Instant};

use cluster_kit::{Samples, pause};
use postgres_server::Lsn;
use switchover_sdk::prelude::*;

use crate::ReplicationParams;
use crate::view::View;

/// Looks again and again, until it is so or there is no headway.
pub struct Wait<'a> {
    params: &'a ReplicationParams,
    /// The place that has to be replayed, instead of a lag under the ceiling.
    place: Option<Lsn>,
    ceiling: u64,
    samples: Samples,
}

impl<'a> Wait<'a> {
    pub fn new(params: &'a ReplicationParams, place: Option<Lsn>) -> Self {
        let place = place.filter(|_| params.wait_for == crate::WaitFor::Replayed);
        let (ceiling, needed) = if place.is_some() { (0, 1) } else { (params.ceiling, params.samples) };
        Self { params, place, ceiling, samples: Samples::new(ceiling, needed) }
    }

    /// Returns the look that ended the waiting well.
    pub fn run(mut self, host: &Host) -> Result<View, Failure> {
        let begun = Instant::now();
        let interval = Duration::from_secs_f64(self.params.interval.clamp(0.0, 3600.0));
        loop {
            let view = View::look(host, self.params)?;
            let now = begun.elapsed().as_secs_f64();
            let behind = self.behind(&view);
            let reached = self.samples.add(behind, now);
            let (done, total) = behind.map_or((0, None), |behind| {
                let (done, total) = self.samples.caught_up(behind);
                (done, Some(total).filter(|total| *total > 0))
            });
            host.progress(done, total, "bytes", &view.said())?;
            if reached {
                return Ok(view);
            }
            if view.ambiguous {
                return Err(Failure::new(view.said())
                    .remedy("the playbooks take postgres_application_name of the standby that is meant"));
            }
            let stuck = self.samples.stuck_for(now);
            let headway = stuck == 0.0 && behind.is_some();
            if behind.is_none_or(|behind| behind > self.ceiling)
                && stuck >= self.params.timeout as f64
                && !headway
            {
                return Err(self.give_up(&view, behind));
            }
            pause(host, interval, "replication")?;
        }
    }

    fn behind(&self, view: &View) -> Option<u64> {
        if let Some(place) = self.place {
            return view.before(place);
        }
        let late = self
            .params
            .ceiling_seconds
            .is_some_and(|most| view.seconds.is_some_and(|seconds| seconds > most));
        view.lag().map(|lag| if late { lag.max(self.ceiling + 1) } else { lag })
    }

    fn give_up(&self, view: &View, behind: Option<u64>) -> Failure {
        let (seconds, ceiling) = (self.params.timeout, self.ceiling);
        let failure = match (self.place, behind) {
            (Some(place), Some(bytes)) => Failure::new(format!(
                "the standby has not replayed all: it is {bytes} bytes before {place}, and no headway for {seconds} seconds"
            ))
            .remedy("nothing was promoted. Start the old primary again, let the standby catch up, and run again"),
            (_, Some(_)) => Failure::new(format!(
                "the standby stays more than {ceiling} bytes behind: {}, and no headway for {seconds} seconds",
                view.said()
            ))
            .remedy("see the network between the hosts and the standby's log; a busy pair may need a higher ceiling (postgres_lag_ceiling)"),
            (_, None) => Failure::new(format!("nothing replicates for {seconds} seconds: {}", view.said()))
                .remedy("see the standby's log: its primary_conninfo, the password file, pg_hba.conf and the slot on the primary"),
        };
        failure.with_result(view.to_value().as_object().cloned().unwrap_or_default())
    }
}
