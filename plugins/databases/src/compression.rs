/// How a file of SQL is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

impl Compression {
    /// Returns how a file of this name is packed; `None` when it is not.
    pub fn of(name: &str) -> Option<Self> {
        match name.rsplit('.').next()? {
            "gz" => Some(Self::Gzip),
            "bz2" => Some(Self::Bzip2),
            "xz" => Some(Self::Xz),
            "zst" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Returns the program that packs standard input.
    pub fn packs(self) -> &'static str {
        match self {
            Self::Gzip => "gzip -c",
            Self::Bzip2 => "bzip2 -c",
            Self::Xz => "xz -c",
            Self::Zstd => "zstd -q -c",
        }
    }

    /// Returns the program that unpacks standard input.
    pub fn unpacks(self) -> &'static str {
        match self {
            Self::Gzip => "gzip -dc",
            Self::Bzip2 => "bzip2 -dc",
            Self::Xz => "xz -dc",
            Self::Zstd => "zstd -q -dc",
        }
    }
}
