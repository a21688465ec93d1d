use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::release::{Build, Release};

const MAGIC: &str = "switchover-lab package 1";

/// What a simulated update package says of itself. The file is a line with a magic text, a line of JSON, and
/// a payload of as many bytes as the JSON says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    pub release: Release,
    pub build: Build,
    /// Length of the payload in bytes.
    pub payload: u64,
    /// SHA-256 of the payload in hexadecimal.
    pub digest: String,
}

/// Why a package file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error("failed to open {}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{} is not an rpm package", path.display())]
    NotAPackage { path: PathBuf },
    #[error("failed to write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl Package {
    /// Writes a package file; the payload is made from the build number, so it is the same each time.
    pub fn create(path: &Path, release: Release, build: Build, payload: u64) -> Result<Self, PackageError> {
        let failed = |source| PackageError::Write { path: path.to_owned(), source };
        let digest = digest(&mut Payload::new(build, payload)).map_err(failed)?;
        let package = Self { release, build, payload, digest };
        let header = serde_json::to_string(&package).map_err(|error| failed(error.into()))?;
        let mut file = File::create(path).map_err(failed)?;
        writeln!(file, "{MAGIC}\n{header}").map_err(failed)?;
        io::copy(&mut Payload::new(build, payload), &mut file).map_err(failed)?;
        Ok(package)
    }

    /// Reads what a package says of itself, without looking at its payload.
    pub fn read(path: &Path) -> Result<Self, PackageError> {
        Ok(open(path)?.0)
    }

    /// Whether the payload is whole and what the header says.
    pub fn verify(path: &Path) -> Result<bool, PackageError> {
        let (package, mut rest) = open(path)?;
        let found =
            digest(&mut rest).map_err(|source| PackageError::Open { path: path.to_owned(), source })?;
        Ok(found == package.digest)
    }

    /// The name rpm gives it: `alation-2021.4-10.0.0.147420.x86_64`.
    pub fn label(release: Release, build: Build) -> String {
        format!("alation-{release}-{build}.x86_64")
    }
}

fn open(path: &Path) -> Result<(Package, BufReader<File>), PackageError> {
    let file = File::open(path).map_err(|source| PackageError::Open { path: path.to_owned(), source })?;
    let not_a_package = || PackageError::NotAPackage { path: path.to_owned() };
    let mut reader = BufReader::new(file);
    let mut line = || {
        let mut text = Vec::new();
        // A binary file of another kind may have no line end at all.
        reader.by_ref().take(4096).read_until(b'\n', &mut text).ok()?;
        String::from_utf8(text).ok()
    };
    let magic = line().ok_or_else(not_a_package)?;
    let header = line().ok_or_else(not_a_package)?;
    if magic.trim_end() != MAGIC {
        return Err(not_a_package());
    }
    let package = serde_json::from_str(&header).map_err(|_| not_a_package())?;
    Ok((package, reader))
}

fn digest(from: &mut impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer)? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Bytes that look random, so that nothing on the way can compress them.
struct Payload {
    state: u64,
    left: u64,
}

impl Payload {
    fn new(build: Build, length: u64) -> Self {
        let seed = build.0.iter().fold(0x9e37_79b9_7f4a_7c15, |seed: u64, part| {
            seed.wrapping_mul(31).wrapping_add(u64::from(*part))
        });
        Self { state: seed | 1, left: length }
    }
}

impl Read for Payload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        for byte in &mut buffer[..count] {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            *byte = (self.state >> 32) as u8;
        }
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_package_does_not_verify() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rpm");
        let (release, build) = ("2021.4".parse().unwrap(), "10.0.0.147420".parse().unwrap());
        Package::create(&path, release, build, 100_000).unwrap();
        assert!(Package::verify(&path).unwrap());
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(Package::read(&path).unwrap().release, release);
        assert!(!Package::verify(&path).unwrap());
    }

    #[test]
    fn another_file_is_no_package() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rpm");
        std::fs::write(&path, [0xed, 0xab, 0xee, 0xdb]).unwrap();
        assert!(matches!(Package::read(&path), Err(PackageError::NotAPackage { .. })));
    }
}
