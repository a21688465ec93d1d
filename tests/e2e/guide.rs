//! The guide "Your first module": every block is a file that is written, a command that is run, or lines that the
//! command before it must have printed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::hostile::has_compiler;
use crate::lab::PlainHost;

const GUIDE: &str = include_str!("../../core/sdk/GUIDE.md");

/// A block of the guide.
#[derive(Debug)]
enum Block {
    File {
        name: String,
        text: String,
    },
    Commands(String),
    /// Lines that were printed, whatever blanks are around and within them.
    Printed(String),
}

/// Reads the blocks. A file's name ends the line before it, in backquotes and with a colon.
fn blocks() -> Vec<Block> {
    let (mut blocks, mut before) = (Vec::new(), "");
    let mut lines = GUIDE.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            before = if line.is_empty() { before } else { line };
            continue;
        };
        let text: String =
            lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        blocks.push(match language {
            "sh" => Block::Commands(text),
            "text" => Block::Printed(text),
            _ => Block::File { name: file_name(before).to_owned(), text },
        });
    }
    blocks
}

fn file_name(line: &str) -> &str {
    let name = line.strip_suffix("`:").or_else(|| line.strip_suffix(" names your host:")?.strip_suffix('`'));
    let name = name.and_then(|line| line.rsplit('`').next());
    name.unwrap_or_else(|| panic!("no file is named in {line:?}"))
}

/// A reader, with a home of their own and a host that they may log in to.
struct Reader {
    home: tempfile::TempDir,
    host: PlainHost,
    here: PathBuf,
    printed: String,
}

impl Reader {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let here = home.path().canonicalize().unwrap();
        Self { home, host: PlainHost::start(), here, printed: String::new() }
    }

    fn does(&mut self, block: &Block) {
        match block {
            Block::File { name, text } => {
                // The reader's host is the one of the lab.
                let of_the_lab = || std::fs::read_to_string(self.host.file("inventory.yml")).unwrap();
                let text = if name == "inventory.yml" { of_the_lab() } else { text.clone() };
                let path = self.here.join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Block::Commands(text) => self.runs(text),
            Block::Printed(text) => {
                let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
                let printed: Vec<String> = self.printed.lines().map(words).collect();
                for line in text.lines().map(words) {
                    assert!(
                        printed.iter().any(|known| known.contains(&line)),
                        "{line:?} is not in\n{}",
                        self.printed
                    );
                }
            }
        }
    }

    fn runs(&mut self, text: &str) {
        let place = self.home.path().join(".here");
        let script = format!("set -euo pipefail\n{text}pwd > {}\n", place.display());
        let program = Path::new(env!("CARGO_BIN_EXE_switchover")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        // The reader's home is new; their toolchain and what cargo fetched are those of this machine.
        let home = PathBuf::from(std::env::var("HOME").unwrap());
        let or =
            |name: &str, folder: &str| std::env::var(name).map_or_else(|_| home.join(folder), PathBuf::from);
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(&self.here)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", path)
            .env("NO_COLOR", "1")
            .env("CARGO_HOME", or("CARGO_HOME", ".cargo"))
            .env("RUSTUP_HOME", or("RUSTUP_HOME", ".rustup"))
            .env("CARGO_NET_OFFLINE", "true")
            // What is built between, for the next run of this test.
            .env("CARGO_BUILD_BUILD_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/guide"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        self.printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{text}\n{}", self.printed);
        self.here = PathBuf::from(std::fs::read_to_string(place).unwrap().trim_end());
    }
}

#[test]
fn every_block_of_the_guide_does_what_it_says() {
    if !has_compiler() {
        return;
    }
    let mut reader = Reader::new();
    let blocks = blocks();
    assert!(blocks.len() > 20, "{}", blocks.len());
    blocks.iter().for_each(|block| reader.does(block));
    let found = ["maintenance.txt", "motd"].map(|name| find(reader.host.on_host(""), name));
    assert_eq!(
        found.map(|text| text.unwrap_or_default()),
        ["We are back at noon.\n", "Authorised use only.\n"]
    );
}

/// Returns the text of the file of this name anywhere below a folder.
fn find(folder: PathBuf, name: &str) -> Option<String> {
    std::fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        match path.is_dir() {
            true if !path.is_symlink() => find(path, name),
            _ if entry.file_name() == name => std::fs::read_to_string(path).ok(),
            _ => None,
        }
    })
}
