use switchover_sdk::prelude::*;

use crate::owned::words;
use switchover_sdk::script::{MISSING, missing, script};

#[derive(Params)]
pub struct ArchiveParams {
    /// What goes into the archive: paths of the host; patterns of the shell are allowed.
    pub path: Vec<HostPath>,
    /// The archive; without it, the one path with the suffix of its kind.
    pub dest: Option<HostPath>,
    /// The kind; `zip` needs `zip` and `unzip` on the host.
    #[param(default = "gz", choices("bz2", "gz", "tar", "xz", "zip"))]
    pub format: String,
    /// Paths that stay out; patterns of the shell are allowed.
    #[param(default = [])]
    pub exclude_path: Vec<HostPath>,
    /// Names that stay out, as patterns of tar.
    #[param(default = [])]
    pub exclusion_patterns: Vec<String>,
    /// Makes an archive of a single file too, instead of only compressing it.
    #[param(default = false)]
    pub force_archive: bool,
    /// Removes what went into the archive.
    #[param(default = false)]
    pub remove: bool,
    #[param(flatten)]
    pub attributes: FileAttributes,
}

pub struct Archive;

/// Looks, and with `$1` = `make` makes the archive. `$2` dest, `$3` format, `$4` force, `$5` remove, `$6` the number of
/// paths, then paths, then the number of excluded paths and these, then tar's patterns. What it prints is told below.
const SCRIPT: &str = include_str!("archive/archive.sh");

impl Module for Archive {
    type Params = ArchiveParams;
    const SPEC: Spec = Spec {
        name: "community.general.archive",
        aliases: &["archive"],
        summary: "Packs files of the host into an archive on the host.",
        description: "An archive counts as right when it lists the same names, sizes, modes and times. A single file is only \
                      compressed, unless `force_archive`. Of a folder goes in what is in it; itself only when it is empty.",
        long: true,
        examples: &[
            ("A folder", "archive: { path: /srv/app, dest: /var/backups/app.tgz }"),
            ("One file, compressed", "archive: { path: /var/log/app.log, format: xz, remove: true }"),
        ],
        returns: &[
            ("dest", "the archive; also its `mode`, `owner`, `group`, `size`, `state`"),
            ("archived", "the paths that went in"),
            ("missing", "the paths that are not there"),
            ("arcroot", "the folder that names in the archive are relative to"),
            ("dest_state", "`archive`, `compress`, `incomplete` or `absent`"),
            ("expanded_paths", "the paths, after patterns"),
            ("expanded_exclude_paths", "the paths that stay out, after patterns"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &ArchiveParams, host: &Host) -> Result<Delta, Failure> {
        let dest = params.dest()?;
        let said = params.run("look", &dest, host)?;
        let result = params.result(&said, &dest);
        if said.field("verdict") == "same" && !params.remove {
            return Ok(Delta::none_with(result));
        }
        if said.lines("found").is_empty() {
            // Nothing to pack is no failure to Ansible; the result says what is missing.
            return Ok(Delta::none_with(result));
        }
        Ok(Delta::change(dest, "absent or different", "made").with_result(result))
    }

    fn apply(params: &ArchiveParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let dest = params.dest()?;
        let said = params.run("make", &dest, host)?;
        Ok(Outcome::changed(params.result(&said, &dest)))
    }
}

/// The script's exit code when `zip` or `unzip` is missing.
const NO_ZIP: i32 = 65;

/// What the script printed: lines `KEY VALUE`.
struct Said(String);

impl Said {
    fn lines(&self, key: &str) -> Vec<&str> {
        let rest = |line| str::strip_prefix(line, key).and_then(|rest: &str| rest.strip_prefix(' '));
        self.0.lines().filter_map(rest).collect()
    }

    fn field(&self, key: &str) -> &str {
        self.lines(key).first().copied().unwrap_or_default()
    }
}

impl ArchiveParams {
    fn dest(&self) -> Result<String, Failure> {
        if let Some(dest) = &self.dest {
            return Ok(dest.0.clone());
        }
        match self.path.as_slice() {
            [path] if !path.contains(['*', '?', '[']) => {
                Ok(format!("{}.{}", path.trim_end_matches('/'), self.format))
            }
            _ => Err(Failure::arguments("Error, must specify 'dest' when archiving multiple files or trees")),
        }
    }

    fn run(&self, what: &str, dest: &str, host: &Host) -> Result<Said, Failure> {
        let flag = |on: bool| if on { "1" } else { "" }.to_owned();
        let [mode, owner, group] = words(&self.attributes);
        let mut words = vec![what.to_owned(), dest.to_owned(), self.format.clone()];
        words.extend([flag(self.force_archive), flag(self.remove)]);
        words.extend([mode, owner, group].map(str::to_owned));
        for paths in [&self.path, &self.exclude_path] {
            words.push(paths.len().to_string());
            words.extend(paths.iter().map(|path| path.0.clone()));
        }
        words.extend(self.exclusion_patterns.iter().map(|pattern| format!("--exclude={pattern}")));
        let command = script(SCRIPT, &words);
        let command = if what == "look" { command.reads() } else { command };
        let output = host.exec(&command)?;
        match output.rc {
            0 => Ok(Said(output.stdout.to_text())),
            MISSING => Err(missing("tar")),
            NO_ZIP => {
                Err(missing("zip").remedy("install zip and unzip on the host, or use gz, bz2, xz or tar"))
            }
            _ => Err(command.failure(&output).with("dest", dest)),
        }
    }

    fn result(&self, said: &Said, dest: &str) -> Value {
        let mut result = json!({
            "dest": dest,
            "archived": said.lines("found"),
            "missing": said.lines("missing"),
            "arcroot": said.field("root"),
            "dest_state": said.field("state"),
            "expanded_paths": said.lines("path"),
            "expanded_exclude_paths": said.lines("exclude"),
        });
        let stat: Vec<&str> = said.field("stat").split_whitespace().collect();
        if let [mode, uid, owner, gid, group, size] = stat[..] {
            result["mode"] = json!(format!("0{mode}"));
            result["uid"] = json!(uid.parse::<u32>().ok());
            result["gid"] = json!(gid.parse::<u32>().ok());
            result["owner"] = json!(owner);
            result["group"] = json!(group);
            result["size"] = json!(size.parse::<u64>().ok());
            result["state"] = json!("file");
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::examples;

    use super::*;
    use crate::local::Local;

    #[test]
    fn packs_a_folder_and_finds_it_packed() {
        let host = Local::new();
        host.sh("mkdir -p 'd/sub dir' && echo one >'d/sub dir/f' && echo two >d/g && echo no >d/skip.tmp");
        let args = json!({ "path": host.path("d"), "dest": host.path("a.tgz"), "exclusion_patterns": ["*.tmp"], "mode": "0600" });
        let made = host.run::<Archive>(args.clone()).unwrap();
        assert!(made.changed);
        assert_eq!((&made.result["dest_state"], &made.result["mode"]), (&json!("archive"), &json!("0600")));
        let names = host.sh("tar tzf a.tgz | sort");
        assert_eq!(names, "d/g\nd/sub dir/\nd/sub dir/f\n");
        let archived = ["d/g", "d/sub dir", "d/sub dir/f"].map(|name| host.path(name));
        assert_eq!(made.result["archived"], json!(archived));
        assert!(!host.run::<Archive>(args.clone()).unwrap().changed);
        host.sh("echo three >d/g2");
        assert!(host.run::<Archive>(args).unwrap().changed);
        examples::<Archive>();
    }

    #[test]
    fn compresses_a_single_file_and_removes_it() {
        let host = Local::new();
        host.sh("echo text >f");
        let args = json!({ "path": host.path("f"), "remove": true });
        let made = host.run::<Archive>(args.clone()).unwrap();
        assert_eq!((made.changed, &made.result["dest_state"]), (true, &json!("compress")));
        assert_eq!(host.sh("gzip -dc f.gz; ls"), "text\nf.gz\n");
        let again = host.run::<Archive>(args).unwrap();
        assert_eq!((again.changed, &again.result["missing"]), (false, &json!([host.path("f")])));
    }

    #[test]
    fn what_is_not_there_is_told() {
        let host = Local::new();
        let outcome =
            host.run::<Archive>(json!({ "path": host.path("none"), "dest": host.path("a") })).unwrap();
        assert_eq!((outcome.changed, &outcome.result["dest_state"]), (false, &json!("absent")));
        assert_eq!(outcome.result["missing"], json!([host.path("none")]));
    }

    #[test]
    fn zips_a_folder_and_finds_it_zipped() {
        let host = Local::new();
        host.sh("mkdir -p d/e/empty && echo one >'d/e/a b' && echo two >d/-g && echo no >d/skip");
        let args = json!({ "path": host.path("d"), "dest": host.path("a.zip"), "format": "zip", "exclude_path": host.path("d/skip") });
        let made = host.run::<Archive>(args.clone());
        // The host may have no zip; then the task says so.
        let Ok(made) = made else {
            assert!(made.unwrap_err().msg.contains("zip"));
            return;
        };
        assert!(made.changed);
        assert_eq!(host.sh("unzip -Z1 a.zip | sort"), "d/-g\nd/e/\nd/e/a b\nd/e/empty/\n");
        assert!(!host.run::<Archive>(args.clone()).unwrap().changed);
        host.sh("echo two2 >d/-g");
        assert!(host.run::<Archive>(args).unwrap().changed);
    }

    #[test]
    fn what_stays_out_stays_out_in_its_place_only() {
        let host = Local::new();
        host.sh("mkdir -p d/x/a d/a && echo 1 >d/x/a/f && echo 2 >d/a/f && mkdir d/none");
        let args = json!({ "path": host.path("d"), "dest": host.path("a.tar"), "format": "tar", "exclude_path": host.path("d/a") });
        assert!(host.run::<Archive>(args).unwrap().changed);
        assert_eq!(host.sh("tar tf a.tar | sort"), "d/none/\nd/x/\nd/x/a/\nd/x/a/f\n");
    }
}
