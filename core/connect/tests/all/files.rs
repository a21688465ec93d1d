//! Files of the host, looked at with the eyes of the test, not through the answers.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use switchover_protocol::*;
use tempfile::TempDir;

use crate::support::*;

/// A folder whose name nobody would choose.
struct Place {
    _folder: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a 'b'\n\"$c\" -grün");
        std::fs::create_dir(&path).unwrap();
        Self { _folder: folder, path }
    }

    fn at(&self, name: &str) -> String {
        self.path.join(name).to_str().unwrap().to_owned()
    }
}

fn mode_of(path: &str) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names_in(path: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn content_of_every_size_arrives_whole() {
    each_toolset(async |probe| {
        let place = Place::new();
        for size in [0, 1, 4000, 70_000, 8 * 1024 * 1024 + 3] {
            let (path, bytes) = (place.at("file"), noise(size));
            probe.written(file(&path, bytes.clone())).await;
            assert!(std::fs::read(&path).unwrap() == bytes, "{size} bytes");
            let HostReply::Content(read) = probe.call(HostCall::Read { path, limit: 1 << 30 }).await else {
                panic!("not read")
            };
            assert!(read.0 == bytes, "{size} bytes");
        }
        assert_eq!(names_in(&place.path), ["file"]);
    })
    .await;
}

#[tokio::test]
async fn a_file_of_the_controller_or_of_the_host_can_be_the_content() {
    each_toolset(async |probe| {
        let place = Place::new();
        let (source, bytes) = (place.at("source"), noise(1_000_000));
        std::fs::write(&source, &bytes).unwrap();
        let contents = [Content::Controller(source.clone()), Content::Host(source.clone())];
        for (index, content) in contents.into_iter().enumerate() {
            let path = place.at(&format!("copy{index}"));
            probe.written(WriteFile { content, ..file(&path, "") }).await;
            assert!(std::fs::read(&path).unwrap() == bytes);
        }
        let missing = Content::Controller(place.at("missing"));
        let error =
            probe.error(HostCall::Write(WriteFile { content: missing, ..file(&place.at("x"), "") })).await;
        assert!(error.to_string().contains("on the controller"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn an_old_file_keeps_its_mode_and_a_new_one_obeys_the_umask() {
    each_toolset(async |probe| {
        let place = Place::new();
        let umask = u32::from_str_radix(probe.sh("umask").await.stdout.to_text().trim(), 8).unwrap();
        let path = place.at("file");
        probe.written(file(&path, "1")).await;
        assert_eq!(mode_of(&path), 0o666 & !umask);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o4751)).unwrap();
        probe.written(file(&path, noise(100_000))).await;
        assert_eq!(mode_of(&path), 0o4751);
        probe.written(WriteFile { attributes: mode("0600"), ..file(&path, "2") }).await;
        assert_eq!(mode_of(&path), 0o600);
        probe.written(WriteFile { attributes: mode("g+r,o=x"), ..file(&path, "3") }).await;
        assert_eq!(mode_of(&path), 0o641);
        let fresh = place.at("fresh");
        probe.written(WriteFile { attributes: mode("u+x,go="), ..file(&fresh, "4") }).await;
        assert_eq!(mode_of(&fresh), 0o700);
    })
    .await;
}

#[tokio::test]
async fn an_old_file_keeps_its_owner() {
    if !is_root() {
        return println!("skipped: only root can give files away");
    }
    each_toolset(async |probe| {
        let place = Place::new();
        let path = place.at("file");
        std::fs::write(&path, "old").unwrap();
        std::os::unix::fs::chown(&path, Some(4242), Some(4243)).unwrap();
        probe.written(file(&path, "new")).await;
        let metadata = std::fs::metadata(&path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (4242, 4243));
        let owner = Attributes {
            owner: Some("4244".to_owned()),
            group: Some("daemon".to_owned()),
            ..Attributes::default()
        };
        probe.written(WriteFile { attributes: owner, ..file(&path, "newer") }).await;
        assert_eq!(std::fs::metadata(&path).unwrap().uid(), 4244);
        let stat = probe.stat(&path, false).await.unwrap();
        assert_eq!((stat.owner.as_str(), stat.group.as_str()), ("", "daemon"));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_replaced_is_written_over_when_asked() {
    each_toolset(async |probe| {
        let place = Place::new();
        let path = place.at("d/file");
        std::fs::create_dir(place.at("d")).unwrap();
        std::fs::write(&path, "old").unwrap();
        let inode = std::fs::metadata(&path).unwrap().ino();
        // Root writes into any folder, but replaces no mount; others cannot write into a closed folder.
        let pinned = if is_root() {
            format!("mount --bind '{path}' '{path}'")
        } else {
            format!("chmod 555 '{}'", place.at("d"))
        };
        if probe.sh(&pinned).await.rc != 0 {
            return println!("skipped: nothing can be mounted here");
        }
        probe.error(HostCall::Write(file(&path, "new"))).await;
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        let attributes = Attributes { in_place: true, ..mode("0640") };
        probe.written(WriteFile { attributes, ..file(&path, "new") }).await;
        assert_eq!((std::fs::read_to_string(&path).unwrap(), mode_of(&path)), ("new".to_owned(), 0o640));
        assert_eq!(std::fs::metadata(&path).unwrap().ino(), inode);
        assert_eq!(std::fs::read_dir(place.at("d")).unwrap().count(), 1);
        probe.sh(&format!("umount '{path}' || chmod 755 '{}'", place.at("d"))).await;
    })
    .await;
}

#[tokio::test]
async fn files_that_travel_in_one_stream_are_apart_and_what_follows_a_failure_is_never_run() {
    each_toolset(async |probe| {
        let place = Place::new();
        let trap = place.at("trap");
        let lines = format!("touch '{trap}'\n").repeat(3000);
        let write = |name: &str, validate: Option<&str>| {
            let validate = validate.map(str::to_owned);
            HostCall::Write(WriteFile { validate, ..file(&place.at(name), lines.as_str()) })
        };
        let all = vec![write("a", None), write("b", None), write("c", Some("true %s"))];
        let HostReply::Many(replies) = probe.call(HostCall::Many(all)).await else { panic!("no batch") };
        assert_eq!(replies.len(), 3, "{replies:?}");
        for name in ["a", "b", "c"] {
            assert_eq!(std::fs::read_to_string(place.at(name)).unwrap(), lines);
        }
        let some = vec![write("d", None), write("e", Some("false %s")), write("f", None), write("g", None)];
        let HostReply::Many(replies) = probe.call(HostCall::Many(some)).await else { panic!("no batch") };
        assert!(matches!(&replies[..], [HostReply::Written(_), HostReply::Error(_)]), "{replies:?}");
        assert_eq!(probe.sh("echo here").await.stdout.to_text(), "here\n");
        let there: Vec<bool> = ["d", "e", "f", "g", "trap"]
            .map(|name| place.at(name))
            .map(|path| std::fs::exists(path).unwrap())
            .to_vec();
        assert_eq!(there, [true, false, false, false, false]);
    })
    .await;
}

#[tokio::test]
async fn a_backup_has_the_old_content_under_the_usual_name() {
    each_toolset(async |probe| {
        let place = Place::new();
        let path = place.at("file");
        let first = probe.written(WriteFile { backup: true, ..file(&path, "old") }).await;
        assert_eq!(first.backup, None);
        let backup = probe.written(WriteFile { backup: true, ..file(&path, "new") }).await.backup.unwrap();
        assert_eq!(std::fs::read(&backup).unwrap(), b"old");
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        let rest = backup.strip_prefix(&format!("{path}.")).unwrap();
        let (pid, date) = rest.split_once('.').unwrap();
        assert!(pid.parse::<u32>().is_ok());
        let shape: String = date.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        assert_eq!(shape, "9999-99-99@99:99:99~");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_does_not_pass_validation_changes_nothing() {
    each_toolset(async |probe| {
        let place = Place::new();
        let path = place.at("file");
        let write = |text: &str, validate: &str| WriteFile {
            validate: Some(validate.to_owned()),
            ..file(&path, text)
        };
        probe.written(write("good\n", "grep -q '^good$' %s")).await;
        let error = probe.error(HostCall::Write(write("bad\n", "grep '^good$' %s"))).await;
        assert!(error.to_string().contains("validation"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"good\n");
        assert_eq!(names_in(&place.path), ["file"]);
    })
    .await;
}

#[tokio::test]
async fn a_write_that_fails_names_the_step_and_leaves_nothing() {
    each_toolset(async |probe| {
        let place = Place::new();
        let path = place.at("file");
        std::fs::write(&path, "old").unwrap();
        // A limit on the size of files is as good as a full disk, for small and for streamed content.
        for bytes in [noise(600), noise(900_000)] {
            let limited = Probe::with_shell(&limited_shell(place.path.parent().unwrap())).await;
            let error = limited.error(HostCall::Write(file(&path, bytes))).await;
            assert!(error.to_string().contains("writing the temporary file"), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), b"old");
            assert_eq!(names_in(&place.path), ["file"]);
        }
        let error = probe.error(HostCall::Write(file(&place.at("no/such/folder"), noise(50_000)))).await;
        assert!(matches!(error, HostError::Failed { .. }), "{error}");
        let error = probe.error(HostCall::Write(file(place.path.to_str().unwrap(), noise(50_000)))).await;
        assert!(error.to_string().contains("Is a directory"), "{error}");
        assert_eq!(probe.sh("echo fine").await.stdout.to_text(), "fine\n");
    })
    .await;
}

/// A shell that may not write into files at all.
fn limited_shell(folder: &Path) -> String {
    let path = folder.join("limited");
    std::fs::write(&path, "#!/bin/sh\nulimit -f 0\ntrap '' XFSZ\nexec /bin/sh \"$@\"\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_is_replaced_or_followed_as_asked() {
    each_toolset(async |probe| {
        let place = Place::new();
        let (link, target, folder) = (place.at("link"), place.at("target"), place.at("folder"));
        std::fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink("target", &link).unwrap();
        probe.written(WriteFile { follow: true, ..file(&link, "followed") }).await;
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&target).unwrap(), b"followed");
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o4751)).unwrap();
        let umask = u32::from_str_radix(probe.sh("umask").await.stdout.to_text().trim(), 8).unwrap();
        probe.written(file(&link, "replaced")).await;
        assert!(std::fs::symlink_metadata(&link).unwrap().is_file());
        assert_eq!((mode_of(&link), mode_of(&target)), (0o666 & !umask, 0o4751));
        assert_eq!(std::fs::read(&target).unwrap(), b"followed");
        std::fs::create_dir(&folder).unwrap();
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("folder", &link).unwrap();
        probe.written(file(&link, "over a link to a folder")).await;
        assert!(std::fs::symlink_metadata(&link).unwrap().is_file());
        assert_eq!(names_in(Path::new(&folder)), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn stat_tells_what_there_is() {
    each_toolset(async |probe| {
        let place = Place::new();
        let path = place.at("file");
        std::fs::write(&path, "abc").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let stat = probe.stat(&path, false).await.unwrap();
        let metadata = std::fs::metadata(&path).unwrap();
        assert_eq!((stat.kind, stat.mode, stat.size), (FileKind::File, 0o640, 3));
        assert_eq!(
            (stat.uid, stat.gid, stat.inode, stat.dev),
            (metadata.uid(), metadata.gid(), metadata.ino(), metadata.dev())
        );
        assert_eq!(stat.mtime as i64, metadata.mtime());
        assert_eq!(stat.checksum.as_deref(), Some("a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert_eq!((stat.readable, stat.writable, stat.executable), (true, true, false));
        assert_eq!(probe.stat(place.path.to_str().unwrap(), false).await.unwrap().kind, FileKind::Directory);
        assert_eq!(probe.stat("/dev/null", false).await.unwrap().kind, FileKind::CharDevice);
        for missing in ["none", "none/below", "file/below"] {
            assert_eq!(probe.stat(&place.at(missing), false).await, None, "{missing}");
        }
    })
    .await;
}

#[tokio::test]
async fn stat_follows_links_only_when_asked() {
    each_toolset(async |probe| {
        let place = Place::new();
        std::fs::write(place.at("file\n"), "abc").unwrap();
        std::os::unix::fs::symlink("file\n", place.at("link")).unwrap();
        std::os::unix::fs::symlink("nowhere", place.at("broken")).unwrap();
        let link = probe.stat(&place.at("link"), false).await.unwrap();
        assert_eq!((link.kind, link.link_target.as_deref()), (FileKind::Link, Some("file\n")));
        let real = std::fs::canonicalize(place.at("file\n")).unwrap();
        assert_eq!(link.link_source.as_deref(), real.to_str());
        let file = probe.stat(&place.at("link"), true).await.unwrap();
        assert_eq!((file.kind, file.link_target.as_deref()), (FileKind::File, None));
        assert_eq!(probe.stat(&place.at("broken"), false).await.unwrap().kind, FileKind::Link);
        assert_eq!(probe.stat(&place.at("broken"), true).await, None);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_not_called_missing() {
    if !is_root() {
        return println!("skipped: needs root to become somebody else");
    }
    let Some(_) = tool("su") else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut probe = Probe::local().await;
    let su = switchover_connect::Elevation::by(switchover_connect::Method::Su);
    probe.elevation = Some(switchover_connect::Elevation { user: "nobody".to_owned(), ..su });
    let path = folder.path().join("none").display().to_string();
    let error = probe.error(HostCall::Stat { path, follow: false, checksum: None }).await;
    assert!(error.to_string().contains("Permission denied"), "{error}");
}

#[tokio::test]
async fn read_keeps_to_its_limit() {
    each_toolset(async |probe| {
        let place = Place::new();
        std::fs::write(place.at("file"), "12345").unwrap();
        let read = |limit| HostCall::Read { path: place.at("file"), limit };
        assert_eq!(probe.call(read(5)).await, HostReply::Content(Bytes::from("12345")));
        assert!(matches!(probe.error(read(4)).await, HostError::TooLarge { limit: 4, .. }));
        let after = HostCall::Write(file(&place.at("after"), "x"));
        let HostReply::Many(replies) = probe.call(HostCall::Many(vec![read(4), after])).await else {
            panic!("no batch")
        };
        assert!(
            matches!(replies[..], [HostReply::Error(HostError::TooLarge { limit: 4, .. })]),
            "{replies:?}"
        );
        assert_eq!(names_in(&place.path), ["file"]);
    })
    .await;
}

#[tokio::test]
async fn a_growing_file_is_read_from_an_offset() {
    each_toolset(async |probe| {
        let place = Place::new();
        std::fs::write(place.at("log"), "0123456789").unwrap();
        let from = async |offset, limit| match probe
            .call(HostCall::ReadFrom { path: place.at("log"), offset, limit })
            .await
        {
            HostReply::Content(bytes) => bytes.to_text(),
            reply => panic!("{reply:?}"),
        };
        assert_eq!(
            (from(0, 3).await.as_str(), from(8, 100).await.as_str(), from(10, 5).await.as_str()),
            ("012", "89", "")
        );
        let missing = HostCall::ReadFrom { path: place.at("none"), offset: 0, limit: 9 };
        assert_eq!(probe.call(missing).await, HostReply::Content(Bytes::default()));
    })
    .await;
}

#[tokio::test]
async fn folders_are_made_with_their_parents() {
    each_toolset(async |probe| {
        let place = Place::new();
        std::fs::create_dir(place.at("old")).unwrap();
        let before = mode_of(&place.at("old"));
        probe.done(HostCall::Mkdir { path: place.at("old/a/b"), attributes: mode("0750") }).await;
        assert_eq!((mode_of(&place.at("old/a")), mode_of(&place.at("old/a/b"))), (0o750, 0o750));
        assert_eq!(mode_of(&place.at("old")), before);
        probe.done(HostCall::Mkdir { path: place.at("x/y"), attributes: Attributes::default() }).await;
        assert!(Path::new(&place.at("x/y")).is_dir());
        std::fs::write(place.at("file"), "").unwrap();
        let error = probe.error(HostCall::Mkdir { path: place.at("file/z"), attributes: mode("0700") }).await;
        assert!(matches!(error, HostError::Failed { .. }), "{error}");
    })
    .await;
}

#[tokio::test]
async fn attributes_are_set_recursively_and_exactly() {
    each_toolset(async |probe| {
        let place = Place::new();
        std::fs::create_dir_all(place.at("d/e")).unwrap();
        std::fs::set_permissions(place.at("d"), std::fs::Permissions::from_mode(0o2777)).unwrap();
        let set = |recursive, attributes| HostCall::SetAttributes {
            path: place.at("d"),
            attributes,
            recursive,
            follow: false,
        };
        probe.done(set(false, mode("755"))).await;
        assert_eq!(mode_of(&place.at("d")), 0o755);
        probe.done(set(true, mode("u=rwX,go="))).await;
        assert_eq!((mode_of(&place.at("d")), mode_of(&place.at("d/e"))), (0o700, 0o700));
        let error = probe
            .error(set(false, Attributes { owner: Some("no such user".to_owned()), ..mode("700") }))
            .await;
        assert!(matches!(error, HostError::Failed { .. }), "{error}");
    })
    .await;
}

#[tokio::test]
async fn links_renames_and_removals_happen() {
    each_toolset(async |probe| {
        let place = Place::new();
        std::fs::write(place.at("a"), "a").unwrap();
        let symlink =
            |target: &str, force| HostCall::Symlink { target: target.to_owned(), path: place.at("l"), force };
        probe.done(symlink("-odd target", false)).await;
        assert_eq!(std::fs::read_link(place.at("l")).unwrap(), Path::new("-odd target"));
        assert!(probe.error(symlink("a", false)).await.to_string().contains("File exists"));
        probe.done(symlink("a", true)).await;
        assert_eq!(std::fs::read_link(place.at("l")).unwrap(), Path::new("a"));
        std::fs::create_dir(place.at("d")).unwrap();
        let into = HostCall::Symlink { target: "a".to_owned(), path: place.at("d"), force: true };
        assert!(probe.error(into).await.to_string().contains("Is a directory"));
        probe.done(HostCall::Hardlink { target: place.at("a"), path: place.at("h"), force: false }).await;
        assert_eq!(std::fs::metadata(place.at("h")).unwrap().nlink(), 2);
        probe.done(HostCall::Rename { from: place.at("h"), to: place.at("r") }).await;
        let error = probe.error(HostCall::Rename { from: place.at("r"), to: place.at("d") }).await;
        assert!(matches!(error, HostError::Failed { .. }), "{error}");
        assert_eq!(names_in(&place.path), ["a", "d", "l", "r"]);
        let remove = |name: &str, recursive| HostCall::Remove { path: place.at(name), recursive };
        assert!(matches!(probe.error(remove("d", false)).await, HostError::Failed { .. }));
        for (name, recursive) in [("d", true), ("l", false), ("r", false), ("none", false)] {
            probe.done(remove(name, recursive)).await;
        }
        assert_eq!(names_in(&place.path), ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_listing_holds_every_name_and_each_can_be_used() {
    each_toolset(async |probe| {
        let place = Place::new();
        std::fs::create_dir(place.at("sub")).unwrap();
        std::fs::write(place.at("sub/-n\n x"), "abc").unwrap();
        let raw = place.path.join(std::ffi::OsStr::from_bytes(b"raw\xff\xfe"));
        std::fs::write(&raw, "").unwrap();
        std::os::unix::fs::symlink("sub", place.at("link")).unwrap();
        let list = async |recursive| {
            let path = place.path.to_str().unwrap().to_owned();
            match probe.call(HostCall::List { path, recursive }).await {
                HostReply::List(entries) => entries,
                reply => panic!("{reply:?}"),
            }
        };
        let flat = list(false).await;
        let paths: Vec<_> = flat.iter().map(|entry| entry.path.clone()).collect();
        assert_eq!(paths[0], place.at("link"));
        assert_eq!(paths[2], place.at("sub"));
        assert_eq!((flat[0].stat.kind, flat[0].stat.link_target.as_deref()), (FileKind::Link, Some("sub")));
        let deep = list(true).await;
        assert_eq!(deep.len(), 4);
        let last = deep.last().unwrap();
        assert_eq!((last.path.as_str(), last.stat.size), (place.at("sub/-n\n x").as_str(), 3));
        probe.done(HostCall::Remove { path: paths[1].clone(), recursive: false }).await;
        assert!(!raw.exists());
        let missing = HostCall::List { path: place.at("none"), recursive: false };
        assert!(matches!(probe.error(missing).await, HostError::Failed { .. }));
    })
    .await;
}

#[tokio::test]
async fn checksums_are_right() {
    each_toolset(async |probe| {
        let place = Place::new();
        std::fs::write(place.at("-f"), "abc").unwrap();
        let sum = |name: &str, algorithm| HostCall::Checksum { path: place.at(name), algorithm };
        let md5 = HostReply::Checksum(Some("900150983cd24fb0d6963f7d28e17f72".to_owned()));
        assert_eq!(probe.call(sum("-f", Algorithm::Md5)).await, md5);
        let HostReply::Checksum(Some(long)) = probe.call(sum("-f", Algorithm::Sha512)).await else {
            panic!("none")
        };
        assert!(long.starts_with("ddaf35a193617aba") && long.len() == 128);
        assert_eq!(probe.call(sum("none", Algorithm::Md5)).await, HostReply::Checksum(None));
    })
    .await;
}

#[tokio::test]
async fn a_fetched_file_appears_whole_or_not_at_all() {
    each_toolset(async |probe| {
        let place = Place::new();
        let bytes = noise(3_000_000);
        std::fs::write(place.at("there"), &bytes).unwrap();
        let fetch = |from: &str, to: &str| HostCall::Fetch { path: place.at(from), to: place.at(to) };
        probe.done(fetch("there", "new/here")).await;
        assert!(std::fs::read(place.at("new/here")).unwrap() == bytes);
        assert!(matches!(probe.error(fetch("none", "new/other")).await, HostError::Failed { .. }));
        assert_eq!(names_in(&place.path.join("new")), ["here"]);
    })
    .await;
}
