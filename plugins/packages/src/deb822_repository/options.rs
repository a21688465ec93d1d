use switchover_sdk::prelude::*;

use super::State;
use switchover_sdk::text_file::octal;

#[derive(Params)]
pub struct Deb822RepositoryParams {
    /// The repository's name, of which the names of its files are made.
    pub name: String,
    /// Whether it should be there.
    #[param(default = "present")]
    pub state: State,
    /// `deb`, `deb-src`, or both.
    #[param(default = ["deb"], choices("deb", "deb-src"))]
    pub types: Vec<String>,
    /// Where the repository is.
    pub uris: Option<Vec<String>>,
    /// Releases, or a path that ends with `/`.
    pub suites: Option<Vec<String>>,
    /// Parts of the releases.
    pub components: Option<Vec<String>>,
    /// The key: an address, a file of the host, fingerprints, or the key itself in letters.
    pub signed_by: Option<String>,
    /// Architectures.
    pub architectures: Option<Vec<String>>,
    /// Whether the repository is used.
    pub enabled: Option<bool>,
    /// Takes the repository without a warning.
    pub trusted: Option<bool>,
    /// Permits that a signed repository becomes unsigned.
    pub allow_downgrade_to_insecure: Option<bool>,
    /// Permits an unsigned repository.
    pub allow_insecure: Option<bool>,
    /// Permits weak signatures.
    pub allow_weak: Option<bool>,
    /// Fetches lists by their checksums.
    pub by_hash: Option<bool>,
    /// Takes the host's clock for right.
    pub check_date: Option<bool>,
    /// Refuses lists that are too old.
    pub check_valid_until: Option<bool>,
    /// How many seconds a list may come from the future.
    pub date_max_future: Option<i64>,
    /// Where `InRelease` is.
    pub inrelease_path: Option<String>,
    /// Languages of descriptions.
    pub languages: Option<Vec<String>>,
    /// Fetches differences instead of lists.
    pub pdiffs: Option<bool>,
    /// What is fetched, such as `Packages`.
    pub targets: Option<Vec<String>>,
    /// The file's permission bits, in octal digits.
    #[param(default = "0644")]
    pub mode: Mode,
}

impl Deb822RepositoryParams {
    pub fn refuse_nonsense(&self) -> Result<(), Failure> {
        octal(&self.mode.0)?;
        if self.slug().is_empty() {
            return Err(Failure::arguments(format!("{:?} cannot be the name of a repository", self.name)));
        }
        let armored = self.signed_by.as_ref().is_some_and(|key| key.contains("-----BEGIN"));
        let broken =
            |(name, value): &(&str, String)| value.contains('\n') && (*name != "Signed-By" || !armored);
        match self.fields(self.signed_by.as_deref()).into_iter().find(broken) {
            Some((name, _)) => Err(Failure::arguments(format!("field `{name}` must be one line"))),
            None => Ok(()),
        }
    }

    /// Returns the name in small letters and digits, with `-` for blanks.
    fn slug(&self) -> String {
        let mut slug = String::new();
        for letter in self.name.to_lowercase().chars() {
            match letter {
                ' ' | '_' | '\t' if slug.ends_with('-') => {}
                ' ' | '_' | '\t' => slug.push('-'),
                'a'..='z' | '0'..='9' | '-' => slug.push(letter),
                _ => {}
            }
        }
        slug
    }

    pub fn path(&self) -> String {
        format!("/etc/apt/sources.list.d/{}.sources", self.slug())
    }

    pub fn key_path(&self, kind: &str) -> String {
        format!("{}/{}.{kind}", super::key::FOLDER, self.slug())
    }

    pub fn attributes(&self) -> Attributes {
        Attributes { mode: Some(self.mode.0.clone()), ..Attributes::default() }
    }

    /// Returns the file's text.
    pub fn text(&self, signed_by: Option<&str>) -> String {
        let fields = self.fields(signed_by).into_iter();
        fields
            .map(|(name, value)| {
                if value.starts_with('\n') {
                    format!("{name}:{value}\n")
                } else {
                    format!("{name}: {value}\n")
                }
            })
            .collect()
    }

    fn fields(&self, signed_by: Option<&str>) -> Vec<(&'static str, String)> {
        let flag = |on: Option<bool>| on.map(|on| if on { "yes" } else { "no" }.to_owned());
        let words = |words: &Option<Vec<String>>| words.as_ref().map(|words| words.join(" "));
        let fields = [
            ("Allow-Downgrade-To-Insecure", flag(self.allow_downgrade_to_insecure)),
            ("Allow-Insecure", flag(self.allow_insecure)),
            ("Allow-Weak", flag(self.allow_weak)),
            ("Architectures", words(&self.architectures)),
            ("By-Hash", flag(self.by_hash)),
            ("Check-Date", flag(self.check_date)),
            ("Check-Valid-Until", flag(self.check_valid_until)),
            ("Components", words(&self.components)),
            ("Date-Max-Future", self.date_max_future.map(|seconds| seconds.to_string())),
            ("Enabled", flag(self.enabled)),
            ("Inrelease-Path", self.inrelease_path.clone()),
            ("Languages", words(&self.languages)),
            ("X-Repolib-Name", Some(self.name.clone())),
            ("Pdiffs", flag(self.pdiffs)),
            ("Signed-By", signed_by.map(str::to_owned)),
            ("Suites", words(&self.suites)),
            ("Targets", words(&self.targets)),
            ("Trusted", flag(self.trusted)),
            ("Types", Some(self.types.join(" "))),
            ("URIs", words(&self.uris)),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
