use super::{Action, Call, Running};
use crate::performed::Performed;

/// `fail`: fails with a message.
pub struct Fail;

impl Action for Fail {
    fn name(&self) -> &'static str {
        "fail"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["msg"])
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        // Whatever it is: a message may be a list, too.
        let given = call.arguments.get("msg").filter(|value| !value.is_null()).cloned();
        let message = given.unwrap_or_else(|| "Failed as requested from task".into());
        Box::pin(async move { Performed::failed("").with("msg", message) })
    }
}
