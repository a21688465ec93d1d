//! The plugin's side of the C boundary. Authors use [`export_modules!`](crate::export_modules) only.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use switchover_protocol::abi::{ABI, Buffer, HostApi, PluginApi};
use switchover_protocol::{
    Failure, FailureKind, HostCall, HostError, HostReply, PluginSpec, RefusedModules, Reply, Request,
};

pub use crate::erased::{Erased, Typed};
use crate::{About, Host};

/// The modules of one library.
pub trait Library: 'static {
    const NAME: &'static str;
    const VERSION: &'static str;

    /// Returns the modules, always in the same order.
    fn modules() -> Vec<Box<dyn Erased>>;

    /// Returns the modules that it knows only to say why they are not there.
    fn refused() -> &'static [Refusal];
}

/// Modules that are not supported: their names (`*` at the end stands for any letters), why, and what to write instead.
pub type Refusal = (&'static [&'static str], &'static str, &'static str);

/// Makes a library of modules: `export_modules!(Stat, Copy);` at the top of `lib.rs`. A table of modules that playbooks
/// name and nobody offers may follow: `export_modules!(Stat, Copy; refused: TABLE);`, with a [`Refusal`](export::Refusal) a row.
#[macro_export]
macro_rules! export_modules {
    ($($module:ty),+ $(,)?) => {
        $crate::export_modules!($($module),+; refused: &[]);
    };
    ($($module:ty),+; refused: $refused:expr) => {
        #[cfg(panic = "abort")]
        compile_error!("a plugin must unwind: with panic = \"abort\" a panic would end the whole run");

        struct SwitchoverLibrary;

        impl $crate::export::Library for SwitchoverLibrary {
            const NAME: &'static str = env!("CARGO_PKG_NAME");
            const VERSION: &'static str = env!("CARGO_PKG_VERSION");

            fn modules() -> Vec<Box<dyn $crate::export::Erased>> {
                vec![$(Box::new($crate::export::Typed::<$module>::default())),+]
            }

            fn refused() -> &'static [$crate::export::Refusal] {
                $refused
            }
        }

        static SWITCHOVER_API: $crate::export::PluginTable = $crate::export::table::<SwitchoverLibrary>();

        /// The one symbol that the engine looks for.
        #[unsafe(no_mangle)]
        pub extern "C" fn switchover_plugin_v1() -> *const $crate::export::PluginTable {
            &raw const SWITCHOVER_API
        }
    };
}

/// The table that a library hands out.
pub type PluginTable = PluginApi;

/// Returns the table of a library.
pub const fn table<L: Library>() -> PluginTable {
    PluginApi {
        abi: ABI,
        size: size_of::<PluginApi>() as u32,
        describe: Some(describe::<L>),
        invoke: Some(invoke::<L>),
    }
}

thread_local! {
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the text of a panic for the reply. The plugin has its own copy of std, which would print over the
/// operator's screen.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            PANIC.with(|slot| *slot.borrow_mut() = Some(info.to_string()));
        }));
    });
}

fn refused((names, why, instead): &Refusal) -> RefusedModules {
    RefusedModules {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        why: (*why).to_owned(),
        instead: (*instead).to_owned(),
    }
}

/// # Safety
/// `out` points to a buffer that the caller owns.
unsafe extern "C" fn describe<L: Library>(out: *mut Buffer) -> i32 {
    let spec = fenced(|| PluginSpec {
        name: L::NAME.into(),
        version: L::VERSION.into(),
        modules: L::modules().iter().map(|module| module.spec()).collect(),
        refused: L::refused().iter().map(refused).collect(),
    });
    match spec {
        // SAFETY: the caller gave a buffer to write to.
        Ok(spec) => unsafe { answer(out, &spec) },
        Err(_) => 1,
    }
}

/// # Safety
/// `request` points to `len` bytes, `host` to a table that lives until this returns, `out` to a buffer.
unsafe extern "C" fn invoke<L: Library>(
    request: *const u8,
    len: usize,
    host: *const HostApi,
    out: *mut Buffer,
) -> i32 {
    // SAFETY: the caller says that the request has `len` bytes.
    let bytes = unsafe { std::slice::from_raw_parts(request, len) };
    // SAFETY: the caller says that the table lives until we return.
    let host = unsafe { &*host };
    let reply = fenced(|| dispatch::<L>(bytes, host)).unwrap_or_else(Reply::Failure);
    // SAFETY: the caller gave a buffer to write to.
    unsafe { answer(out, &reply) }
}

fn dispatch<L: Library>(bytes: &[u8], api: &HostApi) -> Reply {
    let request: Request = match serde_json::from_slice(bytes) {
        Ok(request) => request,
        Err(error) => return Reply::Failure(Failure::new(format!("the request cannot be read: {error}"))),
    };
    let modules = L::modules();
    let Some(module) = modules.iter().find(|module| module.spec().name == request.module) else {
        return Reply::Failure(Failure::new(format!("no module {} in {}", request.module, L::NAME)));
    };
    let about = About {
        check_mode: request.check_mode,
        diff: request.diff,
        verbosity: request.verbosity,
        facts: request.about.clone(),
    };
    let caller = |call: &HostCall| call_host(api, call);
    // SAFETY: `ctx` belongs to this table, on this thread.
    let cancelled = || api.cancelled.is_some_and(|ask| unsafe { ask(api.ctx) } == 1);
    module.answer(&request, &Host::new(&caller, &cancelled, about))
}

fn call_host(api: &HostApi, call: &HostCall) -> HostReply {
    let invalid = |reason: String| HostReply::Error(HostError::Invalid { reason });
    let Some(function) = api.call else { return invalid("the host side offers no calls".into()) };
    let request = match serde_json::to_vec(call) {
        Ok(request) => request,
        Err(error) => return invalid(error.to_string()),
    };
    let mut out = Buffer::empty();
    // SAFETY: the table is valid for this call, and `request` and `out` live until it returns.
    let code = unsafe { function(api.ctx, request.as_ptr(), request.len(), &raw mut out) };
    if code != 0 || out.data.is_null() {
        return invalid(format!("the host side answered with code {code}"));
    }
    // SAFETY: a code of 0 means that `out` holds `len` bytes.
    let reply = serde_json::from_slice(unsafe { std::slice::from_raw_parts(out.data, out.len) });
    if let Some(free) = out.free {
        // SAFETY: the buffer is freed once, by the side that received it.
        unsafe { free(&raw mut out) };
    }
    reply.unwrap_or_else(|error| invalid(format!("the answer cannot be read: {error}")))
}

fn fenced<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    quiet_panics();
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let text = PANIC.with(|slot| slot.borrow_mut().take()).unwrap_or_else(|| "no message".into());
        Failure { kind: FailureKind::Panicked, ..Failure::new(format!("the module panicked: {text}")) }
    })
}

/// # Safety
/// `out` points to a buffer that the caller owns.
unsafe fn answer(out: *mut Buffer, value: &impl serde::Serialize) -> i32 {
    let Ok(bytes) = serde_json::to_vec(value) else { return 2 };
    let mut bytes = std::mem::ManuallyDrop::new(bytes);
    let buffer = Buffer {
        data: bytes.as_mut_ptr(),
        len: bytes.len(),
        capacity: bytes.capacity(),
        free: Some(release),
    };
    // SAFETY: the caller gave a buffer to write to.
    unsafe { out.write(buffer) };
    0
}

/// # Safety
/// `buffer` was made by [`answer`] and was not released before.
unsafe extern "C" fn release(buffer: *mut Buffer) {
    // SAFETY: see above; the three parts are those of a Vec that `answer` took apart.
    unsafe {
        let Buffer { data, len, capacity, .. } = buffer.replace(Buffer::empty());
        if !data.is_null() {
            drop(Vec::from_raw_parts(data, len, capacity));
        }
    }
}
