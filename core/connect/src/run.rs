//! Running parts on a shell: lines out, frames in.

use std::path::Path;
use std::time::Duration;

use switchover_protocol::{HostError, HostReply};
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;

use crate::frame::Piece;
use crate::pipe::Writer;
use crate::plan::{Feed, Parse, Part, Raw};
use crate::pulse::Silence;
use crate::shell::{Gone, Shell};
use crate::{Sink, Stream};

const CHUNK: usize = 256 * 1024;

/// Why a group of parts has no answer.
pub(crate) enum Broken {
    /// The shell ended; `ready` tells whether it had ever read a line, `silent` how long the host had said nothing.
    Gone { code: Option<i32>, ready: bool, silent: Duration },
    /// The controller's side failed; the shell is in the middle of something.
    Here(HostError),
    /// A program wrote more than is held in memory.
    TooMuch { size: u64, limit: u64 },
    /// The time limit passed; the rest of the frames is still to come.
    TimedOut,
}

/// Takes the answers of a group, in order.
pub(crate) type Answers<'a> = dyn FnMut(HostReply) + Send + 'a;

/// Parts that share one line, and what has come back for them.
pub(crate) struct Group<'a> {
    parts: Vec<Part>,
    raws: Vec<Raw>,
    spools: Vec<Option<tokio::fs::File>>,
    streams: [Progress; 2],
    sink: &'a mut dyn Sink,
    limit: usize,
    /// Takes each answer as soon as it is there.
    answers: Option<&'a mut Answers<'a>>,
    /// How many answers went there.
    pub answered: usize,
    /// Something wrote between the frames: what it was started by has ended, it has not.
    pub strays: bool,
    fed: bool,
    silence: Silence,
}

/// How far one of the two streams is.
#[derive(Default)]
struct Progress {
    begun: usize,
    ended: usize,
}

impl<'a> Group<'a> {
    pub(crate) fn new(parts: Vec<Part>, sink: &'a mut dyn Sink, limit: usize) -> Self {
        let raws = parts.iter().map(|_| Raw::default()).collect();
        let spools = parts.iter().map(|_| None).collect();
        let fed = parts.iter().any(|part| part.feed.is_some());
        let (streams, silence, answers) = Default::default();
        Self { parts, raws, spools, streams, sink, limit, answers, answered: 0, strays: false, fed, silence }
    }

    /// Has every answer given to `answers` when it is complete; [`Group::replies`] returns none then.
    pub(crate) fn answering(mut self, answers: &'a mut Answers<'a>) -> Self {
        self.answers = Some(answers);
        self
    }

    /// Sends the parts and waits for all answers, or for the time limit of the only part.
    pub(crate) async fn run(&mut self, shell: &mut Shell) -> Result<(), Broken> {
        self.open_spools().await.map_err(Broken::Here)?;
        self.silence = shell.inbox.silence();
        self.send(shell).await?;
        match self.parts.first().and_then(|part| part.timeout) {
            None => self.finish(shell).await,
            Some(seconds) => {
                let waiting = tokio::time::timeout(Duration::from_secs(seconds), self.finish(shell));
                waiting.await.unwrap_or(Err(Broken::TimedOut))
            }
        }
    }

    /// Sends the line and the bytes after it. Answers are taken meanwhile: the host may be done, or gone,
    /// before it has read everything.
    async fn send(&mut self, shell: &mut Shell) -> Result<(), Broken> {
        let libraries: Vec<_> = self.parts.iter().flat_map(|part| part.libraries.iter().copied()).collect();
        let mut bytes = shell.preface(&libraries);
        bytes.extend_from_slice(&self.line());
        let feeds: Vec<Feed> = self.parts.iter_mut().filter_map(|part| part.feed.take()).collect();
        let Shell { writer, inbox, .. } = shell;
        let mut sending = std::pin::pin!(deliver(writer, bytes, feeds));
        loop {
            tokio::select! {
                sent = &mut sending => match sent {
                    // An input that is closed means that the shell has ended, which the inbox will tell.
                    Ok(()) | Err(Undelivered::Closed) => return Ok(()),
                    Err(Undelivered::Here(error)) => return Err(Broken::Here(error)),
                },
                piece = inbox.next() => match piece {
                    Ok((stream, piece)) => self.take(stream, piece).await?,
                    Err(Gone { code }) => return Err(self.broken(code, inbox.pid.is_some())),
                },
                word = self.silence.word() => self.sink.note(&word),
            }
            if self.is_done() {
                return Ok(());
            }
        }
    }

    /// Waits for the answers that are still missing.
    pub(crate) async fn finish(&mut self, shell: &mut Shell) -> Result<(), Broken> {
        while !self.is_done() {
            tokio::select! {
                piece = shell.inbox.next() => match piece {
                    Ok((stream, piece)) => self.take(stream, piece).await?,
                    Err(Gone { code }) => return Err(self.broken(code, shell.inbox.pid.is_some())),
                },
                word = self.silence.word() => self.sink.note(&word),
            }
        }
        for spool in self.spools.iter_mut().flatten() {
            spool
                .flush()
                .await
                .map_err(|error| Broken::Here(here("write", Path::new("the fetched file"), &error)))?;
        }
        Ok(())
    }

    fn broken(&self, code: Option<i32>, ready: bool) -> Broken {
        Broken::Gone { code, ready, silent: self.silence.so_far() }
    }

    fn is_done(&self) -> bool {
        let ended = self.streams[0].ended.min(self.streams[1].ended);
        ended == self.parts.len() || (ended > 0 && self.stops_at(ended - 1))
    }

    /// Returns whether the host ran nothing after this part.
    fn stops_at(&self, index: usize) -> bool {
        self.raws[index].rc != 0 && self.parts[index].stops_line()
    }

    fn line(&self) -> Vec<u8> {
        let mut line = b"sw_quit=;sw_stop=".to_vec();
        for (index, part) in self.parts.iter().enumerate() {
            line.extend_from_slice(if index == 0 { b";sw_b;" } else { b";[ \"$sw_stop\" ]||{ sw_b;" });
            line.extend_from_slice(&part.script);
            line.extend_from_slice(if part.stops_line() { b";sw_f" } else { b";sw_m" });
            if index > 0 {
                line.extend_from_slice(b";}");
            }
        }
        if self.fed {
            // What was meant for a part that did not run must never be read as a line.
            line.extend_from_slice(b";[ \"$sw_quit$sw_stop\" ]&&exit 0");
        }
        line.push(b'\n');
        line
    }

    async fn open_spools(&mut self) -> Result<(), HostError> {
        for (part, spool) in self.parts.iter().zip(&mut self.spools) {
            if let Some(path) = &part.spool {
                let mut options = tokio::fs::OpenOptions::new();
                options.write(true).truncate(true);
                *spool = Some(options.open(path).await.map_err(|error| here("write", path, &error))?);
            }
        }
        Ok(())
    }

    async fn take(&mut self, stream: Stream, piece: Piece) -> Result<(), Broken> {
        let progress = &mut self.streams[stream as usize];
        let current = (progress.begun > progress.ended).then(|| progress.begun - 1);
        match (piece, current) {
            (Piece::Begin, _) => progress.begun += 1,
            (Piece::End(rc), Some(index)) => {
                progress.ended += 1;
                self.raws[index].rc = rc;
                self.answer_ended();
            }
            (Piece::Data(bytes), Some(index)) => self.keep(index, stream, bytes).await?,
            (Piece::Data(_), None) => self.strays = true,
            (Piece::End(_), None) | (Piece::Remark(_), _) => {}
        }
        Ok(())
    }

    /// Hands over the answers of the parts whose two streams have ended.
    fn answer_ended(&mut self) {
        let ended = self.streams[0].ended.min(self.streams[1].ended);
        let Some(answers) = &mut self.answers else { return };
        for index in self.answered..ended {
            let taken: Parse = Box::new(|_| Err(HostError::Cancelled));
            let parse = std::mem::replace(&mut self.parts[index].parse, taken);
            let rc = self.raws[index].rc;
            // The exit code is still asked for: it tells whether more is to come.
            let raw = std::mem::replace(&mut self.raws[index], Raw { rc, ..Raw::default() });
            answers(parse(raw).unwrap_or_else(HostReply::Error));
            self.answered += 1;
        }
    }

    async fn keep(&mut self, index: usize, stream: Stream, bytes: Vec<u8>) -> Result<(), Broken> {
        if self.parts[index].program {
            self.sink.output(stream, &bytes);
        }
        if let (Stream::Stdout, Some(spool)) = (stream, &mut self.spools[index]) {
            let written = spool.write_all(&bytes).await;
            return written
                .map_err(|error| Broken::Here(here("write", Path::new("the fetched file"), &error)));
        }
        let raw = &mut self.raws[index];
        let held = match stream {
            Stream::Stdout => &mut raw.stdout,
            Stream::Stderr => &mut raw.stderr,
        };
        held.extend_from_slice(&bytes);
        if held.len() > self.limit {
            return Err(Broken::TooMuch { size: held.len() as u64, limit: self.limit as u64 });
        }
        Ok(())
    }

    /// Returns whether the shell left its loop after this group, because content was still under way.
    pub(crate) fn ends_shell(&self) -> bool {
        self.fed && self.raws.iter().any(|raw| raw.rc != 0)
    }

    /// Takes the answer of the only part as ended by its time limit.
    pub(crate) fn mark_timed_out(&mut self) {
        for raw in &mut self.raws {
            raw.timed_out = true;
        }
    }

    /// Reads the answers; after one that is an error there are no more.
    pub(crate) fn replies(self) -> Vec<HostReply> {
        let mut replies = Vec::with_capacity(self.parts.len());
        for (part, raw) in self.parts.into_iter().zip(self.raws) {
            match (part.parse)(raw) {
                Ok(reply) => replies.push(reply),
                Err(error) => {
                    replies.push(HostReply::Error(error));
                    break;
                }
            }
        }
        replies
    }
}

enum Undelivered {
    Closed,
    Here(HostError),
}

async fn deliver(writer: &mut Writer, line: Vec<u8>, feeds: Vec<Feed>) -> Result<(), Undelivered> {
    writer.send(line).await.map_err(|_| Undelivered::Closed)?;
    for feed in feeds {
        stream(writer, feed).await?;
    }
    Ok(())
}

async fn stream(writer: &mut Writer, feed: Feed) -> Result<(), Undelivered> {
    let closed = |_| Undelivered::Closed;
    match feed {
        Feed::Bytes(bytes) => writer.send(bytes).await.map_err(closed),
        Feed::File { path, size } => {
            let fault = |error: std::io::Error| Undelivered::Here(here("read", &path, &error));
            let file = tokio::fs::File::open(&path).await.map_err(fault)?;
            let mut file = file.take(size);
            let mut sent = 0;
            while sent < size {
                let mut chunk = Vec::with_capacity(CHUNK);
                while chunk.len() < CHUNK && file.read_buf(&mut chunk).await.map_err(fault)? > 0 {}
                if chunk.is_empty() {
                    return Err(fault(std::io::Error::other("it became shorter while it was sent")));
                }
                sent += chunk.len() as u64;
                writer.send(chunk).await.map_err(closed)?;
            }
            Ok(())
        }
    }
}

fn here(verb: &str, path: &Path, error: &std::io::Error) -> HostError {
    let what = format!("{verb} {} on the controller", path.display());
    HostError::Failed { what, rc: error.raw_os_error().unwrap_or(1), stderr: error.to_string() }
}
