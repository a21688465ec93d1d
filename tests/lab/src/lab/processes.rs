use std::fs;
use std::path::Path;

/// Ends every process that was started on a host of this lab and still runs, such as a detached job: they
/// are known by their environment.
pub fn end_processes(lab: &Path) {
    let mark = format!("LAB_ROOT={}", lab.display());
    let Ok(entries) = fs::read_dir("/proc") else { return };
    for pid in entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let ours = environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes());
        if ours && pid.cast_unsigned() != std::process::id() {
            // SAFETY: kill takes no memory. The number was read a moment ago from a process of this lab.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
    }
}
