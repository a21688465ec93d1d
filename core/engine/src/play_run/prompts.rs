use std::sync::Arc;

use switchover_model::{Play, Prompt};
use switchover_syntax::{Diagnostic, Node};
use switchover_values::{Scope, Stored, VarMap};

use super::Problem;
use crate::flags::truth;
use crate::world::World;

/// Asks what `vars_prompt:` wants to know; what `-e` gives is not asked.
pub async fn ask(world: &Arc<World>, play: &Play, scope: &Scope) -> Result<Arc<VarMap>, Problem> {
    let mut answers = VarMap::new();
    for prompt in &play.vars_prompt {
        if !world.options.extra_vars.contains(&prompt.name) {
            let answer = ask_one(world, play, prompt, scope).await?;
            answers.insert(prompt.name.as_str(), Stored::Data(answer.into()));
        }
    }
    Ok(Arc::new(answers))
}

async fn ask_one(world: &Arc<World>, play: &Play, prompt: &Prompt, scope: &Scope) -> Result<String, Problem> {
    if let Some(encrypt) = &prompt.encrypt {
        let text = "vars_prompt with `encrypt` is not available";
        let help = "ask in the clear and use the `password_hash` filter where the hash is needed";
        return Err(Box::new(
            Diagnostic::error("playbook::unsupported-keyword", text, &encrypt.span).help(help),
        ));
    }
    let text =
        |node: &Option<Node>| node.as_ref().and_then(|node| scope.render(node).ok()).map(|v| v.to_string());
    let flag = |node: &Option<Node>| node.as_ref().and_then(|node| truth(&scope.render(node).ok()?));
    let default = text(&prompt.default);
    let question = text(&prompt.prompt).unwrap_or_else(|| prompt.name.clone());
    let shown = match &default {
        Some(default) => format!("{question} [{default}]"),
        None => question,
    };
    let secret = flag(&prompt.private).unwrap_or(true);
    let first = put(world, &shown, secret).await;
    if flag(&prompt.confirm) == Some(true) && first.is_some() {
        let second = put(world, &format!("confirm {shown}"), secret).await;
        if first != second {
            return Err(unanswered(play, prompt, "the two answers differ"));
        }
    }
    match (first, default) {
        (Some(answer), Some(default)) if answer.is_empty() => Ok(default),
        (Some(answer), _) => Ok(answer),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(unanswered(play, prompt, "nobody is at a terminal to be asked")),
    }
}

async fn put(world: &Arc<World>, question: &str, secret: bool) -> Option<String> {
    let (shared, question) = (Arc::clone(world), question.to_owned());
    let answer = world.threads.run(move || shared.operator.ask(&question, secret)).await.flatten();
    if let (true, Some(answer)) = (secret, &answer) {
        world.events.keep_secret(answer);
    }
    answer
}

fn unanswered(play: &Play, prompt: &Prompt, why: &str) -> Problem {
    let name = &prompt.name;
    let text = format!("no value for `{name}` of vars_prompt: {why}");
    let help = format!("give it with `-e {name}=...`");
    Box::new(Diagnostic::error("playbook::prompt", text, &play.span).help(help))
}
