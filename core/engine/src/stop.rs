/// Where a host stands in a play that was not gone through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopPoint {
    pub host: String,
    /// The name of the first task that was not done; none when only clean-ups are left.
    pub next: Option<String>,
    /// How many tasks of the play were not done, without clean-ups.
    pub left: usize,
    /// Tasks of `always` sections that were not run.
    pub cleanups: Vec<String>,
    /// Handlers that were notified and not run.
    pub handlers: Vec<String>,
    /// The play had not come to this host.
    pub unbegun: bool,
    /// Later plays that were run without this host.
    pub plays: Vec<String>,
}

/// Where the hosts stand that did not go through.
#[derive(Debug, Default)]
pub struct Stops(Vec<StopPoint>);

impl Stops {
    /// Notes where a host stands; what was known of it before is forgotten.
    pub fn note(&mut self, stop: StopPoint) {
        self.0.retain(|known| known.host != stop.host);
        self.0.push(stop);
    }

    /// Notes that a host which has failed did not get through its clean-ups.
    pub fn note_cleanups(&mut self, host: &str, cleanups: Vec<String>) {
        self.of(host).cleanups = cleanups;
    }

    /// Notes a play that was run without a host.
    pub fn note_play(&mut self, host: &str, play: &str) {
        self.of(host).plays.push(play.to_owned());
    }

    fn of(&mut self, host: &str) -> &mut StopPoint {
        let known = self.0.iter().position(|known| known.host == host);
        let index = known.unwrap_or_else(|| {
            self.0.push(StopPoint { host: host.to_owned(), ..StopPoint::default() });
            self.0.len() - 1
        });
        &mut self.0[index]
    }

    /// Returns them all.
    pub fn all(&self) -> &[StopPoint] {
        &self.0
    }
}
