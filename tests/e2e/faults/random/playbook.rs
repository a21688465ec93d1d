use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::moments::Seeded;

pub const HOSTS: [&str; 3] = ["h1", "h2", "h3"];

/// A playbook that a seed makes up, with its files. Every step that acts leaves one line in its host's log.
pub struct Playbook {
    pub files: BTreeMap<String, String>,
    pub seeded: Seeded,
    number: usize,
    /// Names of registered values and of facts that hosts may have.
    pub known: Vec<String>,
    /// Whether the play at hand lets the hosts go their own ways.
    pub apart: bool,
}

/// Where tasks stand.
#[derive(Clone, Default)]
pub struct Place {
    pub depth: usize,
    /// Templates of the loops around, which tell one time from another.
    pub around: String,
}

impl Playbook {
    /// Makes one up.
    pub fn of(seed: usize) -> Self {
        let seeded = Seeded::new(&format!("random playbook {seed}"), 1);
        let (files, known) = Default::default();
        let mut made = Self { files, seeded, number: 0, known, apart: false };
        let plays: Vec<String> = (0..1 + made.below(2)).map(|_| made.play()).collect();
        let end = made.last_play();
        made.files.insert("site.yml".into(), plays.concat() + &end);
        made.files.insert("given.yml".into(), "given: from-a-file\n".into());
        made
    }

    /// Returns a number below this one.
    pub fn below(&mut self, limit: usize) -> usize {
        self.seeded.below(limit)
    }

    /// Returns whether one of so many cases is given.
    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// Returns a new number.
    pub fn next(&mut self) -> usize {
        self.number += 1;
        self.number
    }

    fn play(&mut self) -> String {
        let strategy = ["linear", "linear", "linear", "free", "host_pinned"][self.below(5)];
        self.apart = strategy != "linear";
        let mut text = format!("- hosts: {}\n  gather_facts: false\n  strategy: {strategy}\n", self.hosts());
        if self.one_in(3) {
            let serial = ["1", "2", "[1, 2]", "'50%'"][self.below(4)];
            writeln!(text, "  serial: {serial}").unwrap();
        }
        if self.one_in(3) {
            text.push_str("  vars_files: [given.yml]\n");
        }
        if self.one_in(3) {
            let role = self.role(&Place::default());
            writeln!(text, "  roles: [{role}]").unwrap();
        }
        for (key, many) in [("pre_tasks", 3), ("tasks", 1), ("post_tasks", 4)] {
            if self.one_in(many) {
                let tasks = self.tasks(&Place::default());
                write!(text, "  {key}:\n{}", indent(&tasks, 4)).unwrap();
            }
        }
        text + "  handlers:\n" + &indent(&self.handlers(), 4)
    }

    fn hosts(&mut self) -> &'static str {
        ["of_h", "of_h", "of_h", "h1:h3", "h2"][self.below(5)]
    }

    /// Handlers have the same names in each play, `one` to `three`; `three` listens to a word.
    fn handlers(&mut self) -> String {
        let plain = |name: &str, more: &str| format!("- {{ name: {name}, shell: '{}'{more} }}\n", line(name));
        let first = if self.one_in(3) { ", notify: two" } else { "" };
        let second = if self.one_in(3) { ", loop: ['0', '1']" } else { "" };
        let second = match second {
            "" => plain("two", ""),
            more => format!("- {{ name: two, shell: '{}'{more} }}\n", line("two#{{ item }}")),
        };
        plain("one", first) + &second + &plain("three", ", listen: word")
    }

    /// Tells what each host knows at the end.
    fn last_play(&self) -> String {
        let known = self.known.join(" ");
        format!(
            "- hosts: of_h\n  gather_facts: false\n  tasks:\n    - {{ name: known, shell: '{}' }}\n",
            line(&format!("known {known}"))
        )
    }

    /// Makes a role, perhaps with one that it depends on; returns its name.
    pub fn role(&mut self, place: &Place) -> String {
        let name = format!("role{}", self.next());
        if place.depth < 2 && self.one_in(2) {
            let under = self.role(&deeper(place));
            self.files.insert(
                format!("roles/{name}/meta/main.yml"),
                format!("dependencies: [{{ role: {under} }}]\n"),
            );
        }
        let tasks = self.tasks(&deeper(place));
        self.files.insert(format!("roles/{name}/tasks/main.yml"), tasks);
        let handler = format!("- {{ name: of-{name}, shell: '{}' }}\n", line(&format!("of-{name}")));
        self.files.insert(format!("roles/{name}/handlers/main.yml"), handler);
        name
    }

    /// Writes a file of tasks; returns its name.
    pub fn file_of_tasks(&mut self, place: &Place) -> String {
        let name = format!("tasks{}.yml", self.next());
        let tasks = self.tasks(&deeper(place));
        self.files.insert(name.clone(), tasks);
        name
    }
}

/// Returns a place one deeper.
pub fn deeper(place: &Place) -> Place {
    Place { depth: place.depth + 1, ..place.clone() }
}

/// Returns the command that leaves a line in the host's log, for use in single quotes.
pub fn line(words: &str) -> String {
    format!("echo \"{words}\" >> {{{{ dir }}}}/log.{{{{ inventory_hostname }}}}")
}

/// Returns text with each line indented by so much more.
pub fn indent(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}
