mod chain;

use std::sync::Arc;
use std::time::Duration;

use switchover_protocol::{HostCall, HostError, HostReply};
use tokio::sync::Mutex;

use crate::connection::Connection;
use crate::contact::{Contact, after_silence, seconds};
use crate::pool::Shared;
use crate::run::{Broken, Group};
use crate::shells::{Lease, Shells};
use crate::ssh::SshLink;
use crate::{ConnectError, Elevation, Sink, Target, TransportConfig, compile};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A shell that dies again and again under the same question, on a way that holds, is not a matter of patience.
const DEATHS: u32 = 3;

/// After its programs were ended, a shell has this long to say so.
const GRACE: Duration = Duration::from_secs(10);

/// A host to which calls can be made, by several callers at once.
pub struct Session {
    target: Target,
    shared: Arc<Shared>,
    link: Mutex<Option<Arc<Shells>>>,
}

/// Why an attempt at a call gave no answer.
enum Fault {
    /// Trying again makes no sense.
    Final(HostError),
    /// Nothing was sent.
    NotSent { reason: String },
    /// Something was sent; `way_holds` when only the shell is gone.
    Lost { reason: String, way_holds: bool, silent: Duration },
}

impl Session {
    pub(crate) fn new(target: Target, shared: Arc<Shared>) -> Self {
        Self { target, shared, link: Mutex::new(None) }
    }

    /// Returns the target's name in the inventory.
    pub fn name(&self) -> &str {
        &self.target.name
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Makes one call and returns its answer; trouble of any kind is [`HostReply::Error`].
    ///
    /// A call that only looks is asked again after a lost connection; one that writes is never sent twice (but
    /// for `JobStart` and `Lock`, whose key and claim make it safe) and answers [`HostError::Lost`]. When the returned future is
    /// dropped, what the call was running is ended.
    pub async fn call(
        &self,
        elevation: Option<&Elevation>,
        call: &HostCall,
        sink: &mut dyn Sink,
    ) -> HostReply {
        // Boxed: it is large, and stands deep inside of all that a step does.
        match Box::pin(self.answer(elevation, call, sink)).await {
            Ok(reply) => reply,
            Err(error) => HostReply::Error(error),
        }
    }

    async fn answer(
        &self,
        elevation: Option<&Elevation>,
        call: &HostCall,
        sink: &mut dyn Sink,
    ) -> Result<HostReply, HostError> {
        let again = !call.writes() || matches!(call, HostCall::JobStart { .. } | HostCall::Lock(_));
        let within = self.shared.settings.reconnect_within;
        let mut contact = Contact::with(within);
        let (mut pause, mut deaths) = (FIRST_PAUSE, 0);
        loop {
            let fault = match self.attempt(elevation, call, sink).await {
                Ok(reply) => {
                    contact.back(sink);
                    return Ok(reply);
                }
                Err(fault) => fault,
            };
            let (reason, may_have_run) = match fault {
                Fault::Final(error) => return Err(error),
                Fault::NotSent { reason } => (reason, false),
                Fault::Lost { reason, way_holds, silent } => {
                    deaths += u32::from(way_holds);
                    contact.silent_for(silent);
                    (if again { reason } else { after_silence(&reason, silent) }, true)
                }
            };
            if may_have_run && (!again || deaths >= DEATHS) {
                return Err(HostError::Lost { what: compile::describe(call), reason });
            }
            contact.tell(&reason, sink);
            let lost = contact.lost_for();
            if lost + pause > within {
                let reason = format!("no contact for {}: {reason}", seconds(contact.silence()));
                return Err(HostError::Unreachable { reason });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt(
        &self,
        elevation: Option<&Elevation>,
        call: &HostCall,
        sink: &mut dyn Sink,
    ) -> Result<HostReply, Fault> {
        let parts = compile::compile(call).map_err(Fault::Final)?;
        refuse(elevation).map_err(Fault::Final)?;
        let shells = self.shells().await.map_err(fault_of)?;
        let mut lease = shells.lend(elevation).await.map_err(fault_of)?;
        let mut replies = Vec::new();
        let mut sent = false;
        for group in compile::groups(parts) {
            let mut group = Group::new(group, sink, self.shared.settings.output_limit);
            let mut ran = group.run(lease.shell()).await;
            if matches!(ran, Err(Broken::TimedOut)) {
                ran = end_late(&shells, elevation, &mut lease, &mut group).await;
            }
            if let Err(broken) = ran {
                return Err(explain(broken, sent, lease, elevation, &shells, call));
            }
            sent = true;
            let (strays, ends) = (group.strays, group.ends_shell());
            replies.extend(group.replies());
            let failed = matches!(replies.last(), Some(HostReply::Error(_)));
            if strays || ends {
                lease.close();
                if failed {
                    return finish(call, replies);
                }
                lease = shells.lend(elevation).await.map_err(|error| Fault::Lost {
                    reason: error.to_string(),
                    way_holds: false,
                    silent: Duration::ZERO,
                })?;
            } else if failed {
                break;
            }
        }
        lease.give_back();
        finish(call, replies)
    }

    /// Connects when there is no connection, or a closed one.
    pub(crate) async fn connect(&self) -> Result<(), ConnectError> {
        self.shells().await.map(drop)
    }

    async fn shells(&self) -> Result<Arc<Shells>, ConnectError> {
        let mut link = self.link.lock().await;
        if let Some(shells) = link.as_ref().filter(|shells| !shells.connection.is_closed()) {
            return Ok(Arc::clone(shells));
        }
        *link = None;
        let connection = match &self.target.transport {
            TransportConfig::Local(options) => Connection::Local(options.clone()),
            TransportConfig::Ssh(options) => {
                Connection::Ssh(SshLink::connect(&self.shared, &self.target.name, options).await?)
            }
        };
        let shells = Arc::new(Shells::new(self.target.name.clone(), connection, &self.shared.settings.run));
        *link = Some(Arc::clone(&shells));
        Ok(shells)
    }

    pub(crate) async fn close(&self) {
        if let Some(shells) = self.link.lock().await.take() {
            shells.close().await;
        }
    }
}

fn finish(call: &HostCall, mut replies: Vec<HostReply>) -> Result<HostReply, Fault> {
    if matches!(call, HostCall::Many(_)) {
        return Ok(HostReply::Many(replies));
    }
    Ok(replies.pop().expect("every call has a part, and every part an answer"))
}

/// Ends a program whose time is up, and waits for the shell to say how it ended.
async fn end_late(
    shells: &Shells,
    elevation: Option<&Elevation>,
    lease: &mut Lease,
    group: &mut Group<'_>,
) -> Result<(), Broken> {
    group.mark_timed_out();
    if let Some(pid) = lease.shell().inbox.pid {
        shells.end_programs(elevation, pid).await;
    }
    tokio::time::timeout(GRACE, group.finish(lease.shell())).await.unwrap_or(Err(Broken::TimedOut))
}

fn refuse(elevation: Option<&Elevation>) -> Result<(), HostError> {
    match elevation {
        Some(elevation) if elevation.user.is_empty() || elevation.user.starts_with('-') => {
            Err(HostError::Invalid { reason: format!("{:?} is no name of a user to become", elevation.user) })
        }
        _ => Ok(()),
    }
}

fn fault_of(error: ConnectError) -> Fault {
    match error {
        ConnectError::Unreachable { reason, .. } => Fault::NotSent { reason },
        ConnectError::Elevation { ref user, method, .. } => Fault::Final(HostError::Failed {
            what: format!("becoming {user} with {method}"),
            rc: 1,
            stderr: error.to_string(),
        }),
        error => Fault::Final(HostError::Unreachable { reason: error.to_string() }),
    }
}

fn explain(
    broken: Broken,
    sent: bool,
    mut lease: Lease,
    elevation: Option<&Elevation>,
    shells: &Shells,
    call: &HostCall,
) -> Fault {
    match broken {
        Broken::Gone { code: code @ Some(_), ready: false, .. } if !sent => {
            let error = lease.shell().never_ready(elevation, &shells.host, code);
            lease.close();
            fault_of(error)
        }
        Broken::Gone { code, silent, .. } => {
            lease.close();
            let way_holds = !shells.connection.is_closed();
            let reason = match code {
                Some(code) => format!("the shell on the host ended with code {code}"),
                None => "the connection broke".to_owned(),
            };
            Fault::Lost { reason, way_holds, silent }
        }
        Broken::Here(error) => Fault::Final(error),
        Broken::TooMuch { size, limit } => {
            let path = format!("the output of {}", compile::describe(call));
            Fault::Final(HostError::TooLarge { path, size, limit })
        }
        Broken::TimedOut => Fault::Final(HostError::Lost {
            what: compile::describe(call),
            reason: "its time limit passed, and it could not be ended".to_owned(),
        }),
    }
}
