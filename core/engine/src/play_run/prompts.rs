use std::sync::Arc;

use switchover_model::{Play, Prompt};
use switchover_syntax::{Diagnostic, Node};
use switchover_values::{Scope, Stored, VarMap, hash_password, node_to_value};

use super::Problem;
use crate::flags::truth;
use crate::world::World;

/// Asks what `vars_prompt:` wants to know; what `-e` gives is not asked.
pub async fn ask(
    world: &Arc<World>,
    number: u32,
    play: &Play,
    scope: &Scope,
) -> Result<Arc<VarMap>, Problem> {
    let mut answers = VarMap::new();
    for prompt in &play.vars_prompt {
        if !world.options.extra_vars.contains(&prompt.name) {
            let answer = ask_one(world, (number, play), prompt, scope).await?;
            answers.insert(prompt.name.as_str(), Stored::Data(answer.into()));
        }
    }
    Ok(Arc::new(answers))
}

async fn ask_one(
    world: &Arc<World>,
    (number, play): (u32, &Play),
    prompt: &Prompt,
    scope: &Scope,
) -> Result<String, Problem> {
    let text = |node: &Option<Node>| rendered(node, scope);
    let flag = |node: &Option<Node>| node.as_ref().and_then(|node| truth(&scope.render(node).ok()?));
    let default = text(&prompt.default);
    let question = text(&prompt.prompt).unwrap_or_else(|| prompt.name.clone());
    let shown = match &default {
        Some(default) => format!("{question} [{default}]"),
        None => question,
    };
    let hidden = flag(&prompt.private).unwrap_or(true);
    let confirm = flag(&prompt.confirm) == Some(true);
    let answer = match (put(world, &shown, hidden, confirm).await, default) {
        (Some(answer), Some(default)) if answer.is_empty() => default,
        (Some(answer), _) => answer,
        (None, Some(default)) => default,
        (None, None) => return Err(unanswered(world, play, prompt, "nobody is at a terminal to be asked")),
    };
    if is_secret(prompt) {
        world.events.keep_secret(&answer);
    }
    agree(world, (number, play), prompt, &answer)?;
    hashed(prompt, scope, answer)
}

/// Holds an answer to the one of an earlier part of the run: steps that were done with that one are not done again.
fn agree(world: &World, (number, play): (u32, &Play), prompt: &Prompt, answer: &str) -> Result<(), Problem> {
    let name = prompt.name.as_str();
    let salted = format!("{}\0{number}\0{name}\0{answer}", world.run_id);
    let digest = switchover_journal::digest(salted.as_bytes());
    let before = world.journal.answer(number, name).map_err(|broken| {
        Box::new(Diagnostic::error("journal::unreadable", broken.to_string(), &play.span))
    })?;
    match before {
        Some(before) if before == digest.as_str() => return Ok(()),
        Some(_) if !world.options.accept_changes => {
            let text = format!("the answer to `{name}` is not the one that this run began with");
            let help = "type the same answer; when another one is meant, add --accept-changes";
            return Err(Box::new(Diagnostic::error("playbook::answer", text, &play.span).help(help)));
        }
        _ => {}
    }
    world.journal.keep_answer(number, name, &digest);
    Ok(())
}

fn rendered(node: &Option<Node>, scope: &Scope) -> Option<String> {
    node.as_ref().and_then(|node| scope.render(node).ok()).map(|value| value.to_string())
}

/// Every answer is typed unseen unless `private: false`; masked is what is asked for as a secret by a word of
/// the author's, for a version or a date that is masked everywhere makes the output unreadable.
fn is_secret(prompt: &Prompt) -> bool {
    let name = prompt.name.to_lowercase();
    let private = prompt.private.as_ref().and_then(|node| truth(&node_to_value(node)));
    let named = ["pass", "secret", "token", "key"].iter().any(|word| name.contains(word));
    prompt.encrypt.is_some() || private.unwrap_or(named)
}

/// With `encrypt` the variable holds the hash of what was typed.
fn hashed(prompt: &Prompt, scope: &Scope, answer: String) -> Result<String, Problem> {
    let Some(node) = &prompt.encrypt else { return Ok(answer) };
    let Some(kind) = rendered(&prompt.encrypt, scope) else { return Ok(answer) };
    let salt = rendered(&prompt.salt, scope);
    let size = rendered(&prompt.salt_size, scope).and_then(|size| size.parse().ok());
    hash_password(&answer, &kind, salt.as_deref(), size)
        .map_err(|error| Box::new(error.to_diagnostic(&node.span)))
}

/// Asks, twice when the answer is to be confirmed, until both are the same.
async fn put(world: &Arc<World>, question: &str, hidden: bool, confirm: bool) -> Option<String> {
    let mut before = "";
    loop {
        let first = put_once(world, &format!("{before}{question}"), hidden).await?;
        if !confirm || put_once(world, &format!("confirm {question}"), hidden).await? == first {
            return Some(first);
        }
        before = "***** VALUES ENTERED DO NOT MATCH ****\n";
    }
}

async fn put_once(world: &Arc<World>, question: &str, hidden: bool) -> Option<String> {
    let (shared, question) = (Arc::clone(world), question.to_owned());
    world.threads.run(move || shared.operator.ask(&question, hidden)).await.flatten()
}

fn unanswered(world: &World, play: &Play, prompt: &Prompt, why: &str) -> Problem {
    let name = &prompt.name;
    let text = format!("no value for `{name}` of vars_prompt: {why}");
    let help = match world.options.interrupted > 0.0 {
        true => format!("a run that goes on asks for it at a terminal; only a new run takes `-e {name}=...`"),
        false => format!("give it with `-e {name}=...`"),
    };
    Box::new(Diagnostic::error("playbook::prompt", text, &play.span).help(help))
}
