use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use switchover_syntax::{Diagnostic, Mapping, Node};

use super::Reader;

const BUILTIN: &str = "ansible.builtin";

/// The groups that ansible-core knows by itself: their members, and the groups of collections that they take in.
pub(super) const BUILTIN_GROUPS: [(&str, &[&str], &[&str]); 12] = [
    ("acme", &[], &["community.crypto.acme"]),
    ("aws", &[], &["amazon.aws.aws", "community.aws.aws"]),
    ("azure", &[], &["azure.azcollection.azure"]),
    ("cpm", &[], &["wti.remote.cpm"]),
    ("docker", &[], &["community.docker.docker", "community.general.docker"]),
    ("gcp", &[], &["google.cloud.gcp"]),
    (
        "k8s",
        &[],
        &["community.general.k8s", "community.kubernetes.k8s", "community.okd.k8s", "kubernetes.core.k8s"],
    ),
    ("os", &[], &["openstack.cloud.os"]),
    ("ovirt", &[], &["community.general.ovirt", "ovirt.ovirt.ovirt"]),
    ("testgroup", &["ping"], &["testns.testcoll.testgroup"]),
    ("testlegacy", &["ansible.legacy.legacy_ping"], &[]),
    ("vmware", &[], &["community.vmware.vmware"]),
];

/// A group of actions, by the collection that declares it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Group {
    pub collection: String,
    pub name: String,
}

impl Group {
    /// Returns the group of a name that stands behind `group/`.
    pub fn named(text: &str) -> Self {
        Self::within(BUILTIN, text)
    }

    /// Returns the group of a name as it stands in a collection: a short one belongs to that collection.
    fn within(collection: &str, text: &str) -> Self {
        let parts: Vec<_> = text.splitn(3, '.').collect();
        match parts.as_slice() {
            [namespace, other, name] => {
                Self { collection: format!("{namespace}.{other}"), name: (*name).to_owned() }
            }
            _ => Self { collection: collection.to_owned(), name: text.to_owned() },
        }
    }

    pub fn full_name(&self) -> String {
        format!("{}.{}", self.collection, self.name)
    }

    pub fn is_builtin(&self) -> bool {
        self.collection == BUILTIN
    }
}

impl Reader<'_> {
    /// Returns the full names of a group's members with those of the groups that it takes in; `None`: no such group.
    pub(super) fn group_members(&self, group: &Group, roots: &[PathBuf]) -> Option<Vec<String>> {
        let (mut members, mut seen) = (Vec::new(), HashSet::new());
        let there = self.collect_members(group, roots, &mut members, &mut seen);
        there.then_some(members)
    }

    /// Returns the names of the groups in the collection of this one; without a collection also the families.
    pub(super) fn known_groups(&self, group: &Group, roots: &[PathBuf]) -> Vec<String> {
        if group.is_builtin() {
            let modules = self.loader.settings.modules.names();
            let families = modules.iter().filter_map(|name| Some(name.rsplit_once('.')?.0));
            let known = BUILTIN_GROUPS.iter().map(|(name, ..)| *name).chain(families);
            return known.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect();
        }
        let groups = self.declared_groups(&group.collection, roots);
        let names = groups.iter().flat_map(|groups| &groups.entries).filter_map(|entry| entry.key.as_str());
        names.map(str::to_owned).collect()
    }

    fn collect_members(
        &self,
        group: &Group,
        roots: &[PathBuf],
        members: &mut Vec<String>,
        seen: &mut HashSet<Group>,
    ) -> bool {
        if !seen.insert(group.clone()) {
            return true;
        }
        let (own, taken_in) = match self.group_content(group, roots) {
            Some(content) => content,
            None => return false,
        };
        members.extend(own.iter().map(|name| Group::within(&group.collection, name).full_name()));
        for other in taken_in {
            // A collection that is not installed adds nothing.
            self.collect_members(&Group::within(&group.collection, &other), roots, members, seen);
        }
        true
    }

    /// Returns the members that a group names, and the groups that it takes in.
    fn group_content(&self, group: &Group, roots: &[PathBuf]) -> Option<(Vec<String>, Vec<String>)> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        if group.is_builtin() {
            let (_, members, others) = BUILTIN_GROUPS.iter().find(|(name, ..)| *name == group.name)?;
            return Some((owned(members), owned(others)));
        }
        let groups = self.declared_groups(&group.collection, roots)?;
        let declared = groups.get(&group.name)?;
        let items = declared.as_sequence().unwrap_or_default();
        let names = items.iter().filter_map(Node::as_str).map(str::to_owned).collect();
        let described: Vec<_> = items.iter().filter(|item| item.as_mapping().is_some()).collect();
        let faults = described.iter().filter_map(|node| metadata_fault(node));
        let twice = (described.len() > 1)
            .then(|| (described[1], "The group contains multiple metadata entries.".to_owned()));
        for (node, fault) in faults.chain(twice) {
            let message = format!(
                "Invalid metadata was found for action_group {} while loading module_defaults. {fault}",
                group.full_name()
            );
            if self.loader.settings.judges_groups {
                self.report(Diagnostic::warning("collection::group-metadata", message, &node.span));
            }
        }
        let others = described
            .iter()
            .filter_map(|node| node.as_mapping()?.get("metadata")?.as_mapping()?.get("extend_group"));
        Some((names, others.flat_map(texts).collect()))
    }

    /// Returns `action_groups` of a collection's `meta/runtime.yml`, of the first place that has the collection.
    fn declared_groups(&self, collection: &str, roots: &[PathBuf]) -> Option<Mapping> {
        let (namespace, name) = collection.split_once('.')?;
        let folders = roots.iter().map(|root| root.join("ansible_collections").join(namespace).join(name));
        let folder = folders.into_iter().find(|folder| folder.is_dir())?;
        let path = folder.join("meta/runtime.yml");
        let runtime = if path.is_file() { self.file(&path, None)? } else { return None };
        Some(runtime.as_mapping()?.get("action_groups")?.as_mapping()?.clone())
    }
}

/// Returns what is wrong with the mapping that describes a group, in Ansible's words.
fn metadata_fault(node: &Node) -> Option<(&Node, String)> {
    let mapping = node.as_mapping()?;
    let keys = |mapping: &Mapping| {
        mapping.entries.iter().filter_map(|e| e.key.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let mut there = keys(mapping);
    there.sort();
    if there != ["metadata"] {
        return Some((
            node,
            format!("The only expected key is metadata, but got keys: {}", there.join(", ")),
        ));
    }
    let value = mapping.get("metadata")?;
    let Some(metadata) = value.as_mapping() else {
        let found = switchover_values::node_to_value(value);
        return Some((value, format!("The metadata is not a dictionary. Got {found}")));
    };
    let unexpected: Vec<_> = keys(metadata).into_iter().filter(|key| key != "extend_group").collect();
    if !unexpected.is_empty() {
        return Some((value, format!("The metadata contains unexpected keys: {}", unexpected.join(", "))));
    }
    let extended = metadata.get("extend_group")?;
    let fits = extended.as_sequence().is_some() || extended.as_str().is_some();
    (!fits).then(|| {
        let found = switchover_values::node_to_value(extended);
        let text = format!(
            "The metadata contains unexpected key types: extend_group is {found} (expected type list)"
        );
        (extended, text)
    })
}

/// Returns the texts of a list, or the one text.
fn texts(node: &Node) -> Vec<String> {
    let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
    items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
}
