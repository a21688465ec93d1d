use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use switchover_connect::*;
use switchover_protocol::*;

pub mod sshd;

/// Calls made to one session, with answers taken apart.
pub struct Probe {
    pub pool: Pool,
    pub session: Arc<Session>,
    pub elevation: Option<Elevation>,
}

impl Probe {
    pub async fn local() -> Self {
        Self::with_shell("/bin/sh").await
    }

    pub async fn with_shell(executable: &str) -> Self {
        Self::to(local(executable)).await
    }

    pub async fn to(target: Target) -> Self {
        Self::of_run("", target).await
    }

    pub async fn of_run(run: &str, target: Target) -> Self {
        let settings = PoolSettings {
            reconnect_within: Duration::from_secs(20),
            run: run.to_owned(),
            ..PoolSettings::default()
        };
        let pool = Pool::new(settings);
        let session = pool.session(&target).await.unwrap();
        Self { pool, session, elevation: None }
    }

    pub async fn call(&self, call: HostCall) -> HostReply {
        self.session.call(self.elevation.as_ref(), &call, &mut ()).await
    }

    pub async fn done(&self, call: HostCall) {
        let shown = format!("{call:?}");
        assert_eq!(self.call(call).await, HostReply::Done, "{shown}");
    }

    pub async fn error(&self, call: HostCall) -> HostError {
        match self.call(call).await {
            HostReply::Error(error) => error,
            reply => panic!("no error: {reply:?}"),
        }
    }

    pub async fn exec(&self, exec: Exec) -> ExecOutput {
        match self.call(HostCall::Exec(exec)).await {
            HostReply::Exec(output) => output,
            reply => panic!("{reply:?}"),
        }
    }

    pub async fn sh(&self, text: &str) -> ExecOutput {
        self.exec(shell(text)).await
    }

    pub async fn stat(&self, path: &str, follow: bool) -> Option<Box<FileStat>> {
        let checksum = Some(Algorithm::Sha1);
        match self.call(HostCall::Stat { path: path.to_owned(), follow, checksum }).await {
            HostReply::Stat(stat) => stat,
            reply => panic!("{reply:?}"),
        }
    }

    pub async fn written(&self, write: WriteFile) -> Written {
        match self.call(HostCall::Write(write)).await {
            HostReply::Written(written) => written,
            reply => panic!("{reply:?}"),
        }
    }

    pub async fn job(&self, call: HostCall) -> Job {
        match self.call(call).await {
            HostReply::Job(job) => job,
            reply => panic!("{reply:?}"),
        }
    }
}

pub fn local(executable: &str) -> Target {
    let transport = TransportConfig::Local(LocalOptions { executable: executable.to_owned(), folder: None });
    Target { name: "here".to_owned(), transport }
}

pub fn shell(text: &str) -> Exec {
    Exec { program: Program::Shell { text: text.to_owned(), executable: None }, ..Exec::default() }
}

pub fn argv(words: &[&str]) -> Exec {
    Exec { program: Program::Argv(words.iter().map(|word| (*word).to_owned()).collect()), ..Exec::default() }
}

pub fn file(path: &str, content: impl Into<Bytes>) -> WriteFile {
    WriteFile {
        path: path.to_owned(),
        content: Content::Inline(content.into()),
        attributes: Attributes::default(),
        backup: false,
        validate: None,
        follow: false,
    }
}

pub fn mode(mode: &str) -> Attributes {
    Attributes { mode: Some(mode.to_owned()), ..Attributes::default() }
}

/// Bytes that repeat late and hold every value.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

/// Finds a system tool; without it the test says why it proves nothing.
pub fn tool(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin"];
    let found = folders.iter().map(|folder| PathBuf::from(folder).join(name)).find(|path| path.exists());
    if found.is_none() {
        println!("skipped: {name} is not installed");
    }
    found
}

pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}

/// Waits until something holds; the limit only keeps a broken test from running for ever.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

/// Runs a test with GNU's tools and, where it is installed, with busybox and nothing else.
pub async fn each_toolset(test: impl AsyncFn(Probe)) {
    test(Probe::local().await).await;
    let Some(busybox) = tool("busybox") else { return };
    let folder = tempfile::tempdir().unwrap();
    let list = std::process::Command::new(&busybox).arg("--list").output().unwrap().stdout;
    for applet in String::from_utf8(list).unwrap().lines().filter(|applet| *applet != "sh") {
        std::os::unix::fs::symlink(&busybox, folder.path().join(applet)).unwrap();
    }
    let shell = folder.path().join("sh");
    let text = format!(
        "#!{0} sh\nPATH={1}; export PATH\nexec {0} sh \"$@\"\n",
        busybox.display(),
        folder.path().display()
    );
    std::fs::write(&shell, text).unwrap();
    std::fs::set_permissions(&shell, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    test(Probe::with_shell(shell.to_str().unwrap()).await).await;
}

/// Runs a test with every POSIX shell that is installed.
pub async fn each_shell(test: impl AsyncFn(Probe)) {
    let mut shells = vec!["/bin/sh".to_owned()];
    shells
        .extend(["dash", "bash"].iter().filter_map(|name| tool(name)).map(|path| path.display().to_string()));
    let folder = tempfile::tempdir().unwrap();
    if let Some(busybox) = tool("busybox") {
        let ash = folder.path().join("ash");
        std::os::unix::fs::symlink(busybox, &ash).unwrap();
        shells.push(ash.display().to_string());
    }
    for shell in shells {
        test(Probe::with_shell(&shell).await).await;
    }
}
