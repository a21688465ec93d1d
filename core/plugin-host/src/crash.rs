//! The last words of a run that a plugin ends: a crash or `exit` inside this process cannot be undone, but it is told
//! which plugin it was, and the exit code is never that of success.
//!
//! Everything here runs in a signal handler or while the process leaves: it writes bytes that lie ready, takes no
//! lock and no memory. `_exit` and SIGKILL cannot be seen from within; README.md says so.
#![expect(unsafe_code, reason = "signal handlers and `atexit` have no safe form")]

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr::null;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::child::signal_name;

/// How a plugin ends a process from within, apart from `exit`.
const SIGNALS: [c_int; 5] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT];

static CODE: AtomicU8 = AtomicU8::new(1);
static LEAVING: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The innermost request that this thread is in; it lives on the stack of the one who asked.
    static INSIDE: Cell<*const Inside<'static>> = const { Cell::new(null()) };
}

/// From now on tells when a plugin ends this process, and ends it with `code`. Called once, on the main thread.
pub fn watch_for_crashes(code: u8) {
    CODE.store(code, Ordering::Relaxed);
    for signal in SIGNALS {
        // SAFETY: all zeros is a valid `sigaction`, and the handler keeps to what a handler may do. The alternate
        // stack, which a stack overflow needs, is the one that the standard library gives each thread.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = crashed;
            action.sa_sigaction = handler as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
    // SAFETY: the function takes nothing and may be called at any time.
    unsafe { libc::atexit(leaves) };
}

/// Ends this process on purpose, from any thread.
pub fn leave(code: u8) -> ! {
    LEAVING.store(true, Ordering::Relaxed);
    std::process::exit(code.into());
}

/// A request to a plugin that runs in this process, on this thread.
pub(crate) struct Inside<'a> {
    file: &'a Path,
    stem: &'a str,
    before: *const Inside<'static>,
}

impl<'a> Inside<'a> {
    /// Does `act`; when that ends the process, `file` is named.
    pub(crate) fn with<R>(file: &'a Path, stem: &'a str, act: impl FnOnce() -> R) -> R {
        let inside = Self { file, stem, before: INSIDE.get() };
        INSIDE.set((&raw const inside).cast());
        let result = act();
        INSIDE.set(inside.before);
        result
    }

    /// Returns the request that this thread is in.
    fn now() -> Option<&'static Self> {
        // SAFETY: `with` takes the pointer away before what it points to goes, and nothing unwinds through it: the
        // functions of a plugin are `extern "C"`.
        INSIDE.try_with(|inside| unsafe { inside.get().as_ref() }).ok().flatten()
    }
}

extern "C" fn crashed(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel hands a handler of this kind valid information.
    let from_within = unsafe { (*info).si_code > 0 || (*info).si_pid() == libc::getpid() };
    let inside = Inside::now();
    if LEAVING.load(Ordering::Relaxed) || (inside.is_none() && !from_within) {
        // SAFETY: both may be called in a handler. What was going on fails once more, now as if nobody had looked.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
        return;
    }
    let (tens, ones) = (b'0' + (signal / 10) as u8, b'0' + (signal % 10) as u8);
    let number = if tens == b'0' { &[ones][..] } else { &[tens, ones] };
    tell(inside, &[b"signal ", number, signal_name(signal).as_bytes()]);
}

/// On the main thread the program itself leaves, and elsewhere it does so through [`leave`].
extern "C" fn leaves() {
    let inside = Inside::now();
    // SAFETY: both take nothing and cannot fail.
    let is_main = unsafe { libc::gettid() == libc::getpid() };
    if (is_main && inside.is_none()) || LEAVING.load(Ordering::Relaxed) {
        LEAVING.store(true, Ordering::Relaxed);
        return;
    }
    tell(inside, &[b"it called exit()"]);
}

fn tell(inside: Option<&Inside<'_>>, how: &[&[u8]]) -> ! {
    match inside {
        Some(Inside { file, stem, .. }) => {
            write(&[b"\nerror: plugin ", file.as_os_str().as_bytes(), b" ended the run: "]);
            write(how);
            write(&[
                b"\nhelp: this is a mistake in the plugin; with `--isolate=",
                stem.as_bytes(),
                b"` it is a failed task instead\n",
            ]);
        }
        None => {
            write(&[b"\nerror: the run was ended outside of any request: "]);
            write(how);
            write(&[b"\nhelp: a thread that a plugin left behind did it, or a bug of switchover; `--isolate` tells which\n"]);
        }
    }
    write(&[b"      what was under way on the hosts was left to itself; go on with `switchover resume --isolate`\n"]);
    // SAFETY: ends the process without running anything else.
    unsafe { libc::_exit(CODE.load(Ordering::Relaxed).into()) }
}

fn write(pieces: &[&[u8]]) {
    for piece in pieces {
        // SAFETY: the bytes are there. Nobody is left to tell when they cannot be written.
        let _ = unsafe { libc::write(libc::STDERR_FILENO, piece.as_ptr().cast(), piece.len()) };
    }
}
