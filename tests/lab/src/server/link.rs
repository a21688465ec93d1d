use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// A connection whose speed can be limited, in each direction, while it lives.
pub struct Link {
    inner: TcpStream,
    reading: Brake,
    writing: Brake,
}

impl Link {
    /// Wraps a connection; `pace` is read anew for every piece, in bytes per second, 0 for no limit.
    pub fn new(inner: TcpStream, pace: Arc<AtomicU64>) -> Self {
        Self { inner, reading: Brake::new(Arc::clone(&pace)), writing: Brake::new(pace) }
    }
}

struct Brake {
    pace: Arc<AtomicU64>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Brake {
    fn new(pace: Arc<AtomicU64>) -> Self {
        Self { pace, pause: None }
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        Poll::Ready(())
    }

    /// The largest piece for the present pace: a twentieth of a second's worth.
    fn piece(&self) -> Option<usize> {
        match self.pace.load(Ordering::Relaxed) {
            0 => None,
            pace => Some(usize::try_from(pace / 20).unwrap_or(usize::MAX).max(256)),
        }
    }

    fn passed(&mut self, bytes: usize) {
        let pace = self.pace.load(Ordering::Relaxed);
        if pace > 0 && bytes > 0 {
            let seconds = bytes as f64 / pace as f64;
            self.pause = Some(Box::pin(sleep(Duration::from_secs_f64(seconds))));
        }
    }
}

impl AsyncRead for Link {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.reading.poll_ready(cx));
        let Some(piece) = this.reading.piece() else {
            return Pin::new(&mut this.inner).poll_read(cx, buf);
        };
        let mut bytes = vec![0; piece.min(buf.remaining())];
        let mut part = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
        this.reading.passed(part.filled().len());
        buf.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Link {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.writing.poll_ready(cx));
        let piece = this.writing.piece().unwrap_or(buf.len()).min(buf.len());
        let written = ready!(Pin::new(&mut this.inner).poll_write(cx, &buf[..piece]))?;
        this.writing.passed(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}
