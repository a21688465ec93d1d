//! One persistent `sh` on a host, as one user, which reads lines and answers in frames.

use std::time::Duration;

use tokio::time::Instant;

use crate::connection::Connection;
use crate::elevation::problem;
use crate::frame::{Framer, Piece};
use crate::pipe::{Event, Pipe, Reader, Writer};
use crate::plan::Library;
use crate::pulse::Silence;
use crate::quote::quote;
use crate::terminal::{self, LoggedIn};
use crate::token::token;
use crate::{ConnectError, Elevation, ElevationProblem, Stream};

/// `read` takes single bytes from a pipe, so what follows a line stays there for the programs of that line. No
/// character here means anything to csh or fish inside single quotes.
const LOOP: &str = r#"while LC_ALL=C IFS= read -r sw_input; do eval "$sw_input"; done"#;

/// Returns what a shell runs. The comment stands in the list of processes: by that, others know whose program is at work
/// when its run is gone (`locks.sh`).
pub(crate) fn script(run: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match run.is_empty() || !run.chars().all(plain) {
        true => LOOP.to_owned(),
        false => format!("{LOOP} #run={run};"),
    }
}

/// Logging in may take long where users come from a directory service.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Noise beyond this before the shell is ready (a login message, a lecture) is not kept.
const NOISE: usize = 16 * 1024;

/// A shell that is there or is coming up.
pub(crate) struct Shell {
    pub writer: Writer,
    pub inbox: Inbox,
    /// Goes out before the next line: the greeting of a new shell.
    unsent: Vec<u8>,
    libraries: Vec<Library>,
    /// Open as long as the shell needs it.
    _terminal: Option<Writer>,
}

/// The receiving side of a [`Shell`].
pub(crate) struct Inbox {
    reader: Reader,
    stdout: Framer,
    stderr: Framer,
    pieces: std::collections::VecDeque<(Stream, Piece)>,
    /// The process number of the shell; none until it has answered.
    pub pid: Option<u32>,
    /// Whether each stream has brought the greeting; what comes before is noise.
    greeted: [bool; 2],
    noise: Vec<u8>,
    /// When it has to be up.
    deadline: Instant,
}

/// The shell is no more.
pub(crate) struct Gone {
    pub code: Option<i32>,
}

impl Shell {
    /// Starts a shell. Without a password nothing is waited for: the first line travels with the greeting.
    pub(crate) async fn start(
        connection: &Connection,
        elevation: Option<&Elevation>,
        host: &str,
        script: &str,
    ) -> Result<Self, ConnectError> {
        let token = token();
        let unreachable = |reason| ConnectError::Unreachable { host: host.to_owned(), reason };
        if let Some(elevation) = elevation.filter(|elevation| elevation.needs_terminal()) {
            let LoggedIn { pipe, terminal } = terminal::log_in(connection, elevation, (host, script)).await?;
            let shell = Self::new(pipe, &token);
            return Ok(Self { unsent: greeting(&token), _terminal: terminal, ..shell });
        }
        let (hello, prompt) = (crate::token::token(), format!("[{}]", crate::token::token()));
        let pipe = connection
            .open(command((connection, script), elevation, &hello, &prompt))
            .await
            .map_err(unreachable)?;
        let mut shell = Self::new(pipe, &token);
        if let Some(Elevation { password: Some(_), .. }) = elevation {
            let elevation = elevation.expect("it was just matched");
            let asking = shell.authenticate(elevation, &hello, &prompt);
            match tokio::time::timeout(elevation.timeout, asking).await {
                Ok(done) => done?,
                Err(_) => return Err(ConnectError::NoAnswer { reason: silent(elevation) }),
            }
        }
        shell.unsent = greeting(&token);
        Ok(shell)
    }

    fn new(pipe: Pipe, token: &str) -> Self {
        let inbox = Inbox {
            reader: pipe.reader,
            stdout: Framer::new(token),
            stderr: Framer::new(token),
            pieces: std::collections::VecDeque::new(),
            pid: None,
            greeted: [false; 2],
            noise: Vec::new(),
            deadline: Instant::now() + START_TIMEOUT,
        };
        Self { writer: pipe.writer, inbox, unsent: Vec::new(), libraries: Vec::new(), _terminal: None }
    }

    /// Waits until the tool asks for the password or the shell says hello; a second question means that the
    /// first answer was wrong.
    async fn authenticate(
        &mut self,
        elevation: &Elevation,
        hello: &str,
        prompt: &str,
    ) -> Result<(), ConnectError> {
        let password = elevation.password.as_ref().expect("the caller looked");
        let (mut stdout, mut stderr, mut answered) = (Vec::new(), Vec::new(), false);
        loop {
            match self.inbox.reader.next().await {
                Event::Data(Stream::Stdout, bytes) => stdout.extend_from_slice(&bytes),
                Event::Data(Stream::Stderr, bytes) => stderr.extend_from_slice(&bytes),
                Event::Ended(code) => return Err(denied(elevation, &stderr, code, answered)),
            }
            if stdout.windows(hello.len()).any(|window| window == hello.as_bytes()) {
                return Ok(());
            }
            if elevation.asks(&stderr, prompt) {
                if answered {
                    let said = String::from_utf8_lossy(&stderr).replace(prompt, "");
                    return Err(denied(elevation, said.as_bytes(), None, true));
                }
                answered = true;
                stderr.clear();
                let mut line = password.reveal().as_bytes().to_vec();
                line.push(b'\n');
                if self.writer.send(line).await.is_err() {
                    return Err(denied(elevation, &stderr, None, true));
                }
            }
        }
    }

    /// Returns what has to travel before a line that uses these libraries, and takes it as sent.
    pub(crate) fn preface(&mut self, libraries: &[Library]) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.unsent);
        for library in libraries {
            if !self.libraries.contains(library) {
                self.libraries.push(*library);
                bytes.extend_from_slice(b"eval ");
                bytes.extend_from_slice(&quote(&library.text()));
                bytes.push(b'\n');
            }
        }
        bytes
    }

    /// Returns whether nothing has come since the last answer. What a past program left behind writes into the
    /// answers to come, so such a shell is not used again; nor is one that has ended.
    pub(crate) async fn is_quiet(&mut self) -> bool {
        self.inbox.is_quiet().await
    }

    /// Explains a shell that ended before it was ready.
    pub(crate) fn never_ready(
        &self,
        elevation: Option<&Elevation>,
        host: &str,
        code: Option<i32>,
    ) -> ConnectError {
        let host = host.to_owned();
        match (elevation, code) {
            (_, None) => ConnectError::Unreachable {
                host,
                reason: "the connection was closed while a shell started".to_owned(),
            },
            (Some(elevation), code) => denied(elevation, &self.inbox.noise, code, false),
            (None, code) => {
                let stderr = String::from_utf8_lossy(&self.inbox.noise).trim().to_owned();
                ConnectError::NoShell { host, code, stderr }
            }
        }
    }
}

impl Inbox {
    /// Returns the silence of the host from now on.
    pub(crate) fn silence(&self) -> Silence {
        Silence::begin(self.reader.pulse())
    }

    /// Waits for the next piece of either stream; may be dropped while it waits without losing one.
    pub(crate) async fn next(&mut self) -> Result<(Stream, Piece), Gone> {
        loop {
            while let Some((stream, piece)) = self.pieces.pop_front() {
                match piece {
                    Piece::Remark(pid) => {
                        self.pid = Some(pid.parse().unwrap_or(0));
                        self.greeted[stream as usize] = true;
                    }
                    Piece::Data(bytes) if !self.greeted[stream as usize] => {
                        if self.noise.len() < NOISE {
                            self.noise.extend_from_slice(&bytes);
                        }
                    }
                    piece => return Ok((stream, piece)),
                }
            }
            let event = if self.pid.is_none() {
                let waiting = tokio::time::timeout_at(self.deadline, self.reader.next());
                waiting.await.unwrap_or(Event::Ended(Some(-1)))
            } else {
                self.reader.next().await
            };
            match event {
                Event::Data(stream, bytes) => {
                    let framer = match stream {
                        Stream::Stdout => &mut self.stdout,
                        Stream::Stderr => &mut self.stderr,
                    };
                    self.pieces.extend(framer.push(bytes).into_iter().map(|piece| (stream, piece)));
                }
                Event::Ended(code) => return Err(Gone { code }),
            }
        }
    }

    /// Returns whether the stream says nothing now, not even its end.
    async fn is_quiet(&mut self) -> bool {
        tokio::select! {
            biased;
            _ = self.next() => false,
            () = std::future::ready(()) => true,
        }
    }
}

/// The words are Ansible's, of its two ways to connect.
fn silent(elevation: &Elevation) -> String {
    let advice = match elevation.prompts.as_slice() {
        [] => String::new(),
        prompts => format!("; ansible_su_prompt_l10n expects it to ask for {}", prompts.join(" or ")),
    };
    format!(
        "Timed out waiting for become success or become password prompt: {} does not answer within {} s of waiting for \
         privilege escalation prompt{advice}",
        elevation.method.name(),
        elevation.timeout.as_secs()
    )
}

fn command(
    (connection, script): (&Connection, &str),
    elevation: Option<&Elevation>,
    hello: &str,
    prompt: &str,
) -> Vec<u8> {
    let mut command = b"exec ".to_vec();
    match elevation {
        None => {
            command.extend_from_slice(&quote(connection.shell().as_bytes()));
            command.extend_from_slice(b" -c ");
            command.extend_from_slice(&quote(script.as_bytes()));
        }
        Some(elevation) if elevation.password.is_some() => {
            let script = format!("printf %s {hello}; {script}");
            command.extend_from_slice(&elevation.command(script.as_bytes(), prompt));
        }
        Some(elevation) => command.extend_from_slice(&elevation.command(script.as_bytes(), prompt)),
    }
    command
}

/// The first line of every shell. It travels on standard input so that the token is in no process list.
fn greeting(token: &str) -> Vec<u8> {
    let mark = |word: &str, rest: &str| {
        let one = format!("printf '\\036{token}{word}\\n'{rest}");
        format!("{one};{one}>&2")
    };
    format!(
        "sw_nl=$(printf '\\nx');sw_nl=${{sw_nl%x}};sw_umask=$(umask);sw_setsid=;\
         command -v setsid >/dev/null 2>&1&&sw_setsid=setsid;\
         sw_b(){{ {};}};sw_m(){{ sw_rc=$?;{};}};sw_f(){{ sw_m;[ \"$sw_rc\" = 0 ]||sw_stop=1;}};\
         {}\n",
        mark("<", ""),
        mark(">%s", " \"$sw_rc\""),
        mark("!%s", " $$"),
    )
    .into_bytes()
}

/// Explains why the program did not let us in; `answered` when it was given a password.
pub(crate) fn denied(
    elevation: &Elevation,
    stderr: &[u8],
    code: Option<i32>,
    answered: bool,
) -> ConnectError {
    let stderr = String::from_utf8_lossy(stderr).trim().to_owned();
    let mut problem = problem(&stderr, code);
    if problem == ElevationProblem::Other && answered && code != Some(127) {
        problem = ElevationProblem::WrongPassword;
    }
    // It failed before it could ask.
    if problem == ElevationProblem::WrongPassword && !answered && elevation.needs_terminal() {
        problem = ElevationProblem::NeedsTerminal;
    }
    // Without one the tool was given nothing, which it calls wrong, too.
    if problem == ElevationProblem::WrongPassword && elevation.password.is_none() {
        problem = ElevationProblem::PasswordNeeded;
    }
    ConnectError::Elevation { user: elevation.user.clone(), method: elevation.method.name(), problem, stderr }
}
