use std::path::{Path, PathBuf};

use switchover_syntax::{Diagnostic, Entry, Node, nearest};

use super::Reader;
use super::action_groups::Group;
use crate::keywords::is_template;
use crate::module_defaults::in_family;
use crate::{Context, ModuleDefaults, Receivers};

impl Reader<'_> {
    /// Reads `module_defaults`: a mapping, or a list of them whose later entries replace earlier ones of the same key.
    pub(super) fn module_defaults(&self, node: &Node, level: &Context) -> Vec<ModuleDefaults> {
        let mut defaults: Vec<ModuleDefaults> = Vec::new();
        let mappings = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        mappings.iter().filter(|node| is_template(node)).for_each(|node| self.computed_keys(node));
        for mapping in mappings.iter().filter_map(Node::as_mapping) {
            for (name, entry) in self.entries(mapping) {
                let Some(read) = self.defaults_entry(name, entry, level) else { continue };
                match defaults.iter_mut().find(|known| read.replaces(known)) {
                    Some(known) => *known = read,
                    None => defaults.push(read),
                }
            }
        }
        defaults
    }

    /// Who gets arguments is known before a run, so the keys cannot come from a template.
    fn computed_keys(&self, node: &Node) {
        let message = "The field 'module_defaults' is supposed to be a dictionary or list of dictionaries, \
                       the keys of which must be static action, module, or group names.";
        self.report(Diagnostic::error("playbook::wrong-type", message, &node.span).help(
            "write the names as keys; only the values may contain templates: `ping: \"{{ ping_defaults }}\"`",
        ));
    }

    fn defaults_entry(&self, name: &str, entry: &Entry, level: &Context) -> Option<ModuleDefaults> {
        self.check_templates(&entry.value);
        let receivers = match name.strip_prefix("group/") {
            Some(group) => self.group_receivers(group, &entry.key, level),
            None => self.module_receiver(name, &entry.key, level),
        };
        let fits = entry.value.as_mapping().is_some() || entry.value.is_null() || is_template(&entry.value);
        if !fits {
            let message =
                format!("the defaults of `{name}` must be a mapping, found {}", entry.value.describe());
            self.report(
                Diagnostic::error("playbook::wrong-type", message, &entry.value.span)
                    .help("write the arguments as `name: value`"),
            );
        }
        let (key, values) = (entry.key.clone(), entry.value.clone());
        receivers.filter(|_| fits).map(|receivers| ModuleDefaults { key, receivers, values })
    }

    fn group_receivers(&self, group: &str, key: &Node, level: &Context) -> Option<Receivers> {
        if self.loader.settings.modules.names().iter().any(|module| in_family(module, group)) {
            return Some(Receivers::Family(group.to_owned()));
        }
        let roots = self.collection_roots(level.folder().into_iter());
        let group = Group::named(group);
        let members = self.group_members(&group, &roots);
        if members.is_none() {
            self.unknown_group(&group, key, &roots);
        }
        members.map(|members| Receivers::Group(members.into()))
    }

    fn unknown_group(&self, group: &Group, key: &Node, roots: &[PathBuf]) {
        let message = format!(
            "Error loading module_defaults: could not resolve the module_defaults group {}",
            group.full_name()
        );
        let error = Diagnostic::error("playbook::unknown-group", message, &key.span);
        let known = self.known_groups(group, roots);
        let near = nearest(&group.name, known.iter().map(String::as_str));
        self.report(match (near, group.is_builtin()) {
            (Some(near), true) => error.label(format!("did you mean `group/{near}`?")),
            (Some(near), false) => {
                error.label(format!("did you mean `group/{}.{near}`?", group.collection))
            }
            (None, true) => error.help(format!(
                "write the group of a collection in full: `group/NAMESPACE.COLLECTION.{}`; without a collection there are {}",
                group.name,
                known.join(", ")
            )),
            (None, false) => error.help(format!(
                "a collection names its groups below `action_groups` in `meta/runtime.yml`; looked in {}",
                places(&group.collection, roots)
            )),
        });
    }

    fn module_receiver(&self, name: &str, key: &Node, level: &Context) -> Option<Receivers> {
        let modules = &self.loader.settings.modules;
        if modules.knows(name) || modules.refused(name).is_some() || self.in_collection(name, level) {
            return Some(Receivers::Module(name.to_owned()));
        }
        let full = if name.contains('.') { name.to_owned() } else { format!("ansible.legacy.{name}") };
        let message = format!("Could not resolve action {full} in module_defaults");
        let error = Diagnostic::error("playbook::unknown-module", message, &key.span);
        let names = modules.names();
        self.report(match nearest(name, names.iter().map(String::as_str)) {
            _ if is_template(key) => error.help(
                "a key must be the name of a module or `group/NAME`; only the values may hold templates",
            ),
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.help("`switchover plugin list` shows the modules that there are"),
        });
        None
    }

    /// Returns whether a collection has this module or action: its tasks are refused, its defaults hurt nobody.
    fn in_collection(&self, name: &str, level: &Context) -> bool {
        let parts: Vec<_> = name.splitn(3, '.').collect();
        let [namespace, collection, module] = parts.as_slice() else { return false };
        let path = module.replace('.', "/");
        self.collection_roots(level.folder().into_iter()).iter().any(|root| {
            let plugins = root.join("ansible_collections").join(namespace).join(collection).join("plugins");
            ["modules", "action"].iter().any(|kind| plugins.join(kind).join(format!("{path}.py")).is_file())
        })
    }
}

fn places(collection: &str, roots: &[PathBuf]) -> String {
    let below = Path::new("ansible_collections").join(collection.replacen('.', "/", 1));
    let places = roots.iter().map(|root| crate::files::shown(&root.join(&below)).display().to_string());
    places.collect::<Vec<_>>().join(", ")
}
