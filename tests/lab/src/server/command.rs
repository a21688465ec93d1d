use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use russh::server::{Handle, Msg};
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::process::Child;
use tokio::sync::{mpsc, watch};

use super::signal;
use super::terminal::{Size, Terminal};

/// How long the exit status waits for output that is on its way. A process that left children behind with
/// the pipes open is reported after this, as a real server does, and its channel stays open.
const LAST_OUTPUT: Duration = Duration::from_millis(100);

/// What a client asked to run.
pub struct Command {
    /// `None` is the login shell.
    pub program: Option<Vec<u8>>,
    pub env: Vec<(String, PathBuf)>,
    pub folder: PathBuf,
    pub terminal: Option<Size>,
    /// Keeps the process, and all that it starts, from writing a file larger than 64 KiB.
    pub disk_full: bool,
}

/// A running command.
pub struct Started {
    pub child: Child,
    pub pipes: Pipes,
}

/// The server's ends of a command's streams.
pub struct Pipes {
    stdin: Box<dyn AsyncWrite + Send + Unpin>,
    stdout: Box<dyn AsyncRead + Send + Unpin>,
    stderr: Option<Box<dyn AsyncRead + Send + Unpin>>,
    terminal: Option<Terminal>,
}

/// What a client wants of a command that runs.
pub enum Control {
    Signal(Sig),
    Resize(Size),
}

/// Returns the sftp server of this machine, if one is installed.
pub fn sftp_server() -> Option<String> {
    let places =
        ["/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server"];
    places.into_iter().find(|place| Path::new(place).exists()).map(|place| format!("exec {place}"))
}

impl Command {
    /// Starts the command in its own process group, or in its own session when it has a terminal.
    pub fn start(self) -> io::Result<Started> {
        let mut command = tokio::process::Command::new("/bin/sh");
        if self.disk_full {
            command.arg("-c").arg("ulimit -S -f 128; trap '' XFSZ; exec /bin/sh \"$@\"").arg("sh");
        }
        if let Some(program) = self.program {
            command.arg("-c").arg(OsString::from_vec(program));
        }
        command.env_clear().envs(self.env).current_dir(self.folder);
        match self.terminal {
            Some(size) => Self::start_in_terminal(command, size),
            None => Self::start_with_pipes(command),
        }
    }

    fn start_with_pipes(mut command: tokio::process::Command) -> io::Result<Started> {
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("a pipe that was asked for is missing"));
        };
        let pipes = Pipes {
            stdin: Box::new(stdin),
            stdout: Box::new(stdout),
            stderr: Some(Box::new(stderr)),
            terminal: None,
        };
        Ok(Started { child, pipes })
    }

    fn start_in_terminal(mut command: tokio::process::Command, size: Size) -> io::Result<Started> {
        let terminal = Terminal::open(size)?;
        let child = terminal.spawn(&mut command)?;
        let pipes = Pipes {
            stdin: Box::new(terminal.clone()),
            stdout: Box::new(terminal.clone()),
            stderr: None,
            terminal: Some(terminal),
        };
        Ok(Started { child, pipes })
    }
}

/// Carries a command's streams to and from its channel, and its end; always waits for the process.
pub async fn attend(
    channel: Channel<Msg>,
    handle: Handle,
    mut child: Child,
    pipes: Pipes,
    mut orders: mpsc::UnboundedReceiver<Control>,
) {
    let (read, write) = channel.split();
    let write = Arc::new(write);
    let (leave, gone) = watch::channel(false);
    let (feed, food) = mpsc::unbounded_channel();
    tokio::spawn(listen(read, feed, leave));
    tokio::spawn(feed_stdin(food, pipes.stdin));
    let stdout = tokio::spawn(pump(pipes.stdout, Arc::clone(&write), None, gone.clone()));
    let stderr = pipes.stderr.map(|stderr| tokio::spawn(pump(stderr, Arc::clone(&write), Some(1), gone)));
    let mut drained = tokio::spawn(async move {
        // A pump that panicked has nothing more to say.
        let _ = stdout.await;
        if let Some(stderr) = stderr {
            let _ = stderr.await;
        }
    });
    let status = wait(&mut child, pipes.terminal, &mut orders).await;
    let early = tokio::time::timeout(LAST_OUTPUT, &mut drained).await.is_err();
    // The client may be gone: then nobody hears this.
    if let Ok(status) = status {
        tell(&handle, write.id(), status).await;
    }
    if early {
        let _ = drained.await;
    }
    let _ = write.eof().await;
    let _ = write.close().await;
}

async fn wait(
    child: &mut Child,
    mut terminal: Option<Terminal>,
    orders: &mut mpsc::UnboundedReceiver<Control>,
) -> io::Result<ExitStatus> {
    let group = child.id();
    let mut connected = true;
    loop {
        tokio::select! {
            status = child.wait() => return status,
            order = orders.recv(), if connected => match order {
                Some(order) => obey(&order, group, terminal.as_ref()),
                // The last copy of the terminal must go with the client, so that the kernel hangs up.
                None => (connected, terminal) = (false, None),
            },
        }
    }
}

async fn tell(handle: &Handle, id: russh::ChannelId, status: ExitStatus) {
    let _ = match (status.code(), status.signal()) {
        (None, Some(number)) => {
            let core = status.core_dumped();
            handle.exit_signal_request(id, signal::name(number), core, String::new(), String::new()).await
        }
        (code, _) => handle.exit_status_request(id, code.unwrap_or(255).cast_unsigned()).await,
    };
}

fn obey(order: &Control, group: Option<u32>, terminal: Option<&Terminal>) {
    match order {
        Control::Signal(name) => {
            if let (Some(group), Some(number)) = (group, signal::number(name)) {
                signal::send_to_group(group, number);
            }
        }
        Control::Resize(size) => {
            if let Some(terminal) = terminal {
                terminal.resize(*size);
            }
        }
    }
}

/// Reads the channel all the time, so that one command that does not read its input cannot hold up the
/// other channels of the connection.
async fn listen(mut read: ChannelReadHalf, feed: mpsc::UnboundedSender<Vec<u8>>, leave: watch::Sender<bool>) {
    let mut feed = Some(feed);
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Data { data } => {
                if let Some(feed) = &feed {
                    // The command may have closed its input.
                    let _ = feed.send(data.to_vec());
                }
            }
            ChannelMsg::Eof => feed = None,
            ChannelMsg::Close => break,
            _ => {}
        }
    }
    leave.send_replace(true);
}

async fn feed_stdin(
    mut food: mpsc::UnboundedReceiver<Vec<u8>>,
    mut stdin: Box<dyn AsyncWrite + Send + Unpin>,
) {
    while let Some(bytes) = food.recv().await {
        if stdin.write_all(&bytes).await.is_err() || stdin.flush().await.is_err() {
            return;
        }
    }
}

async fn pump(
    mut from: Box<dyn AsyncRead + Send + Unpin>,
    to: Arc<ChannelWriteHalf<Msg>>,
    stream: Option<u32>,
    mut gone: watch::Receiver<bool>,
) {
    let work = async {
        let mut buffer = vec![0; 32 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let bytes = buffer[..count].to_vec();
            let sent = match stream {
                None => to.data_bytes(bytes).await,
                Some(stream) => to.extended_data_bytes(stream, bytes).await,
            };
            if sent.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = work => {}
        _ = gone.wait_for(|gone| *gone) => {}
    }
}
