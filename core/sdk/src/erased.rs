use std::marker::PhantomData;

use switchover_protocol::{Failure, HostCall, Map, ModuleSpec, Operation, Reply, Request};

use crate::expand::expand_paths;
use crate::labels::Labels;
use crate::{Host, Module, Params};

/// A module without its types: what the boundary works with.
pub trait Erased: Sync + Send {
    /// Returns the whole declaration.
    fn spec(&self) -> ModuleSpec;
    /// Answers a request.
    fn answer(&self, request: &Request, host: &Host) -> Reply;
}

/// Carries a module's type.
pub struct Typed<M>(PhantomData<fn() -> M>);

impl<M> Default for Typed<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M: Module> Erased for Typed<M> {
    fn spec(&self) -> ModuleSpec {
        M::SPEC.full::<M::Params>()
    }

    fn answer(&self, request: &Request, host: &Host) -> Reply {
        let params = match parse::<M::Params>(&request.params, host) {
            Ok(params) => params,
            Err(failure) => return Reply::Failure(failure),
        };
        let reply = match Labels::asked::<M::Params>(&request.params) {
            Some(labels) => labelled::<M>(&params, &request.operation, &labels, host),
            None => plain::<M>(&params, &request.operation, host),
        };
        reply.unwrap_or_else(Reply::Failure)
    }
}

fn plain<M: Module>(params: &M::Params, operation: &Operation, host: &Host) -> Result<Reply, Failure> {
    match operation {
        Operation::Check => M::check(params, host).map(Reply::Delta),
        Operation::Apply { delta } => M::apply(params, delta, host).map(Reply::Outcome),
    }
}

/// Lets the module do its work, then looks at the context and the flags of its file.
fn labelled<M: Module>(
    params: &M::Params,
    operation: &Operation,
    labels: &Labels,
    host: &Host,
) -> Result<Reply, Failure> {
    let caller = |call: &HostCall| labels.call(call, host);
    let cancelled = || host.cancelled();
    let asked = Host::new(&caller, &cancelled, host.about.clone());
    match operation {
        Operation::Check => labels.check(M::check(params, &asked)?, host).map(Reply::Delta),
        Operation::Apply { delta } => {
            let outcome = match Labels::instead(delta) {
                Some(outcome) => outcome,
                None => M::apply(params, delta, &asked)?,
            };
            labels.apply(outcome, delta, host).map(Reply::Outcome)
        }
    }
}

fn parse<P: Params>(arguments: &Map, host: &Host) -> Result<P, Failure> {
    let expanded = expand_paths(arguments, &P::specs(), host)?;
    Ok(P::parse(expanded.as_ref().unwrap_or(arguments))?)
}
