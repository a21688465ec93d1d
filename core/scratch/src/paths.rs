use std::path::{Component, Path, PathBuf};

use switchover_protocol::{HostError, HostReply};

/// The folder that is the host's `/`.
#[derive(Clone, Debug)]
pub(crate) struct Root(pub PathBuf);

impl Root {
    /// Returns where a path of the host lies: a path below the folder is itself, every other one is taken as below it.
    ///
    /// `..` does not lead out, and neither does a link, which is an error.
    pub(crate) fn place(&self, path: &str) -> Result<PathBuf, HostReply> {
        let given = Path::new(path);
        let below = given.strip_prefix(&self.0).unwrap_or(given);
        let mut place = self.0.clone();
        for part in below.components() {
            match part {
                Component::Normal(name) => place.push(name),
                Component::ParentDir if place != self.0 => drop(place.pop()),
                Component::ParentDir | Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        let real = place.ancestors().skip(1).find_map(|folder| folder.canonicalize().ok());
        match real {
            Some(real) if !real.starts_with(&self.0) => Err(leads_out(path)),
            _ => Ok(place),
        }
    }

    /// Returns where a path leads when links are followed; the path itself when nothing is there.
    pub(crate) fn follow(&self, path: &str) -> Result<PathBuf, HostReply> {
        let place = self.place(path)?;
        match place.canonicalize() {
            Ok(real) if real.starts_with(&self.0) => Ok(real),
            Ok(_) => Err(leads_out(path)),
            Err(_) => Ok(place),
        }
    }

    /// Returns the path as the host knows it.
    pub(crate) fn name(&self, place: &Path) -> String {
        match place.strip_prefix(&self.0) {
            Ok(below) => Path::new("/").join(below).display().to_string(),
            Err(_) => place.display().to_string(),
        }
    }
}

fn leads_out(path: &str) -> HostReply {
    let reason = format!("{path} leads out of the folder that plays the host");
    HostReply::Error(HostError::Invalid { reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root(folder.path().canonicalize().unwrap());
        assert_eq!(root.place("/etc/motd").unwrap(), root.0.join("etc/motd"));
        assert_eq!(root.place("/../../etc/motd").unwrap(), root.0.join("etc/motd"));
        let own = root.0.join("etc/motd").display().to_string();
        assert_eq!(root.place(&own).unwrap(), root.0.join("etc/motd"));
        std::os::unix::fs::symlink("/etc", root.0.join("out")).unwrap();
        assert!(root.place("/out/motd").is_err());
        assert!(root.follow("/out").is_err());
        assert_eq!(root.name(&root.0.join("etc/motd")), "/etc/motd");
    }
}
