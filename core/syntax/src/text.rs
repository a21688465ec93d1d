/// The text of a file, and whether the file keeps it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    /// The file is encrypted, so no finding may show what stands in it.
    pub sealed: bool,
}

impl Text {
    /// Returns the text of a file that is encrypted.
    pub fn sealed(text: String) -> Self {
        Self { text, sealed: true }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { text, sealed: false }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}
