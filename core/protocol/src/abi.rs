//! The C boundary. A library exports one function, [`SYMBOL`], which returns a [`PluginApi`].
//!
//! Every struct begins with `abi` and `size` and may only grow at its end. Whoever made a [`Buffer`] frees
//! it, through its own `free`. All text is UTF-8 JSON. A library is never unloaded.

use std::ffi::c_void;

/// The number that both sides must share. It changes when a field changes its meaning or place.
pub const ABI: u32 = 1;

/// The name of the one exported function: `const PluginApi *switchover_plugin_v1(void)`.
pub const SYMBOL: &str = "switchover_plugin_v1";

/// The type of the exported function.
pub type Entry = unsafe extern "C" fn() -> *const PluginApi;

/// Bytes made by one side for the other.
#[repr(C)]
#[derive(Debug)]
pub struct Buffer {
    pub data: *mut u8,
    pub len: usize,
    pub capacity: usize,
    /// Frees `data`; null when there is nothing to free. Called at most once, by the receiver.
    pub free: Option<unsafe extern "C" fn(*mut Buffer)>,
}

impl Buffer {
    /// Returns a buffer without content.
    pub const fn empty() -> Self {
        Self { data: std::ptr::null_mut(), len: 0, capacity: 0, free: None }
    }
}

/// What a plugin offers. Functions return 0 when `out` holds the answer; any other number means that there
/// is none, and then `out` may hold a message as plain text.
#[repr(C)]
#[derive(Debug)]
pub struct PluginApi {
    pub abi: u32,
    /// `size_of::<PluginApi>()` as the plugin knows it.
    pub size: u32,
    /// Writes a [`PluginSpec`](crate::PluginSpec).
    pub describe: Option<unsafe extern "C" fn(out: *mut Buffer) -> i32>,
    /// Answers a [`Request`](crate::Request) with a [`Reply`](crate::Reply). May be called by several threads at once.
    pub invoke: Option<
        unsafe extern "C" fn(request: *const u8, len: usize, host: *const HostApi, out: *mut Buffer) -> i32,
    >,
}

/// What the host side offers to a plugin during one `invoke`, on the calling thread only.
#[repr(C)]
#[derive(Debug)]
pub struct HostApi {
    pub abi: u32,
    pub size: u32,
    pub ctx: *mut c_void,
    /// Answers a [`HostCall`](crate::HostCall) with a [`HostReply`](crate::HostReply), an error included. Any
    /// number but 0 means that the call was not taken: made too late, from another thread, or without bytes.
    pub call: Option<
        unsafe extern "C" fn(ctx: *mut c_void, request: *const u8, len: usize, out: *mut Buffer) -> i32,
    >,
    /// Returns 1 once the run is being stopped, else 0.
    pub cancelled: Option<unsafe extern "C" fn(ctx: *mut c_void) -> i32>,
}
