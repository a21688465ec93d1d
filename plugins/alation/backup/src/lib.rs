//! `alation.backup` and `alation.backup_evidence`: which backup tool is on, and what there is to restore from.

mod backup;
mod evidence;
mod tool;

use backup::Backup;
use evidence::BackupEvidence;
use switchover_sdk::export_modules;

export_modules!(Backup, BackupEvidence);
