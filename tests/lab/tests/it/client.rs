use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use russh::client::{self, AuthResult, Handle};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKey};
use russh::{Channel, ChannelMsg};
use switchover_lab::{Lab, Options};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program under test.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_switchover-lab"))
}

/// Starts a lab whose hosts' commands are the program under test.
pub async fn start(options: Options) -> Lab {
    Lab::start(Options { multicall: Some(program()), ..options }).await.unwrap()
}

/// Asks again until the answer is there.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let since = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(since.elapsed() < PATIENCE, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What a command said and how it ended.
#[derive(Debug, Default)]
pub struct Output {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub code: Option<u32>,
    pub signal: Option<String>,
}

impl Output {
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// The output of a command that must have succeeded.
    pub fn good(self) -> String {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.out(), self.err());
        self.out()
    }
}

/// Remembers the key that the server shows.
struct Keys(Arc<std::sync::Mutex<Option<PublicKey>>>);

impl client::Handler for Keys {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKey) -> Result<bool, Self::Error> {
        *self.0.lock().unwrap() = Some(key.clone());
        Ok(true)
    }
}

/// A login on a host.
pub struct Client {
    handle: Handle<Keys>,
    pub host_key: PublicKey,
}

/// How to log in.
pub enum With<'a> {
    Key(Arc<PrivateKey>),
    Password(&'a str),
}

impl Client {
    /// Logs in with the lab's key.
    pub async fn connect(lab: &Lab, host: &str) -> Self {
        let key = PrivateKey::from_openssh(std::fs::read(lab.layout().client_key()).unwrap()).unwrap();
        Self::try_connect(lab, host, "lab", With::Key(Arc::new(key))).await.unwrap()
    }

    /// Logs in, or not.
    pub async fn try_connect(lab: &Lab, host: &str, user: &str, with: With<'_>) -> Option<Self> {
        let entry = lab.host(host).unwrap();
        let config = client::Config { nodelay: true, ..client::Config::default() };
        let seen = Arc::default();
        let address = (entry.address.as_str(), entry.ssh_port);
        let mut handle = client::connect(Arc::new(config), address, Keys(Arc::clone(&seen))).await.ok()?;
        let result = match with {
            With::Key(key) => {
                let key = PrivateKeyWithHashAlg::new(key, None);
                handle.authenticate_publickey(user, key).await.unwrap()
            }
            With::Password(password) => handle.authenticate_password(user, password).await.unwrap(),
        };
        let host_key = seen.lock().unwrap().clone()?;
        matches!(result, AuthResult::Success).then_some(Self { handle, host_key })
    }

    /// Starts a command.
    pub async fn start(&self, command: &str) -> Channel<client::Msg> {
        let channel = self.handle.channel_open_session().await.unwrap();
        channel.exec(true, command).await.unwrap();
        channel
    }

    /// Runs a command without input.
    pub async fn run(&self, command: &str) -> Output {
        self.feed(command, Vec::new()).await
    }

    /// Runs a command with this input.
    pub async fn feed(&self, command: &str, input: Vec<u8>) -> Output {
        let (read, write) = self.start(command).await.split();
        tokio::spawn(async move {
            // The command may end before it has read everything.
            let _ = write.data_bytes(input).await;
            let _ = write.eof().await;
        });
        collect(read).await
    }

    /// Opens a connection through this host.
    pub async fn jump(&self, address: &str, port: u16) -> Option<Channel<client::Msg>> {
        self.handle.channel_open_direct_tcpip(address, port.into(), "127.0.0.1", 1).await.ok()
    }

    /// Opens a channel in which nothing runs yet.
    pub async fn channel(&self) -> Channel<client::Msg> {
        self.handle.channel_open_session().await.unwrap()
    }

    /// Whether the connection is still there.
    pub fn is_open(&self) -> bool {
        !self.handle.is_closed()
    }
}

/// Reads a channel to its end.
pub async fn collect(mut read: russh::ChannelReadHalf) -> Output {
    let mut output = Output::default();
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Data { data } => output.stdout.extend_from_slice(&data),
            ChannelMsg::ExtendedData { data, ext: 1 } => output.stderr.extend_from_slice(&data),
            ChannelMsg::ExitStatus { exit_status } => output.code = Some(exit_status),
            ChannelMsg::ExitSignal { signal_name, .. } => output.signal = Some(format!("{signal_name:?}")),
            _ => {}
        }
    }
    output
}

/// Reads a channel until its output so far holds a text.
pub async fn read_until(channel: &mut Channel<client::Msg>, text: &str) -> String {
    let mut seen = String::new();
    let read = async {
        while !seen.contains(text) {
            match channel.wait().await {
                Some(ChannelMsg::Data { data }) => seen.push_str(&String::from_utf8_lossy(&data)),
                Some(_) => {}
                None => panic!("the channel ended after {seen:?}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("the text comes");
    seen
}
