use switchover_model::{Play, Playbook, Task};
use switchover_plugin_host::Catalog;
use switchover_protocol::{Effect, ModuleSpec};
use switchover_syntax::{Node, NodeKind};

use crate::precheck::{each_task, sections};

/// Returns whether anything in these playbooks asks for locks.
pub fn any(playbooks: &[Playbook], catalog: &Catalog) -> bool {
    playbooks.iter().flat_map(|playbook| &playbook.plays).any(|play| play_wants(play, catalog))
}

/// Returns whether a play says `lock: true` or holds a step that destroys, as far as it can be told beforehand.
pub fn play_wants(play: &Play, catalog: &Catalog) -> bool {
    let mut wants = play.lock.as_ref().is_some_and(|node| !matches!(node.kind, NodeKind::Bool(false)));
    for items in sections(play) {
        each_task(items, &mut |task| wants |= destroys(task, catalog));
    }
    wants
}

/// A task's own `effect:` speaks before its module. One that a template will give may be anything.
fn destroys(task: &Task, catalog: &Catalog) -> bool {
    match &task.effect {
        Some(node) => may_destroy(node),
        None => catalog.resolve(&task.action.name).is_some_and(|module| {
            matches!(module.spec.effect, Effect::Destroys { .. }) || arguments_may_destroy(task, &module.spec)
        }),
    }
}

/// A template may become the value that destroys.
fn arguments_may_destroy(task: &Task, spec: &ModuleSpec) -> bool {
    let names =
        |param: &str| spec.params.iter().find(|known| known.name == param).map(|known| &known.aliases);
    let given = |name: &str| task.action.args.as_mapping().and_then(|mapping| mapping.get(name));
    spec.destroys_when.iter().any(|when| {
        let aliases = names(&when.param).into_iter().flatten().map(String::as_str);
        let mut values = std::iter::once(when.param.as_str()).chain(aliases).filter_map(given);
        values.any(|node| match &node.kind {
            NodeKind::Bool(flag) => flag.to_string() == when.is,
            _ => node.as_str().is_some_and(|text| {
                text.contains("{{")
                    || text == when.is
                    || (when.is == "true" && text.eq_ignore_ascii_case("yes"))
            }),
        })
    })
}

fn may_destroy(node: &Node) -> bool {
    match node.as_str() {
        Some(text) => text.contains("{{") || text.trim_start().starts_with("destroys"),
        None => node.as_mapping().is_some_and(|mapping| mapping.entry("destroys").is_some()),
    }
}
