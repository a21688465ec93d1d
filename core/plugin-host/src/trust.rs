//! A plugin is code that runs with the operator's rights, so only the operator and root may be able to
//! change it: the file, the folder, and the way there.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::PluginError;

const GROUP_WRITE: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// Why a plugin file or folder is not trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("every user can write to {} (mode {mode:04o}); try: chmod o-w {}", path.display(), path.display())]
    EveryoneWrites { path: PathBuf, mode: u32 },
    #[error("group {gid} can write to {} (mode {mode:04o}); try: chmod g-w {}", path.display(), path.display())]
    GroupWrites { path: PathBuf, mode: u32, gid: u32 },
    #[error("{} belongs to user {uid}, who is neither root nor you (user {you})", path.display())]
    ForeignOwner { path: PathBuf, uid: u32, you: u32 },
}

/// Who runs this program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operator {
    uid: u32,
    /// Who called `sudo`; whoever sets this variable for root can do anything anyway.
    behind_sudo: Option<u32>,
}

impl Operator {
    pub(crate) fn of_this_process() -> Self {
        let uid = crate::library::effective_user();
        let caller = || std::env::var("SUDO_UID").ok()?.parse().ok();
        Self { uid, behind_sudo: if uid == 0 { caller() } else { None } }
    }

    fn trusts(&self, owner: u32) -> bool {
        owner == 0 || owner == self.uid || Some(owner) == self.behind_sudo
    }

    /// Judges a folder of plugins and all folders above it. `folder` is absolute and free of links.
    pub(crate) fn judge_folder(&self, folder: &Path) -> Result<(), PluginError> {
        for (depth, path) in folder.ancestors().enumerate() {
            let metadata = read(path)?;
            let verdict =
                if depth == 0 { self.judge(path, &metadata) } else { judge_ancestor(path, &metadata) };
            verdict.map_err(|source| PluginError::Untrusted { file: folder.to_owned(), source })?;
        }
        Ok(())
    }

    /// Judges a plugin file itself. `file` is absolute and free of links.
    pub(crate) fn judge_file(&self, file: &Path) -> Result<(), PluginError> {
        self.judge(file, &read(file)?)
            .map_err(|source| PluginError::Untrusted { file: file.to_owned(), source })
    }

    fn judge(&self, path: &Path, metadata: &Metadata) -> Result<(), Distrust> {
        let (mode, uid, gid) = (metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
        if !self.trusts(uid) {
            return Err(Distrust::ForeignOwner { path: path.to_owned(), uid, you: self.uid });
        }
        if mode & OTHERS_WRITE != 0 {
            return Err(Distrust::EveryoneWrites { path: path.to_owned(), mode });
        }
        // Distributions give each user a private group with the user's own number.
        if mode & GROUP_WRITE != 0 && gid != uid {
            return Err(Distrust::GroupWrites { path: path.to_owned(), mode, gid });
        }
        Ok(())
    }
}

/// Anyone who can rename an ancestor can replace the folder; the sticky bit (as on `/tmp`) prevents it.
fn judge_ancestor(path: &Path, metadata: &Metadata) -> Result<(), Distrust> {
    let mode = metadata.mode() & 0o7777;
    if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
        return Err(Distrust::EveryoneWrites { path: path.to_owned(), mode });
    }
    Ok(())
}

fn read(path: &Path) -> Result<Metadata, PluginError> {
    path.metadata().map_err(|source| PluginError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, create_dir, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn chmod(path: &Path, mode: u32) {
        set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn distrust(result: Result<(), PluginError>) -> Distrust {
        match result.unwrap_err() {
            PluginError::Untrusted { source, .. } => source,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn refuses_a_folder_that_everyone_can_write_to_even_with_the_sticky_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        let you = Operator::of_this_process();
        you.judge_folder(&path).unwrap();
        for mode in [0o777, 0o1777] {
            chmod(&path, mode);
            let expected = Distrust::EveryoneWrites { path: path.clone(), mode };
            assert_eq!(distrust(you.judge_folder(&path)), expected);
        }
    }

    #[test]
    fn refuses_a_folder_below_one_that_everyone_can_write_to() {
        let outer = tempfile::tempdir().unwrap();
        let outer_path = outer.path().canonicalize().unwrap();
        let inner = outer_path.join("plugins");
        create_dir(&inner).unwrap();
        chmod(&inner, 0o755);
        let you = Operator::of_this_process();
        chmod(&outer_path, 0o777);
        let expected = Distrust::EveryoneWrites { path: outer_path.clone(), mode: 0o777 };
        assert_eq!(distrust(you.judge_folder(&inner)), expected);
        chmod(&outer_path, 0o1777);
        you.judge_folder(&inner).unwrap();
    }

    #[test]
    fn refuses_a_file_of_another_user_unless_that_user_called_sudo() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.so");
        std::fs::write(&file, "x").unwrap();
        chmod(&file, 0o755);
        let owner = file.metadata().unwrap().uid();
        if owner == 0 {
            std::os::unix::fs::chown(&file, Some(12345), Some(12345)).unwrap();
        }
        let owner = file.metadata().unwrap().uid();
        let other = Operator { uid: owner + 1, behind_sudo: None };
        assert_eq!(
            distrust(other.judge_file(&file)),
            Distrust::ForeignOwner { path: file.clone(), uid: owner, you: owner + 1 }
        );
        Operator { uid: 0, behind_sudo: Some(owner) }.judge_file(&file).unwrap();
        Operator { uid: owner, behind_sudo: None }.judge_file(&file).unwrap();
    }

    #[test]
    fn allows_group_writing_only_to_the_private_group_of_the_owner() {
        if crate::library::effective_user() != 0 {
            println!("skipped: only root can give a file to another group");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.so");
        std::fs::write(&file, "x").unwrap();
        chmod(&file, 0o775);
        let you = Operator { uid: 0, behind_sudo: None };
        you.judge_file(&file).unwrap();
        std::os::unix::fs::chown(&file, None, Some(100)).unwrap();
        assert_eq!(
            distrust(you.judge_file(&file)),
            Distrust::GroupWrites { path: file.clone(), mode: 0o775, gid: 100 }
        );
    }
}
