use std::collections::BTreeMap;

use switchover_sdk::prelude::*;
use switchover_sdk::script::{script, sections};

use crate::setup::mounts::{plain, size};

#[derive(Params)]
pub struct MountFactsParams {
    /// Only devices that are like one of these (`*`, `?`, `[abc]`).
    pub devices: Option<Vec<String>>,
    /// Only kinds of file systems that are like one of these.
    pub fstypes: Option<Vec<String>>,
    /// Where to look: `all`, `static`, `dynamic`, `mount` or files; the first that tells of a mount point counts.
    pub sources: Option<Vec<String>>,
    /// The program for the source `mount`.
    #[param(default = "mount")]
    pub mount_binary: Option<String>,
    /// Seconds to wait for each file system.
    #[param(min = 0)]
    pub timeout: Option<f64>,
    /// What a file system that does not answer is.
    #[param(default = "error")]
    pub on_timeout: OnTimeout,
    /// Tells all definitions, also several of one mount point.
    pub include_aggregate_mounts: Option<bool>,
}

/// What a file system that does not answer is.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTimeout {
    Error,
    Warn,
    Ignore,
}

pub struct MountFacts;

const DYNAMIC: [&str; 3] = ["/etc/mtab", "/proc/mounts", "/etc/mnttab"];
const STATIC: [&str; 3] = ["/etc/fstab", "/etc/vfstab", "/etc/filesystems"];

/// Files, each once whatever it is called; `mount:PROGRAM` runs a program. Sections: UUIDs, then path and content of each.
const LOOK: &str = r#"for link in /dev/disk/by-uuid/*; do [ -e "$link" ] && printf '%s %s\n' "${link##*/}" "$(readlink -f "$link")"; done
seen=
for source; do
case $source in
mount:*) text=$("${source#mount:}" 2>/dev/null) || continue;;
*) [ -f "$source" ] || continue; real=$(readlink -f "$source")
case " $seen " in *" $real "*) continue;; esac; seen="$seen $real"; text=$(cat "$source");;
esac
printf '\036%s\n%s\n' "$source" "$text"
done"#;

/// `$1` seconds or nothing, then mount points. Prints a line for each: sizes, `late`, or nothing where none are to be had.
const SIZES: &str = r#"seconds=$1; shift
for mount; do
if [ -n "$seconds" ]; then said=$(timeout "$seconds" stat -f -c '%S %b %a %c %d' -- "$mount" 2>/dev/null); else said=$(stat -f -c '%S %b %a %c %d' -- "$mount" 2>/dev/null); fi
[ $? = 124 ] && said=late
printf '%s\n' "$said"
done"#;

impl Module for MountFacts {
    type Params = MountFactsParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.mount_facts",
        aliases: &["mount_facts"],
        summary: "Tells of what is mounted, and of what could be.",
        effect: Spec::READS,
        examples: &[
            ("All", "mount_facts:"),
            (
                "Network file systems, none for longer than two seconds",
                "ansible.builtin.mount_facts: { fstypes: ['nfs*'], timeout: 2, on_timeout: warn }",
            ),
        ],
        returns: &[("ansible_facts", "`mount_points` by path, and `aggregate_mounts` when asked for")],
        ..Spec::DEFAULT
    };

    fn check(_: &MountFactsParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &MountFactsParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let said = host.output(&script(LOOK, &params.files()?).reads())?;
        let mut parts = sections(&said).into_iter();
        let uuids: BTreeMap<&str, &str> = parts
            .next()
            .into_iter()
            .flat_map(str::lines)
            .filter_map(|line| line.split_once(' '))
            .map(|(uuid, device)| (device, uuid))
            .collect();
        let mounts: Vec<Map> = parts.flat_map(read).filter(|mount| params.wants(mount)).collect();
        let (mounts, warnings) = params.with_sizes(mounts, &uuids, host)?;
        let mut points = Map::new();
        for mount in &mounts {
            let point = mount["mount"].as_str().unwrap_or_default();
            if !points.contains_key(point) {
                points.insert(point.to_owned(), Value::Object(mount.clone()));
            }
        }
        let mut outcome = Outcome { warnings, ..Outcome::default() };
        if params.include_aggregate_mounts.is_none() && points.len() < mounts.len() {
            outcome.warnings.push("mount_facts option 'include_aggregate_mounts' is not set: some mount points have several definitions, and only the first is told".into());
        }
        outcome.facts.insert("mount_points".into(), Value::Object(points));
        let aggregate = if params.include_aggregate_mounts == Some(true) { json!(mounts) } else { json!([]) };
        outcome.facts.insert("aggregate_mounts".into(), aggregate);
        Ok(outcome)
    }
}

impl MountFactsParams {
    /// Returns where to look, in order.
    fn files(&self) -> Result<Vec<String>, Failure> {
        let mut files: Vec<String> = Vec::new();
        let program = self.mount_binary.as_ref().map(|program| format!("mount:{program}"));
        let all = ["all".to_owned()];
        for source in self.sources.as_deref().unwrap_or(&all) {
            match source.as_str() {
                "all" => files.extend(DYNAMIC.iter().chain(&STATIC).map(|file| (*file).to_owned())),
                "dynamic" => files.extend(DYNAMIC.map(str::to_owned)),
                "static" => files.extend(STATIC.map(str::to_owned)),
                "mount" => files.extend(program.clone()),
                path if path.starts_with('/') => files.push(path.to_owned()),
                other => {
                    return Err(Failure::arguments(format!(
                        "source {other:?} is neither a path nor one of all, static, dynamic, mount"
                    )));
                }
            }
        }
        Ok(files)
    }

    fn wants(&self, mount: &Map) -> bool {
        let fits = |patterns: &Option<Vec<String>>, key: &str| {
            let text = mount[key].as_str().unwrap_or_default();
            patterns.as_ref().is_none_or(|patterns| patterns.iter().any(|pattern| like(pattern, text)))
        };
        fits(&self.devices, "device") && fits(&self.fstypes, "fstype")
    }

    /// Adds sizes and UUIDs; leaves out what does not answer in time.
    fn with_sizes(
        &self,
        mounts: Vec<Map>,
        uuids: &BTreeMap<&str, &str>,
        host: &Host,
    ) -> Result<(Vec<Map>, Vec<String>), Failure> {
        let mut arguments = vec![self.timeout.map_or_else(String::new, |seconds| seconds.to_string())];
        arguments.extend(mounts.iter().map(|mount| mount["mount"].as_str().unwrap_or_default().to_owned()));
        let said =
            if mounts.is_empty() { String::new() } else { host.output(&script(SIZES, &arguments).reads())? };
        let (mut told, mut warnings) = (Vec::new(), Vec::new());
        for (mut mount, line) in mounts.into_iter().zip(said.lines()) {
            if line == "late" {
                let msg = format!(
                    "Timed out getting mount size for mount {} (type {}) after {} seconds",
                    mount["mount"],
                    mount["fstype"],
                    self.timeout.unwrap_or_default()
                );
                match self.on_timeout {
                    OnTimeout::Error => return Err(Failure::new(msg)),
                    OnTimeout::Warn => warnings.push(msg),
                    OnTimeout::Ignore => {}
                }
                continue;
            }
            mount.extend(size(line).unwrap_or_default());
            let uuid = uuids.get(mount["device"].as_str().unwrap_or_default());
            mount.insert("uuid".into(), json!(uuid));
            told.push(mount);
        }
        Ok((told, warnings))
    }
}

/// Reads what a source tells: lines of fstab, or what `mount` prints.
fn read(section: &str) -> Vec<Map> {
    let (source, text) = section.split_once('\n').unwrap_or((section, ""));
    let source = source.split_once(':').map_or(source, |(head, _)| head);
    let fields = |line: &str| -> Option<[String; 6]> {
        if source == "mount" {
            let (device, rest) = line.split_once(" on ")?;
            let (mount, rest) = rest.split_once(" type ")?;
            let (kind, options) = rest.split_once(' ')?;
            let options = options.trim_matches(['(', ')']);
            return Some([device, mount, kind, options, "0", "0"].map(str::to_owned));
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let word = |index: usize| words.get(index).copied().unwrap_or("0");
        (words.len() >= 4 && !line.trim_start().starts_with('#')).then(|| {
            [
                plain(words[0]),
                plain(words[1]),
                words[2].to_owned(),
                words[3].to_owned(),
                word(4).to_owned(),
                word(5).to_owned(),
            ]
        })
    };
    let entry = |line: &str| {
        let [device, mount, fstype, options, dump, passno] = fields(line)?;
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        json!({
            "device": device, "mount": mount, "fstype": fstype, "options": options, "dump": number(&dump),
            "passno": number(&passno), "ansible_context": { "source": source, "source_data": line },
        })
        .as_object()
        .cloned()
    };
    text.lines().filter_map(entry).collect()
}

/// Compares with a pattern of file names: `*`, `?` and `[abc]`, `[!abc]`.
fn like(pattern: &str, text: &str) -> bool {
    let mut letters = pattern.chars();
    let Some(first) = letters.next() else { return text.is_empty() };
    let rest = letters.as_str();
    let tail = |text: &str| text.chars().next().map(|letter| text[letter.len_utf8()..].to_owned());
    match first {
        '*' => (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| like(rest, &text[at..])),
        '?' => tail(text).is_some_and(|text| like(rest, &text)),
        '[' if rest.contains(']') => {
            let (set, rest) = rest.split_once(']').unwrap_or_default();
            let (not, set) = set.strip_prefix('!').map_or((false, set), |set| (true, set));
            text.chars().next().is_some_and(|letter| set.contains(letter) != not)
                && tail(text).is_some_and(|text| like(rest, &text))
        }
        letter => text.strip_prefix(letter).is_some_and(|text| like(rest, text)),
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn examples_are_tasks() {
        examples::<MountFacts>();
    }

    fn host(sizes: &str) -> FakeHost {
        let lists = "u-1 /dev/vda\n\u{1e}/proc/mounts\n/dev/vda / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n\
                     \u{1e}/etc/fstab\n# root\n/dev/vda / ext4 defaults 0 1\n";
        let said = |text: &str| ExecOutput { stdout: text.into(), ..ExecOutput::default() };
        FakeHost::new().script("by-uuid", said(lists)).script("stat -f", said(sizes))
    }

    #[test]
    fn the_first_source_counts_and_all_are_told_when_asked() {
        let host = host("4096 100 40 10 7\n4096 100 40 10 7\n");
        let facts = host
            .run::<MountFacts>(json!({ "fstypes": ["ext?"], "include_aggregate_mounts": true }))
            .unwrap()
            .facts;
        let root = &facts["mount_points"]["/"];
        assert_eq!(
            root["ansible_context"],
            json!({ "source": "/proc/mounts", "source_data": "/dev/vda / ext4 rw 0 0" })
        );
        assert_eq!(
            (&root["uuid"], &root["size_total"], &root["passno"]),
            (&json!("u-1"), &json!(409_600), &json!(0))
        );
        assert_eq!(facts["aggregate_mounts"].as_array().unwrap().len(), 2);
        assert_eq!(facts["aggregate_mounts"][1]["passno"], 1);
    }

    #[test]
    fn a_file_system_that_does_not_answer_is_an_error_or_left_out() {
        let arguments = |on: &str| json!({ "fstypes": ["tmpfs"], "timeout": 1, "on_timeout": on });
        let failure = host("late\n").run::<MountFacts>(arguments("error")).unwrap_err();
        assert_eq!(
            failure.msg,
            "Timed out getting mount size for mount \"/run\" (type \"tmpfs\") after 1 seconds"
        );
        let outcome = host("late\n").run::<MountFacts>(arguments("warn")).unwrap();
        assert_eq!((outcome.warnings.len(), &outcome.facts["mount_points"]), (1, &json!({})));
    }

    #[test]
    fn patterns_are_those_of_file_names() {
        assert!(like("nfs*", "nfs4") && like("ext[234]", "ext4") && like("*", "") && like("[!a]b", "cb"));
        assert!(!like("nfs", "nfs4") && !like("ext[!4]", "ext4") && !like("?", ""));
    }
}
