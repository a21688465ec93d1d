//! Elevation by a program that reads passwords from a terminal only: it gets one for the password, while the
//! streams of its shell go through named pipes and stay apart.

use crate::connection::Connection;
use crate::pipe::{Event, Pipe, Reader, Writer};
use crate::quote::quote;
use crate::shell::denied;
use crate::token::token;
use crate::{ConnectError, Elevation, Stream};

/// Makes the named pipes and connects them with its own streams. It says where they are, and waits for a line
/// before it takes its own input: an end instead of it means that nobody will come to the other sides. Once they
/// are open they need no names.
const RELAY: &str = r#"umask 077; d=$(mktemp -d "${TMPDIR:-/tmp}/.switchover.XXXXXXXXXX") || exit 126; mkfifo "$d/in" "$d/out" "$d/err" || { rm -rf "$d"; exit 126; }; exec 3<&0; cat <"$d/out" & o=$! ; cat <"$d/err" >&2 & e=$! ; exec 4<>"$d/in"; echo "$1$d"; if read -r go; then exec 5>"$d/in" 4>&-; rm -rf "$d"; cat <&3 >&5 & i=$! ; exec 5>&- 3<&-; wait "$o"; wait "$e"; kill "$i" 2>/dev/null; else kill "$o" "$e"; rm -rf "$d"; fi"#;

/// Takes the named pipes of the folder `$1` as streams, says `$2` on the terminal, and runs the rest. It keeps
/// the terminal open meanwhile: between two uses by the program it would count as hung up.
const ATTACH: &str = r#"exec 3>&1 >"$1/out" 2>"$1/err" <"$1/in"; echo "$2" >&3; shift 2; "$@" 3>&-; exit"#;

/// The streams of an elevated shell.
pub(crate) struct LoggedIn {
    pub pipe: Pipe,
    /// The terminal, when the host cannot take the shell off it.
    pub terminal: Option<Writer>,
}

/// Starts the loop as another user, typing the password when it is asked for.
pub(crate) async fn log_in(
    connection: &Connection,
    elevation: &Elevation,
    (host, script): (&str, &str),
) -> Result<LoggedIn, ConnectError> {
    let _turn = connection.terminal_turn().await;
    let login = Login { connection, elevation, host, script, mark: token(), hello: token() };
    match tokio::time::timeout(elevation.timeout, Box::pin(login.run())).await {
        Ok(done) => done,
        Err(_) => Err(login.denied(b"it does not answer", None, false)),
    }
}

struct Login<'a> {
    connection: &'a Connection,
    elevation: &'a Elevation,
    host: &'a str,
    /// What the elevated shell runs.
    script: &'a str,
    /// Where the output of a script begins; what comes before is noise of the login.
    mark: String,
    /// What the elevated shell says first, followed by `+` when it has left the terminal, else by `-`.
    hello: String,
}

/// What came over the relay and the terminal so far.
#[derive(Default)]
struct Heard {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    terminal: Vec<u8>,
    answered: bool,
    relay_over: bool,
    code: Option<i32>,
}

impl Login<'_> {
    async fn run(&self) -> Result<LoggedIn, ConnectError> {
        let relay = script(RELAY, &[self.mark.as_bytes()]);
        let mut relay = self.connection.open(relay).await.map_err(|reason| self.unreachable(reason))?;
        let mut folder = self.after_mark(&mut relay.reader).await?;
        folder.truncate(folder.trim_ascii_end().len());
        let mut attach = script(ATTACH, &[&folder, self.mark.as_bytes()]);
        attach.push(b' ');
        attach.extend(self.program());
        let terminal = self.connection.open_terminal(attach).await;
        let mut terminal = terminal.map_err(|reason| self.unreachable(reason))?;
        let mut heard = Heard { terminal: self.after_mark(&mut terminal.reader).await?, ..Heard::default() };
        let broke = |error: std::io::Error| self.unreachable(error.to_string());
        relay.writer.send(b"go\n".to_vec()).await.map_err(broke)?;
        loop {
            if let Some(detached) = self.greeted(&heard.stdout) {
                let terminal = (!detached).then(|| keep(terminal));
                return Ok(LoggedIn { pipe: relay, terminal });
            }
            if self.elevation.asks(&heard.terminal, "") {
                if heard.answered {
                    return Err(self.denied(&heard.stderr, None, true));
                }
                heard.answered = true;
                heard.terminal.clear();
                let password = self.elevation.password.as_ref().expect("the caller looked");
                let line = [password.reveal().as_bytes(), b"\n"].concat();
                terminal.writer.send(line).await.map_err(broke)?;
            }
            if heard.relay_over && heard.code.is_some() {
                return Err(self.denied(&heard.stderr, heard.code, heard.answered));
            }
            self.listen(&mut relay.reader, &mut terminal.reader, &mut heard).await?;
        }
    }

    async fn listen(
        &self,
        relay: &mut Reader,
        terminal: &mut Reader,
        heard: &mut Heard,
    ) -> Result<(), ConnectError> {
        tokio::select! {
            event = relay.next(), if !heard.relay_over => match event {
                Event::Data(Stream::Stdout, bytes) => heard.stdout.extend(bytes),
                Event::Data(Stream::Stderr, bytes) => heard.stderr.extend(bytes),
                Event::Ended(Some(_)) => heard.relay_over = true,
                Event::Ended(None) => return Err(self.broken()),
            },
            event = terminal.next(), if heard.code.is_none() => match event {
                Event::Data(_, bytes) => heard.terminal.extend(bytes),
                Event::Ended(Some(code)) => heard.code = Some(code),
                Event::Ended(None) => return Err(self.broken()),
            },
        }
        Ok(())
    }

    /// Waits for the line of the mark and returns what follows the mark.
    async fn after_mark(&self, reader: &mut Reader) -> Result<Vec<u8>, ConnectError> {
        let (mut stdout, mut said) = (Vec::new(), Vec::new());
        loop {
            match reader.next().await {
                Event::Data(Stream::Stdout, bytes) => {
                    said.extend_from_slice(&bytes);
                    stdout.extend(bytes);
                }
                Event::Data(Stream::Stderr, bytes) => said.extend(bytes),
                Event::Ended(None) => return Err(self.broken()),
                Event::Ended(code) => return Err(self.denied(&said, code, false)),
            }
            if let Some(rest) = after(&stdout, &self.mark).filter(|rest| rest.contains(&b'\n')) {
                return Ok(rest.to_vec());
            }
        }
    }

    /// The words that run the loop as the user. Off the terminal, where that can be done: it is for the password
    /// only, and programs would ask there for things nobody sees.
    fn program(&self) -> Vec<u8> {
        let hello = &self.hello;
        let script = format!(
            "if command -v setsid >/dev/null 2>&1; then setsid /bin/sh -c \"printf %s {hello}+; $1\"; exit; fi; \
             printf %s {hello}-; eval \"$1\""
        );
        let mut words = self.elevation.command(script.as_bytes(), "");
        words.extend_from_slice(b" sh ");
        words.extend(quote(self.script.as_bytes()));
        words
    }

    fn greeted(&self, stdout: &[u8]) -> Option<bool> {
        after(stdout, &self.hello)?.first().map(|sign| *sign == b'+')
    }

    fn denied(&self, stderr: &[u8], code: Option<i32>, answered: bool) -> ConnectError {
        denied(self.elevation, stderr, code, answered)
    }

    fn unreachable(&self, reason: String) -> ConnectError {
        ConnectError::Unreachable { host: self.host.to_owned(), reason }
    }

    fn broken(&self) -> ConnectError {
        self.unreachable("the connection was closed while a shell started".to_owned())
    }
}

fn script(text: &str, words: &[&[u8]]) -> Vec<u8> {
    let mut command = [b"exec /bin/sh -c ", quote(text.as_bytes()).as_slice(), b" sh"].concat();
    for word in words {
        command.push(b' ');
        command.extend(quote(word));
    }
    command
}

fn after<'a>(bytes: &'a [u8], mark: &str) -> Option<&'a [u8]> {
    let at = bytes.windows(mark.len()).position(|window| window == mark.as_bytes())?;
    Some(&bytes[at + mark.len()..])
}

/// What is written to a terminal that stays open must be taken from it, or the writers would wait for ever.
fn keep(terminal: Pipe) -> Writer {
    let Pipe { writer, mut reader } = terminal;
    tokio::spawn(async move { while let Event::Data(..) = reader.next().await {} });
    writer
}
