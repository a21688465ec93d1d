use crate::SshOptions;

/// A host of the inventory and the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The name in the inventory; it names the host in messages and is what [`Pool::reset`](crate::Pool::reset) takes.
    pub name: String,
    pub transport: TransportConfig,
}

/// How commands get to a host.
#[derive(Clone, Debug, PartialEq)]
pub enum TransportConfig {
    /// The controller itself.
    Local(LocalOptions),
    Ssh(Box<SshOptions>),
}

/// Settings of the local transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalOptions {
    /// The POSIX shell that runs everything.
    pub executable: String,
    /// Where it starts; without one, where this program is.
    pub folder: Option<std::path::PathBuf>,
}

impl Default for LocalOptions {
    fn default() -> Self {
        Self { executable: "/bin/sh".to_owned(), folder: None }
    }
}
