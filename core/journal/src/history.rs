use crate::database::Database;
use crate::entry::{Entry, Kind};
use crate::past::Past;
use crate::{Broken, ClosedPart, Event, Gate, Header, Intent, ResumedPart, RunFolder};

/// What a journal tells people: read without its key, and while the run goes on.
#[derive(Clone, Debug)]
pub struct History {
    pub header: Header,
    /// Masked, in order.
    pub events: Vec<Event>,
    pub gates: Vec<Gate>,
    pub resumed: Vec<ResumedPart>,
    /// How the program left, when that is the last thing on record.
    pub closed: Option<ClosedPart>,
    /// What was begun and is not known to have ended.
    pub unfinished: Vec<(u64, Intent)>,
}

impl History {
    /// Reads the whole history of a run.
    pub fn read(folder: &RunFolder) -> Result<Self, Broken> {
        let kinds = [
            Kind::Header,
            Kind::Event,
            Kind::Intent,
            Kind::Retracted,
            Kind::Ended,
            Kind::Item,
            Kind::Gate,
            Kind::Resumed,
            Kind::Closed,
        ];
        let history = Self::of(folder, &kinds)?;
        // Every entry hangs on those before it: what was altered is found here.
        Database::look(&folder.journal())?.read(|_| Ok(()))?;
        Ok(history)
    }

    /// Reads how a run began and ended, without its events.
    pub fn outline(folder: &RunFolder) -> Result<Self, Broken> {
        Self::of(folder, &[Kind::Header, Kind::Resumed, Kind::Closed])
    }

    /// Reads what was begun and is not known to have ended.
    pub fn open_steps(folder: &RunFolder) -> Result<Vec<Intent>, Broken> {
        let kinds = [Kind::Header, Kind::Intent, Kind::Retracted, Kind::Ended, Kind::Item];
        Ok(Self::of(folder, &kinds)?.unfinished.into_iter().map(|(_, intent)| intent).collect())
    }

    fn of(folder: &RunFolder, kinds: &[Kind]) -> Result<Self, Broken> {
        let path = folder.journal();
        let database = Database::look(&path)?;
        // While somebody writes, the two files need not agree.
        if !folder.is_live() {
            crate::head::holds(&database, folder)?;
        }
        let mut history: Option<Self> = None;
        let mut past = Past::default();
        let mut problem = None;
        database.each(kinds, |entry| {
            let taken = past.apply(entry).and_then(|()| take(&mut history, entry));
            if let Err(error) = taken {
                problem.get_or_insert(Broken::damaged(&path, format!("entry {}: {error}", entry.seq)));
            }
        })?;
        match (problem, history) {
            (Some(problem), _) => Err(problem),
            (None, None) => Err(Broken::damaged(&path, "it has no beginning")),
            (None, Some(history)) => Ok(Self { unfinished: past.intents.into_iter().collect(), ..history }),
        }
    }

    /// Returns when the last thing happened, in seconds since 1970.
    pub fn last(&self) -> f64 {
        let closed = self.closed.as_ref().map_or(0.0, |closed| closed.at);
        self.events.last().map_or(self.header.started, |event| event.at).max(closed)
    }
}

fn take(history: &mut Option<History>, entry: &Entry) -> Result<(), serde_json::Error> {
    if entry.kind == Kind::Header {
        *history = Some(History {
            header: serde_json::from_slice(&entry.body)?,
            events: Vec::new(),
            gates: Vec::new(),
            resumed: Vec::new(),
            closed: None,
            unfinished: Vec::new(),
        });
    }
    let Some(history) = history else { return Ok(()) };
    match entry.kind {
        Kind::Event => history.events.push(serde_json::from_slice(&entry.body)?),
        Kind::Gate => history.gates.push(serde_json::from_slice(&entry.body)?),
        Kind::Closed => history.closed = Some(serde_json::from_slice(&entry.body)?),
        Kind::Resumed => {
            history.resumed.push(serde_json::from_slice(&entry.body)?);
            history.closed = None;
        }
        _ => {}
    }
    Ok(())
}
