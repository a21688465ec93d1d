use switchover_sdk::prelude::*;

/// File systems, and what else a device may be made into.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Btrfs,
    Ext2,
    Ext3,
    Ext4,
    F2fs,
    Lvm,
    Vfat,
    Swap,
    Xfs,
}

impl Kind {
    /// Returns what blkid calls it.
    pub fn blkid(self) -> &'static str {
        match self {
            Self::Lvm => "LVM2_member",
            other => other.word(),
        }
    }

    /// Returns the program that makes it; `force` goes over what is there.
    pub fn make(self, dev: &str, opts: &str, force: bool) -> Result<Vec<String>, Failure> {
        if opts.contains(['"', '\'', '\\']) {
            return Err(Failure::arguments("`opts` is split at blanks: quotes mean nothing in it"));
        }
        // ext asks a question where there is a disk without partitions, so it is always told not to.
        let (program, always, forced): (&str, &[&str], &[&str]) = match self {
            Self::Btrfs => ("mkfs.btrfs", &[], &["-f"]),
            Self::Ext2 => ("mkfs.ext2", &["-F"], &[]),
            Self::Ext3 => ("mkfs.ext3", &["-F"], &[]),
            Self::Ext4 => ("mkfs.ext4", &["-F"], &[]),
            Self::F2fs => ("mkfs.f2fs", &[], &["-f"]),
            Self::Lvm => ("pvcreate", &[], &["-f", "-y"]),
            Self::Vfat => ("mkfs.vfat", &["-I"], &[]),
            Self::Swap => ("mkswap", &[], &["-f"]),
            Self::Xfs => ("mkfs.xfs", &[], &["-f"]),
        };
        let forced = if force { forced } else { &[] };
        let fixed = [program].into_iter().chain(always.iter().copied()).chain(forced.iter().copied());
        Ok(fixed.chain(opts.split_whitespace()).chain([dev]).map(str::to_owned).collect())
    }
}
