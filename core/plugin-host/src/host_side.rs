use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use switchover_protocol::{HostCall, HostError, HostReply};

use crate::library::Side;

/// The host as one invoke sees it. All methods may be called again from within: nothing is borrowed twice.
pub(crate) struct HostSide<'a> {
    host: RefCell<&'a mut dyn FnMut(HostCall) -> HostReply>,
    cancelled: &'a dyn Fn() -> bool,
    broken: Cell<Option<String>>,
}

impl<'a> HostSide<'a> {
    pub(crate) fn new(
        host: &'a mut dyn FnMut(HostCall) -> HostReply,
        cancelled: &'a dyn Fn() -> bool,
    ) -> Self {
        Self { host: RefCell::new(host), cancelled, broken: Cell::new(None) }
    }

    /// Returns what our own closure said when it panicked; the plugin is not to blame then.
    pub(crate) fn broken(&self) -> Option<String> {
        self.broken.take()
    }

    fn ask(&self, call: HostCall) -> HostReply {
        let Ok(mut host) = self.host.try_borrow_mut() else {
            return invalid("a host call within a host call".into());
        };
        match catch_unwind(AssertUnwindSafe(|| host(call))) {
            Ok(reply) => reply,
            Err(panic) => {
                self.broken.set(Some(text_of(panic.as_ref())));
                HostReply::Error(HostError::Cancelled)
            }
        }
    }
}

impl Side for HostSide<'_> {
    fn answer(&self, call: &[u8]) -> Vec<u8> {
        let reply = match serde_json::from_slice(call) {
            Ok(call) => self.ask(call),
            Err(error) => invalid(format!("{error}, in {}", excerpt(call))),
        };
        serde_json::to_vec(&reply).unwrap_or_else(|_| br#"{"error":{"kind":"cancelled"}}"#.to_vec())
    }

    fn is_cancelled(&self) -> bool {
        (self.cancelled)()
    }
}

/// Returns the beginning of bytes, in a form that fits into a message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const SHOWN: usize = 120;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    if bytes.len() > SHOWN { format!("{text:?}… ({} bytes)", bytes.len()) } else { format!("{text:?}") }
}

fn invalid(reason: String) -> HostReply {
    HostReply::Error(HostError::Invalid { reason })
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(side: &HostSide<'_>, call: &str) -> HostReply {
        serde_json::from_slice(&side.answer(call.as_bytes())).unwrap()
    }

    #[test]
    fn answers_a_call_that_it_does_not_know_as_invalid() {
        let mut host = |_| HostReply::Done;
        let side = HostSide::new(&mut host, &|| false);
        assert_eq!(reply(&side, r#"{"remove":{"path":"/x"}}"#), HostReply::Done);
        let HostReply::Error(HostError::Invalid { reason }) = reply(&side, r#"{"format_disk":{}}"#) else {
            panic!("accepted");
        };
        assert!(reason.starts_with("unknown variant `format_disk`"), "{reason}");
    }

    #[test]
    fn remembers_a_panic_of_the_engine_and_tells_the_plugin_to_stop() {
        let mut host = |_| panic!("no such transport");
        let side = HostSide::new(&mut host, &|| false);
        let answer = reply(&side, r#"{"remove":{"path":"/x"}}"#);
        assert_eq!(answer, HostReply::Error(HostError::Cancelled));
        assert_eq!(side.broken().as_deref(), Some("no such transport"));
    }
}
