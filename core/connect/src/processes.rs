//! Which processes belong to a running program.

/// A process of a host, as `/proc/PID/stat` or `ps` tells.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    pid: u32,
    parent: u32,
    session: u32,
}

/// Returns the processes below `root`, with those in the sessions which these have opened; not `root` itself.
pub(crate) fn below(root: u32, listing: &[u8]) -> Vec<u32> {
    let listing = String::from_utf8_lossy(listing);
    let processes: Vec<_> = listing.lines().filter_map(parse).collect();
    let mut family: Vec<u32> = Vec::new();
    loop {
        let is_new = |process: &&Process| {
            let related = |pid| pid == root || family.contains(&pid);
            process.pid != root
                && !family.contains(&process.pid)
                && (related(process.parent) || family.contains(&process.session))
        };
        let more: Vec<u32> = processes.iter().filter(is_new).map(|process| process.pid).collect();
        if more.is_empty() {
            return family;
        }
        family.extend(more);
    }
}

/// Reads `PID (NAME) STATE PARENT GROUP SESSION ...`, whose name may hold anything, or `PID PARENT SESSION`.
fn parse(line: &str) -> Option<Process> {
    let number = |word: Option<&str>| word.and_then(|word| word.parse().ok());
    if let Some((head, tail)) = line.rsplit_once(") ") {
        let mut words = tail.split_whitespace().skip(1);
        let pid = number(head.split_whitespace().next())?;
        return Some(Process { pid, parent: number(words.next())?, session: number(words.nth(1))? });
    }
    let mut words = line.split_whitespace();
    Some(Process {
        pid: number(words.next())?,
        parent: number(words.next())?,
        session: number(words.next())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_children_and_what_left_for_a_session_of_theirs() {
        let listing = b"10 (sh) S 1 10 10 0\n11 (a b) c) S 10 11 11 0\n12 (d) S 11 11 11 0\n\
            13 (orphan) S 1 13 11 0\n14 (other) S 1 14 14 0\n15 (brother) S 1 10 10 0\n";
        let mut found = below(10, listing);
        found.sort_unstable();
        assert_eq!(found, [11, 12, 13]);
    }

    #[test]
    fn reads_the_listing_of_ps() {
        assert_eq!(below(1000, b"  1000     1  1000\n 1001 1000 1000\n"), [1001]);
    }
}
