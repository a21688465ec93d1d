//! The SDK as this program was built with it, written beside a new plugin: such a project builds wherever its
//! libraries can be had, whether or not a checkout of switchover is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

/// One crate of the SDK.
struct Crate {
    name: &'static str,
    manifest: &'static str,
    sources: Dir<'static>,
}

static CRATES: [Crate; 4] = [
    Crate {
        name: "protocol",
        manifest: include_str!("../../protocol/Cargo.toml"),
        sources: include_dir!("$CARGO_MANIFEST_DIR/core/protocol/src"),
    },
    Crate {
        name: "scratch",
        manifest: include_str!("../../scratch/Cargo.toml"),
        sources: include_dir!("$CARGO_MANIFEST_DIR/core/scratch/src"),
    },
    Crate {
        name: "sdk",
        manifest: include_str!("../../sdk/Cargo.toml"),
        sources: include_dir!("$CARGO_MANIFEST_DIR/core/sdk/src"),
    },
    Crate {
        name: "sdk-derive",
        manifest: include_str!("../../sdk-derive/Cargo.toml"),
        sources: include_dir!("$CARGO_MANIFEST_DIR/core/sdk-derive/src"),
    },
];

const README: &str = include_str!("../../sdk/README.md");
const WORKSPACE: &str = include_str!("../../../Cargo.toml");
const LOCK: &str = include_str!("../../../Cargo.lock");

/// Returns the files of the SDK, relative to the folder that holds them.
pub fn sdk() -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![(PathBuf::from("sdk/README.md"), README.into())];
    for one in &CRATES {
        let folder = Path::new(one.name);
        files.push((folder.join("Cargo.toml"), manifest(one).into()));
        each_file(&one.sources, &mut |path, content| {
            files.push((folder.join("src").join(path), content.to_vec()))
        });
    }
    files
}

fn each_file(folder: &Dir<'static>, visit: &mut impl FnMut(&Path, &[u8])) {
    folder.files().for_each(|file| visit(file.path(), file.contents()));
    folder.dirs().for_each(|below| each_file(below, visit));
}

/// Returns a manifest that inherits nothing: the new project's workspace is not ours.
fn manifest(one: &Crate) -> String {
    let mut text = format!(
        "[package]\nname = \"switchover-{}\"\nversion = \"{}\"\nedition = {}\nlicense = \"Apache-2.0\"\npublish = false\n",
        one.name,
        env!("CARGO_PKG_VERSION"),
        field("edition"),
    );
    if one.manifest.contains("proc-macro = true") {
        text.push_str("\n[lib]\nproc-macro = true\n");
    }
    text.push_str("\n[dependencies]\n");
    for name in dependencies(one.manifest) {
        match name.strip_prefix("switchover-") {
            Some(ours) => text.push_str(&format!("{name} = {{ path = \"../{ours}\" }}\n")),
            None => text.push_str(&format!("{name} = {}\n", field(&name))),
        }
    }
    text
}

/// Returns the names under `[dependencies]`.
fn dependencies(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let names = lines
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.strip_suffix(".workspace = true"));
    names.map(str::to_owned).collect()
}

/// Returns what the workspace says of a name: an edition, a dependency.
fn field(name: &str) -> &'static str {
    let mut lines = WORKSPACE.lines().filter_map(|line| line.split_once(" = "));
    lines.find(|(key, _)| *key == name).map_or("\"*\"", |(_, value)| value)
}

/// Returns the part of our `Cargo.lock` that the SDK needs, so that a new project is built with the versions that were
/// tested; cargo adds the project itself.
pub fn lock() -> String {
    let blocks: Vec<&str> = LOCK.split("\n\n").filter(|block| block.starts_with("[[package]]")).collect();
    let of = |block: &str, key: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key} = ")))
            .map(|value| value.trim_matches('"').to_owned())
    };
    let mut wanted: Vec<String> = CRATES.iter().flat_map(|one| dependencies(one.manifest)).collect();
    let mut kept = BTreeSet::new();
    while let Some(next) = wanted.pop() {
        let mut words = next.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next());
        for (index, block) in blocks.iter().enumerate() {
            let is_it = of(block, "name").as_deref() == Some(name)
                && version.is_none_or(|version| of(block, "version").as_deref() == Some(version));
            if is_it && of(block, "source").is_some() && kept.insert(index) {
                wanted.extend(
                    block
                        .lines()
                        .filter_map(|line| line.strip_prefix(" \"")?.strip_suffix("\","))
                        .map(str::to_owned),
                );
            }
        }
    }
    let head = LOCK.lines().take_while(|line| !line.starts_with("[[")).collect::<Vec<_>>().join("\n");
    let packages: Vec<&str> = kept.into_iter().map(|index| blocks[index].trim_end()).collect();
    format!("{}\n\n{}\n", head.trim_end(), packages.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_of_the_sdk_is_among_them_and_none_inherits() {
        let ours = CRATES
            .iter()
            .flat_map(|one| dependencies(one.manifest))
            .filter(|name| name.starts_with("switchover-"));
        for name in ours {
            assert!(CRATES.iter().any(|one| name == format!("switchover-{}", one.name)), "{name} is missing");
        }
        for (path, content) in sdk().iter().filter(|(path, _)| path.ends_with("Cargo.toml")) {
            let text = String::from_utf8_lossy(content);
            assert!(!text.contains("workspace") && !text.contains("\"*\""), "{}: {text}", path.display());
        }
    }

    #[test]
    fn the_lock_holds_what_the_sdk_needs_and_nothing_of_the_engine() {
        let lock = lock();
        for name in ["serde", "serde_yaml", "syn", "unicode-ident", "itoa"] {
            assert!(lock.contains(&format!("name = \"{name}\"\n")), "{name}");
        }
        for name in ["tokio", "switchover-sdk", "russh"] {
            assert!(!lock.contains(&format!("name = \"{name}\"\n")), "{name}");
        }
    }
}
