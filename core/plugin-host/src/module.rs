use std::borrow::Cow;
use std::sync::Arc;

use switchover_protocol::{
    Failure, FailureKind, HostCall, HostReply, Map, ModuleSpec, Operation, Reply, Request,
};

use crate::host_side::{HostSide, excerpt};
use crate::{AnswerError, Plugin};

/// A module of a loaded plugin.
#[derive(Clone, Debug)]
pub struct Module {
    pub spec: Arc<ModuleSpec>,
    pub plugin: Arc<Plugin>,
}

impl Module {
    /// Asks the module and waits for its reply; `host` answers its host calls meanwhile, on this thread.
    ///
    /// Never panics: whatever the plugin answers that is no proper reply becomes a [`Failure`] of kind
    /// `Panicked` that names the plugin's file. It may take as long as the work does, so it is called on a
    /// thread that nothing else waits for. Several threads may ask the same module at once.
    pub fn invoke(
        &self,
        request: &Request,
        host: &mut dyn FnMut(HostCall) -> HostReply,
        cancelled: &dyn Fn() -> bool,
    ) -> Reply {
        let request = self.under_its_name(request);
        let bytes = match serde_json::to_vec(&request) {
            Ok(bytes) => bytes,
            Err(error) => return self.broke(&format!("could not be asked: {error}")),
        };
        let side = HostSide::new(host, cancelled);
        let answer = self.plugin.invoke(&bytes, &side);
        if let Some(said) = side.broken() {
            let msg =
                format!("the engine failed while it answered a host call of {}: {said}", self.spec.name);
            return failure(msg, "this is a bug of switchover, not of the plugin; please report it");
        }
        match answer {
            Ok(bytes) => self.read(&bytes, &request.operation),
            Err(error @ AnswerError::Spoilt { .. }) => self.broke(&format!("did harm: {error}")),
            Err(error) => self.broke(&format!("gave no reply: {error}")),
        }
    }

    fn under_its_name<'a>(&self, request: &'a Request) -> Cow<'a, Request> {
        if request.module == self.spec.name {
            return Cow::Borrowed(request);
        }
        Cow::Owned(Request { module: self.spec.name.clone(), ..request.clone() })
    }

    fn read(&self, bytes: &[u8], operation: &Operation) -> Reply {
        let reply = match serde_json::from_slice(bytes) {
            Ok(reply) => reply,
            Err(error) => {
                return self
                    .broke(&format!("gave a reply that cannot be read: {error}, in {}", excerpt(bytes)));
            }
        };
        match (operation, &reply) {
            (_, Reply::Failure(_))
            | (Operation::Check, Reply::Delta(_))
            | (Operation::Apply { .. }, Reply::Outcome(_)) => reply,
            (Operation::Check, _) => self.broke("answered `check` with an outcome instead of a delta"),
            (Operation::Apply { .. }, _) => self.broke("answered `apply` with a delta instead of an outcome"),
        }
    }

    fn broke(&self, how: &str) -> Reply {
        let file = self.plugin.file.display();
        failure(
            format!("module {} {how} (plugin {file})", self.spec.name),
            "this is a bug of the plugin; what it had done on the host by then was done",
        )
    }
}

fn failure(msg: String, remedy: &str) -> Reply {
    let remedy = Some(remedy.to_owned());
    Reply::Failure(Failure { kind: FailureKind::Panicked, msg, remedy, result: Map::new() })
}
