use switchover_protocol::{Failure, HostCall, HostReply, Map, Operation, Reply, Request, Value};

use crate::export::{Erased as _, Typed};
use crate::{About, Delta, Host, Module, Outcome};

/// A host that a test made, as the engine would use it.
pub trait Asked {
    /// Answers a call of the module.
    fn answer(&self, call: &HostCall) -> HostReply;
    /// Refuses every write from now on, or no longer.
    fn fence(&self, checking: bool);
    /// Returns what the module may know of its task.
    fn about(&self) -> About;
}

/// Asks a module what would change.
pub fn check<M: Module>(host: &dyn Asked, arguments: Value) -> Result<Delta, Failure> {
    host.fence(true);
    let reply = ask::<M>(host, arguments, Operation::Check);
    host.fence(false);
    match reply {
        Reply::Delta(delta) => Ok(delta),
        Reply::Failure(failure) => Err(failure),
        Reply::Outcome(_) => unreachable!("a check is answered by a delta or a failure"),
    }
}

/// Runs a module as the engine does: `check`, then `apply` unless there is nothing to change.
pub fn run<M: Module>(host: &dyn Asked, arguments: Value) -> Result<Outcome, Failure> {
    let delta = match check::<M>(host, arguments.clone())? {
        Delta::None { result } => return Ok(Outcome { result, ..Outcome::default() }),
        delta => delta,
    };
    match ask::<M>(host, arguments, Operation::Apply { delta }) {
        Reply::Outcome(outcome) => Ok(outcome),
        Reply::Failure(failure) => Err(failure),
        Reply::Delta(_) => unreachable!("an apply is answered by an outcome or a failure"),
    }
}

fn ask<M: Module>(host: &dyn Asked, arguments: Value, operation: Operation) -> Reply {
    let params = match arguments {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    if let Some(failure) = refused::<M>(&params) {
        return Reply::Failure(failure);
    }
    let about = host.about();
    let request = Request {
        module: M::SPEC.name.to_owned(),
        operation,
        params,
        check_mode: about.check_mode,
        diff: true,
        verbosity: 0,
        about: about.facts.clone(),
    };
    let caller = |call: &HostCall| host.answer(call);
    Typed::<M>::default().answer(&request, &Host::new(&caller, &|| false, about))
}

/// The engine refuses what is declared so before the module hears of it.
fn refused<M: Module>(arguments: &Map) -> Option<Failure> {
    let spec = M::SPEC.full::<M::Params>();
    spec.params.iter().find_map(|param| {
        let reason = param.refused.as_ref()?;
        let given =
            std::iter::once(&param.name).chain(&param.aliases).find_map(|name| arguments.get(name))?;
        let differs = !given.is_null() && Some(given) != param.default.as_ref();
        differs.then(|| Failure::arguments(format!("argument `{}` is not supported: {reason}", param.name)))
    })
}
