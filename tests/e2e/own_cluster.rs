//! The guide "Your own cluster": its commands are run in the lab, its excerpts stand in the template.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const GUIDE: &str = include_str!("../../playbooks/YOUR_OWN_CLUSTER.md");

/// The blocks of one language, in order.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    GUIDE.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Returns the command that does the whole update.
fn update() -> String {
    blocks("sh").pop().unwrap()
}

/// Expects the lines of the guide's screen, whatever blanks are around and within them.
fn shows(said: &str, screen: &str) {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let printed: Vec<String> = said.lines().map(words).collect();
    for line in screen.lines().map(words) {
        assert!(printed.iter().any(|known| known.contains(&line)), "{line:?} is not in\n{said}");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A lab in which the guide's commands are run.
struct Guide {
    folder: TempDir,
}

impl Guide {
    /// Does what the guide says first.
    fn begin() -> Self {
        let guide = Self { folder: tempfile::tempdir().unwrap() };
        assert_eq!(guide.run(&blocks("sh")[0]).0, 0);
        guide
    }

    fn lab(&self) -> PathBuf {
        self.folder.path().join("lab")
    }

    /// Runs commands as the guide writes them; the exit code and what they printed.
    fn run(&self, commands: &str) -> (i32, String) {
        let programs = Path::new(env!("CARGO_BIN_EXE_switchover")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        let Output { status, stdout, stderr } = Command::new("sh")
            .args(["-e", "-c", commands])
            .current_dir(root())
            .env("PATH", path)
            .env("LAB", self.lab())
            .env("NO_COLOR", "1")
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (status.code().unwrap(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
    }

    /// What the stand-in keeps on a host.
    fn product(&self, host: &str, what: &str) -> String {
        let path = self.lab().join("hosts").join(host).join("shop").join(what);
        std::fs::read_to_string(path).unwrap().trim().to_owned()
    }

    fn set(&self, host: &str, what: &str, value: &str) {
        std::fs::write(self.lab().join("hosts").join(host).join("shop").join(what), value).unwrap();
    }
}

impl Drop for Guide {
    fn drop(&mut self) {
        self.run("switchover-lab stop \"$LAB\"");
    }
}

#[test]
fn the_excerpts_stand_in_the_template_word_for_word() {
    let excerpts = blocks("yaml");
    assert!(excerpts.len() >= 4);
    for excerpt in excerpts {
        let (first, rest) = excerpt.split_once('\n').unwrap();
        let path = first.strip_prefix("# ").unwrap();
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        assert!(text.contains(rest), "{path} does not hold:\n{rest}");
    }
}

#[test]
fn the_commands_of_the_guide_update_the_pair() {
    let guide = Guide::begin();
    let commands = blocks("sh");
    for ((commands, screen), expected) in
        commands[1..].iter().zip(blocks("text")).zip([(0, None), (10, Some("8.1")), (0, Some("8.2"))])
    {
        let (expected, version) = expected;
        let (code, said) = guide.run(commands);
        assert_eq!(code, expected, "{said}");
        shows(&said, &screen);
        version.iter().for_each(|version| assert_eq!(guide.product("shop-b", "version"), *version));
    }
    for host in ["shop-a", "shop-b"] {
        assert_eq!(
            (guide.product(host, "version"), guide.product(host, "running")),
            ("8.2".into(), "yes".into())
        );
    }
    let (code, said) = guide.run(&update());
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains("changed  "), "{said}");
}

#[test]
fn nothing_is_lost_without_its_word() {
    let guide = Guide::begin();
    let update = self::update().replace(" --approve restart_primary", "");
    let (code, said) = guide.run(&update.replace("\"backup\"", ""));
    assert_eq!(code, 10, "{said}");
    assert_eq!(guide.product("shop-b", "version"), "8.1");

    guide.set("shop-a", "data", "7");
    let (code, said) = guide.run(&update);
    assert_eq!(code, 10, "{said}");
    assert!(said.contains("--approve resync"), "{said}");
    assert_eq!(
        (guide.product("shop-b", "version"), guide.product("shop-b", "data")),
        ("8.2".into(), "1".into())
    );

    let (code, said) = guide.run(&format!("{} --approve resync", update.trim_end()));
    assert_eq!(code, 10, "{said}");
    assert!(said.contains("--approve restart_primary"), "{said}");
    assert_eq!(
        (guide.product("shop-b", "data"), guide.product("shop-a", "running")),
        ("7".into(), "yes".into())
    );

    let (code, said) = guide.run(&self::update());
    assert_eq!(code, 0, "{said}");
    assert_eq!(guide.product("shop-a", "version"), "8.2");
}

#[test]
fn swapped_roles_stop_it_before_the_first_change() {
    let guide = Guide::begin();
    guide.set("shop-a", "role", "standby");
    guide.set("shop-b", "role", "primary");
    let (code, said) = guide.run(&update());
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("The roles look swapped"), "{said}");
    assert_eq!(guide.product("shop-b", "version"), "8.1");
}
