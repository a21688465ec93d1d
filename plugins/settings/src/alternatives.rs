use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct AlternativesParams {
    /// The name of the group, such as `java`.
    pub name: String,
    /// The program that the link leads to.
    pub path: Option<HostPath>,
    /// A family of alternatives.
    #[param(refused = "families are known on Red Hat only; give `path`")]
    pub family: Option<String>,
    /// The link; needed where the name is not known yet.
    pub link: Option<HostPath>,
    /// How much it is preferred; 50 for a new one.
    pub priority: Option<i64>,
    /// Whether the program is one of the group, and the one that is used.
    #[param(default = "selected")]
    pub state: State,
    /// Links that follow this one: each with `name`, `link` and `path`.
    #[param(alias = "slaves")]
    pub subcommands: Option<Vec<Map>>,
}

/// What a program is in its group.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Present,
    Selected,
    Auto,
    Absent,
}

pub struct Alternatives;

/// `$1` the name, `$2` the path. Sections: what `--query` tells, `1` when the path is there.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; command -v update-alternatives >/dev/null 2>&1 || exit 64
LC_ALL=C update-alternatives --query "$1" 2>/dev/null
printf '\036'; [ -e "$2" ] && printf 1; :"#;

/// Arguments: those of one call.
const SET: &str = r#"PATH=$PATH:/usr/sbin:/sbin; exec update-alternatives "$@""#;

/// Links that follow: name, and link or path.
type Links = Vec<(String, String)>;

/// What the host knows of a group.
#[derive(Default)]
struct Group {
    link: String,
    auto: bool,
    value: String,
    /// Path, priority and the links that follow, of each program.
    programs: Vec<(String, i64, Links)>,
    /// Name and link of what follows.
    followers: Links,
}

impl Module for Alternatives {
    type Params = AlternativesParams;
    const SPEC: Spec = Spec {
        name: "community.general.alternatives",
        aliases: &["alternatives"],
        summary: "Chooses among programs of one name.",
        description: "Asks `update-alternatives` as Debian has it.",
        examples: &[
            ("Which Java", "alternatives: { name: java, path: /usr/lib/jvm/java-17/bin/java }"),
            (
                "One more, not chosen",
                "community.general.alternatives: { name: python, path: /usr/bin/python3.11, link: /usr/bin/python, state: present }",
            ),
            (
                "With a link that follows",
                "alternatives: { name: java, link: /usr/bin/java, path: /opt/jdk/bin/java, subcommands: [{ name: javac, link: /usr/bin/javac, path: /opt/jdk/bin/javac }] }",
            ),
        ],
        returns: &[("msg", "what was done")],
        ..Spec::DEFAULT
    };

    fn check(params: &AlternativesParams, host: &Host) -> Result<Delta, Failure> {
        let path = params
            .path
            .as_deref()
            .ok_or_else(|| Failure::arguments("one of the following is required: path, family"))?;
        let [said, there] = look(LOOK, &[&*params.name, path], "update-alternatives", host)?;
        let group = Group::read(&said);
        let known = group.programs.iter().find(|(program, ..)| program == path);
        let mut calls: Vec<Vec<String>> = Vec::new();
        let mut told = Vec::new();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        if params.state == State::Absent {
            if known.is_some() {
                calls.push(words(&["--remove", &params.name, path]));
                told.push(format!("Remove alternative '{path}' from '{}'.", params.name));
            }
        } else {
            if there.trim() != "1" {
                return Err(Failure::new(format!("Specified path {path} does not exist")));
            }
            if let Some(call) = params.install(path, &group)? {
                calls.push(call);
                told.push(format!("Install alternative '{path}' for '{}'.", params.name));
            }
            let chosen = group.value == path;
            if params.state == State::Selected && (!chosen || (group.auto && !calls.is_empty())) {
                calls.push(words(&["--set", &params.name, path]));
                told.push(format!("Set alternative '{path}' for '{}'.", params.name));
            }
            if params.state == State::Auto && !group.auto && !group.programs.is_empty() {
                calls.push(words(&["--auto", &params.name]));
                told.push(format!("Set alternative to auto for '{}'.", params.name));
            }
        }
        let result = json!({ "msg": told.join(" ") });
        if calls.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let shown = |state: &str| json!({ "path": path, "link": params.link(&group), "priority": params.priority(known.map(|k| k.1)), "state": state });
        let before = known.map_or(json!({ "state": "absent" }), |(_, priority, _)| json!({ "path": path, "link": group.link, "priority": priority, "state": if group.value == path { "selected" } else { "present" } }));
        let after = if params.state == State::Absent {
            json!({ "state": "absent" })
        } else {
            shown(params.state.word())
        };
        Ok(Delta::change(&params.name, before, after).with_result(result).with_state(json!(calls)))
    }

    fn apply(_: &AlternativesParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let calls: Vec<Vec<String>> = switchover_sdk::from_value(state.clone()).unwrap_or_default();
        for call in &calls {
            change(&script(SET, call), str::to_owned, host)?;
        }
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl AlternativesParams {
    fn link(&self, group: &Group) -> String {
        self.link.as_ref().map_or_else(|| group.link.clone(), |link| link.0.clone())
    }

    fn priority(&self, known: Option<i64>) -> i64 {
        self.priority.or(known).unwrap_or(50)
    }

    /// Returns the links that follow: name, link and path.
    fn followers(&self) -> Result<Option<Vec<[String; 3]>>, Failure> {
        let Some(list) = &self.subcommands else { return Ok(None) };
        let word = |map: &Map, key: &str| {
            let text = map.get(key).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| {
                Failure::arguments(format!("missing required arguments: {key} found in subcommands"))
            })
        };
        let read = |map: &Map| Ok([word(map, "name")?, word(map, "link")?, word(map, "path")?]);
        list.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// Returns the call that makes the program one of the group, when it is not as wanted.
    fn install(&self, path: &str, group: &Group) -> Result<Option<Vec<String>>, Failure> {
        let known = group.programs.iter().find(|(program, ..)| program == path);
        let (link, priority) = (self.link(group), self.priority(known.map(|known| known.1)));
        let followers = self.followers()?;
        let same = known.is_some_and(|(_, now, links)| {
            let wanted = followers.as_ref().map(|all| {
                all.iter().map(|[name, _, path]| (name.clone(), path.clone())).collect::<Vec<_>>()
            });
            *now == priority && link == group.link && wanted.is_none_or(|wanted| wanted == *links)
        });
        if same {
            return Ok(None);
        }
        if link.is_empty() {
            return Err(Failure::new(
                "Needed to install the alternative, but unable to do so as we are missing the link",
            ));
        }
        let mut call: Vec<String> = ["--install", &link, &self.name, path].map(str::to_owned).to_vec();
        call.push(priority.to_string());
        // Links that are there stay when the task does not speak of them.
        let kept = || {
            let links = known.map(|known| known.2.as_slice()).unwrap_or_default();
            let link_of = |name: &str| {
                group.followers.iter().find(|(known, _)| known == name).map(|(_, link)| link.clone())
            };
            links
                .iter()
                .filter_map(|(name, path)| Some([name.clone(), link_of(name)?, path.clone()]))
                .collect()
        };
        for [name, link, path] in followers.unwrap_or_else(kept) {
            call.extend(["--slave".to_owned(), link, name, path]);
        }
        Ok(Some(call))
    }
}

impl Group {
    /// Reads what `--query` tells.
    fn read(said: &str) -> Self {
        let mut group = Self::default();
        for line in said.lines() {
            if let Some(pair) = line.strip_prefix(' ').and_then(|line| line.split_once(' ')) {
                let pair = (pair.0.to_owned(), pair.1.to_owned());
                match group.programs.last_mut() {
                    Some((_, _, links)) => links.push(pair),
                    None => group.followers.push(pair),
                }
                continue;
            }
            match line.split_once(": ") {
                Some(("Link", link)) => group.link = link.to_owned(),
                Some(("Status", status)) => group.auto = status == "auto",
                Some(("Value", value)) => group.value = value.to_owned(),
                Some(("Alternative", path)) => group.programs.push((path.to_owned(), 0, Vec::new())),
                Some(("Priority", number)) => {
                    if let Some(program) = group.programs.last_mut() {
                        program.1 = number.parse().unwrap_or(0);
                    }
                }
                _ => {}
            }
        }
        group
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Alternatives>(env!("CARGO_MANIFEST_DIR"));
        examples::<Alternatives>();
    }

    #[test]
    fn reads_a_group_with_links_that_follow() {
        let said = "Name: e\nLink: /usr/bin/e\nSlaves:\n e.1 /man/e.1\nStatus: auto\nBest: /bin/v\nValue: /bin/v\n\n\
                    Alternative: /bin/v\nPriority: 30\nSlaves:\n e.1 /man/v.1\n\nAlternative: /bin/ed\nPriority: -1\n";
        let group = Group::read(said);
        assert!(group.auto && group.link == "/usr/bin/e");
        assert_eq!(group.followers, [("e.1".to_owned(), "/man/e.1".to_owned())]);
        assert_eq!(
            group.programs[0],
            ("/bin/v".to_owned(), 30, vec![("e.1".to_owned(), "/man/v.1".to_owned())])
        );
        assert_eq!(group.programs[1].1, -1);
    }
}
