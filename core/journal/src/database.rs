use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use crate::Broken;
use crate::entry::{Entry, Kind};
use crate::link::{Link, digest};
use crate::seal::{compress, expand};

/// Longer bodies are kept once by what they hold, compressed.
const LONG: usize = 4096;

const TABLES: &str = "
CREATE TABLE entry (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, body BLOB, long TEXT REFERENCES long (digest), sealed BLOB, link BLOB NOT NULL
);
CREATE TABLE long (digest TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
";

/// The database of one run: entries in their order, none ever altered.
pub struct Database {
    path: PathBuf,
    connection: Connection,
}

/// Whether a commit is on the disk when it returns, or safe only from the death of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    Process,
    Machine,
}

impl Database {
    /// Makes the database of a new run.
    pub fn create(path: &Path) -> Result<Self, Broken> {
        let failed = |error: rusqlite::Error| Broken::write(path, error);
        let connection = Connection::open(path).map_err(failed)?;
        make_private(path).map_err(|error| Broken::write(path, error))?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "normal").map_err(failed)?;
        connection.execute_batch(TABLES).map_err(failed)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Opens the database of a run to write on.
    pub fn open(path: &Path) -> Result<Self, Broken> {
        Self::with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    /// Opens the database of a run to look at it, also while the run goes on.
    pub fn look(path: &Path) -> Result<Self, Broken> {
        // Reading a journal that was left behind by a dead process has to tidy it up.
        Self::with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    fn with_flags(path: &Path, flags: OpenFlags) -> Result<Self, Broken> {
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| Broken::read(path, error))?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Has SQLite look through the whole file.
    pub fn verify(&self) -> Result<(), Broken> {
        let verdict: String = self
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(|error| Broken::damaged(&self.path, error))?;
        if verdict == "ok" { Ok(()) } else { Err(Broken::damaged(&self.path, verdict)) }
    }

    /// Adds entries in one commit and returns the link of the last.
    pub fn append(&mut self, entries: &[Entry], mut link: Link, how: Durability) -> Result<Link, Broken> {
        let path = self.path.clone();
        let failed = |error: rusqlite::Error| Broken::write(&path, error);
        let word = if how == Durability::Machine { "full" } else { "normal" };
        self.connection.pragma_update(None, "synchronous", word).map_err(failed)?;
        let commit = self.connection.transaction().map_err(failed)?;
        for entry in entries {
            link = link.next(entry);
            insert(&commit, entry, link).map_err(failed)?;
        }
        commit.commit().map_err(failed)?;
        Ok(link)
    }

    /// Hands every entry to `visit`, in order, and returns the last one's number and link. An entry that is not as it
    /// was written is an error.
    pub fn read(&self, mut visit: impl FnMut(&Entry) -> Result<(), String>) -> Result<(u64, Link), Broken> {
        let damaged = |error: rusqlite::Error| Broken::damaged(&self.path, error);
        let text = "SELECT seq, kind, body, long, sealed, link FROM entry ORDER BY seq";
        let mut statement = self.connection.prepare(text).map_err(damaged)?;
        let mut rows = statement.query([]).map_err(damaged)?;
        let (mut last, mut link) = (0, Link::default());
        while let Some(row) = rows.next().map_err(damaged)? {
            let (entry, written) = self.entry(row).map_err(damaged)??;
            link = link.next(&entry);
            if entry.seq != last + 1 || link.0.as_slice() != written {
                let what = format!("entry {} is not as it was written", last + 1);
                return Err(Broken::damaged(&self.path, what));
            }
            last = entry.seq;
            visit(&entry).map_err(|error| Broken::damaged(&self.path, format!("entry {last}: {error}")))?;
        }
        Ok((last, link))
    }

    /// Hands the entries of some kinds to `visit` without looking at the rest.
    pub fn each(&self, kinds: &[Kind], mut visit: impl FnMut(&Entry)) -> Result<(), Broken> {
        let failed = |error: rusqlite::Error| Broken::read(&self.path, error);
        let words: Vec<String> = kinds.iter().map(|kind| format!("'{}'", kind.word())).collect();
        let text = format!(
            "SELECT seq, kind, body, long, sealed, link FROM entry WHERE kind IN ({}) ORDER BY seq",
            words.join(",")
        );
        let mut statement = self.connection.prepare(&text).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(&self.entry(row).map_err(failed)??.0);
        }
        Ok(())
    }

    /// Returns one entry.
    pub fn one(&self, seq: u64) -> Result<Entry, Broken> {
        let failed = |error: rusqlite::Error| Broken::read(&self.path, error);
        let text = "SELECT seq, kind, body, long, sealed, link FROM entry WHERE seq = ?";
        let mut statement = self.connection.prepare_cached(text).map_err(failed)?;
        let mut rows = statement.query(params![seq.cast_signed()]).map_err(failed)?;
        let Some(row) = rows.next().map_err(failed)? else {
            return Err(Broken::damaged(&self.path, format!("entry {seq} is gone")));
        };
        Ok(self.entry(row).map_err(failed)??.0)
    }

    /// Returns the link of an entry.
    pub fn link(&self, seq: u64) -> Result<Option<Link>, Broken> {
        let found: rusqlite::Result<Option<Vec<u8>>> = self
            .connection
            .query_row("SELECT link FROM entry WHERE seq = ?", [seq.cast_signed()], |row| row.get(0))
            .optional();
        let found = found.map_err(|error| Broken::read(&self.path, error))?;
        Ok(found.and_then(|bytes| bytes.try_into().ok()).map(Link))
    }

    /// Returns the error of something beside the database that could not be written.
    pub fn unwritten(&self, error: &std::io::Error) -> Broken {
        Broken::write(&self.path, error)
    }

    fn entry(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<(Entry, Vec<u8>), Broken>> {
        let seq = row.get::<_, i64>(0)?.cast_unsigned();
        let kind: String = row.get(1)?;
        let (short, long): (Option<Vec<u8>>, Option<String>) = (row.get(2)?, row.get(3)?);
        let damaged = |what: &str| Broken::damaged(&self.path, format!("entry {seq}: {what}"));
        let Some(kind) = Kind::of(&kind) else { return Ok(Err(damaged("its kind is not known"))) };
        let body = match (short, long) {
            (Some(body), _) => body,
            (None, Some(digest)) => match self.long(&digest)? {
                Some(body) => body,
                None => return Ok(Err(damaged("its text is gone"))),
            },
            (None, None) => return Ok(Err(damaged("its text is gone"))),
        };
        Ok(Ok((Entry { seq, kind, body, sealed: row.get(4)? }, row.get(5)?)))
    }

    fn long(&self, digest: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        let mut statement = self.connection.prepare_cached("SELECT body FROM long WHERE digest = ?")?;
        let small: Option<Vec<u8>> = statement.query_row([digest], |row| row.get(0)).optional()?;
        Ok(small.and_then(|small| expand(&small).ok()))
    }
}

fn insert(commit: &rusqlite::Transaction<'_>, entry: &Entry, link: Link) -> rusqlite::Result<()> {
    let long = (entry.body.len() > LONG).then(|| digest(&entry.body));
    if let Some(digest) = &long {
        let small = compress(&entry.body)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let text = "INSERT OR IGNORE INTO long (digest, body) VALUES (?, ?)";
        commit.prepare_cached(text)?.execute(params![digest, small])?;
    }
    let body = long.is_none().then_some(&entry.body);
    let text = "INSERT INTO entry (seq, kind, body, long, sealed, link) VALUES (?, ?, ?, ?, ?, ?)";
    commit.prepare_cached(text)?.execute(params![
        entry.seq.cast_signed(),
        entry.kind.word(),
        body,
        long,
        entry.sealed,
        link.0
    ])?;
    Ok(())
}

fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}
