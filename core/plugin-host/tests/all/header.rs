//! The C header says the same as the Rust types.

use std::mem::offset_of;
use std::process::Command;

use crate::common::{compile, has_compiler, header_folder};
use switchover_protocol::abi::{ABI, Buffer, HostApi, PluginApi};
use switchover_protocol::{HostCall, HostReply, PluginSpec, Reply, Request};

const LAYOUT: &str = r#"
#include <stdio.h>
#include "switchover_plugin.h"
#define FIELD(type, field) printf(#type "." #field " %zu\n", offsetof(Switchover##type, field))
#define SIZE(type) printf(#type " %zu\n", sizeof(Switchover##type))
int main(void)
{
    SIZE(Buffer), FIELD(Buffer, data), FIELD(Buffer, len), FIELD(Buffer, capacity), FIELD(Buffer, free);
    SIZE(PluginApi), FIELD(PluginApi, abi), FIELD(PluginApi, size), FIELD(PluginApi, describe), FIELD(PluginApi, invoke);
    SIZE(HostApi), FIELD(HostApi, abi), FIELD(HostApi, size), FIELD(HostApi, ctx), FIELD(HostApi, call), FIELD(HostApi, cancelled);
    printf("ABI %u\n", SWITCHOVER_ABI);
    return 0;
}
"#;

fn in_rust() -> String {
    let mut text = String::new();
    let mut line = |name: &str, number: usize| text.push_str(&format!("{name} {number}\n"));
    line("Buffer", size_of::<Buffer>());
    line("Buffer.data", offset_of!(Buffer, data));
    line("Buffer.len", offset_of!(Buffer, len));
    line("Buffer.capacity", offset_of!(Buffer, capacity));
    line("Buffer.free", offset_of!(Buffer, free));
    line("PluginApi", size_of::<PluginApi>());
    line("PluginApi.abi", offset_of!(PluginApi, abi));
    line("PluginApi.size", offset_of!(PluginApi, size));
    line("PluginApi.describe", offset_of!(PluginApi, describe));
    line("PluginApi.invoke", offset_of!(PluginApi, invoke));
    line("HostApi", size_of::<HostApi>());
    line("HostApi.abi", offset_of!(HostApi, abi));
    line("HostApi.size", offset_of!(HostApi, size));
    line("HostApi.ctx", offset_of!(HostApi, ctx));
    line("HostApi.call", offset_of!(HostApi, call));
    line("HostApi.cancelled", offset_of!(HostApi, cancelled));
    line("ABI", ABI as usize);
    text
}

/// Version 1 on a machine with 64 bits, for ever: what was built against it must go on working.
#[test]
#[cfg(target_pointer_width = "64")]
fn version_1_lies_where_it_always_lay() {
    let pinned = "Buffer 32\nBuffer.data 0\nBuffer.len 8\nBuffer.capacity 16\nBuffer.free 24\n\
                  PluginApi 24\nPluginApi.abi 0\nPluginApi.size 4\nPluginApi.describe 8\nPluginApi.invoke 16\n\
                  HostApi 32\nHostApi.abi 0\nHostApi.size 4\nHostApi.ctx 8\nHostApi.call 16\nHostApi.cancelled 24\n\
                  ABI 1\n";
    assert_eq!(in_rust(), pinned);
}

#[test]
fn the_header_has_the_layout_of_the_rust_types() {
    if !has_compiler() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (source, program) = (folder.path().join("layout.c"), folder.path().join("layout"));
    std::fs::write(&source, LAYOUT).unwrap();
    compile(&[source], &[], &program);
    let output = Command::new(program).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), in_rust());
}

#[test]
fn every_json_in_the_header_is_what_it_says() {
    let header = std::fs::read_to_string(header_folder().join("switchover_plugin.h")).unwrap();
    let mut seen = [0; 5];
    for line in header.lines().map(|line| line.trim_start_matches([' ', '*'])) {
        let Some((label, json)) = line.split_once(": ") else { continue };
        let kind = match label {
            "describe" => serde_json::from_str::<PluginSpec>(json).map(|_| 0),
            "request" => serde_json::from_str::<Request>(json).map(|_| 1),
            "reply" => serde_json::from_str::<Reply>(json).map(|_| 2),
            "call" => serde_json::from_str::<HostCall>(json).map(|_| 3),
            "answer" => serde_json::from_str::<HostReply>(json).map(|_| 4),
            _ => continue,
        };
        seen[kind.unwrap_or_else(|error| panic!("{error}: {line}"))] += 1;
    }
    assert_eq!(seen, [1, 2, 5, 28, 15]);
}
