use switchover_protocol::{Exec, HostCall, HostError, HostReply};

use super::{Fault, Session, explain, fault_of, refuse};
use crate::contact::after_silence;
use crate::run::Group;
use crate::{Elevation, Sink, compile};

/// What has been heard of a chain so far.
struct Progress<'a> {
    /// Answers that were given.
    done: usize,
    /// A program ended with another code than 0, or could not be run: nothing after it is.
    stopped: bool,
    reply: &'a mut (dyn FnMut(usize, HostReply) + Send),
}

impl Progress<'_> {
    fn take(&mut self, reply: HostReply) {
        self.stopped |= !matches!(&reply, HostReply::Exec(output) if output.rc == 0);
        (self.reply)(self.done, reply);
        self.done += 1;
    }
}

impl Session {
    /// Runs programs one after the other in one round trip; the host stops after the first whose exit code is not
    /// 0. `reply` gets each answer with its index as soon as it is complete.
    ///
    /// Programs that were not run get no answer. When the connection breaks, nothing is sent twice: every program
    /// of the line that was on its way answers [`HostError::Lost`].
    pub async fn chain(
        &self,
        elevation: Option<&Elevation>,
        execs: &[Exec],
        reply: &mut (dyn FnMut(usize, HostReply) + Send),
        sink: &mut dyn Sink,
    ) {
        let mut progress = Progress { done: 0, stopped: false, reply };
        while progress.done < execs.len() && !progress.stopped {
            let rest = &execs[progress.done..];
            if rest[0].timeout.is_some() {
                let reply = self.call(elevation, &HostCall::Exec(rest[0].clone()), sink).await;
                progress.take(reply);
                continue;
            }
            match self.attempt_chain(elevation, rest, &mut progress, sink).await {
                Ok(()) => {}
                // Patience with a host that cannot be reached is the matter of a single call.
                Err((Fault::NotSent { .. }, _)) => {
                    let reply = self.call(elevation, &HostCall::Exec(rest[0].clone()), sink).await;
                    progress.take(reply);
                }
                Err((Fault::Final(error), line)) => lose(&mut progress, execs, error, line),
                Err((Fault::Lost { reason, silent, .. }, line)) => {
                    let reason = after_silence(&reason, silent);
                    let what = compile::describe(&HostCall::Exec(execs[progress.done].clone()));
                    lose(&mut progress, execs, HostError::Lost { what, reason }, line);
                }
            }
        }
    }

    /// Runs the programs line by line; a failure comes with the index after the last program that was sent.
    async fn attempt_chain(
        &self,
        elevation: Option<&Elevation>,
        execs: &[Exec],
        progress: &mut Progress<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), (Fault, usize)> {
        let unsent = progress.done;
        let before = |fault| (fault, unsent);
        let parts = compile::compile_chain(execs).map_err(Fault::Final).map_err(before)?;
        refuse(elevation).map_err(Fault::Final).map_err(before)?;
        let Some(line) = compile::groups(parts).into_iter().next() else { return Ok(()) };
        let shells = self.shells().await.map_err(fault_of).map_err(before)?;
        let mut lease = shells.lend(elevation).await.map_err(fault_of).map_err(before)?;
        let sent = progress.done + line.len();
        let mut answers = |reply| progress.take(reply);
        let limit = self.shared.settings.output_limit;
        let mut group = Group::new(line, sink, limit).answering(&mut answers);
        if let Err(broken) = group.run(lease.shell()).await {
            let call = HostCall::Exec(execs[group.answered].clone());
            return Err((explain(broken, false, lease, elevation, &shells, &call), sent));
        }
        if group.strays || group.ends_shell() {
            lease.close()
        } else {
            lease.give_back()
        }
        Ok(())
    }
}

/// Answers the program at which it went wrong with the error, and those sent with it as lost.
fn lose(progress: &mut Progress<'_>, execs: &[Exec], error: HostError, sent: usize) {
    let first = progress.done;
    progress.take(HostReply::Error(error));
    for exec in execs.iter().take(sent).skip(first + 1) {
        let what = compile::describe(&HostCall::Exec(exec.clone()));
        let reason = "it was sent together with a program whose answer was lost".to_owned();
        progress.take(HostReply::Error(HostError::Lost { what, reason }));
    }
}
