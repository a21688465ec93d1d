use std::path::{Path, PathBuf};

/// Where a lab keeps its files.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout of the lab in the folder `root`, which must be absolute.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The lab's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The settings a lab was made with.
    pub fn settings(&self) -> PathBuf {
        self.root.join("lab.json")
    }

    /// The lock that every look at, and change of, the hosts' states takes.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lab.lock")
    }

    /// The inventory for the runner.
    pub fn inventory(&self) -> PathBuf {
        self.root.join("inventory.yml")
    }

    /// The hosts' public keys.
    pub fn known_hosts(&self) -> PathBuf {
        self.root.join("known_hosts")
    }

    /// The private key that logs in everywhere; its public half has `.pub` after it.
    pub fn client_key(&self) -> PathBuf {
        self.root.join("id_ed25519")
    }

    /// The process that serves the lab: its id and start time.
    pub fn pid(&self) -> PathBuf {
        self.root.join("lab.pid")
    }

    /// What the serving process says when it runs in the background.
    pub fn log(&self) -> PathBuf {
        self.root.join("lab.log")
    }

    /// Where the update packages are made.
    pub fn packages(&self) -> PathBuf {
        self.root.join("packages")
    }

    /// The layout of one host.
    pub fn host(&self, name: &str) -> HostLayout {
        HostLayout { root: self.root.join("hosts").join(name) }
    }
}

/// Where a simulated host keeps its files; its folder stands for `/`.
#[derive(Clone, Debug)]
pub struct HostLayout {
    root: PathBuf,
}

impl HostLayout {
    /// The folder that stands for `/`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commands of the host.
    pub fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// The home folder of a user.
    pub fn home(&self, user: &str) -> PathBuf {
        match user {
            "root" => self.root.join("root"),
            user => self.root.join("home").join(user),
        }
    }

    /// The persisted state machine.
    pub fn state(&self) -> PathBuf {
        self.root.join("state.json")
    }

    /// What was run on the host, as JSON lines.
    pub fn events(&self) -> PathBuf {
        self.root.join("events.log")
    }

    /// The private host key.
    pub fn host_key(&self) -> PathBuf {
        self.root.join("etc/ssh/ssh_host_ed25519_key")
    }

    /// The init script of the product.
    pub fn init(&self) -> PathBuf {
        self.root.join("etc/init.d/alation")
    }

    /// What stands for `/opt/alation`.
    pub fn product(&self) -> PathBuf {
        self.root.join("opt/alation")
    }

    /// The link to the installed version's tree, into which the product's shell changes its root.
    pub fn current(&self) -> PathBuf {
        self.product().join("alation")
    }
}
