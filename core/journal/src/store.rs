use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;

use serde::Serialize;
use serde_json::Value;

use crate::database::{Database, Durability};
use crate::entry::{AnswerPart, ClosedPart, EndedPart, Entry, FilePart, ItemPart, Kind, ResumedPart};
use crate::head::Head;
use crate::header::{FORMAT, Header};
use crate::journal::Done;
use crate::link::Link;
use crate::past::Past;
use crate::run_folder::{RunFolder, RunLock};
use crate::seal::Seal;
use crate::writer::{Message, Wish, Writer};
use crate::{
    Act, Broken, Earlier, Ended, EndedItem, Event, Gate, Intent, Journal, Listener, OnRecord, Status, StepKey,
};

/// Entries that may wait for the disk; whoever writes more waits too.
const WAITING: usize = 8192;

/// The journal of a run in its folder.
pub struct Store {
    folder: RunFolder,
    seal: Seal,
    /// Where entries go; `None` once the journal is closed.
    outbox: Mutex<Option<SyncSender<Message>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    broken: Arc<OnceLock<Broken>>,
    past: Mutex<Past>,
    /// Reads bodies of the past.
    reader: Mutex<Database>,
    /// Entries of the past that were taken.
    taken: Mutex<HashSet<u64>>,
    left: AtomicUsize,
    _lock: RunLock,
}

/// What a run that goes on was started with.
pub struct Begun {
    pub header: Header,
    /// The words of the command line.
    pub words: Vec<String>,
    /// Files that were read beside those of the header, by path.
    pub files: Vec<(String, String)>,
    /// Events so far.
    pub events: u64,
    /// When the last thing happened, in seconds since 1970.
    pub last: f64,
    /// The program left in order with this code, as the last thing on record.
    pub closed: Option<u8>,
}

impl Store {
    /// Begins the journal of a new run. `words` are those of the command line.
    pub fn create(folder: RunFolder, header: &Header, words: &[String]) -> Result<Self, Broken> {
        let lock = folder.lock(&holder(&header.operator))?;
        let seal = Seal::create(&folder.key())?;
        let path = folder.journal();
        let mut database = Database::create(&path)?;
        let body = serde_json::to_vec(header).map_err(|error| Broken::write(&path, error))?;
        let words = serde_json::json!(words).to_string();
        let sealed = seal.close(words.as_bytes(), &body).map_err(|error| Broken::write(&path, error))?;
        let first = Entry { seq: 1, kind: Kind::Header, body, sealed: Some(sealed) };
        // A run that is told of can be resumed.
        let link = database.append(&[first], Link::default(), Durability::Process)?;
        Self::start(folder, seal, database, Past::default(), (1, link), lock)
    }

    /// Opens the journal of a run to go on with it. Every entry is looked at.
    pub fn open(folder: RunFolder, operator: &str) -> Result<(Self, Begun), Broken> {
        let lock = folder.lock(&holder(operator))?;
        let seal = Seal::open(&folder.key())?;
        let path = folder.journal();
        let database = Database::open(&path)?;
        database.verify()?;
        let mut past = Past::default();
        let mut begun = None;
        let end = database.read(|entry| {
            past.apply(entry).map_err(|error| error.to_string())?;
            note(&mut begun, entry, &seal).map_err(|error| error.to_string())
        })?;
        past.cut();
        crate::head::holds(&database, &folder)?;
        let Some(begun) = begun else { return Err(Broken::damaged(&path, "it has no beginning")) };
        if begun.header.format > FORMAT {
            return Err(Broken::Newer { path, format: begun.header.format });
        }
        let store = Self::start(folder, seal, database, past, end, lock)?;
        Ok((store, begun))
    }

    fn start(
        folder: RunFolder,
        seal: Seal,
        database: Database,
        past: Past,
        (last, link): (u64, Link),
        lock: RunLock,
    ) -> Result<Self, Broken> {
        let path = folder.journal();
        let head = Head::open(&folder.head()).map_err(|error| Broken::write(&folder.head(), error))?;
        let broken = Arc::new(OnceLock::new());
        let (outbox, inbox) = sync_channel(WAITING);
        let writer = Writer { database, head, last, link, broken: Arc::clone(&broken) };
        let thread = std::thread::Builder::new().name("journal".into());
        let thread = thread.spawn(move || writer.run(&inbox)).map_err(|error| Broken::write(&path, error))?;
        let entries: HashSet<u64> = past.ended.values().map(|record| record.seq).collect();
        Ok(Self {
            reader: Mutex::new(Database::look(&path)?),
            left: AtomicUsize::new(entries.len()),
            taken: Mutex::default(),
            folder,
            seal,
            outbox: Mutex::new(Some(outbox)),
            writer: Mutex::new(Some(thread)),
            broken,
            past: Mutex::new(past),
            _lock: lock,
        })
    }

    /// Returns the run's folder.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Writes down that somebody goes on with the run.
    pub fn resume(&self, by: &str, at: f64) {
        self.put(Kind::Resumed, &ResumedPart { by: by.to_owned(), at }, Wish::Now);
    }

    /// Writes down a file that was read while the run went on.
    pub fn file(&self, path: &Path, digest: String) {
        self.put(Kind::File, &FilePart { path: path.display().to_string(), digest }, Wish::Lazy);
    }

    /// Writes down how the program leaves and waits until all is on the disk. A run that is complete needs its key
    /// no more.
    pub fn close(&self, code: u8, at: f64, next: Option<String>) -> Result<(), Broken> {
        let (told, heard) = channel();
        let done: Done = Box::new(move |result| drop(told.send(result)));
        self.put(Kind::Closed, &ClosedPart { code, at, next }, Wish::Durable(Some(done)));
        let result = heard.recv().unwrap_or_else(|_| self.broken.get().cloned().map_or(Ok(()), Err));
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It was caught already when it panicked: nothing more is written.
            drop(writer.join());
        }
        if result.is_ok() && code == 0 {
            // What is sealed is for going on, and there is nothing to go on with.
            drop(std::fs::remove_file(self.folder.key()));
        }
        result
    }

    fn put(&self, kind: Kind, body: &impl Serialize, wish: Wish) {
        match serde_json::to_vec(body) {
            Ok(body) => self.send(Message { kind, body, sealed: None, wish }),
            Err(error) => self.fail(Broken::write(&self.folder.journal(), error), wish),
        }
    }

    fn put_sealed(&self, kind: Kind, body: &impl Serialize, secret: &Value, wish: Wish) {
        let sealed = serde_json::to_vec(body).map_err(|error| error.to_string()).and_then(|body| {
            let sealed = self.seal.close(secret.to_string().as_bytes(), &body)?;
            Ok((body, sealed))
        });
        match sealed {
            Ok((body, sealed)) => self.send(Message { kind, body, sealed: Some(sealed), wish }),
            Err(error) => self.fail(Broken::write(&self.folder.journal(), error), wish),
        }
    }

    fn send(&self, message: Message) {
        let outbox = self.outbox.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let unsent = match outbox {
            Some(outbox) => outbox.send(message).err().map(|unsent| unsent.0),
            None => Some(message),
        };
        if let Some(message) = unsent {
            self.fail(Broken::write(&self.folder.journal(), "it is closed"), message.wish);
        }
    }

    fn fail(&self, broken: Broken, wish: Wish) {
        let broken = self.broken.get_or_init(|| broken).clone();
        if let Wish::Durable(Some(done)) = wish {
            done(Err(broken));
        }
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the sealed part of an entry.
    fn secret(&self, seq: u64) -> Result<Value, Broken> {
        let entry = self.reader.lock().unwrap_or_else(PoisonError::into_inner).one(seq)?;
        let text = entry.sealed.and_then(|sealed| self.seal.read(&sealed, &entry.body));
        text.and_then(|text| serde_json::from_slice(&text).ok())
            .ok_or_else(|| Broken::damaged(&self.folder.journal(), format!("entry {seq} cannot be unsealed")))
    }
}

impl Journal for Store {
    fn on_record(&self, key: &StepKey) -> Option<OnRecord> {
        if self.left.load(Ordering::SeqCst) == 0 {
            return None;
        }
        self.past().ended.get(key).cloned()
    }

    fn take(&self, key: &StepKey) -> Result<Value, Broken> {
        let Some(record) = self.past().ended.remove(key) else { return Ok(Value::Null) };
        if self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(record.seq) {
            self.left.fetch_sub(1, Ordering::SeqCst);
        }
        self.secret(record.seq)
    }

    fn earlier(&self, key: &StepKey, digest: &str) -> Result<Earlier, Broken> {
        let past = self.past();
        let tries = past.tries.get(key).copied().unwrap_or_default();
        let items: Vec<(u32, u64)> =
            past.items.get(key).into_iter().flatten().map(|(item, seq)| (*item, *seq)).collect();
        let same = |intent: &Intent| {
            let step = &intent.act.step;
            let near = step.play == key.play && step.host == key.host;
            step == key || (near && intent.digest == digest)
        };
        let unfinished = past.intents.iter().filter(|(_, intent)| same(intent));
        let unfinished: Vec<_> = unfinished.map(|(seq, intent)| (*seq, intent.clone())).collect();
        let acts = unfinished.iter().map(|(_, intent)| intent.act.clone());
        let began = acts.filter(|act| past.began.contains(act)).collect();
        drop(past);
        let items = items.into_iter().map(|(item, seq)| Ok((item, self.secret(seq)?)));
        Ok(Earlier { tries, items: items.collect::<Result<_, Broken>>()?, unfinished, began })
    }

    fn is_replaying(&self) -> bool {
        self.left.load(Ordering::SeqCst) > 0
    }

    fn taken(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn has_begun(&self, play: u32) -> bool {
        self.past().plays.contains(&play)
    }

    fn unfinished(&self) -> Vec<(u64, Intent)> {
        self.past().intents.iter().map(|(seq, intent)| (*seq, intent.clone())).collect()
    }

    fn intend(&self, intents: Vec<Intent>, done: Done) {
        let mut done = Some(done);
        let last = intents.len().saturating_sub(1);
        for (index, intent) in intents.iter().enumerate() {
            let done = if index == last { done.take() } else { None };
            self.put(Kind::Intent, intent, Wish::Durable(done));
        }
        if let Some(done) = done {
            done(Ok(()));
        }
    }

    fn began(&self, act: &Act) {
        self.put(Kind::Began, act, Wish::Now);
    }

    fn retract(&self, acts: Vec<Act>) {
        acts.iter().for_each(|act| self.put(Kind::Retracted, act, Wish::Now));
    }

    fn end(&self, ended: Ended) {
        let Ended { keys, digest, task, place, status, settled, acted, body } = ended;
        if status != Status::Unknown {
            // What was not known of an earlier start is known now.
            let mut past = self.past();
            past.intents.retain(|_, intent| !keys.contains(&intent.act.step));
        }
        let part = EndedPart { keys, digest, task, place, status, settled };
        self.put_sealed(Kind::Ended, &part, &body, if acted { Wish::Now } else { Wish::Lazy });
    }

    fn end_item(&self, ended: EndedItem) {
        let EndedItem { act, status, settled, acted, body } = ended;
        let part = ItemPart { act, status, settled };
        self.put_sealed(Kind::Item, &part, &body, if acted { Wish::Now } else { Wish::Lazy });
    }

    fn forgive(&self) {
        self.put(Kind::Forgiven, &Value::Null, Wish::Lazy);
    }

    fn gate(&self, gate: Gate) {
        self.put(Kind::Gate, &gate, Wish::Now);
    }

    fn answer(&self, play: u32, name: &str) -> Result<Option<Value>, Broken> {
        let seq = self.past().answers.get(&AnswerPart { play, name: name.to_owned() }).copied();
        seq.map(|seq| self.secret(seq)).transpose()
    }

    fn keep_answer(&self, play: u32, name: &str, digest: &str) {
        let part = AnswerPart { play, name: name.to_owned() };
        self.put_sealed(Kind::Answer, &part, &Value::from(digest), Wish::Now);
    }

    fn broken(&self) -> Option<Broken> {
        self.broken.get().cloned()
    }
}

/// Hands masked events to the journal.
pub struct Recorder(pub Arc<Store>);

impl Listener for Recorder {
    fn event(&mut self, event: &Event) {
        self.0.put(Kind::Event, event, Wish::Lazy);
    }
}

/// What happened at a time.
#[derive(serde::Deserialize)]
struct Timed {
    at: f64,
}

fn holder(operator: &str) -> String {
    format!("{operator}, process {}", std::process::id())
}

fn note(begun: &mut Option<Begun>, entry: &Entry, seal: &Seal) -> Result<(), serde_json::Error> {
    if entry.kind == Kind::Header {
        let header = serde_json::from_slice(&entry.body)?;
        let words = entry.sealed.as_deref().and_then(|sealed| seal.read(sealed, &entry.body));
        let words = serde_json::from_slice(&words.unwrap_or_default())?;
        *begun = Some(Begun { header, words, files: Vec::new(), events: 0, last: 0.0, closed: None });
    }
    let Some(begun) = begun else { return Ok(()) };
    begun.closed = None;
    match entry.kind {
        Kind::File => {
            let file: FilePart = serde_json::from_slice(&entry.body)?;
            begun.files.push((file.path, file.digest));
        }
        Kind::Event => {
            begun.events += 1;
            begun.last = serde_json::from_slice::<Timed>(&entry.body)?.at;
        }
        Kind::Closed => {
            let closed: ClosedPart = serde_json::from_slice(&entry.body)?;
            (begun.closed, begun.last) = (Some(closed.code), closed.at);
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
