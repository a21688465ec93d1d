use std::os::unix::fs::MetadataExt;
use std::path::Path;

use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::filters::expanded_user;
use crate::names_table::{Entry, Run, test};

/// Looks at a path of the controller.
macro_rules! path_test {
    ($check:expr) => {{
        const RUN: Run = |call| with_path(call, $check);
        RUN
    }};
}

/// Tests for files of the controller.
pub const TABLE: &[Entry] = &[
    test("file", path_test!(Path::is_file)),
    test("is_file", path_test!(Path::is_file)),
    test("directory", path_test!(Path::is_dir)),
    test("is_dir", path_test!(Path::is_dir)),
    test("exists", path_test!(Path::exists)),
    test("link", path_test!(Path::is_symlink)),
    test("is_link", path_test!(Path::is_symlink)),
    test("link_exists", path_test!(|path: &Path| path.symlink_metadata().is_ok())),
    test("abs", path_test!(Path::is_absolute)),
    test("is_abs", path_test!(Path::is_absolute)),
    test("mount", path_test!(is_mount)),
    test("is_mount", path_test!(is_mount)),
    test("same_file", same_file),
    test("is_same_file", same_file),
];

fn with_path(call: &mut Call<'_, '_, '_>, check: impl Fn(&Path) -> bool) -> Result<Value, Error> {
    crate::outside::note_outside_look();
    let path = expanded_user(&call.text("path")?);
    Ok(Value::from(check(Path::new(&path))))
}

/// A mount point is on another device than its parent, or is its own parent.
fn is_mount(path: &Path) -> bool {
    let (Ok(here), Ok(parent)) = (path.symlink_metadata(), path.join("..").metadata()) else { return false };
    !here.is_symlink() && (here.dev() != parent.dev() || here.ino() == parent.ino())
}

fn same_file(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    crate::outside::note_outside_look();
    let (a, b) = (call.text("path")?, call.text("other")?);
    let looked_at = |path: &str| {
        Path::new(path).metadata().map_err(|_| fail(format!("No such file or directory: '{path}'")))
    };
    let (a, b) = (looked_at(&a)?, looked_at(&b)?);
    Ok(Value::from(a.dev() == b.dev() && a.ino() == b.ino()))
}
