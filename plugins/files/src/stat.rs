use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, HostCall, HostReply};

use crate::permissions::permissions;
use crate::steps;

#[derive(Params)]
pub struct StatParams {
    /// The path to look at.
    #[param(alias = "dest", alias = "name")]
    pub path: HostPath,
    /// Looks at what a link leads to.
    #[param(default = false)]
    pub follow: bool,
    /// Computes a checksum of a file.
    #[param(default = true)]
    pub get_checksum: bool,
    /// Which checksum.
    #[param(default = "sha1", alias = "checksum", alias = "checksum_algo")]
    pub checksum_algorithm: Checksum,
    /// Asks `file` for the MIME type.
    #[param(default = true, alias = "mime", alias = "mime_type", alias = "mime-type")]
    pub get_mime: bool,
    /// Asks `lsattr` for the flags of the file system.
    #[param(default = true, alias = "attr", alias = "attributes")]
    pub get_attributes: bool,
}

/// Names of checksums.
#[derive(Choice, Clone, Copy)]
pub enum Checksum {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl From<Checksum> for Algorithm {
    fn from(name: Checksum) -> Self {
        match name {
            Checksum::Md5 => Self::Md5,
            Checksum::Sha1 => Self::Sha1,
            Checksum::Sha224 => Self::Sha224,
            Checksum::Sha256 => Self::Sha256,
            Checksum::Sha384 => Self::Sha384,
            Checksum::Sha512 => Self::Sha512,
        }
    }
}

/// What a host call of its own does not tell: `path link-option mime attributes`, answered by marked lines. Tools
/// that are missing answer nothing.
const MORE: &str = r#"[ -e "$1" ] || [ -L "$1" ] || exit 0
stat $2 -c 'blocks %b %o %t %T' -- "$1" 2>/dev/null
if [ "$3" = 1 ] && command -v file >/dev/null 2>&1; then
  printf 'mime '; file $2 -b --mime-type --mime-encoding -- "$1" 2>/dev/null || echo
fi
if [ "$4" = 1 ] && command -v lsattr >/dev/null 2>&1; then
  printf 'flags '; lsattr -vd -- "$1" 2>/dev/null || echo
fi
exit 0"#;

pub struct Stat;

impl Module for Stat {
    type Params = StatParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.stat",
        aliases: &["stat"],
        summary: "Looks at a file, folder or link.",
        effect: Spec::READS,
        examples: &[
            ("Is it there?", "stat: { path: /etc/hosts }"),
            ("A stronger checksum", "stat: { path: /etc/hosts, checksum_algorithm: sha256 }"),
        ],
        returns: &[(
            "stat",
            "`exists`, and when it does: mode, size, owner, times, checksum, link and so on",
        )],
        ..Spec::DEFAULT
    };

    fn check(params: &StatParams, host: &Host) -> Result<Delta, Failure> {
        let checksum = params.get_checksum.then(|| params.checksum_algorithm.into());
        let flag = |on: bool| if on { "1" } else { "0" };
        let link = if params.follow { "-L" } else { "" };
        let more = Command::new([
            "sh",
            "-c",
            MORE,
            "sh",
            &params.path,
            link,
            flag(params.get_mime),
            flag(params.get_attributes),
        ]);
        let calls = vec![
            steps::stat(&params.path, params.follow, checksum),
            HostCall::Exec(more.reads().into_exec()),
        ];
        let mut replies = host.many(calls)?.into_iter();
        let Some(stat) = steps::stat_of(replies.next())? else {
            return Ok(Delta::none_with(json!({ "stat": { "exists": false } })));
        };
        let mut keys = keys(&params.path, &stat);
        if let Some(HostReply::Exec(output)) = replies.next() {
            add_more(&mut keys, &output.stdout.to_text(), params);
        }
        Ok(Delta::none_with(json!({ "stat": keys })))
    }

    fn apply(_: &StatParams, _: &Delta, _: &Host) -> Result<Outcome, Failure> {
        Ok(Outcome::default())
    }
}

fn keys(path: &str, stat: &FileStat) -> Map {
    let mut keys = permissions(stat);
    keys.extend([
        ("exists".to_owned(), json!(true)),
        ("path".into(), json!(path)),
        ("mode".into(), json!(format!("{:04o}", stat.mode))),
        ("readable".into(), json!(stat.readable)),
        ("writeable".into(), json!(stat.writable)),
        ("executable".into(), json!(stat.executable)),
    ]);
    if stat.kind == FileKind::Link {
        keys.insert("lnk_target".into(), json!(stat.link_target));
        keys.insert("lnk_source".into(), json!(stat.link_source));
    }
    if let Some(checksum) = &stat.checksum {
        keys.insert("checksum".into(), json!(checksum));
    }
    keys
}

fn add_more(keys: &mut Map, said: &str, params: &StatParams) {
    for line in said.lines() {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        match mark {
            "blocks" => add_blocks(keys, rest),
            "mime" if params.get_mime => add_mime(keys, rest),
            "flags" if params.get_attributes => add_flags(keys, rest),
            _ => {}
        }
    }
}

fn add_blocks(keys: &mut Map, said: &str) {
    let words: Vec<&str> = said.split(' ').collect();
    let [blocks, block_size, major, minor] = words.as_slice() else { return };
    let hex = |word: &str| u64::from_str_radix(word, 16).unwrap_or_default();
    let (major, minor) = (hex(major), hex(minor));
    keys.insert("blocks".into(), json!(blocks.parse::<u64>().unwrap_or_default()));
    keys.insert("block_size".into(), json!(block_size.parse::<u64>().unwrap_or_default()));
    let device = (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & !0xff) << 12) | ((major & !0xfff) << 32);
    keys.insert("device_type".into(), json!(device));
}

fn add_mime(keys: &mut Map, said: &str) {
    let (mime, charset) = said.split_once("; charset=").unwrap_or(("unknown", "unknown"));
    keys.insert("mimetype".into(), json!(mime.trim()));
    keys.insert("charset".into(), json!(charset.trim()));
}

/// Reads a line of `lsattr -vd`: version, flags, path.
fn add_flags(keys: &mut Map, said: &str) {
    let mut words = said.split_whitespace();
    let (version, flags) = (words.next(), words.next().unwrap_or_default().replace('-', ""));
    let names: Vec<&str> = flags.chars().filter_map(flag_name).collect();
    keys.insert("version".into(), json!(version));
    keys.insert("attributes".into(), json!(names));
    keys.insert("attr_flags".into(), json!(flags));
}

fn flag_name(flag: char) -> Option<&'static str> {
    Some(match flag {
        'A' => "noatime",
        'a' => "append",
        'c' => "compressed",
        'C' => "nocow",
        'd' => "nodump",
        'D' => "dirsync",
        'e' => "extents",
        'E' => "encrypted",
        'h' => "blocksize",
        'i' => "immutable",
        'I' => "indexed",
        'j' => "journalled",
        'N' => "inline",
        's' => "zero",
        'S' => "synchronous",
        't' => "notail",
        'T' => "blockroot",
        'u' => "undelete",
        'X' => "compressedraw",
        'Z' => "compresseddirty",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Stat>(env!("CARGO_MANIFEST_DIR"));
        examples::<Stat>();
    }
}
