use clap::Parser as _;
use clap::error::ErrorKind;
use switchover_model::{KEYWORDS, Refused};

use super::{Fate, OPTIONS, REFUSED_TOOLS, document, refused_option, refused_tool};
use crate::command::Switchover;
use crate::link;

/// The names that `ansible-doc -t keyword -l` prints.
const NAMES: &str = include_str!("keywords.txt");

/// Returns a command line with an option and what the tool needs beside it.
fn words(tool: &str, option: &[String]) -> Vec<String> {
    let beside: &[&str] = match tool {
        "ansible" => &["all"],
        "ansible-playbook" => &["site.yml"],
        "ansible-inventory" if ["--list", "--host", "--graph"].contains(&option[0].as_str()) => &[],
        "ansible-inventory" => &["--list"],
        "ansible-doc" => &["ping"],
        tool if tool.starts_with("ansible-vault") => &["file"],
        _ => &[],
    };
    let words = tool.split(' ').map(str::to_owned).chain(option.iter().cloned());
    words.chain(beside.iter().map(|word| (*word).to_owned())).collect()
}

#[test]
fn every_option_of_ansibles_tools_is_taken_or_refused() {
    for option in OPTIONS {
        for form in option.forms.split(", ") {
            let value = match (option.value, form) {
                ("", _) => None,
                (_, "-t" | "--type") if option.tool == "ansible-doc" => Some("module"),
                _ => Some("1"),
            };
            let given: Vec<String> = std::iter::once(form).chain(value).map(str::to_owned).collect();
            let line = words(option.tool, &given);
            match option.fate {
                Fate::Refused(why) => {
                    assert_eq!(
                        refused_option(option.tool, &line[1..]),
                        Some((option.forms, why)),
                        "{line:?}"
                    );
                }
                Fate::Used => {
                    assert_eq!(refused_option(option.tool, &line[1..]), None, "{line:?}");
                    let parsed = Switchover::try_parse_from(link::words(line.iter().map(Into::into)));
                    let told =
                        [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion, ErrorKind::MissingSubcommand];
                    if let Err(error) = parsed {
                        // The links answer `--version` before anything is read.
                        let answered = told.contains(&error.kind()) || form == "--version";
                        assert!(answered, "{line:?}: {error}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_value_may_stand_in_the_same_word() {
    let refused = |word: &str| refused_option("ansible-playbook", &[word.to_owned()]).map(|(forms, _)| forms);
    assert_eq!(refused("--module-path=x"), Some("-M, --module-path"));
    assert_eq!(refused("-Mx"), Some("-M, --module-path"));
    assert_eq!(refused("--module"), None);
    let other = ["--ssh-common-args", "-M -S x", "-e", "-M"].map(str::to_owned);
    assert_eq!(refused_option("ansible-playbook", &other), None);
    assert_eq!(refused_option("ansible", &["--".to_owned(), "-M".to_owned()]), None);
}

#[test]
fn tools_are_refused_by_both_of_their_names() {
    for tool in REFUSED_TOOLS {
        for name in [tool.name, tool.command()] {
            assert!(refused_tool(name).is_some_and(|found| found.name == tool.name), "{name}");
        }
    }
    assert!(refused_tool("run").is_none());
}

#[test]
fn every_keyword_of_ansible_is_known_or_has_its_reason() {
    let known = |name: &str| KEYWORDS.iter().any(|word| word.name == name) || Refused::find(name).is_some();
    let missing: Vec<&str> = NAMES.lines().filter(|name| !known(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_document_says_what_the_tables_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/core/cli/COMPATIBILITY.md");
    let text = document::text();
    if std::env::var_os("SWITCHOVER_WRITE_DOCUMENT").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap();
    assert!(there == text, "run this test with SWITCHOVER_WRITE_DOCUMENT=1, and look at what changed");
}
