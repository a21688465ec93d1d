use switchover_journal::{Gate, Intent, Status};
use switchover_plugin_host::{Module, check_arguments};
use switchover_protocol::{Delta, Effect, Map};
use switchover_syntax::Node;
use switchover_values::{Scope, TemplateError, to_json};

use super::{ConnectionPlan, Step};
use crate::lock;
use crate::operator::{ApprovalRequest, Word};
use crate::performed::Performed;

impl Step {
    /// Lets a destroying step pass only when somebody approved it by name. Returns what is to be written down before it
    /// acts. A step that was begun before needs a word that was given since.
    pub(super) async fn pass_gate(
        &self,
        module: &Module,
        delta: &Delta,
        scope: &Scope,
        plan: &ConnectionPlan,
    ) -> Result<Option<Intent>, Box<Performed>> {
        let effect = self.effect(module, scope).map_err(|error| Box::new(Performed::from(error)))?;
        let Effect::Destroys { what } = effect else {
            if effect != Effect::Changes {
                return Ok(None);
            }
            self.say_applying(None, None);
            return Ok(Some(self.intent(scope, module, None)));
        };
        self.expected(scope)?;
        let planned = self.planned(module, scope)?;
        let name = self.step_name(module, scope).map_err(|error| Box::new(Performed::from(error)))?;
        let options = &self.play.world.options;
        let task = self.title(scope);
        let names = [name.as_str(), module.spec.name.as_str(), task.as_str()];
        let given = if self.begun_before().is_some() { &options.renewed } else { &options.approvals };
        let how = match planned && self.begun_before().is_none() {
            _ if given.allow(&names, &self.host) => Some("--approve"),
            true => Some("plan"),
            false => None,
        };
        let word = if let Some(how) = how {
            Word { given: true, by: options.operator_name.clone(), how, why: None }
        } else {
            let request = ApprovalRequest {
                host: self.host.clone(),
                task: self.play.world.events.mask(&task),
                module: module.spec.name.clone(),
                step: name.clone(),
                anew: self.begun_before().is_some(),
                what: self.play.world.events.mask(&what),
                findings: findings(delta),
            };
            match self.ask_approval(request).await {
                _ if self.play.world.is_interrupted() => return Err(self.not_begun()),
                Some(word) if word.given => word,
                answer => return Err(Box::new(self.refused(&name, &what, answer.is_some()))),
            }
        };
        if self.play.world.is_interrupted() {
            return Err(self.not_begun());
        }
        // A host that could not be reached at the start, or a step nobody saw coming, is locked now.
        let plan = ConnectionPlan { elevation: None, ..plan.clone() };
        if let Err(problem) = lock::ensure(&self.play.world, &plan).await {
            let msg = format!("{problem}. Nothing was done");
            return Err(Box::new(Performed::new(
                Status::Refused,
                Map::from_iter([("msg".to_owned(), msg.into())]),
            )));
        }
        let by = format!("{} ({})", word.by, word.how);
        self.keep_gate(&name, &task, Some(&what), word);
        self.say_applying(Some(what.clone()), Some(by));
        Ok(Some(self.intent(scope, module, Some(what))))
    }

    /// The run was stopped while the step stood before its gate.
    fn not_begun(&self) -> Box<Performed> {
        self.cut.note("not begun".to_owned());
        Box::new(Performed::new(Status::Refused, Map::new()))
    }

    /// Writes down who let the step pass.
    pub fn keep_gate(&self, step: &str, task: &str, what: Option<&str>, word: Word) {
        let world = &self.play.world;
        world.journal.gate(Gate {
            host: self.host.clone(),
            task: world.events.mask(task),
            step: step.to_owned(),
            destroys: what.map(str::to_owned),
            by: word.by,
            how: word.how.to_owned(),
            why: word.why,
            at: crate::events::now(),
        });
    }

    /// Returns whether the step destroys something.
    pub(super) fn destroys(&self, module: &Module, scope: &Scope) -> bool {
        // What cannot be read fails at the gate.
        matches!(self.effect(module, scope), Ok(Effect::Destroys { .. }))
    }

    /// Holds the play's `expect:` once more, before something is lost.
    fn expected(&self, scope: &Scope) -> Result<(), Box<Performed>> {
        for condition in &self.play.play.expect {
            match scope.condition(condition) {
                Ok(true) => {}
                Ok(false) => {
                    let place = condition.span.position().line;
                    let msg =
                        format!("{} is not as the play expects (line {place}). Nothing was done", self.host);
                    let result = Map::from_iter([("msg".to_owned(), msg.into())]);
                    let world = &self.play.world;
                    let remedy = match world.journal.keeps() {
                        true => format!("when it is: switchover resume {}", world.run_id),
                        false => "when it is, run again".to_owned(),
                    };
                    return Err(Box::new(Performed::new(Status::Refused, result).remedy(remedy)));
                }
                Err(error) => return Err(Box::new(Performed::from(error))),
            }
        }
        Ok(())
    }

    /// Refuses a destroying step that a reviewed plan does not hold; returns whether it was approved there.
    ///
    /// What the plan had to leave open needs a word now.
    fn planned(&self, module: &Module, scope: &Scope) -> Result<bool, Box<Performed>> {
        let Some(plan) = &self.play.world.options.plan else { return Ok(false) };
        let name = self.step_name(module, scope).map_err(|error| Box::new(Performed::from(error)))?;
        let target = self.delegate(scope).ok().flatten().unwrap_or_else(|| self.host.clone());
        let mut held = plan.steps.iter().filter(|step| step.step == name && step.host == target);
        if let Some(first) = held.next() {
            return Ok(first.approved || held.any(|step| step.approved));
        }
        if plan.leaves_open(&crate::events::place(&self.task.span), &self.host) {
            return Ok(false);
        }
        let msg = format!("the plan holds no `{name}` on {target}. Nothing was done");
        let performed = Performed::new(Status::Refused, Map::from_iter([("msg".to_owned(), msg.into())]));
        Err(Box::new(performed.remedy("review it again: `switchover plan ... --out FILE`")))
    }

    /// Asks whoever may permit the step; the question goes to a screen and into a file, so no secret stands in it.
    async fn ask_approval(&self, request: ApprovalRequest) -> Option<Word> {
        let world = std::sync::Arc::clone(&self.play.world);
        let mask = |text: &String| world.events.mask(text);
        let (task, what) = (mask(&request.task), mask(&request.what));
        let findings = request.findings.iter().map(mask).collect();
        let request = ApprovalRequest { task, what, findings, ..request };
        let threads = world.threads.clone();
        threads.run(move || world.operator.approve(&request)).await.flatten()
    }

    fn refused(&self, name: &str, what: &str, asked: bool) -> Performed {
        let why = if asked { "it was not approved" } else { "nobody approved it and nobody can be asked" };
        let msg = format!("{} on {} destroys: {what}. Nothing was done, because {why}", name, self.host);
        // Neither other hosts nor later plays, whose loss nobody has seen yet, are meant by that word.
        let name = &format!("{name}@{}", self.host);
        self.play.world.note_unapproved(name);
        let run = &self.play.world.run_id;
        let remedy = if self.play.world.journal.keeps() {
            format!("when that loss is meant: switchover resume {run} --approve {name}")
        } else {
            format!("run again with `--approve {name}` when that loss is meant")
        };
        Performed::new(Status::Refused, Map::from_iter([("msg".to_owned(), msg.into())])).remedy(remedy)
    }

    /// Returns the effect: the task's own word, else the module's.
    pub fn effect(&self, module: &Module, scope: &Scope) -> Result<Effect, TemplateError> {
        match &self.task.effect {
            None => Ok(self.effect_of_arguments(module, scope)),
            Some(node) => read_effect(node, scope),
        }
    }

    /// Arguments that cannot be rendered yet may turn out to be those that destroy.
    fn effect_of_arguments(&self, module: &Module, scope: &Scope) -> Effect {
        let spec = &module.spec;
        let Some(first) = spec.destroys_when.first() else { return spec.effect.clone() };
        match self.arguments(scope, Some(module)) {
            Ok(arguments) => spec.effect_with(&check_arguments(spec, &arguments).0),
            Err(_) => Effect::Destroys { what: first.what.clone() },
        }
    }

    /// Returns the name under which this step is approved.
    pub fn step_name(&self, module: &Module, scope: &Scope) -> Result<String, TemplateError> {
        match &self.task.approve {
            None => Ok(module.spec.name.clone()),
            Some(node) => Ok(scope.render(node)?.to_string()),
        }
    }

    /// Returns the task's name with its templates rendered, or the module's.
    pub fn title(&self, scope: &Scope) -> String {
        let name = self.task.name.as_ref().and_then(|node| scope.render(node).ok());
        name.map_or_else(|| self.task.action.name.clone(), |value| value.to_string())
    }
}

/// Reads `effect:`; the forms are `reads`, `changes`, and `destroys: what is lost`.
fn read_effect(node: &Node, scope: &Scope) -> Result<Effect, TemplateError> {
    match to_json(&scope.render(node)?) {
        serde_json::Value::String(word) if word == "reads" => Ok(Effect::Reads),
        serde_json::Value::String(word) if word == "changes" => Ok(Effect::Changes),
        serde_json::Value::String(text) if text.starts_with("destroys:") => {
            Ok(Effect::Destroys { what: text["destroys:".len()..].trim().to_owned() })
        }
        serde_json::Value::Object(map) if map.len() == 1 && map.contains_key("destroys") => {
            Ok(Effect::Destroys { what: map["destroys"].as_str().unwrap_or_default().to_owned() })
        }
        other => Err(TemplateError::failed(format!("`effect` cannot be {other}"))
            .help("it is `reads`, `changes`, or `destroys: what is lost`")
            .at(&node.span)),
    }
}

fn findings(delta: &Delta) -> Vec<String> {
    let Delta::Some { changes, .. } = delta else { return Vec::new() };
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    changes
        .iter()
        .map(|change| format!("{}: {} -> {}", change.what, text(&change.before), text(&change.after)))
        .collect()
}
