//! What `-v` tells before a run begins, in Ansible's layout.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use switchover_model::Loader;
use switchover_report::Output;

use crate::config::Config;
use crate::exit;
use crate::problems::{self, colour};

/// Tells which configuration holds; with `-vv`, what this program is and where it looks.
pub fn begin(config: &Config, tool: &str, verbosity: u8) {
    if verbosity > 1 {
        version(config, tool).iter().for_each(|line| print(line));
    }
    if verbosity > 0 {
        print(&match &config.file {
            Some(path) => format!("Using {} as config file", path.display()),
            None => "No config file found; using defaults".to_owned(),
        });
    }
}

/// Prints the version as the tool of Ansible's prints its own.
pub fn tell_version(tool: &str) -> u8 {
    match Config::load() {
        Ok(config) => {
            version(&config, tool).iter().for_each(|line| println!("{line}"));
            exit::OK
        }
        Err(found) => problems::end(&found, exit::ERROR),
    }
}

/// Returns what this program is and where it looks. The first line is what scripts look at: the language's version.
fn version(config: &Config, tool: &str) -> Vec<String> {
    let file = config.file.as_ref().map_or_else(|| "None".to_owned(), |path| path.display().to_string());
    let joined = |paths: Vec<PathBuf>| {
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(":")
    };
    let (major, minor, patch) = switchover_engine::LANGUAGE;
    let program = std::env::current_exe().unwrap_or_default();
    vec![
        format!("{tool} [core {major}.{minor}.{patch}]"),
        format!("  config file = {file}"),
        format!("  ansible collection location = {}", joined(config.paths("COLLECTIONS_PATHS"))),
        format!("  executable location = {}", program.display()),
        format!("  switchover version = {} (no Python is used)", env!("CARGO_PKG_VERSION")),
    ]
}

/// Tells which files of tasks were imported.
pub fn imports(loader: &Loader) {
    for path in loader.imported() {
        let path = std::path::absolute(&path).unwrap_or(path);
        print(&format!("statically imported: {}", path.display()));
    }
}

fn print(line: &str) {
    let mut output = Output::stdout();
    let line = output.safe(line).into_owned();
    match colour(std::io::stdout().is_terminal()) {
        true => output.painted(&format!("\u{1b}[0;34m{line}\u{1b}[0m")),
        false => output.painted(&line),
    }
}
