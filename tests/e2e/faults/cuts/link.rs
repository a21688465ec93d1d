use std::process::Command;
use std::time::Duration;

/// A network namespace behind a link of its own. Linux ends both with the last process in there.
pub struct Link {
    pub name: String,
    number: usize,
}

impl Link {
    /// Makes it; each number has addresses of its own.
    pub fn make(number: usize) -> Self {
        let number = number + std::process::id() as usize % 50 * 1000;
        let link = Self { name: format!("sw{number}"), number };
        let (name, outer, inner) = (link.name.clone(), link.outer(), link.inner());
        link.ip(&["netns", "add", &name]);
        let (peer, ours) = (format!("{name}i"), format!("{name}o"));
        link.ip(&["link", "add", &ours, "type", "veth", "peer", "name", &peer, "netns", &name]);
        link.ip(&["addr", "add", &format!("{outer}/30"), "dev", &ours]);
        link.ip(&["link", "set", &ours, "up"]);
        link.ip(&["-n", &name, "addr", "add", &format!("{inner}/30"), "dev", &peer]);
        link.ip(&["-n", &name, "link", "set", &peer, "up"]);
        link.ip(&["-n", &name, "link", "set", "lo", "up"]);
        link
    }

    fn address(&self, last: usize) -> String {
        let fourths = self.number * 4 + last;
        format!("10.{}.{}.{}", 192 + fourths / 65536, fourths / 256 % 256, fourths % 256)
    }

    fn outer(&self) -> String {
        self.address(1)
    }

    /// Returns the address on the other side.
    pub fn inner(&self) -> String {
        self.address(2)
    }

    fn ip(&self, words: &[&str]) {
        let output = Command::new("ip").args(words).output().unwrap();
        assert!(output.status.success(), "ip {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Returns a command that runs on the other side.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    fn rule(&self, act: &str, more: &[&str]) {
        let mut command = self.command("iptables");
        let status = command.args(["-w", act, "INPUT"]).args(more).args(["-j", "DROP"]).status().unwrap();
        assert!(status.success());
    }

    /// Loses everything, until told otherwise.
    pub fn block(&self, on: bool) {
        self.rule(if on { "-A" } else { "-D" }, &[]);
    }

    /// Loses everything for a time; nobody is told.
    pub fn silent(&self, time: Duration) {
        self.block(true);
        std::thread::sleep(time);
        self.block(false);
    }

    /// Loses every third packet for a time, which delays what gets through.
    pub fn lossy(&self, time: Duration) {
        let some = ["-m", "statistic", "--mode", "random", "--probability", "0.33"];
        self.rule("-A", &some);
        std::thread::sleep(time);
        self.rule("-D", &some);
    }

    /// Takes the link down for a time: whoever sends is told that there is no way.
    pub fn down(&self, time: Duration) {
        let ours = format!("{}o", self.name);
        self.ip(&["link", "set", &ours, "down"]);
        std::thread::sleep(time);
        self.ip(&["link", "set", &ours, "up"]);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // The end of a link at one side is its end at the other.
        for words in [["link", "del", &format!("{}o", self.name)], ["netns", "del", &self.name]] {
            drop(Command::new("ip").args(words).output());
        }
    }
}
