use std::path::PathBuf;

use switchover_syntax::{Diagnostic, Node, Severity, Span};

use crate::{Files, GroupNames, HostSource, Inventory, Rules, VarsBeside, source};

/// What the sources give, and what is odd about them but allowed.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub inventory: Inventory,
    pub warnings: Vec<Diagnostic>,
}

impl Inventory {
    /// Reads sources in their order: files (YAML, JSON or INI), executables that print JSON, folders of all these, and
    /// lists of hosts such as `a,b,`; with `group_vars` and `host_vars` beside files and in folders.
    ///
    /// What a later source says wins. Returns everything that is wrong in any of them; a source that is not there is an error.
    pub fn load<S: AsRef<str>>(sources: &[S], files: &dyn Files) -> Result<Loaded, Vec<Diagnostic>> {
        Self::load_by(&Rules::default(), sources, files)
    }

    /// Reads sources by other rules than the strictest.
    pub fn load_by<S: AsRef<str>>(
        rules: &Rules,
        sources: &[S],
        files: &dyn Files,
    ) -> Result<Loaded, Vec<Diagnostic>> {
        let mut loading = Loading::new(rules, files);
        let mut read = 0;
        for text in sources {
            let known = loading.errors.len();
            source::read(&mut loading, text.as_ref());
            read += usize::from(loading.errors.len() == known);
            loading.forgive(text.as_ref(), known);
        }
        loading.none_read(read);
        loading.inventory.settle();
        loading.check_names();
        let mut folders = std::mem::take(&mut loading.folders);
        folders.dedup();
        for folder in folders {
            match VarsBeside::load(&folder, &loading.inventory, files) {
                Ok((vars, warnings)) => {
                    loading.inventory.beside.push(vars);
                    loading.warnings.extend(warnings);
                }
                Err(errors) => loading.errors.extend(errors),
            }
        }
        if loading.errors.is_empty() {
            Ok(Loaded { inventory: loading.inventory, warnings: loading.warnings })
        } else {
            Err(loading.errors)
        }
    }
}

/// An inventory while its sources are read.
pub(crate) struct Loading<'a> {
    pub(crate) inventory: Inventory,
    pub(crate) files: &'a dyn Files,
    pub(crate) rules: &'a Rules,
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) warnings: Vec<Diagnostic>,
    /// What is read.
    pub(crate) source: Option<HostSource>,
    /// Where `group_vars` and `host_vars` may be.
    pub(crate) folders: Vec<PathBuf>,
}

impl<'a> Loading<'a> {
    pub(crate) fn new(rules: &'a Rules, files: &'a dyn Files) -> Self {
        Self {
            inventory: Inventory {
                renames: matches!(rules.group_names, GroupNames::Change | GroupNames::ChangeSilently),
                ..Inventory::default()
            },
            files,
            rules,
            errors: Vec::new(),
            warnings: Vec::new(),
            source: None,
            folders: Vec::new(),
        }
    }

    /// Makes warnings of what is wrong with one source, where the rules say so.
    fn forgive(&mut self, source: &str, known: usize) {
        if !self.rules.tolerant || self.errors.len() == known {
            return;
        }
        let path = std::path::absolute(source).unwrap_or_else(|_| source.into());
        if self.rules.any_unparsed_fails {
            let text = format!("Completely failed to parse inventory source {}", path.display());
            return self.errors.insert(known, general("inventory::unparsed", text));
        }
        let wrong = self.errors.split_off(known);
        let wrong = wrong.into_iter().filter(|error| error.code != "inventory::missing");
        self.warnings.extend(wrong.map(|error| Diagnostic { severity: Severity::Warning, ..error }));
        let text = format!("Unable to parse {} as an inventory source", path.display());
        self.warnings.push(general_warning("inventory::unparsed", text));
    }

    fn none_read(&mut self, read: usize) {
        if !self.rules.tolerant || read > 0 {
            return;
        }
        if self.rules.unparsed_fails {
            let text = "No inventory was parsed, please check your configuration and options.";
            self.errors.push(general("inventory::unparsed", text));
        } else if self.rules.warns {
            let text = "No inventory was parsed, only implicit localhost is available".to_owned();
            self.warnings.push(general_warning("inventory::unparsed", text));
        }
    }

    pub(crate) fn error(&mut self, code: &'static str, message: impl Into<String>, span: &Span) {
        self.errors.push(Diagnostic::error(code, message, span));
    }

    pub(crate) fn warning(&mut self, code: &'static str, message: impl Into<String>, span: &Span) {
        self.warnings.push(Diagnostic::warning(code, message, span));
    }

    /// Adds hosts to a group; the port counts only for hosts that were not known, as in Ansible.
    pub(crate) fn hosts(
        &mut self,
        names: &[String],
        port: Option<u16>,
        group: usize,
        span: &Span,
    ) -> Vec<usize> {
        let hosts = names.iter().map(|name| {
            let known = self.inventory.hosts.contains_key(name.as_str());
            let host = self.inventory.host_or_new(name, self.source.as_ref());
            if let Some(port) = port.filter(|_| !known) {
                let port = crate::edit::int_node(i64::from(port), span);
                self.inventory.set_host_var(host, "ansible_port", port);
            }
            self.inventory.add_member(group, host);
            host
        });
        hosts.collect()
    }

    pub(crate) fn child(&mut self, parent: usize, child: usize, span: &Span) {
        if let Err(error) = self.inventory.add_child(parent, child) {
            self.error("inventory::loop", error.to_string(), span);
        }
    }

    pub(crate) fn group_var(&mut self, group: usize, name: &Node, value: &Node) {
        let Some(text) = self.variable_name(name) else { return };
        if self.inventory.set_group_var(group, &text, value.clone()).is_err() {
            let text = format!("`ansible_group_priority` must be a whole number, not {}", value.describe());
            self.error("inventory::priority", text, &value.span);
        }
    }

    /// Returns the name of a variable; one that no template can use is worth a warning.
    pub(crate) fn variable_name(&mut self, name: &Node) -> Option<String> {
        let Some(text) = name.as_str() else {
            let text = format!("a variable's name must be text, not {}", name.describe());
            self.error("inventory::variable-name", text, &name.span);
            return None;
        };
        if !is_identifier(text) {
            self.warnings.push(
                Diagnostic::warning(
                    "inventory::variable-name",
                    format!("`{text}` is no name that a template can use"),
                    &name.span,
                )
                .help("use letters, digits and underscores, and no digit at the beginning"),
            );
        }
        Some(text.to_owned())
    }

    fn check_names(&mut self) {
        let odd: Vec<&str> =
            self.inventory.groups.keys().map(|name| &**name).filter(|name| !is_identifier(name)).collect();
        let ansibles = |what: &str| {
            format!("Invalid characters were found in group names {what}, use -vvvv to see details")
        };
        let text = match self.rules.group_names {
            GroupNames::Warn if odd.is_empty() => None,
            GroupNames::Warn if self.rules.tolerant => Some(ansibles("but not replaced")),
            GroupNames::Warn => {
                Some(format!("names of groups that templates cannot use as variables: {}", odd.join(", ")))
            }
            GroupNames::Change if self.inventory.renamed => Some(ansibles("and automatically replaced")),
            _ => None,
        };
        self.warnings.extend(text.map(|text| general_warning("inventory::group-name", text)));
        let both = self.inventory.groups.keys().filter(|name| self.inventory.hosts.contains_key(*name));
        let both: Vec<&str> = both.map(|name| &**name).collect();
        for name in both {
            let text = format!("found both group and host with same name: {name}");
            self.warnings.push(general_warning("inventory::same-name", text));
        }
    }
}

pub(crate) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn general_warning(code: &'static str, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..general(code, message) }
}

/// Returns an error that has no place in a text.
pub(crate) fn general(code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic { severity: Severity::Error, code, message: message.into(), labels: Vec::new(), help: None }
}
