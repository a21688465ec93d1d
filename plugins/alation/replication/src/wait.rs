use std::time::{Duration, Instant};

use alation_shell::monitor::{Monitor, Page};
use cluster_kit::{Samples, pause};
use switchover_sdk::prelude::*;

use crate::{ReplicationParams, WaitFor, result};

/// Looks again and again, until it is so or there is no headway.
pub struct Wait<'a> {
    monitor: &'a Monitor,
    wait_for: WaitFor,
    ceiling: u64,
    interval: Duration,
    timeout: u64,
    samples: Samples,
}

impl<'a> Wait<'a> {
    pub fn new(params: &'a ReplicationParams) -> Self {
        Self {
            monitor: &params.settings.monitor,
            wait_for: params.wait_for,
            ceiling: params.ceiling,
            interval: Duration::from_secs_f64(params.interval.clamp(0.0, 3600.0)),
            timeout: params.timeout,
            samples: Samples::new(params.ceiling, params.samples),
        }
    }

    /// Returns the look that ended the waiting well.
    pub fn run(mut self, host: &Host) -> Result<Page, Failure> {
        let begun = Instant::now();
        loop {
            let page = self.monitor.look(host)?;
            let now = begun.elapsed().as_secs_f64();
            let real = self.samples.add(page.bytes(), now);
            self.tell(host, &page)?;
            if self.is_reached(&page, real) {
                return Ok(page);
            }
            if page.bytes().is_none_or(|bytes| bytes > self.ceiling)
                && self.samples.stuck_for(now) >= self.timeout as f64
                && !self.just_fell(now)
            {
                return Err(self.give_up(&page));
            }
            pause(host, self.interval, "replication")?;
        }
    }

    fn is_reached(&self, page: &Page, real: bool) -> bool {
        match self.wait_for {
            WaitFor::Nothing => true,
            WaitFor::Answer => matches!(page, Page::Answer(_)),
            WaitFor::Lag => real,
        }
    }

    /// With a time limit of 0 a look that made headway is still followed by another.
    fn just_fell(&self, now: f64) -> bool {
        self.samples.has_lag() && self.samples.stuck_for(now) == 0.0
    }

    fn tell(&self, host: &Host, page: &Page) -> Result<(), Failure> {
        match page {
            Page::Answer(answer) => match answer.bytes() {
                Some(lag) => {
                    let (done, total) = self.samples.caught_up(lag);
                    host.progress(done, Some(total), "bytes", &format!("lag: {}", answer.describe()))
                }
                None => host.progress(0, None, "bytes", &answer.describe()),
            },
            Page::Down(why) => host.progress(0, None, "bytes", &format!("no answer: {why}")),
        }
    }

    fn give_up(&self, page: &Page) -> Failure {
        let seconds = self.timeout;
        let failure = match page {
            Page::Down(why) => {
                Failure::new(format!("the replication page does not answer for {seconds} seconds: {why}")).remedy(
                    "see whether the Alation services are up on the Primary, and whether alation_monitor_url is right",
                )
            }
            Page::Answer(answer) => match answer.bytes() {
                Some(lag) => Failure::new(format!(
                    "the lag stays above {} bytes: {lag} bytes, and no headway for {seconds} seconds",
                    self.ceiling
                ))
                .remedy("see the network between the hosts and the Secondary's Postgres; a busy pair may need a higher alation_monitor_ceiling"),
                None => Failure::new(format!(
                    "replication is not running: for {seconds} seconds the page says {}",
                    answer.describe()
                ))
                .remedy("see Postgres on both hosts; when it is mended, run the same command again: the copies that are done are not repeated"),
            },
        };
        failure.with_result(result(page).as_object().cloned().unwrap_or_default())
    }
}
