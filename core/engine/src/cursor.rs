use std::sync::Arc;

use switchover_model::{Block, Item, Task};
use switchover_values::VarMap;

/// Where a host stands in a play: a stack of blocks, each with its section and index.
///
/// Pure: it knows no clock, no connection and no result but "it failed".
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    frames: Vec<Frame>,
    /// After a failure that nothing rescues, notified handlers still run (`force_handlers`).
    forced: bool,
    /// Such a failure happened.
    left: bool,
}

/// In which list a task stands, for the host that comes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Play,
    Handlers,
    /// In the play, which the host has left but for its handlers.
    Left,
}

#[derive(Clone, Debug)]
enum Frame {
    Block(BlockFrame),
    /// Files included one after the other by one task (a loop over `include_tasks`).
    Parts {
        parts: Arc<[Part]>,
        next: usize,
    },
}

#[derive(Clone, Debug)]
struct BlockFrame {
    block: Arc<Block>,
    section: Section,
    next: usize,
    order: u32,
    handlers: bool,
    extra: Option<Arc<VarMap>>,
    /// The failure that goes on when `always` is done.
    failing: bool,
}

/// The three lists of a block, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Body,
    Rescue,
    Always,
}

/// A block that was included at run time, with the variables that belong to it.
#[derive(Clone, Debug)]
pub struct Part {
    pub block: Arc<Block>,
    pub extra: Option<Arc<VarMap>>,
    /// Orders different includes of one task, so that hosts go through them one after the other.
    pub order: u32,
}

/// What becomes of a host that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A `rescue` section takes over.
    Rescued,
    /// `always` sections run, then the host is out.
    Doomed,
    /// The host is out.
    Out,
}

/// A place in the play that can be compared between hosts: earlier is smaller.
pub type Path = Vec<(u32, Section, usize)>;

impl Cursor {
    /// Returns a cursor before the first task of a block.
    pub fn new(block: Arc<Block>) -> Self {
        Self { frames: vec![Frame::block(block, 0, None, false)], forced: false, left: false }
    }

    /// Lets handlers run although the host fails.
    pub fn force_handlers(mut self, forced: bool) -> Self {
        self.forced = forced;
        self
    }

    /// Moves to the next task that `wanted` takes and returns it; `None` at the end.
    ///
    /// `wanted` gets the task and in which list it stands.
    pub fn settle(&mut self, mut wanted: impl FnMut(&Arc<Task>, Place) -> bool) -> Option<Arc<Task>> {
        loop {
            let left = self.left && !self.is_in_handlers();
            match self.frames.last_mut()? {
                Frame::Parts { parts, next } => match parts.get(*next) {
                    Some(part) => {
                        *next += 1;
                        let frame =
                            Frame::block(Arc::clone(&part.block), part.order, part.extra.clone(), false);
                        self.frames.push(frame);
                    }
                    None => drop(self.frames.pop()),
                },
                Frame::Block(frame) => match frame.item() {
                    Some(Item::Task(task)) if wanted(task, frame.place(left)) => {
                        return Some(Arc::clone(task));
                    }
                    Some(Item::Task(_)) => frame.next += 1,
                    Some(Item::Block(block)) => {
                        let child = Frame::block(Arc::clone(block), 0, None, frame.handlers);
                        frame.next += 1;
                        self.frames.push(child);
                    }
                    None => self.leave_section(),
                },
            }
        }
    }

    fn leave_section(&mut self) {
        let Some(Frame::Block(frame)) = self.frames.last_mut() else { return };
        if frame.section != Section::Always && !frame.block.always.is_empty() {
            frame.enter(Section::Always);
            return;
        }
        let failing = frame.failing;
        self.frames.pop();
        if failing {
            self.unwind();
        }
    }

    /// Leaves the current task behind.
    pub fn advance(&mut self) {
        if let Some(Frame::Block(frame)) = self.frames.last_mut() {
            frame.next += 1;
        }
    }

    /// Goes to `rescue` or `always`, as Ansible does when a task of a block fails.
    pub fn fail(&mut self) -> Fate {
        let rescued = self.frames.iter().any(Frame::can_rescue);
        let goes_on = self.unwind();
        match (rescued, goes_on) {
            (true, _) => Fate::Rescued,
            (false, true) => Fate::Doomed,
            (false, false) => Fate::Out,
        }
    }

    /// Returns whether a section takes over.
    fn unwind(&mut self) -> bool {
        let in_handlers = self.is_in_handlers();
        while let Some(frame) = self.frames.last_mut() {
            if let Frame::Block(frame) = frame {
                if frame.section == Section::Body && !frame.block.rescue.is_empty() {
                    frame.enter(Section::Rescue);
                    return true;
                }
                if frame.section != Section::Always && !frame.block.always.is_empty() {
                    frame.failing = true;
                    frame.enter(Section::Always);
                    return true;
                }
            }
            if self.forced && self.frames.len() == 1 && !in_handlers {
                self.left = true;
                return false;
            }
            self.frames.pop();
        }
        false
    }

    /// Runs these blocks next, before what follows the current task.
    pub fn include(&mut self, parts: Vec<Part>) {
        self.frames.push(Frame::Parts { parts: parts.into(), next: 0 });
    }

    /// Runs the list of handlers next.
    pub fn enter_handlers(&mut self, handlers: Arc<Block>) {
        self.frames.push(Frame::block(handlers, 0, None, true));
    }

    /// Returns whether handlers are being run.
    pub fn is_in_handlers(&self) -> bool {
        self.frames.iter().any(Frame::is_handlers)
    }

    /// Ends the host's play: nothing more is run.
    pub fn finish(&mut self) {
        self.frames.clear();
    }

    /// Leaves the innermost include or role (`meta: end_role`): the nearest frame whose block is `block`.
    pub fn leave_block(&mut self, is_it: impl Fn(&Block) -> bool) {
        let found = self.frames.iter().rposition(|frame| matches!(frame, Frame::Block(f) if is_it(&f.block)));
        if let Some(index) = found {
            self.frames.truncate(index);
        }
    }

    /// Returns the variables of the includes around the current task, outermost first.
    pub fn extras(&self) -> impl Iterator<Item = &Arc<VarMap>> {
        self.frames.iter().filter_map(|frame| match frame {
            Frame::Block(frame) => frame.extra.as_ref(),
            Frame::Parts { .. } => None,
        })
    }

    /// Returns the tasks that are still ahead, the next one first, without `rescue` sections; and apart from them those of
    /// the `always` sections of the blocks that were begun.
    pub fn ahead(&self) -> (Vec<Arc<Task>>, Vec<Arc<Task>>) {
        let (mut tasks, mut always) = (Vec::new(), Vec::new());
        for frame in self.frames.iter().rev() {
            let frame = match frame {
                Frame::Block(frame) => frame,
                Frame::Parts { parts, next } => {
                    parts.iter().skip(*next).for_each(|part| without_rescue(&part.block.body, &mut tasks));
                    continue;
                }
            };
            let cleans = frame.section == Section::Always;
            let items = frame.items().get(frame.next..).unwrap_or_default();
            without_rescue(items, if cleans { &mut always } else { &mut tasks });
            if !cleans {
                without_rescue(&frame.block.always, &mut always);
            }
        }
        (tasks, always)
    }

    /// Returns where the host stands. Valid after [`Cursor::settle`].
    pub fn path(&self) -> Path {
        let top = self.frames.len().saturating_sub(1);
        let place = |(depth, frame): (usize, &Frame)| match frame {
            // An item that is being worked through inside comes before the next item.
            Frame::Block(f) if depth < top => (f.order, f.section, 2 * f.next.saturating_sub(1) + 1),
            Frame::Block(f) => (f.order, f.section, 2 * f.next),
            Frame::Parts { .. } => (0, Section::Body, 0),
        };
        self.frames.iter().enumerate().map(place).collect()
    }
}

/// Collects the tasks that are run when none fails.
fn without_rescue(items: &[Item], into: &mut Vec<Arc<Task>>) {
    for item in items {
        match item {
            Item::Task(task) => into.push(Arc::clone(task)),
            Item::Block(block) => {
                without_rescue(&block.body, into);
                without_rescue(&block.always, into);
            }
        }
    }
}

impl Frame {
    fn block(block: Arc<Block>, order: u32, extra: Option<Arc<VarMap>>, handlers: bool) -> Self {
        let section = Section::Body;
        Self::Block(BlockFrame { block, section, next: 0, order, handlers, extra, failing: false })
    }

    fn is_handlers(&self) -> bool {
        matches!(self, Self::Block(frame) if frame.handlers)
    }

    fn can_rescue(&self) -> bool {
        matches!(self, Self::Block(f) if f.section == Section::Body && !f.block.rescue.is_empty())
    }
}

impl BlockFrame {
    fn items(&self) -> &[Item] {
        match self.section {
            Section::Body => &self.block.body,
            Section::Rescue => &self.block.rescue,
            Section::Always => &self.block.always,
        }
    }

    fn item(&self) -> Option<&Item> {
        self.items().get(self.next)
    }

    fn place(&self, left: bool) -> Place {
        match (self.handlers, left) {
            (true, _) => Place::Handlers,
            (false, true) => Place::Left,
            (false, false) => Place::Play,
        }
    }

    fn enter(&mut self, section: Section) {
        self.section = section;
        self.next = 0;
    }
}

#[cfg(test)]
#[path = "cursor_tests.rs"]
mod tests;
