use alation_shell::{Settings, quote};
use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct EvidenceParams {
    /// Folder of the backups on the host; by default `backup` on the disk that `.disk2_cache` names.
    folder: Option<HostPath>,
    #[param(flatten)]
    settings: Settings,
}

/// Shows what a human needs to vouch for a backup.
pub struct BackupEvidence;

impl Module for BackupEvidence {
    type Params = EvidenceParams;
    const SPEC: Spec = Spec {
        name: "alation.backup_evidence",
        summary: "Shows the newest backup that lies on a host: its name, age and size.",
        description: "Evidence, no verdict: a backup may lie elsewhere, and whether it can be restored only a restore can tell.",
        effect: Spec::READS,
        examples: &[("Look", "alation.backup_evidence: {}")],
        returns: &[
            ("found", "Whether there is a backup in the folder."),
            ("name", "The newest backup."),
            ("age_hours", "Hours since it was written."),
            ("size_mib", "Its size."),
            ("folder", "Where it lies."),
            ("msg", "All of it in a sentence."),
        ],
        ..Spec::DEFAULT
    };

    fn check(_: &EvidenceParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &EvidenceParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let script = script(&params.settings, params.folder.as_deref());
        let output = host.exec(&Command::shell(script).reads().timeout(params.settings.read_timeout))?;
        Ok(Outcome::unchanged(report(&output.stdout.to_text())))
    }
}

/// Prints the host's time, the folder, then `time size path` of each archive. Everything is tried as the user first, then as root.
fn script(settings: &Settings, folder: Option<&str>) -> String {
    let cache = quote(&settings.path("alation/.disk2_cache"));
    let folder = match folder {
        Some(folder) => format!("d={}", quote(folder)),
        None => format!(
            "d=$(cat {cache} 2>/dev/null || {}); [ -n \"$d\" ] && d=$d/backup",
            settings.as_root(&format!("cat {cache} 2>/dev/null"))
        ),
    };
    let list = "find \"$1\" -maxdepth 1 -name \"*_backup*.tar*\" -exec stat -c \"%Y %s %n\" {} +";
    let as_root = settings.as_root(&format!("sh -c {} sh \"$d\"", quote(list)));
    format!(
        "{folder}\necho \"now $(date +%s)\"; echo \"folder $d\"\n\
         [ -n \"$d\" ] && {{ sh -c {} sh \"$d\" 2>/dev/null || {as_root} 2>/dev/null; }}\ntrue\n",
        quote(list)
    )
}

fn report(output: &str) -> Value {
    let line =
        |word: &str| output.lines().find_map(|line| line.strip_prefix(word)).unwrap_or_default().trim();
    let (now, folder) = (line("now ").parse::<i64>().unwrap_or_default(), line("folder "));
    let newest = output
        .lines()
        .filter_map(|line| {
            let mut words = line.splitn(3, ' ');
            let time: i64 = words.next()?.parse().ok()?;
            Some((time, words.next()?.parse::<u64>().ok()?, words.next()?))
        })
        .filter(|(_, _, path)| !path.contains("_eb_backup"))
        .max();
    let Some((time, size, path)) = newest else {
        let place = if folder.is_empty() {
            "no backup disk is named in .disk2_cache".to_owned()
        } else {
            format!("no backup lies in {folder}")
        };
        return json!({ "found": false, "folder": folder, "msg": place });
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let (hours, mib) = ((now - time).max(0) / 3600, size / (1024 * 1024));
    json!({
        "found": true,
        "name": name,
        "folder": folder,
        "age_hours": hours,
        "size_mib": mib,
        "msg": format!("the newest backup in {folder} is {name}: {hours} hours old, {mib} MiB"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_backup_is_told() {
        let result = report(
            "now 1000000\nfolder /backup/backup\n900000 1048576 /backup/backup/202109220100_9-0-0-5_alation_backup.tar.gz\n\
             992800 3145728 /backup/backup/202109232027_9-0-0-5_alation_backup.tar.gz\n\
             999999 9 /backup/backup/202109232027_9-0-0-5_alation_eb_backup.tar.gz\n",
        );
        assert_eq!(result["name"], "202109232027_9-0-0-5_alation_backup.tar.gz");
        assert_eq!(result["age_hours"], 2);
        assert_eq!(result["size_mib"], 3);
    }

    #[test]
    fn no_backup_is_told_too() {
        assert_eq!(report("now 1\nfolder /b/backup\n")["msg"], "no backup lies in /b/backup");
        assert_eq!(report("now 1\nfolder \n")["found"], false);
    }

    #[test]
    fn a_real_shell_finds_a_real_file() {
        let folder = std::env::temp_dir().join(format!("evidence {}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("202109232027_9-0-0-5_alation_backup.tar.gz"), "x").unwrap();
        let settings = Settings::parse(json!({ "sudo": "" }).as_object().unwrap()).unwrap();
        let script = script(&settings, folder.to_str());
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        let result = report(&String::from_utf8(output.stdout).unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(result["found"], true);
        assert_eq!(result["age_hours"], 0);
    }

    #[test]
    fn examples_are_tasks_of_the_module() {
        switchover_sdk::testing::examples::<BackupEvidence>();
    }
}
