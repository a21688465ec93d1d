use switchover_sdk::prelude::*;

use switchover_sdk::script::section;

#[derive(Params)]
pub struct PackageFactsParams {
    /// Whom to ask: `apt`, `rpm` (`dnf`, `yum`, `zypper`), `apk`, `pacman`, or `auto` for all of these.
    #[param(default = ["auto"])]
    pub manager: Vec<String>,
    /// Whether the first that is there is asked, or all.
    #[param(default = "first")]
    pub strategy: Strategy,
}

#[derive(Choice, PartialEq, Eq)]
pub enum Strategy {
    First,
    All,
}

pub struct PackageFacts;

/// Asks package managers. `$1` `first` or `all`, then their names.
const LOOK: &str = r#"export LC_ALL=C
strategy=$1
shift
for manager; do
  case $manager in apt) tool=dpkg-query ;; *) tool=$manager ;; esac
  command -v "$tool" >/dev/null || continue
  case $manager in
    apt)
      installed=$(dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${Section}\n' | grep '^installed')
      [ -n "$installed" ] || continue
      echo @apt
      printf '%s\n' "$installed"
      echo @releases
      apt-cache policy 2>/dev/null
      echo @sources
      apt-cache policy $(printf '%s\n' "$installed" | cut -f 2) 2>/dev/null | awk '
        /^[^ ]/ { name = $1; sub(/:$/, "", name) }
        /^ \*\*\* / { getline; $1 = $1; print name "\t" $0 }' ;;
    rpm)
      installed=$(rpm -qa --qf '%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n') || continue
      [ -n "$installed" ] || continue
      echo @rpm
      printf '%s\n' "$installed" ;;
    apk) echo @apk; apk info -v 2>/dev/null ;;
    pacman) echo @pacman; pacman -Q ;;
  esac
  [ "$strategy" = all ] || break
done
exit 0"#;

impl Module for PackageFacts {
    type Params = PackageFactsParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.package_facts",
        aliases: &["package_facts"],
        summary: "Reads the packages of a host into facts.",
        effect: Spec::READS,
        examples: &[("All packages", "package_facts: { manager: auto }")],
        returns: &[("ansible_facts", "`packages`: for each name a list of what is there")],
        ..Spec::DEFAULT
    };

    fn check(_: &PackageFactsParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &PackageFactsParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let managers = params.managers()?;
        let head = ["sh", "-c", LOOK, "sh", params.strategy.word()];
        let said = host.output(&Command::new(head.into_iter().chain(managers.iter().copied())).reads())?;
        if said.is_empty() {
            let asked: Vec<String> = params.manager.iter().map(|manager| format!("'{manager}'")).collect();
            return Err(Failure::new(format!(
                "Could not detect a supported package manager from the following list: [{}]",
                asked.join(", ")
            )));
        }
        let mut packages = Map::new();
        apt(&said, &mut packages);
        rpm(section(&said, "rpm"), &mut packages);
        plain(section(&said, "apk"), "apk", &mut packages);
        plain(section(&said, "pacman"), "pacman", &mut packages);
        let facts = Map::from_iter([("packages".to_owned(), Value::Object(packages))]);
        Ok(Outcome { facts, ..Outcome::default() })
    }
}

impl PackageFactsParams {
    fn managers(&self) -> Result<Vec<&'static str>, Failure> {
        let mut managers = Vec::new();
        for word in &self.manager {
            let found: &[&str] = match word.to_lowercase().as_str() {
                "auto" => &["apk", "apt", "pacman", "rpm"],
                "apt" => &["apt"],
                "rpm" | "dnf" | "dnf5" | "yum" | "zypper" => &["rpm"],
                "apk" => &["apk"],
                "pacman" => &["pacman"],
                "pkg" | "pkg5" | "pkgng" | "pkg_info" | "openbsd_pkg" | "portage" => {
                    return Err(Failure::arguments(format!("manager `{word}` is not supported here")));
                }
                _ => return Err(Failure::arguments(format!("manager `{word}` is not known"))),
            };
            managers.extend(
                found.iter().filter(|manager| !managers.contains(*manager)).copied().collect::<Vec<_>>(),
            );
        }
        Ok(managers)
    }
}

fn add(packages: &mut Map, name: &str, package: Value) {
    match packages.get_mut(name) {
        Some(Value::Array(known)) => known.push(package),
        _ => drop(packages.insert(name.to_owned(), json!([package]))),
    }
}

fn apt(said: &str, packages: &mut Map) {
    let releases = section(said, "releases");
    let sources: Vec<(&str, &str)> =
        section(said, "sources").lines().filter_map(|line| line.split_once('\t')).collect();
    let sources: std::collections::BTreeMap<&str, &str> = sources.into_iter().collect();
    for line in section(said, "apt").lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [_, name, version, arch, category] = fields.as_slice() else { continue };
        let origin = sources.get(name).and_then(|source| origin(releases, source)).unwrap_or_default();
        let package = json!({
            "arch": arch, "category": category, "name": name, "origin": origin, "source": "apt", "version": version,
        });
        add(packages, name, package);
    }
}

/// Returns the `o=` of the repository that `apt-cache policy` names by `500 ADDRESS ...`.
fn origin<'a>(releases: &'a str, source: &str) -> Option<&'a str> {
    let (_, address) = source.trim().split_once(' ')?;
    let mut lines = releases
        .lines()
        .skip_while(|line| line.trim().split_once(' ').is_none_or(|(_, rest)| rest != address));
    let release = lines.nth(1)?.trim().strip_prefix("release ")?;
    release.split(',').find_map(|field| field.strip_prefix("o="))
}

fn rpm(said: &str, packages: &mut Map) {
    let word = |text: &str| if text == "(none)" { Value::Null } else { json!(text) };
    for line in said.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, version, release, epoch, arch] = fields.as_slice() else { continue };
        let package = json!({
            "arch": word(arch), "epoch": epoch.parse::<i64>().ok(), "name": name, "release": release,
            "source": "rpm", "version": version,
        });
        add(packages, name, package);
    }
}

/// Reads `NAME-VERSION-rREVISION` of apk and `NAME VERSION` of pacman.
fn plain(said: &str, source: &str, packages: &mut Map) {
    for line in said.lines() {
        let pair = match line.split_once(' ') {
            Some((name, version)) => Some((name.to_owned(), version.to_owned())),
            None => line.rsplit_once('-').and_then(|(rest, revision)| {
                let (name, version) = rest.rsplit_once('-')?;
                Some((name.to_owned(), format!("{version}-{revision}")))
            }),
        };
        let Some((name, version)) = pair else { continue };
        add(packages, &name, json!({ "name": name, "version": version, "source": source }));
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    fn facts(said: &str) -> Value {
        let output = ExecOutput { stdout: said.into(), ..ExecOutput::default() };
        let host = FakeHost::new().script("for manager; do", output);
        host.run::<PackageFacts>(json!({})).unwrap().facts["packages"].clone()
    }

    #[test]
    fn tells_of_packages_of_debian_with_their_origin() {
        let said = "@apt\ninstalled\tbash\t5.2-2\tamd64\tshells\ninstalled\tadduser\t3.134\tall\tadmin\n@releases\n\
            Package files:\n 500 http://d/debian bookworm/main amd64 Packages\n     release v=12,o=Debian,a=x\n@sources\n\
            bash\t100 /var/lib/dpkg/status\nadduser\t500 http://d/debian bookworm/main amd64 Packages\n";
        let facts = facts(said);
        assert_eq!(
            facts["bash"],
            json!([{
                "arch": "amd64", "category": "shells", "name": "bash", "origin": "", "source": "apt", "version": "5.2-2",
            }])
        );
        assert_eq!(facts["adduser"][0]["origin"], "Debian");
        examples::<PackageFacts>();
    }

    #[test]
    fn tells_of_several_versions_of_one_package() {
        let facts = facts(
            "@rpm\nkernel\t6.1\t1.el9\t(none)\tx86_64\nkernel\t6.2\t1.el9\t2\tx86_64\ngpg-pubkey\t1\t2\t(none)\t(none)\n",
        );
        assert_eq!(facts["kernel"].as_array().unwrap().len(), 2);
        assert_eq!(facts["kernel"][0]["epoch"], Value::Null);
        assert_eq!(facts["kernel"][1]["epoch"], 2);
        assert_eq!(facts["gpg-pubkey"][0]["arch"], Value::Null);
    }

    #[test]
    fn fails_where_no_manager_is() {
        let host = FakeHost::new().script("for manager; do", ExecOutput::default());
        let failure = host.run::<PackageFacts>(json!({ "manager": ["rpm"] })).unwrap_err();
        assert_eq!(
            failure.msg,
            "Could not detect a supported package manager from the following list: ['rpm']"
        );
        let failure = host.run::<PackageFacts>(json!({ "manager": "portage" })).unwrap_err();
        assert_eq!(failure.msg, "manager `portage` is not supported here");
    }
}
