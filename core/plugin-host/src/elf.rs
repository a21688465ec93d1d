//! Looks at a library's header before the loader does: glibc says "No such file or directory" of a library
//! for another processor, and maps a file that is cut off, so that the first touch ends the process.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::PluginError;

const HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;
const CLASS_64: u8 = 2;
const SHARED_OBJECT: u16 = 3;
const LOADED: u32 = 1;

/// Refuses a file that is no whole ELF shared library for this processor.
pub(crate) fn inspect(file: &Path) -> Result<(), PluginError> {
    let unreadable = |source| PluginError::Unreadable { path: file.to_owned(), source };
    let handle = File::open(file).map_err(unreadable)?;
    let size = handle.metadata().map_err(unreadable)?.len();
    let mut header = [0; HEADER];
    let got = read_up_to(&handle, &mut header, 0).map_err(unreadable)?;
    check_header(file, &header[..got])?;

    let Some(table) = program_headers(&header) else {
        return Err(not_a_library(file, "its program headers make no sense"));
    };
    if table.end > size {
        return Err(truncated(file, size, table.end));
    }
    let mut bytes = vec![0; table.count * PROGRAM_HEADER];
    handle.read_exact_at(&mut bytes, table.start).map_err(unreadable)?;
    let needed = bytes.chunks_exact(PROGRAM_HEADER).filter_map(loaded_end).max().unwrap_or(0);
    if needed > size {
        return Err(truncated(file, size, needed));
    }
    Ok(())
}

fn check_header(file: &Path, header: &[u8]) -> Result<(), PluginError> {
    if header.is_empty() {
        return Err(not_a_library(file, "it is empty"));
    }
    if !header.starts_with(b"\x7fELF") {
        return Err(not_a_library(file, "it does not begin as an ELF file does"));
    }
    if header.len() < HEADER {
        return Err(not_a_library(file, "it ends within its header"));
    }
    let here = Cpu::of_this_program();
    let built_for = Cpu { class: header[4], order: header[5], machine: half(header, 18) };
    if built_for != here {
        return Err(PluginError::WrongCpu {
            file: file.to_owned(),
            built_for: built_for.to_string(),
            here: here.to_string(),
        });
    }
    if half(header, 16) != SHARED_OBJECT {
        return Err(not_a_library(file, "it is an ELF file of another kind (an object or a program)"));
    }
    Ok(())
}

struct Table {
    start: u64,
    end: u64,
    count: usize,
}

fn program_headers(header: &[u8; HEADER]) -> Option<Table> {
    let start = quad(header, 32);
    let count = half(header, 56);
    if usize::from(half(header, 54)) != PROGRAM_HEADER || count == 0 {
        return None;
    }
    let end = start.checked_add(u64::from(count) * PROGRAM_HEADER as u64)?;
    Some(Table { start, end, count: usize::from(count) })
}

/// Returns where in the file a loaded segment ends; `None` for what is not loaded.
fn loaded_end(entry: &[u8]) -> Option<u64> {
    let kind = u32::from_ne_bytes(entry[0..4].try_into().ok()?);
    (kind == LOADED).then(|| quad(entry, 8).saturating_add(quad(entry, 32)))
}

fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

fn quad(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_ne_bytes(word)
}

fn read_up_to(handle: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match handle.read_at(&mut buffer[got..], offset + got as u64) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

fn not_a_library(file: &Path, why: &'static str) -> PluginError {
    PluginError::NotALibrary { file: file.to_owned(), why }
}

fn truncated(file: &Path, size: u64, needed: u64) -> PluginError {
    PluginError::Truncated { file: file.to_owned(), size, needed }
}

/// The three fields of an ELF header that must be those of this program.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cpu {
    class: u8,
    order: u8,
    machine: u16,
}

impl Cpu {
    fn of_this_program() -> Self {
        let machine = match std::env::consts::ARCH {
            "x86_64" => 62,
            "aarch64" => 183,
            "riscv64" => 243,
            "loongarch64" => 258,
            "powerpc64" => 21,
            "s390x" => 22,
            _ => 0,
        };
        Self { class: CLASS_64, order: if cfg!(target_endian = "little") { 1 } else { 2 }, machine }
    }
}

impl std::fmt::Display for Cpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let machine = match self.machine {
            3 => "x86",
            21 => "powerpc64",
            22 => "s390x",
            40 => "arm",
            62 => "x86_64",
            183 => "aarch64",
            243 => "riscv64",
            258 => "loongarch64",
            other => return write!(f, "processor number {other}"),
        };
        f.write_str(machine)?;
        if self.class != CLASS_64 {
            f.write_str(" (32 bits)")?;
        }
        if self.order == 2 && cfg!(target_endian = "little") {
            f.write_str(" (big endian)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explain(content: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.so");
        std::fs::write(&file, content).unwrap();
        inspect(&file).unwrap_err().explain().replace(&file.display().to_string(), "x.so")
    }

    #[test]
    fn says_what_is_wrong_with_a_file_that_is_no_library() {
        assert_eq!(explain(b""), "x.so is not a shared library: it is empty");
        assert_eq!(
            explain(b"#!/bin/sh\n"),
            "x.so is not a shared library: it does not begin as an ELF file does"
        );
        assert_eq!(explain(b"\x7fELF\x02\x01"), "x.so is not a shared library: it ends within its header");
    }

    #[test]
    fn refuses_a_program_header_table_beyond_the_end() {
        let mut header = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        header.truncate(HEADER);
        header[16..18].copy_from_slice(&SHARED_OBJECT.to_ne_bytes());
        assert!(explain(&header).starts_with("x.so is cut off: it has 64 bytes and says that it needs "));
    }

    #[test]
    fn refuses_an_absurd_offset_without_overflow() {
        let mut header = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        header.truncate(HEADER);
        header[16..18].copy_from_slice(&SHARED_OBJECT.to_ne_bytes());
        header[32..40].copy_from_slice(&u64::MAX.to_ne_bytes());
        assert_eq!(explain(&header), "x.so is not a shared library: its program headers make no sense");
    }
}
