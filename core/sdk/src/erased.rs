use std::marker::PhantomData;

use switchover_protocol::{Failure, Map, ModuleSpec, Operation, Reply, Request};

use crate::expand::expand_paths;
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
        let reply = match &request.operation {
            Operation::Check => M::check(&params, host).map(Reply::Delta),
            Operation::Apply { delta } => M::apply(&params, delta, host).map(Reply::Outcome),
        };
        reply.unwrap_or_else(Reply::Failure)
    }
}

fn parse<P: Params>(arguments: &Map, host: &Host) -> Result<P, Failure> {
    let expanded = expand_paths(arguments, &P::specs(), host)?;
    Ok(P::parse(expanded.as_ref().unwrap_or(arguments))?)
}
