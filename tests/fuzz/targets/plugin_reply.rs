//! What a plugin says over the boundary: its description, replies, host calls. What is understood means the same
//! when it is said again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{from_slice, to_vec};
use switchover_protocol::{HostCall, PluginSpec, Reply};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(spec) = from_slice::<PluginSpec>(bytes) {
        assert_eq!(spec, from_slice(&to_vec(&spec).unwrap()).unwrap());
    }
    if let Ok(reply) = from_slice::<Reply>(bytes) {
        assert_eq!(reply, from_slice(&to_vec(&reply).unwrap()).unwrap());
    }
    if let Ok(call) = from_slice::<HostCall>(bytes) {
        assert_eq!(call, from_slice(&to_vec(&call).unwrap()).unwrap());
        assert!(!(call.is_for_controller() && call.writes()));
    }
});
