use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use include_dir::{Dir, include_dir};
use switchover_plugin_host::own_folders;

use super::vendor;
use crate::{exit, problems};

#[derive(Args, Debug)]
pub struct NewArgs {
    /// A word: the plugin's name, and the first part of the names of its modules.
    name: String,
    /// The language.
    #[arg(long, value_enum, default_value_t = Language::Rust)]
    lang: Language,
    /// Where; a new folder of the plugin's name without it.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    C,
}

static RUST: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/core/sdk/template/rust");
static C: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/core/sdk/template/c");
const C_SOURCES: [(&str, &str); 4] = [
    ("plugin.c", include_str!("../../sdk/c/example/hello.c")),
    ("json.c", include_str!("../../sdk/c/example/json.c")),
    ("json.h", include_str!("../../sdk/c/example/json.h")),
    ("switchover_plugin.h", include_str!("../../sdk/c/switchover_plugin.h")),
];

/// A manifest as cargo wants it; a file of the template could not be named so within our own workspace.
const MANIFEST: &str = r#"[package]
name = "switchover-@NAME@"
version = "0.1.0"
edition = "2024"
rust-version = "@RUST@"
publish = false

[lib]
crate-type = ["cdylib"]

[dependencies]
switchover-sdk = { path = "sdk/sdk" }

# A folder above may hold another workspace.
[workspace]
"#;

/// Writes a project that builds and passes its own tests.
pub fn run(arguments: &NewArgs) -> u8 {
    let name = &arguments.name;
    if !is_name(name) {
        problems::say(
            &format!("`{name}` cannot name a plugin"),
            Some("take lowercase letters, digits and hyphens, a letter first, such as `motd` or `acme-db`"),
        );
        return exit::OPTIONS;
    }
    if is_taken(name) {
        problems::say(
            &format!(
                "Switchover has a plugin or a library `{name}` itself, in place of which runs would take yours"
            ),
            Some(&format!("take another name, such as `my-{name}`")),
        );
        return exit::OPTIONS;
    }
    let folder = arguments.dir.clone().unwrap_or_else(|| PathBuf::from(name));
    match write(&folder, &files(name, arguments.lang)) {
        Ok(()) => {
            let test = if arguments.lang == Language::Rust { "cargo test" } else { "make && make test" };
            println!("{} is there. Next:\n  cd {}\n  {test}", folder.display(), folder.display());
            exit::OK
        }
        Err(message) => {
            problems::say(&message, None);
            exit::ERROR
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
}

/// Returns whether a plugin that came with the program, or a crate that the project uses, has the name.
fn is_taken(name: &str) -> bool {
    let file = format!("libswitchover_{}.so", name.replace('-', "_"));
    matches!(name, "sdk" | "sdk-derive" | "protocol")
        || own_folders().iter().any(|folder| folder.join(&file).exists())
}

type Files = Vec<(PathBuf, Vec<u8>)>;

fn files(name: &str, language: Language) -> Files {
    let mut files = Files::new();
    let mut add = |path: &Path, text: &str| {
        let path = if path.ends_with("gitignore") { Path::new(".gitignore") } else { path };
        files.push((path.to_owned(), filled(text, name).into()));
    };
    let template = if language == Language::Rust { &RUST } else { &C };
    each_text(template, &mut add);
    match language {
        Language::Rust => {
            add(Path::new("Cargo.toml"), MANIFEST);
            add(Path::new("Cargo.lock"), &vendor::lock());
            files.extend(
                vendor::sdk().into_iter().map(|(path, content)| (Path::new("sdk").join(path), content)),
            );
        }
        Language::C => {
            for (path, text) in C_SOURCES {
                let text =
                    text.replace("\\\"hello\\\"", "\\\"@NAME@\\\"").replace("example.motd", "@MODULE@.line");
                add(Path::new(path), &text);
            }
        }
    }
    files
}

fn each_text(folder: &Dir<'static>, visit: &mut impl FnMut(&Path, &str)) {
    for file in folder.files() {
        visit(file.path(), file.contents_utf8().unwrap_or_default());
    }
    folder.dirs().for_each(|below| each_text(below, visit));
}

fn filled(text: &str, name: &str) -> String {
    let word = name.replace('-', "_");
    let program =
        std::env::current_exe().map_or_else(|_| "switchover".to_owned(), |file| file.display().to_string());
    text.replace("@NAME@", name)
        .replace("@MODULE@", &word)
        .replace("@LIB@", &word)
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@RUST@", env!("CARGO_PKG_RUST_VERSION"))
        .replace("@SWITCHOVER@", &program)
}

/// Writes into a folder that is new or empty: what someone wrote is not written over.
fn write(folder: &Path, files: &Files) -> Result<(), String> {
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{} is not empty; choose another place with --dir", folder.display()));
    }
    for (path, content) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, content))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_that_cargo_and_playbooks_take() {
        for good in ["motd", "acme-db", "pg2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "Motd", "2pg", "a.b", "a b", "../x", "a-", "a_b"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn nothing_is_left_to_be_filled_in() {
        for language in [Language::Rust, Language::C] {
            for (path, content) in files("acme-db", language) {
                let text = String::from_utf8_lossy(&content).into_owned();
                for word in
                    ["@NAME@", "@MODULE@", "@LIB@", "@VERSION@", "@RUST@", "@SWITCHOVER@", "example.motd"]
                {
                    let is_sdk = path.starts_with("sdk") || path.ends_with("switchover_plugin.h");
                    assert!(is_sdk || !text.contains(word), "{} holds {word}", path.display());
                }
            }
        }
    }
}
