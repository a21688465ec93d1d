use std::sync::Arc;

use switchover_journal::{Status, TaskResult};
use switchover_model::Loop;
use switchover_protocol::{Map, Value as Json};
use switchover_syntax::Node;
use switchover_values::{
    Layer, Scope, Stored, TemplateError, Value, VarMap, from_json, run_loop_lookup, to_json,
};

use super::{Step, StepOutcome};
use crate::flags::truth;
use crate::performed::Performed;
use crate::settings::keyword_number;
use crate::state_change::StateChange;

/// Names of a loop's variables.
pub(super) struct Names {
    pub(super) item: String,
    index: Option<String>,
    extended: bool,
    /// `ansible_loop` holds all items, too.
    all_items: bool,
    /// Seconds between two items.
    pause: f64,
}

/// What the items before registered and set: the next one sees it.
#[derive(Default)]
struct Passed {
    set: Arc<VarMap>,
    included: Arc<VarMap>,
}

impl Passed {
    fn take(&mut self, register: Option<String>, result: &TaskResult, effects: &[StateChange]) {
        if let Some(name) = register {
            let result = from_json(Json::Object(result.result.clone()));
            Arc::make_mut(&mut self.set).insert(name, Stored::Data(result));
        }
        for effect in effects {
            match effect {
                StateChange::Set { vars, .. } => Arc::make_mut(&mut self.set).extend(vars),
                StateChange::IncludeVars { vars, .. } => Arc::make_mut(&mut self.included).extend(vars),
                _ => {}
            }
        }
    }

    fn around(&self, scope: &Scope) -> Scope {
        let mut scope = scope.clone();
        for (layer, vars) in [(Layer::SetFacts, &self.set), (Layer::IncludeVars, &self.included)] {
            if !vars.is_empty() {
                scope.push(layer, Arc::clone(vars));
            }
        }
        scope
    }
}

/// A host that an item before added in the same way is there already.
fn unchanged_when_repeated(result: &mut TaskResult, more: &[StateChange], before: &[StateChange]) {
    let added = |effect: &StateChange| match effect {
        StateChange::AddHost { name, groups, vars } => Some((name.clone(), groups.clone(), vars.clone())),
        _ => None,
    };
    let Some(new) = more.iter().find_map(added) else { return };
    if before.iter().filter_map(added).any(|old| old == new) {
        result.status = Status::Ok;
        result.result.insert("changed".to_owned(), false.into());
    }
}

impl Step {
    /// Returns the items of the task's loop; `None` when it has none.
    pub(super) fn items(&self) -> Result<Option<Vec<Value>>, Box<Performed>> {
        let Some(repeat) = &self.task.repeat else { return Ok(None) };
        let value = self.looped_over(repeat).map_err(|error| Box::new(Performed::from(error)))?;
        if repeat.lookup.is_some() {
            return Ok(list(&value));
        }
        list(&value).map(Some).ok_or_else(|| Box::new(Performed::plainly(no_list(&value, &repeat.items))))
    }

    fn looped_over(&self, repeat: &Loop) -> Result<Value, TemplateError> {
        let value = match (&repeat.lookup, repeat.items.as_sequence()) {
            (Some(lookup), Some(terms)) if switchover_model::short(lookup) == "first_found" => {
                self.defined(terms)?
            }
            (Some(lookup), None) if switchover_model::short(lookup) == "first_found" => {
                self.scope.render_lazily(&repeat.items)?
            }
            _ => self.scope.render(&repeat.items)?,
        };
        match &repeat.lookup {
            Some(lookup) => {
                let items = run_loop_lookup(lookup, terms(value), self.files_of_module(), &self.scope)?;
                Ok(Value::from(items))
            }
            None => Ok(value),
        }
    }

    /// Returns what each item of the task's loop sees; of a task without a loop, what the task sees.
    pub(crate) fn scopes_of_items(&self) -> Result<Vec<Scope>, Box<Performed>> {
        let Some(items) = self.items()? else { return Ok(vec![self.scope.clone()]) };
        let names = self.names().map_err(|error| Box::new(Performed::plainly(error)))?;
        let at = |index| self.scope_with(&self.scope, self.loop_vars(&names, &items, index));
        Ok((0..items.len()).map(at).collect())
    }

    /// Returns the subfolder of roles where the module's files are.
    fn files_of_module(&self) -> &'static str {
        match switchover_model::short(&self.task.action.name) {
            "include_vars" => "vars",
            "template" => "templates",
            _ => "files",
        }
    }

    /// `with_first_found` passes over what is not defined: the next name may be there.
    fn defined(&self, terms: &[Node]) -> Result<Value, TemplateError> {
        let mut known = Vec::new();
        for term in terms {
            match self.scope.render_lazily(term) {
                Ok(value) => known.push(value),
                Err(error) if error.is_undefined() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Value::from(known))
    }

    pub(super) async fn run_items(&self, items: Vec<Value>) -> StepOutcome {
        let names = match self.names() {
            Ok(names) => names,
            Err(error) => return self.without_items(Performed::plainly(error)),
        };
        let mut unbroken = None;
        let (mut results, mut effects, mut notify) = (Vec::new(), Vec::new(), Vec::new());
        let mut passed = Passed::default();
        for (index, item) in items.iter().enumerate() {
            let scope = self.scope_with(&passed.around(&self.scope), self.loop_vars(&names, &items, index));
            let done = match self.recorded_item(index, item) {
                Some(done) => {
                    passed.take(self.register_name(), &done.result, &done.effects);
                    done
                }
                None => {
                    let here = index == 0 || self.pause(names.pause).await;
                    if !here || self.play.world.is_stopping() {
                        self.cut.note(items_done(index, items.len()));
                        break;
                    }
                    let one = self.at_item(index);
                    let (mut result, more) = one.run_item(&scope).await;
                    if self.cut.told().is_some() {
                        self.cut.note(items_done(index, items.len()));
                        break;
                    }
                    unchanged_when_repeated(&mut result, &more, &effects);
                    passed.take(self.register_name(), &result, &more);
                    let label = self.label(&scope, item).unwrap_or_else(|error| {
                        result = self.judged(Performed::plainly(error), &scope, 1).0;
                        "None".to_owned()
                    });
                    let effects: Vec<_> =
                        more.into_iter().map(|more| with_item(more, &names, item, &label)).collect();
                    let notify = one.notified(&scope, &result);
                    annotate(&mut result, &names, item, index);
                    one.end_item(item, &result, &effects, &notify);
                    if !(self.is_include() && result.status == Status::Ok) {
                        self.send_item(label, &result);
                    }
                    StepOutcome { result, looped: false, effects, notify, cut: None }
                }
            };
            let StepOutcome { result, effects: more, notify: told, .. } = done;
            effects.extend(more);
            notify.extend(told);
            // Behind an item whose end is unknown, or that nobody permitted, nothing more is begun.
            let halts = [Status::Unreachable, Status::Unknown, Status::Refused].contains(&result.status);
            let breaks = self.breaks(&scope, &result).unwrap_or_else(|error| {
                unbroken = Some(error);
                true
            });
            let stop = halts || breaks;
            results.push(result);
            if stop {
                break;
            }
        }
        if let Some(error) = unbroken {
            let error = error.about("Error while evaluating conditional");
            return StepOutcome { effects, notify, ..self.without_items(Performed::plainly(error)) };
        }
        StepOutcome { result: summary(results, items.is_empty()), looped: true, effects, notify, cut: None }
    }

    pub(super) fn names(&self) -> Result<Names, TemplateError> {
        let control = &self.task.loop_control;
        let rendered = |name: &str, node: &Option<Node>| -> Result<Option<Value>, TemplateError> {
            let value = node.as_ref().map(|node| self.scope.render(node)).transpose();
            value.map_err(|error| error.about(&format!("Error processing keyword '{name}'")))
        };
        let text = |name, node| rendered(name, node).map(|value| value.map(|value| value.to_string()));
        let flag = |name, node, default: bool| -> Result<bool, TemplateError> {
            Ok(rendered(name, node)?.map_or(default, |value| truth(&value).unwrap_or(default)))
        };
        let pause = |node: &Node| keyword_number("pause", node, &self.scope, "float");
        Ok(Names {
            item: text("loop_var", &control.loop_var)?.unwrap_or_else(|| "item".to_owned()),
            index: text("index_var", &control.index_var)?,
            extended: flag("extended", &control.extended, false)?,
            all_items: flag("extended_allitems", &control.extended_allitems, true)?,
            pause: control.pause.as_ref().map(pause).transpose()?.unwrap_or_default(),
        })
    }

    fn loop_vars(&self, names: &Names, items: &[Value], index: usize) -> VarMap {
        let mut vars = VarMap::new();
        vars.insert(names.item.as_str(), Stored::Data(items[index].clone()));
        vars.insert("ansible_loop_var", Stored::Data(names.item.as_str().into()));
        if let Some(name) = &names.index {
            vars.insert(name.as_str(), Stored::Data(index.into()));
            vars.insert("ansible_index_var", Stored::Data(name.as_str().into()));
        }
        if names.extended {
            vars.insert("ansible_loop", Stored::Data(extended(items, index, names.all_items)));
        }
        vars
    }

    /// Waits between two items; returns whether the run goes on.
    async fn pause(&self, seconds: f64) -> bool {
        seconds <= 0.0 || self.waited(seconds).await
    }

    fn breaks(&self, scope: &Scope, result: &TaskResult) -> Result<bool, TemplateError> {
        let conditions = &self.task.loop_control.break_when;
        if conditions.is_empty() {
            return Ok(false);
        }
        let scope = match self.register_name() {
            Some(name) => self.scope_with(scope, super::one_var(&name, Json::Object(result.result.clone()))),
            None => scope.clone(),
        };
        for condition in conditions {
            if !scope.condition(condition)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_include(&self) -> bool {
        matches!(switchover_model::short(&self.task.action.name), "include_tasks" | "include_role")
    }
}

fn items_done(done: usize, of: usize) -> String {
    format!("{done} of {of} items are done")
}

/// What `loop` has to loop over is no list.
fn no_list(value: &Value, written: &Node) -> TemplateError {
    let found = switchover_values::type_name(value);
    TemplateError::failed(format!("The `loop` value must resolve to a 'list', not '{found}'."))
        .help("Provide a list of items/templates, or a template resolving to a list.")
        .at(&written.span)
}

/// The terms of a `with_` lookup: a list's items, or the one value.
fn terms(value: Value) -> Vec<Value> {
    list(&value).unwrap_or_else(|| vec![value])
}

fn list(value: &Value) -> Option<Vec<Value>> {
    use minijinja::value::ValueKind::{Iterable, Seq};
    matches!(value.kind(), Seq | Iterable).then(|| value.try_iter().ok().map(Iterator::collect)).flatten()
}

/// `ansible_loop`, as Ansible's `loop_control.extended` gives it.
fn extended(items: &[Value], index: usize, all: bool) -> Value {
    let length = items.len();
    let mut entries: Vec<(&str, Value)> = vec![
        ("index", (index + 1).into()),
        ("index0", index.into()),
        ("first", (index == 0).into()),
        ("last", (index + 1 == length).into()),
        ("length", length.into()),
        ("revindex", (length - index).into()),
        ("revindex0", (length - index - 1).into()),
    ];
    if all {
        entries.push(("allitems", Value::from(items.to_vec())));
    }
    if let Some(next) = items.get(index + 1) {
        entries.push(("nextitem", next.clone()));
    }
    if let Some(previous) = index.checked_sub(1).and_then(|before| items.get(before)) {
        entries.push(("previtem", previous.clone()));
    }
    Value::from_pairs(entries)
}

fn annotate(result: &mut TaskResult, names: &Names, item: &Value, index: usize) {
    result.result.insert(names.item.clone(), to_json(item));
    result.result.insert("ansible_loop_var".into(), names.item.as_str().into());
    if let Some(name) = &names.index {
        result.result.insert(name.clone(), index.into());
        result.result.insert("ansible_index_var".into(), name.as_str().into());
    }
}

/// Included tasks see the item that their include was at.
fn with_item(effect: StateChange, names: &Names, item: &Value, label: &str) -> StateChange {
    match effect {
        StateChange::Include(mut include) => {
            let mut vars = VarMap::new();
            vars.insert(names.item.as_str(), Stored::Data(item.clone()));
            vars.insert("ansible_loop_var", Stored::Data(names.item.as_str().into()));
            vars.extend(&include.vars);
            include.vars = vars.into();
            include.label = Some(label.to_owned());
            StateChange::Include(include)
        }
        other => other,
    }
}

/// An item of a registered loop, with what the module was called with.
fn with_invocation(result: &TaskResult) -> Json {
    let mut keys = result.result.clone();
    if let Some(arguments) = &result.arguments {
        let called = Map::from_iter([("module_args".to_owned(), Json::Object(arguments.clone()))]);
        keys.insert("invocation".to_owned(), Json::Object(called));
    }
    Json::Object(keys)
}

/// The result of a whole loop, with Ansible's keys.
fn summary(results: Vec<TaskResult>, empty: bool) -> TaskResult {
    let any = |status: Status| results.iter().any(|result| result.status == status);
    let all_skipped = !results.is_empty() && results.iter().all(|result| result.status == Status::Skipped);
    let order = [Status::Unknown, Status::Refused, Status::Unreachable, Status::Failed, Status::Changed];
    let status = order.into_iter().find(|status| any(*status));
    let failed = status.is_some_and(|status| !status.is_fine());
    let ignored = failed && results.iter().all(|result| result.status.is_fine() || result.ignored);
    let changed = results.iter().any(|result| result.result.get("changed") == Some(&Json::Bool(true)));
    let (status, msg) = match status {
        _ if empty => (Status::Skipped, "No items in the list"),
        _ if all_skipped => (Status::Skipped, "All items skipped"),
        Some(status) if failed => (status, "One or more items failed"),
        Some(status) => (status, "All items completed"),
        None if changed => (Status::Changed, "All items completed"),
        None => (Status::Ok, "All items completed"),
    };
    let mut keys = Map::new();
    keys.insert("changed".into(), changed.into());
    if failed {
        keys.insert("failed".into(), true.into());
    }
    if status == Status::Skipped {
        keys.insert("skipped".into(), true.into());
        let name = if empty { "skipped_reason" } else { "msg" };
        keys.insert(name.into(), msg.into());
    } else {
        keys.insert("skipped".into(), false.into());
        keys.insert("msg".into(), msg.into());
    }
    keys.insert("results".into(), results.iter().map(with_invocation).collect());
    TaskResult {
        ignored,
        changes: results.iter().flat_map(|result| result.changes.clone()).collect(),
        remedy: results.iter().find_map(|result| result.remedy.clone()),
        delegated: results.iter().find_map(|result| result.delegated.clone()),
        censored: results.iter().any(|result| result.censored),
        ..TaskResult::new(status, keys)
    }
}
