use std::io::{Error, Result};
use std::path::Path;

/// Reads a file to its end. A pipe nobody writes into, or a device, has none: whoever tries a plugin would wait for ever.
pub fn whole(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    let kind = path.metadata()?.file_type();
    if kind.is_file() || kind.is_dir() {
        return std::fs::read(path);
    }
    Err(Error::other("it is not a regular file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_not_read() {
        assert_eq!(whole("/dev/zero").unwrap_err().to_string(), "it is not a regular file");
        assert_eq!(whole("/nowhere").unwrap_err().kind(), std::io::ErrorKind::NotFound);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x"), "text").unwrap();
        assert_eq!(whole(folder.path().join("x")).unwrap(), b"text");
    }
}
