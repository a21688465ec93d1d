use switchover_lab::{Lab, Options, sim};

use super::client::{Client, Output, start};

/// A running pair and a login on each of its hosts.
pub struct Pair {
    pub lab: Lab,
    pub primary: Client,
    pub secondary: Client,
    _folder: tempfile::TempDir,
}

impl Pair {
    /// A pair whose eight hours last a quarter of a second.
    pub async fn start() -> Self {
        Self::with(|options| options).await
    }

    pub async fn with(change: impl FnOnce(Options) -> Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { scale: 0.000_01, ..Options::ha_pair(folder.path()) };
        let lab = start(change(options)).await;
        let primary = Client::connect(&lab, "primary").await;
        let secondary = Client::connect(&lab, "secondary").await;
        Self { lab, primary, secondary, _folder: folder }
    }

    pub fn client(&self, host: &str) -> &Client {
        match host {
            "primary" => &self.primary,
            _ => &self.secondary,
        }
    }

    /// The command line that runs a command in the product's shell.
    pub fn shell(&self, host: &str, command: &str) -> String {
        let tree = self.lab.layout().host(host).current();
        format!("sudo -n chroot {} /bin/su - alationadmin -c '{command}'", tree.display())
    }

    /// Runs a command in the product's shell.
    pub async fn inside(&self, host: &str, command: &str) -> Output {
        self.client(host).run(&self.shell(host, command)).await
    }

    pub async fn action(&self, host: &str, action: &str) -> Output {
        self.inside(host, &format!("alation_action {action}")).await
    }

    pub fn update_command(&self, host: &str) -> String {
        format!("sudo -n {} update", self.lab.layout().host(host).init().display())
    }

    /// Uploads the package, unpacks it and updates.
    pub async fn update(&self, host: &str) -> Output {
        self.unpack(host).await.good();
        self.client(host).run(&self.update_command(host)).await
    }

    pub async fn unpack(&self, host: &str) -> Output {
        let package =
            std::fs::read_dir(self.lab.layout().packages()).unwrap().next().unwrap().unwrap().path();
        let bytes = std::fs::read(package).unwrap();
        self.client(host).feed("cat > update.rpm && rpm -K update.rpm", bytes).await.good();
        self.client(host).run("sudo -n rpm -Uvh update.rpm").await
    }

    pub async fn split(&self) {
        for host in ["primary", "secondary"] {
            self.action(host, "cluster_enter_standalone_mode").await.good();
        }
    }

    pub async fn split_and_update(&self) {
        self.split().await;
        for host in ["secondary", "primary"] {
            self.update(host).await.good();
        }
    }

    /// Everything of the rebuild before the slave is added.
    pub async fn prepare_rebuild(&self) {
        self.action("primary", "cluster_enter_master_mode").await.good();
        self.inside("secondary", "alation_conf alation.cluster.protected_instance -s False").await.good();
        for host in ["primary", "secondary"] {
            let address = &self.lab.host(host).unwrap().address;
            self.inside(host, &format!("alation_conf alation.cluster.override_ip -s {address}")).await.good();
            self.inside(host, "alation_conf alation.cluster.enable_override_ip -s True").await.good();
        }
    }

    pub async fn added(&self) {
        self.split_and_update().await;
        self.prepare_rebuild().await;
        self.action("primary", "cluster_add_slaves").await.good();
    }

    pub async fn page(&self, host: &str) -> Option<String> {
        let entry = self.lab.host(host).unwrap();
        get(&entry.address, entry.monitor_port, "/monitor/replication/").await
    }

    pub fn problems(&self, expect: sim::Expectation) -> Vec<String> {
        self.lab.problems(expect).unwrap()
    }
}

/// The body of a page; `None` when the connection is refused.
pub async fn get(address: &str, port: u16, path: &str) -> Option<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect((address, port)).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await.ok()?;
    text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}
