//! The page that tells users what of Ansible is here; written from the tables, so that it cannot lie.

use switchover_model::{KEYWORDS, Place, REFUSED};

use super::{Fate, OPTIONS, REFUSED_TOOLS};
use crate::config::{Here, Kind, settings};

const HEAD: &str = "# What of Ansible is here

Written from the tables that the program itself follows (`core/cli/tools`, `core/cli/config`, `core/model/src/keywords`); a test
compares. The measure is ansible-core 2.19. Nothing is accepted and ignored: what is not here is refused, or named, with its reason.

Through a link with its name the program behaves as `ansible-playbook`, `ansible`, `ansible-inventory`, `ansible-vault`,
`ansible-doc` (modules and keywords) or `ansible-config` (`list`, `dump`, `view`, `validate`).
";

/// Returns the page.
pub fn text() -> String {
    let parts = [
        HEAD.to_owned(),
        tools(),
        options(),
        settings_followed(),
        settings_not_followed(),
        keywords(),
        refused_words(),
    ];
    parts.join("\n")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn section(title: &str, about: &str, heads: &[&str], rows: Vec<Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let rule = format!("|{}\n", "---|".repeat(heads.len()));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("## {title}\n\n{about}\n\n{}{rule}{rows}", line(&heads))
}

fn tools() -> String {
    let row =
        |tool: &super::RefusedTool| vec![format!("`{}`", tool.name), cell(tool.why), cell(tool.instead)];
    let about = "Called by a link of such a name, or as `switchover galaxy` and so on, the program refuses with exit code 5.";
    section(
        "Tools that are not here",
        about,
        &["tool", "why", "instead"],
        REFUSED_TOOLS.iter().map(row).collect(),
    )
}

/// Options that several tools share are one row.
fn options() -> String {
    let mut rows: Vec<(&str, &str, Fate, Vec<&str>)> = Vec::new();
    for option in OPTIONS {
        let same = rows.iter_mut().find(|(forms, value, fate, _)| {
            (*forms, *value, *fate) == (option.forms, option.value, option.fate)
        });
        match same {
            Some((_, _, _, tools)) => tools.push(option.tool),
            None => rows.push((option.forms, option.value, option.fate, vec![option.tool])),
        }
    }
    rows.sort_by_key(|(forms, _, fate, _)| {
        (*fate == Fate::Used, forms.trim_start_matches('-').to_lowercase())
    });
    let row = |(forms, value, fate, tools): &(&str, &str, Fate, Vec<&str>)| {
        let gap = if value.is_empty() { "" } else { " " };
        let what = match fate {
            Fate::Used => "works".to_owned(),
            Fate::Refused(why) => format!("refused: {}", cell(why)),
        };
        vec![format!("`{forms}{gap}{value}`"), tools.join(", "), what]
    };
    let about = "Every option that the tools tell with `--help`.";
    section("Options", about, &["option", "tools", "here"], rows.iter().map(row).collect())
}

fn place(setting: &crate::config::Setting) -> String {
    let keys = setting.keys.iter().map(|(section, key)| format!("`[{section}] {key}`"));
    keys.chain(setting.env.iter().map(|name| format!("`{name}`"))).collect::<Vec<_>>().join(", ")
}

fn settings_followed() -> String {
    let form = |kind: Kind| match kind {
        Kind::Text => "text".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Path => "a path".to_owned(),
        Kind::Paths => "paths with `:` between them".to_owned(),
        Kind::Sources => "paths or hosts with commas between them".to_owned(),
        Kind::Words => "words with commas between them".to_owned(),
        Kind::Choice(words) => words.join(", "),
    };
    let used = settings().filter(|setting| setting.here == Here::Used);
    let rows = used.map(|setting| {
        let default =
            if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
        vec![setting.name.to_owned(), place(setting), form(setting.kind), cell(&default)]
    });
    let about = "The environment wins over the file; the file is the first of `ANSIBLE_CONFIG`, `./ansible.cfg`, \
                 `~/.ansible.cfg`, `/etc/ansible/ansible.cfg`.";
    section(
        "Settings that are followed",
        about,
        &["setting", "key and variable", "form", "default"],
        rows.collect(),
    )
}

fn settings_not_followed() -> String {
    let rows = settings().filter_map(|setting| {
        let what = match setting.here {
            Here::Used => return None,
            Here::Ignored(why) => format!("named once when it is set: {why}"),
            Here::Moot(why) => format!("nothing to do: {why}"),
        };
        Some(vec![setting.name.to_owned(), place(setting), cell(&what)])
    });
    let about = "Any other key of an `ansible.cfg` is named once, too.";
    section("Settings that are not followed", about, &["setting", "key and variable", "why"], rows.collect())
}

fn keywords() -> String {
    let ours = ["approve", "effect", "expect", "lock"];
    let mark = |name: &str| if ours.contains(&name) { " (not Ansible's)" } else { "" };
    let places = |places: Place| {
        places
            .list()
            .replace("a play", "play")
            .replace("a role entry", "role")
            .replace("a block", "block")
            .replace("a task", "task")
            .replace("a handler", "handler")
    };
    let row = |word: &switchover_model::Keyword| {
        vec![
            format!("`{}`", word.name),
            places(word.places),
            format!("{}{}", cell(word.doc), mark(word.name)),
        ]
    };
    let about = "Loops are also written `with_items` and so on, by any lookup that there is.";
    section("Keywords", about, &["keyword", "of a", "what it does"], KEYWORDS.iter().map(row).collect())
}

fn refused_words() -> String {
    let row = |word: &switchover_model::Refused| {
        vec![format!("`{}`", word.name), cell(word.reason), cell(word.instead)]
    };
    let about = "They end the run before a host is touched.";
    section(
        "Keywords that are refused",
        about,
        &["keyword", "why", "instead"],
        REFUSED.iter().map(row).collect(),
    )
}
