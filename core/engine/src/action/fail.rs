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
        let message = call.text("msg").unwrap_or_else(|| "Failed as requested from task".to_owned());
        Box::pin(async move { Performed::failed(message) })
    }
}
