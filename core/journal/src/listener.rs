use crate::Event;

/// Takes events, in order, one at a time: a reporter, a journal.
pub trait Listener: Send {
    /// Hears of an event. Everything in it is masked.
    fn event(&mut self, event: &Event);
}
