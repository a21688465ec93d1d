//! What plugins said of themselves, kept between runs: a library that is still the same is not asked again, so a
//! program starts without loading libraries that it does not need.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::stamp::Stamp;
use crate::trust::Operator;

/// Changes when a description that was kept may no longer be believed.
const FORMAT: u32 = 1;

/// The folder of what is kept, one file for each plugin. Without a folder nothing is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descriptions<'a> {
    pub folder: Option<&'a Path>,
    pub you: &'a Operator,
}

/// What is kept of one plugin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// As the plugin gave it: JSON that is judged anew each time.
    pub description: Option<Vec<u8>>,
    pub sha256: Option<String>,
    /// It did not answer in time; waiting for that in every run helps nobody.
    pub hangs: bool,
}

/// The first line of a file; the description follows.
#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    file: PathBuf,
    stamp: String,
    sha256: Option<String>,
    described: bool,
    #[serde(default)]
    hangs: bool,
}

impl Descriptions<'_> {
    /// Returns what is known of this file as it is now.
    pub(crate) fn get(&self, file: &Path, stamp: &Stamp) -> Kept {
        self.read(file, stamp).unwrap_or_default()
    }

    fn read(&self, file: &Path, stamp: &Stamp) -> Option<Kept> {
        let place = self.place(file)?;
        // Whoever can write here could give a plugin other words.
        self.you.judge_file(&place).ok()?;
        let bytes = std::fs::read(&place).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        if head.format != FORMAT || head.file != file || head.stamp != stamp.as_str() {
            return None;
        }
        let description = head.described.then(|| bytes[end + 1..].to_vec());
        Some(Kept { description, sha256: head.sha256, hangs: head.hangs })
    }

    /// Keeps it. Nothing depends on that, so a folder that cannot be written to is no mistake.
    pub(crate) fn put(&self, file: &Path, stamp: &Stamp, kept: &Kept) {
        if let Some(place) = self.place(file) {
            drop(write(&place, file, stamp, kept));
        }
    }

    fn place(&self, file: &Path) -> Option<PathBuf> {
        let name = hex(&Sha256::digest(file.as_os_str().as_encoded_bytes())[..16]);
        self.folder.map(|folder| folder.join(name))
    }
}

/// A file beside the place and a rename: whoever reads meanwhile sees the old one or the new one.
fn write(place: &Path, file: &Path, stamp: &Stamp, kept: &Kept) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    let folder = place.parent().unwrap_or(Path::new("/"));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let head = Head {
        format: FORMAT,
        file: file.to_owned(),
        stamp: stamp.as_str().to_owned(),
        sha256: kept.sha256.clone(),
        described: kept.description.is_some(),
        hangs: kept.hangs,
    };
    let beside = place.with_extension(std::process::id().to_string());
    let mut new =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    new.write_all(&serde_json::to_vec(&head)?)?;
    new.write_all(b"\n")?;
    new.write_all(kept.description.as_deref().unwrap_or_default())?;
    std::fs::rename(&beside, place)
}

/// Returns the SHA-256 of a file in hex.
pub(crate) fn sha256(file: &Path) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut handle = std::fs::File::open(file)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match std::io::Read::read(&mut handle, &mut piece)? {
            0 => return Ok(hex(&hasher.finalize())),
            got => hasher.update(&piece[..got]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a place to keep descriptions in, and a file in the same folder.
    fn with_a_file<'a>(folder: &'a Path, you: &'a Operator) -> (Descriptions<'a>, PathBuf, Stamp) {
        let file = folder.join("x.so");
        std::fs::write(&file, "one").unwrap();
        let stamp = Stamp::of(&file.metadata().unwrap());
        (Descriptions { folder: Some(folder), you }, file, stamp)
    }

    #[test]
    fn forgets_what_it_kept_of_a_file_that_has_changed() {
        let (folder, you) = (tempfile::tempdir().unwrap(), Operator::of_this_process());
        let (kept, file, stamp) = with_a_file(folder.path(), &you);
        let said = Kept { description: Some(b"{}\n{}".to_vec()), sha256: Some("ab".into()), hangs: true };
        kept.put(&file, &stamp, &said);
        assert_eq!(kept.get(&file, &stamp).description, said.description);
        assert_eq!(kept.get(&file, &stamp).sha256, said.sha256);
        assert!(kept.get(&file, &stamp).hangs);
        std::fs::write(&file, "two!").unwrap();
        assert!(kept.get(&file, &Stamp::of(&file.metadata().unwrap())).description.is_none());
    }

    #[test]
    fn believes_nothing_that_others_could_have_written() {
        let (folder, you) = (tempfile::tempdir().unwrap(), Operator::of_this_process());
        let (kept, file, stamp) = with_a_file(folder.path(), &you);
        kept.put(&file, &stamp, &Kept { description: Some(b"{}".to_vec()), ..Kept::default() });
        let place = kept.place(&file).unwrap();
        std::fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        assert!(kept.get(&file, &stamp).description.is_none());
    }

    #[test]
    fn the_sum_is_that_of_sha256() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        std::fs::write(&file, "abc").unwrap();
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&file).unwrap(), sum);
    }
}
