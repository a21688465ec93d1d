use switchover_protocol::{Exec, ExecOutput, HostError, HostReply, Program};

use super::{INLINE, invalid};
use crate::names;
use crate::plan::{Feed, Library, Part, Raw, failed};
use crate::quote::{path, quote, quote_escaped};
use crate::token::token;

/// The exit code for a program that was ended by its time limit, as `timeout` has it.
const TIMED_OUT: i32 = 124;

/// Runs a program by `exec` in a subshell: one fork, and never a builtin or function of the shell.
pub(super) fn compile(what: &str, exec: &Exec) -> Result<Part, HostError> {
    let command = command(exec)?;
    let mut script = b"(".to_vec();
    script.extend_from_slice(&place(exec)?);
    script.extend_from_slice(b"exec ");
    if exec.timeout.is_some() {
        script.extend_from_slice(b"$sw_setsid ");
    }
    script.extend_from_slice(&command);
    script.push(b')');
    let random = token();
    let (mut feed, mut libraries): (_, &'static [Library]) = (None, &[]);
    let input = exec.stdin.as_ref().map(|bytes| (bytes, quote_escaped(&bytes.0)));
    let script = match input {
        None => quietly(&[&script, b"</dev/null"]),
        Some((_, word)) if word.len() <= INLINE => quietly(&[b"printf %b ", &word, b"|", &script]),
        Some((bytes, _)) => {
            let size = bytes.0.len();
            feed = Some(Feed::Bytes(bytes.0.clone()));
            libraries = &[Library::Common];
            script.splice(1..1, *b"rm -f -- \"$sw_tmp\";");
            let mut line = format!("if sw_feed {random} {size};then ").into_bytes();
            line.extend_from_slice(&quietly(&[&script, b"<\"$sw_tmp\""]));
            line.extend_from_slice(format!(";else echo {random} >&2;(exit 1);fi").as_bytes());
            line
        }
    };
    let subject = format!("giving input to {what}");
    let fed = feed.is_some();
    let parse = move |raw: Raw| {
        if fed && raw.rc == 1 && raw.stderr.trim_ascii_end().ends_with(random.as_bytes()) {
            return Err(failed(subject, &raw));
        }
        let rc = if raw.timed_out { TIMED_OUT } else { raw.rc };
        let timed_out = raw.timed_out;
        Ok(HostReply::Exec(ExecOutput {
            rc,
            stdout: raw.stdout.into(),
            stderr: raw.stderr.into(),
            timed_out,
            waited_us: 0,
        }))
    };
    let parse = Box::new(parse);
    Ok(Part {
        script,
        libraries,
        feed,
        drains: false,
        spool: None,
        program: true,
        halts: false,
        timeout: exec.timeout,
        parse,
    })
}

/// Wraps a subshell: a shell remarks on programs that a signal ended, with all their words, and that is not output
/// of theirs. What the subshell itself says goes past the hole. Without the `:` dash and busybox forget the inner
/// redirections of a group that is nothing but a subshell.
fn quietly(words: &[&[u8]]) -> Vec<u8> {
    [b"{ :;", words.concat().as_slice(), b" 2>&3 3>&-;} 3>&2 2>/dev/null"].concat()
}

/// Returns `[env K=V...] program arguments...` in words.
pub(super) fn command(exec: &Exec) -> Result<Vec<u8>, HostError> {
    let mut words = Vec::new();
    if !exec.env.is_empty() {
        words.push(b"env".to_vec());
        for (key, value) in &exec.env {
            if key.is_empty() || key.starts_with('-') || key.contains(['=', '\0']) {
                return Err(invalid(&format!("{key:?} cannot be the name of an environment variable")));
            }
            words.push(word(&format!("{key}={value}"))?);
        }
    }
    match &exec.program {
        Program::Argv(argv) => {
            let program = argv.first().map(String::as_str).unwrap_or_default();
            if program.is_empty()
                || program.starts_with('-')
                || (!exec.env.is_empty() && program.contains('='))
            {
                return Err(invalid(&format!("{program:?} cannot be the name of a program")));
            }
            for argument in argv {
                words.push(word(argument)?);
            }
        }
        Program::Shell { text, executable } => {
            words.push(word(executable.as_deref().unwrap_or("/bin/sh"))?);
            words.push(b"-c".to_vec());
            words.push(word(text)?);
        }
    }
    Ok(words.join(&b' '))
}

/// Returns the words that go into the folder where the program runs.
pub(super) fn place(exec: &Exec) -> Result<Vec<u8>, HostError> {
    let Some(folder) = &exec.cwd else { return Ok(Vec::new()) };
    if folder.is_empty() || folder.contains('\0') {
        return Err(invalid(&format!("{folder:?} cannot be the name of a folder")));
    }
    // With CDPATH set, cd might go elsewhere, and would say so on standard output. As after chdir(2), `PWD` holds no link.
    Ok([b"CDPATH= cd -P -- ".as_slice(), &path(folder), b"&&"].concat())
}

fn word(text: &str) -> Result<Vec<u8>, HostError> {
    if text.contains('\0') {
        return Err(invalid("an argument contains a NUL"));
    }
    Ok(quote(&names::to_host(text)))
}

/// Names the program, without its arguments, which may be secret.
pub(super) fn describe(exec: &Exec) -> String {
    match &exec.program {
        Program::Argv(argv) => format!("running {}", argv.first().map(String::as_str).unwrap_or("nothing")),
        Program::Shell { executable, .. } => {
            format!("running a script of {}", executable.as_deref().unwrap_or("/bin/sh"))
        }
    }
}
