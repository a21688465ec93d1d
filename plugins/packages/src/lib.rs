//! Packages: `package`, `apt`, `dnf` (and `yum`), `pip`, `package_facts`, and the repositories and keys of apt and dnf.
//!
//! What would change is what the host's own tool tells when it is asked to simulate; nothing of Python is needed but for `pip`.

mod apt;
mod apt_key;
mod apt_repository;
mod deb822_repository;
mod dnf;
mod dpkg_divert;
mod dpkg_selections;
mod key_id;
mod npm;
mod package;
mod package_facts;
mod pip;
mod rpm_key;
mod tool;
mod yum_repository;

use apt::Apt;
use apt_key::AptKey;
use apt_repository::AptRepository;
use deb822_repository::Deb822Repository;
use dnf::Dnf;
use dpkg_divert::DpkgDivert;
use dpkg_selections::DpkgSelections;
use npm::Npm;
use package::Package;
use package_facts::PackageFacts;
use pip::Pip;
use rpm_key::RpmKey;
use yum_repository::YumRepository;

switchover_sdk::export_modules!(
    Apt,
    AptKey,
    AptRepository,
    Deb822Repository,
    Dnf,
    DpkgDivert,
    DpkgSelections,
    Npm,
    Package,
    PackageFacts,
    Pip,
    RpmKey,
    YumRepository,
);
