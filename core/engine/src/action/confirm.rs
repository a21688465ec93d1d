use std::sync::Arc;

use switchover_journal::Status;
use switchover_protocol::Map;

use super::{Action, Call, Running};
use crate::operator::Word;
use crate::performed::Performed;

/// `confirm` (ours): what only a human can vouch for. `given` lists what was vouched for beforehand.
pub struct Confirm;

impl Action for Confirm {
    fn name(&self) -> &'static str {
        "confirm"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["id", "prompt", "given", "variable"])
    }

    fn is_once(&self) -> bool {
        true
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(confirm(call))
    }
}

async fn confirm(call: &Call<'_>) -> Performed {
    let (Some(id), Some(prompt)) = (call.text("id"), call.text("prompt")) else {
        return Performed::failed("confirm needs `id` and `prompt`");
    };
    if call.words("given").contains(&id) {
        let by = "given beforehand".to_owned();
        return confirmed(call, &id, &prompt, Word { given: true, by, how: "variable", why: None });
    }
    let options = &call.step.play.world.options;
    if options.approvals.names.contains(&id) {
        let by = options.operator_name.clone();
        return confirmed(call, &id, &prompt, Word { given: true, by, how: "--approve", why: None });
    }
    if call.settings.check {
        return Performed::skipped(format!("would ask: {prompt}"));
    }
    let world = Arc::clone(&call.step.play.world);
    let threads = world.threads.clone();
    let (asked, question) = (id.clone(), world.events.mask(&prompt));
    match threads.run(move || world.operator.confirm(&asked, &question)).await.flatten() {
        _ if call.step.play.world.is_interrupted() => {
            call.step.cut.note("not confirmed".to_owned());
            Performed::new(Status::Refused, Map::new())
        }
        Some(word) if word.given => confirmed(call, &id, &prompt, word),
        answer => not_confirmed(call, &id, &prompt, answer.is_some()),
    }
}

fn confirmed(call: &Call<'_>, id: &str, prompt: &str, word: Word) -> Performed {
    let by = word.by.clone();
    call.step.keep_gate(id, prompt, None, word);
    let result = Map::from_iter([("confirmed".to_owned(), id.into()), ("by".to_owned(), by.into())]);
    Performed::new(Status::Ok, result)
}

fn not_confirmed(call: &Call<'_>, id: &str, prompt: &str, asked: bool) -> Performed {
    let why = if asked { "the answer was no" } else { "nobody is at a terminal to be asked" };
    let msg = format!("not confirmed: {prompt} ({why})");
    let world = &call.step.play.world;
    let remedy = match call.text("variable") {
        _ if world.journal.keeps() => {
            format!("when it is so: switchover resume {} --approve {id}", world.run_id)
        }
        Some(variable) => format!(
            "when it is so, run again with -e '{{\"{variable}\": [\"{id}\"]}}' (add to what is there)"
        ),
        None => format!("when it is so, add \"{id}\" to the list that the task calls `given`, and run again"),
    };
    Performed::new(Status::Refused, Map::from_iter([("msg".to_owned(), msg.into())])).remedy(remedy)
}
