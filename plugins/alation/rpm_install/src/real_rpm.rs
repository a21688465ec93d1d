//! The modules against the machine's own rpm, with a package built here and a database in a folder of the test.

use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use alation_shell::Settings;
use switchover_sdk::prelude::*;
use switchover_sdk::{About, Exec, HostCall, HostReply, Program};

use crate::package::Rpm;

const SPEC: &str = "Name: alation\nVersion: 2021.4\nRelease: 10.0.0.147420\nSummary: x\nLicense: x\nBuildArch: noarch\n\
                    AutoReqProv: no\n%description\nx\n%install\nmkdir -p %{buildroot}/opt/alation/alation-10.0.0.147420\n\
                    echo x > %{buildroot}/opt/alation/alation-10.0.0.147420/f\n%files\n/opt/alation/alation-10.0.0.147420\n";

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("switchover-rpm-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Builds a package; `None`, with the reason printed, where that is not possible.
fn package(folder: &Path) -> Option<PathBuf> {
    std::fs::write(folder.join("a.spec"), SPEC).unwrap();
    let top = format!("_topdir {}", folder.display());
    let spec = folder.join("a.spec");
    let built = Process::new("rpmbuild").args(["--quiet", "-bb", "--define", &top]).arg(spec).output();
    let path = folder.join("RPMS/noarch/alation-2021.4-10.0.0.147420.noarch.rpm");
    if built.is_ok() && path.exists() {
        return Some(path);
    }
    println!("skipped: this machine has no rpmbuild that works");
    None
}

/// Runs a program as a host would.
fn exec(exec: &Exec) -> HostReply {
    let Program::Shell { text, .. } = &exec.program else { unreachable!("rpm is run by a shell") };
    let output = Process::new("sh").arg("-c").arg(text).stdin(Stdio::null()).output().unwrap();
    HostReply::Exec(ExecOutput {
        rc: output.status.code().unwrap_or(-1),
        stdout: output.stdout.into(),
        stderr: output.stderr.into(),
        ..ExecOutput::default()
    })
}

fn with_rpm<T>(folder: &Path, work: impl FnOnce(&Rpm, &Host) -> T) -> T {
    let settings = Settings::parse(json!({ "sudo": "" }).as_object().unwrap()).unwrap();
    let rpm = format!("rpm --dbpath '{}'", folder.join("db").display());
    let caller = |call: &HostCall| match call {
        HostCall::Exec(program) => exec(program),
        other => unreachable!("{other:?}"),
    };
    work(&Rpm::new(&settings, &rpm), &Host::new(&caller, &|| false, About::default()))
}

#[test]
fn a_real_package_is_read_and_verified() {
    let folder = folder("good");
    let Some(path) = package(&folder) else { return };
    with_rpm(&folder, |rpm, host| {
        let path = path.to_str().unwrap();
        let package = rpm.query(host, path).unwrap();
        assert_eq!(package.build.unwrap().to_string(), "10.0.0.147420");
        assert_eq!(rpm.verify(host, path).unwrap(), None);
        assert!(!rpm.is_installed(host, &package).unwrap());
    });
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_package_that_broke_off_is_refused() {
    let folder = folder("broken");
    let Some(path) = package(&folder) else { return };
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    with_rpm(&folder, |rpm, host| {
        let path = path.to_str().unwrap();
        let failure = rpm.query(host, path).err().or_else(|| rpm.verify(host, path).err()).unwrap();
        assert!(failure.msg.contains(path), "{}", failure.msg);
    });
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_installed_is_known_by_version_and_release() {
    let folder = folder("installed");
    let Some(path) = package(&folder) else { return };
    let db = folder.join("db");
    let path = path.to_str().unwrap();
    let installed = Process::new("rpm")
        .arg("--dbpath")
        .arg(&db)
        .args(["-i", "--justdb", "--nodeps", path])
        .output()
        .unwrap();
    if !installed.status.success() {
        println!("skipped: rpm keeps no database here: {}", String::from_utf8_lossy(&installed.stderr));
        return;
    }
    with_rpm(&folder, |rpm, host| {
        let mut package = rpm.query(host, path).unwrap();
        assert!(rpm.is_installed(host, &package).unwrap());
        package.release = "10.0.1.150000".into();
        assert!(!rpm.is_installed(host, &package).unwrap());
    });
    std::fs::remove_dir_all(folder).unwrap();
}
