//! The only file with unsafe code: loads a library, calls its functions, and answers its calls.
//!
//! What it believes of a plugin: that its pointers are null or lead to readable memory of the stated
//! length. Everything else (codes, lengths, text, the thread it calls from) is checked.
#![expect(unsafe_code, reason = "the C boundary is here and nowhere else")]

use std::cell::RefCell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use libloading::os::unix::{self, RTLD_LOCAL, RTLD_NOW};
use switchover_protocol::abi::{ABI, Buffer, Entry, HostApi, PluginApi, SYMBOL};

use crate::{AnswerError, PluginError};

/// The most that a plugin may answer in one piece; a reply may hold the whole output of a program.
pub(crate) const ANSWER_LIMIT: usize = 256 * 1024 * 1024;
/// The most that a description may hold.
pub(crate) const DESCRIBE_LIMIT: usize = 16 * 1024 * 1024;
/// How much is kept of a text that explains a failure.
const MESSAGE_LIMIT: usize = 4096;

/// The codes that a host call returns besides 0.
const CODE_NO_OUT: i32 = 1;
const CODE_NOT_HERE: i32 = 2;
const CODE_BROKEN: i32 = 3;

/// Who answers host calls during one invoke.
pub(crate) trait Side {
    /// Answers the bytes of a host call with the bytes of a reply; never panics.
    fn answer(&self, call: &[u8]) -> Vec<u8>;
    /// Returns whether the run is being stopped.
    fn is_cancelled(&self) -> bool;
}

type Describe = unsafe extern "C" fn(*mut Buffer) -> i32;
type Invoke = unsafe extern "C" fn(*const u8, usize, *const HostApi, *mut Buffer) -> i32;

/// The functions of a loaded library, which is never unloaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Library {
    describe: Describe,
    invoke: Invoke,
}

impl Library {
    /// Loads a library and reads its table of functions. `file` must be absolute.
    pub(crate) fn open(file: &Path) -> Result<Self, PluginError> {
        let owned = || file.to_owned();
        // SAFETY: loading runs the library's initialisers, which are code of a plugin that was found trusted.
        let library = unsafe { unix::Library::open(Some(file), RTLD_NOW | RTLD_LOCAL) }
            .map_err(|source| PluginError::Open { file: owned(), source })?;
        // SAFETY: a symbol of this name has this type; that is what the name means.
        let entry = unsafe { library.get::<Entry>(SYMBOL) }
            .map(|symbol| *symbol)
            .map_err(|source| PluginError::NoSymbol { file: owned(), symbol: SYMBOL, source });
        // Leaked: thread-local destructors and threads of the library may outlive any moment for unloading.
        let _ = library.into_raw();
        // SAFETY: the entry function takes nothing and may be called at any time.
        let table = unsafe { entry?() };
        read_table(file, table)
    }

    /// Asks for the description of the modules, as JSON that is not yet looked at.
    pub(crate) fn describe(&self) -> Result<Vec<u8>, AnswerError> {
        let mut out = Buffer::empty();
        // SAFETY: `out` is a valid, empty buffer that lives during the call.
        let code = unsafe { (self.describe)(&raw mut out) };
        answer(code, out, DESCRIBE_LIMIT)
    }

    /// Passes a request to the plugin; `side` answers its host calls on this thread.
    pub(crate) fn invoke(&self, request: &[u8], side: &dyn Side) -> Result<Vec<u8>, AnswerError> {
        let open = Open::new(side);
        let host = HostApi {
            abi: ABI,
            size: size_of::<HostApi>() as u32,
            ctx: std::ptr::without_provenance_mut(open.ticket),
            call: Some(call),
            cancelled: Some(cancelled),
        };
        let mut out = Buffer::empty();
        // SAFETY: all pointers lead to values that live during the call.
        let code = unsafe { (self.invoke)(request.as_ptr(), request.len(), &raw const host, &raw mut out) };
        answer(code, out, ANSWER_LIMIT)
    }
}

fn read_table(file: &Path, table: *const PluginApi) -> Result<Library, PluginError> {
    let file = || file.to_owned();
    if table.is_null() {
        return Err(PluginError::NoTable { file: file(), why: "it returned null" });
    }
    if !table.is_aligned() {
        return Err(PluginError::NoTable { file: file(), why: "it lies at an odd address" });
    }
    // SAFETY: not null, aligned; every version of the table begins with these two numbers.
    let (abi, size) = unsafe { ((*table).abi, (*table).size) };
    if abi != ABI {
        return Err(PluginError::WrongAbi { file: file(), want: ABI, got: abi });
    }
    let want = size_of::<PluginApi>() as u32;
    if size < want {
        return Err(PluginError::TableTooSmall { file: file(), want, got: size });
    }
    // SAFETY: the table says that it is at least as large as ours, whose fields may be null.
    let (describe, invoke) = unsafe { ((*table).describe, (*table).invoke) };
    let describe = describe.ok_or_else(|| PluginError::NoFunction { file: file(), function: "describe" })?;
    let invoke = invoke.ok_or_else(|| PluginError::NoFunction { file: file(), function: "invoke" })?;
    Ok(Library { describe, invoke })
}

fn answer(code: i32, out: Buffer, limit: usize) -> Result<Vec<u8>, AnswerError> {
    if code == 0 {
        return take(out, limit);
    }
    match take(out, limit) {
        Ok(text) if !text.is_empty() => {
            let text = String::from_utf8_lossy(&text[..text.len().min(MESSAGE_LIMIT)]);
            Err(AnswerError::Code { code, said: text.trim().to_owned() })
        }
        _ => Err(AnswerError::SilentCode { code }),
    }
}

/// Copies a plugin's bytes and gives them back to it, exactly once, whatever is wrong with them.
fn take(mut buffer: Buffer, limit: usize) -> Result<Vec<u8>, AnswerError> {
    let len = buffer.len;
    let bytes = if len == 0 {
        Ok(Vec::new())
    } else if buffer.data.is_null() {
        Err(AnswerError::NullData { len })
    } else if len > limit {
        Err(AnswerError::TooLarge { len, limit })
    } else {
        // SAFETY: not null; the contract says that `len` bytes can be read there until they are freed.
        Ok(unsafe { std::slice::from_raw_parts(buffer.data, len) }.to_vec())
    };
    if let Some(free) = buffer.free {
        // SAFETY: the maker's own function, called once, with the buffer as it was made.
        unsafe { free(&raw mut buffer) };
    }
    bytes
}

thread_local! {
    /// The invokes under way on this thread. A plugin holds only a ticket, so a call from another thread or
    /// after the end finds nothing, instead of memory that is no longer there.
    static UNDER_WAY: RefCell<Vec<(usize, *const (dyn Side + 'static))>> = const { RefCell::new(Vec::new()) };
}

static NEXT_TICKET: AtomicUsize = AtomicUsize::new(1);

/// One invoke, open for host calls until it is dropped.
struct Open<'a> {
    ticket: usize,
    _side: &'a dyn Side,
}

impl<'a> Open<'a> {
    fn new(side: &'a dyn Side) -> Self {
        let ticket = NEXT_TICKET.fetch_add(1, Ordering::Relaxed);
        // SAFETY: only the lifetime changes; `with_side` says why the pointer is not used after it.
        let pointer =
            unsafe { std::mem::transmute::<*const (dyn Side + 'a), *const (dyn Side + 'static)>(side) };
        UNDER_WAY.with_borrow_mut(|open| open.push((ticket, pointer)));
        Self { ticket, _side: side }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|open| open.retain(|(ticket, _)| *ticket != self.ticket));
    }
}

/// Hands the side of this ticket to `act`; `None` when it is not open on this thread.
fn with_side<R>(ctx: *mut c_void, act: impl FnOnce(&dyn Side) -> R) -> Option<R> {
    let ticket = ctx.addr();
    let find = |open: &Vec<(usize, *const (dyn Side + 'static))>| {
        open.iter().find(|(known, _)| *known == ticket).map(|(_, pointer)| *pointer)
    };
    let pointer = UNDER_WAY.try_with(|open| open.try_borrow().ok().and_then(|open| find(&open))).ok()??;
    // SAFETY: an entry is removed before the side it points to is dropped (`Open` borrows it), and it is
    // only reached from the thread that made it.
    Some(act(unsafe { &*pointer }))
}

unsafe extern "C" fn call(ctx: *mut c_void, request: *const u8, len: usize, out: *mut Buffer) -> i32 {
    if out.is_null() || !out.is_aligned() {
        return CODE_NO_OUT;
    }
    // SAFETY: `out` is not null and aligned; the contract says it leads to a buffer, which may be uninitialised.
    unsafe { out.write(Buffer::empty()) };
    if len > 0 && request.is_null() {
        return give(out, b"a host call without bytes".to_vec(), CODE_BROKEN);
    }
    if len > ANSWER_LIMIT {
        return give(out, format!("a host call of {len} bytes is too large").into_bytes(), CODE_BROKEN);
    }
    // SAFETY: not null; the contract says that `len` bytes can be read there during the call.
    let bytes = if len == 0 { &[][..] } else { unsafe { std::slice::from_raw_parts(request, len) } };
    // A panic must not cross into the plugin's frames.
    match catch_unwind(AssertUnwindSafe(|| with_side(ctx, |side| side.answer(bytes)))) {
        Ok(Some(bytes)) => give(out, bytes, 0),
        Ok(None) => {
            give(out, b"host calls are answered during invoke, on its thread".to_vec(), CODE_NOT_HERE)
        }
        Err(_) => CODE_BROKEN,
    }
}

/// A plugin that asks at the wrong place is told to stop.
unsafe extern "C" fn cancelled(ctx: *mut c_void) -> i32 {
    let answer = catch_unwind(AssertUnwindSafe(|| with_side(ctx, |side| side.is_cancelled())));
    i32::from(answer.ok().flatten().unwrap_or(true))
}

fn give(out: *mut Buffer, bytes: Vec<u8>, code: i32) -> i32 {
    let mut bytes = std::mem::ManuallyDrop::new(bytes);
    let buffer = Buffer {
        data: bytes.as_mut_ptr(),
        len: bytes.len(),
        capacity: bytes.capacity(),
        free: Some(free_ours),
    };
    // SAFETY: the only caller has checked `out`.
    unsafe { out.write(buffer) };
    code
}

/// Empties the buffer as well, so that freeing the same one twice does nothing.
unsafe extern "C" fn free_ours(buffer: *mut Buffer) {
    if buffer.is_null() {
        return;
    }
    // SAFETY: a plugin passes back a buffer that `give` made.
    let ours =
        unsafe { std::mem::replace(&mut *buffer, Buffer { free: Some(free_ours), ..Buffer::empty() }) };
    if ours.data.is_null() || ours.capacity == 0 {
        return;
    }
    // SAFETY: the three parts come from one vector and were not freed before.
    drop(unsafe { Vec::from_raw_parts(ours.data, ours.len.min(ours.capacity), ours.capacity) });
}

/// Returns the effective user number of this process.
pub(crate) fn effective_user() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}
