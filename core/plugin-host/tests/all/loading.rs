//! Files that are no plugins, or break a rule while they are loaded.

use std::fs;
use std::os::unix::fs::symlink;

use crate::common::{Folder, chmod, has_compiler};
use switchover_plugin_host::{Catalog, Discovery, PluginError};

#[test]
fn names_the_file_and_the_reason_when_a_plugin_cannot_be_loaded() {
    if !has_compiler() {
        return;
    }
    for (case, expected) in [
        (
            "NO_SYMBOL",
            "libswitchover_x.so is no plugin: it does not export `switchover_plugin_v1`: dlsym failed: ",
        ),
        ("UNDEFINED_SYMBOL", "libswitchover_x.so cannot be loaded: dlopen failed: "),
        ("WRONG_ABI", "libswitchover_x.so speaks version 2 of the plugin interface, this program speaks 1"),
        (
            "SMALL_TABLE",
            "libswitchover_x.so has a table of 8 bytes, version 1 of the plugin interface has 24",
        ),
        ("NULL_TABLE", "libswitchover_x.so has no usable table of functions: it returned null"),
        ("ODD_TABLE", "libswitchover_x.so has no usable table of functions: it lies at an odd address"),
        ("NULL_DESCRIBE", "libswitchover_x.so has no function `describe` in its table"),
        ("NULL_INVOKE", "libswitchover_x.so has no function `invoke` in its table"),
    ] {
        let folder = Folder::new();
        folder.hostile("x", case);
        let problem = folder.problem();
        assert!(problem.starts_with(expected), "{case}: {problem}");
    }
}

#[test]
fn names_the_undefined_symbol() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "UNDEFINED_SYMBOL");
    let problem = folder.problem();
    assert!(problem.contains("nowhere_to_be_found"), "{problem}");
}

#[test]
fn refuses_a_description_that_is_none() {
    if !has_compiler() {
        return;
    }
    let failed = "libswitchover_x.so failed to describe its modules: ";
    let unreadable = "libswitchover_x.so describes its modules in JSON that cannot be read: ";
    for (case, beginning, rest) in [
        ("DESCRIBE_FAILS", failed, "it answered with code 7 and said \"the licence has run out\""),
        ("DESCRIBE_FAILS_SILENTLY", failed, "it answered with code -1 and no explanation"),
        ("DESCRIBE_NULL_WITH_LENGTH", failed, "it answered with 100 bytes at a null address"),
        (
            "DESCRIBE_ENDLESS",
            failed,
            "it answered with 18446744073709551615 bytes, more than the limit of 16777216",
        ),
        ("DESCRIBE_GARBAGE", unreadable, "EOF while parsing a value"),
        ("DESCRIBE_NOT_UTF8", unreadable, "invalid unicode code point"),
        ("DESCRIBE_NOTHING", unreadable, "EOF while parsing a value"),
        (
            "DESCRIBE_BAD_NAME",
            "libswitchover_x.so describes its modules wrongly: ",
            "\"../../etc/passwd\" is no name for a module: it needs lowercase words with dots between, such as example.motd",
        ),
    ] {
        let folder = Folder::new();
        folder.hostile("x", case);
        let problem = folder.problem();
        assert!(problem.starts_with(&format!("{beginning}{rest}")), "{case}: {problem}");
    }
}

#[test]
fn a_larger_table_of_a_later_author_is_fine() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("x", "LARGE_TABLE");
    assert_eq!(folder.module().spec.name, "hostile.module");
}

#[test]
fn a_broken_file_makes_no_other_unusable_and_is_named_for_an_unknown_module() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("good", "GOOD");
    fs::write(folder.path.join("libswitchover_text.so"), "#!/bin/sh\n").unwrap();
    fs::create_dir(folder.path.join("libswitchover_folder.so")).unwrap();
    fs::write(folder.path.join("README.so"), "not looked at").unwrap();
    let catalog = folder.catalog();
    assert!(catalog.resolve("evil").is_some());
    let broken: Vec<String> = catalog
        .problems_with("some.module")
        .iter()
        .map(|problem| problem.path().file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(broken, ["libswitchover_folder.so", "libswitchover_text.so"]);
}

#[test]
fn refuses_a_library_for_another_processor_and_one_that_is_cut_off() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    let file = folder.hostile("x", "GOOD");
    let good = fs::read(&file).unwrap();

    let mut foreign = good.clone();
    foreign[18..20].copy_from_slice(&if cfg!(target_arch = "aarch64") { 62u16 } else { 183 }.to_le_bytes());
    fs::write(&file, foreign).unwrap();
    let (other, here) =
        if cfg!(target_arch = "aarch64") { ("x86_64", "aarch64") } else { ("aarch64", "x86_64") };
    assert_eq!(folder.problem(), format!("libswitchover_x.so is built for {other}, this machine is {here}"));

    fs::write(&file, &good[..good.len() / 4]).unwrap();
    let problem = folder.problem();
    assert!(problem.starts_with("libswitchover_x.so is cut off: it has "), "{problem}");
}

#[test]
fn loads_nothing_from_a_folder_or_file_that_everyone_can_write_to() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    let file = folder.hostile("x", "GOOD");
    chmod(&folder.path, 0o777);
    let catalog = folder.catalog();
    assert!(matches!(catalog.problems(), [PluginError::Untrusted { .. }]), "{:?}", catalog.problems());
    assert!(catalog.names().is_empty());

    chmod(&folder.path, 0o755);
    chmod(&file, 0o777);
    assert_eq!(
        folder.problem(),
        format!(
            "libswitchover_x.so is not trusted: every user can write to libswitchover_x.so (mode 0777); try: \
             chmod o-w libswitchover_x.so"
        )
    );

    chmod(&file, 0o755);
    assert!(folder.catalog().problems().is_empty());
}

#[test]
fn judges_where_a_link_leads() {
    if !has_compiler() {
        return;
    }
    let (open, folder) = (Folder::new(), Folder::new());
    let file = open.hostile("x", "GOOD");
    symlink(&file, folder.path.join("libswitchover_x.so")).unwrap();
    assert!(folder.catalog().problems().is_empty());
    chmod(&open.path, 0o777);
    let catalog = folder.catalog();
    assert!(matches!(catalog.problems(), [PluginError::Untrusted { .. }]), "{:?}", catalog.problems());
    assert!(catalog.names().is_empty());
}

#[test]
fn a_name_that_two_plugins_offer_means_neither_and_names_both_files() {
    if !has_compiler() {
        return;
    }
    let folder = Folder::new();
    folder.hostile("a", "GOOD");
    folder.hostile("b", "OTHER_MODULE");
    let catalog = folder.catalog();
    assert_eq!(catalog.names(), ["hostile.module", "hostile.other"]);
    assert!(catalog.resolve("evil").is_none());
    let [problem] = catalog.problems_with("evil")[..] else { panic!("{:?}", catalog.problems()) };
    assert_eq!(
        problem.explain().replace(&format!("{}/", folder.path.display()), ""),
        "two plugins offer `evil`: libswitchover_a.so and libswitchover_b.so"
    );
}

#[test]
fn the_same_file_reached_twice_is_one_plugin() {
    if !has_compiler() {
        return;
    }
    let (first, second) = (Folder::new(), Folder::new());
    let file = first.hostile("x", "GOOD");
    symlink(&file, second.path.join("libswitchover_y.so")).unwrap();
    fs::hard_link(&file, first.path.join("libswitchover_z.so")).unwrap();
    let catalog = Catalog::discover(&Discovery::in_process(&[
        first.path.clone(),
        second.path.clone(),
        first.path.clone(),
    ]));
    assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
    assert_eq!(catalog.plugins().len(), 1);
}

#[test]
fn the_earliest_folder_wins_for_files_of_one_name_and_the_other_is_listed() {
    if !has_compiler() {
        return;
    }
    let (first, second) = (Folder::new(), Folder::new());
    let by = first.hostile("x", "GOOD");
    let file = second.hostile("x", "OTHER_MODULE");
    let catalog = Catalog::discover(&Discovery::in_process(&[first.path.clone(), second.path.clone()]));
    assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
    assert_eq!(catalog.names(), ["evil", "hostile.module"]);
    let [shadowed] = catalog.shadowed() else { panic!("{:?}", catalog.shadowed()) };
    assert_eq!((&shadowed.file, &shadowed.by), (&file, &by));
}
