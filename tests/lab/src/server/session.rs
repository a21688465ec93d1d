use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use russh::keys::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Session as Wire};
use russh::{Channel, ChannelId, ChannelOpenFailure, Pty, Sig};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::command::{self, Control, Started};
use super::machine::Machine;
use super::terminal::Size;

/// One client's connection.
pub struct Session {
    machine: Arc<Machine>,
    peer: Option<SocketAddr>,
    waiting: HashMap<ChannelId, Waiting>,
    controls: HashMap<ChannelId, mpsc::UnboundedSender<Control>>,
}

/// A session channel in which nothing runs yet.
struct Waiting {
    channel: Channel<Msg>,
    env: Vec<(String, String)>,
    terminal: Option<Size>,
}

impl Session {
    pub fn new(machine: Arc<Machine>, peer: Option<SocketAddr>) -> Self {
        Self { machine, peer, waiting: HashMap::new(), controls: HashMap::new() }
    }

    fn start(&mut self, id: ChannelId, program: Option<&[u8]>, wire: &mut Wire) -> Result<(), russh::Error> {
        let Some(waiting) = self.waiting.remove(&id) else {
            return wire.channel_failure(id);
        };
        let mut env = self.machine.environment();
        env.extend(waiting.env.into_iter().map(|(name, value)| (name, value.into())));
        if let Some(peer) = self.peer {
            let port = self.machine.entry.ssh_port;
            let connection = format!("{} {} {} {port}", peer.ip(), peer.port(), self.machine.entry.address);
            env.push(("SSH_CONNECTION".into(), connection.into()));
        }
        let command = command::Command {
            program: program.map(<[u8]>::to_vec),
            env,
            folder: self.machine.layout.home(&self.machine.user),
            terminal: waiting.terminal,
            disk_full: self.machine.disk_is_full(),
        };
        match command.start() {
            Ok(Started { child, pipes }) => {
                wire.channel_success(id)?;
                let (control, orders) = mpsc::unbounded_channel();
                self.controls.insert(id, control);
                tokio::spawn(command::attend(waiting.channel, wire.handle(), child, pipes, orders));
                Ok(())
            }
            Err(_) => wire.channel_failure(id),
        }
    }
}

impl Handler for Session {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        let good = user == self.machine.user && password == self.machine.password;
        Ok(if good { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_publickey_offered(&mut self, user: &str, key: &PublicKey) -> Result<Auth, Self::Error> {
        self.auth_publickey(user, key).await
    }

    async fn auth_publickey(&mut self, user: &str, key: &PublicKey) -> Result<Auth, Self::Error> {
        let good = user == self.machine.user && key.key_data() == self.machine.client_key.key_data();
        Ok(if good { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _wire: &mut Wire,
    ) -> Result<(), Self::Error> {
        let waiting = Waiting { env: Vec::new(), terminal: None, channel };
        self.waiting.insert(waiting.channel.id(), waiting);
        reply.accept().await;
        Ok(())
    }

    /// A jump through this host, to other addresses of this machine only.
    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _originator: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _wire: &mut Wire,
    ) -> Result<(), Self::Error> {
        let loopback = host == "localhost" || host.starts_with("127.");
        let Some(port) = u16::try_from(port).ok().filter(|_| loopback) else {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
            return Ok(());
        };
        match TcpStream::connect((host, port)).await {
            Ok(mut target) => {
                reply.accept().await;
                tokio::spawn(async move {
                    let mut stream = channel.into_stream();
                    // Either side may leave at any time; there is nobody to tell.
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut target).await;
                });
            }
            Err(_) => reply.reject(ChannelOpenFailure::ConnectFailed).await,
        }
        Ok(())
    }

    async fn env_request(
        &mut self,
        id: ChannelId,
        name: &str,
        value: &str,
        wire: &mut Wire,
    ) -> Result<(), Self::Error> {
        match self.waiting.get_mut(&id) {
            Some(waiting) if name == "LANG" || name.starts_with("LC_") => {
                waiting.env.push((name.to_owned(), value.to_owned()));
                wire.channel_success(id)
            }
            _ => wire.channel_failure(id),
        }
    }

    async fn pty_request(
        &mut self,
        id: ChannelId,
        term: &str,
        columns: u32,
        rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        wire: &mut Wire,
    ) -> Result<(), Self::Error> {
        let Some(waiting) = self.waiting.get_mut(&id) else {
            return wire.channel_failure(id);
        };
        waiting.env.push(("TERM".into(), term.to_owned()));
        waiting.terminal = Some(Size::new(columns, rows));
        wire.channel_success(id)
    }

    async fn window_change_request(
        &mut self,
        id: ChannelId,
        columns: u32,
        rows: u32,
        _width: u32,
        _height: u32,
        _wire: &mut Wire,
    ) -> Result<(), Self::Error> {
        if let Some(control) = self.controls.get(&id) {
            // The command may have ended just now.
            let _ = control.send(Control::Resize(Size::new(columns, rows)));
        }
        Ok(())
    }

    async fn shell_request(&mut self, id: ChannelId, wire: &mut Wire) -> Result<(), Self::Error> {
        self.start(id, None, wire)
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        command: &[u8],
        wire: &mut Wire,
    ) -> Result<(), Self::Error> {
        self.start(id, Some(command), wire)
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        name: &str,
        wire: &mut Wire,
    ) -> Result<(), Self::Error> {
        let program = (name == "sftp").then(command::sftp_server).flatten();
        match program {
            Some(program) => self.start(id, Some(program.as_bytes()), wire),
            None => wire.channel_failure(id),
        }
    }

    async fn signal(&mut self, id: ChannelId, signal: Sig, _wire: &mut Wire) -> Result<(), Self::Error> {
        if let Some(control) = self.controls.get(&id) {
            // The command may have ended just now.
            let _ = control.send(Control::Signal(signal));
        }
        Ok(())
    }

    async fn channel_close(&mut self, id: ChannelId, _wire: &mut Wire) -> Result<(), Self::Error> {
        self.waiting.remove(&id);
        self.controls.remove(&id);
        Ok(())
    }
}
