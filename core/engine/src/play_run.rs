//! One play from its pattern to its last batch.

mod hosts;
mod opening;
mod prompts;
mod rules;
mod sequence;

use std::path::PathBuf;
use std::sync::Arc;

use switchover_journal::EventKind;
use switchover_model::Play;
use switchover_syntax::{Diagnostic, Node};
use switchover_values::{Scope, TemplateError, is_omit, python_text};

use crate::batch::{Batch, BatchEnd};
use crate::engine::Excluded;
use crate::mistake::Mistake;
use crate::play_context::PlayContext;
use crate::settings::keyword_of;
use crate::world::World;
use opening::Opening;
pub use opening::{hosts_of, title};

/// Why a play cannot be run: the author's mistake, with its place.
pub type Problem = Box<Diagnostic>;

/// How a play ended.
#[derive(Debug, Default)]
pub struct PlayEnd {
    pub failed: Vec<String>,
    pub unreachable: Vec<String>,
    /// What failed in earlier plays is forgotten.
    pub cleared: bool,
    /// Nothing after this play is run.
    pub stop: bool,
}

/// Runs one play.
pub async fn run(
    world: &Arc<World>,
    number: u32,
    play: &Arc<Play>,
    excluded: &Excluded,
) -> Result<PlayEnd, Problem> {
    let mut opening = Opening::new(world, play);
    let prompts = prompts::ask(world, number, play, &opening.scope).await?;
    opening.answer(&prompts);
    let start = &opening.scope;
    let problem = |error: TemplateError| Box::new(error.to_diagnostic(&play.span));
    let name = play_name(play, start).map_err(|error| wrong_keyword(error, &play.hosts))?;
    let named = hosts::select(world, play, start)?;
    let playbook_dir = folder_of(play);
    let rules = rules::read(world, play, start).map_err(|error| wrong_keyword(error, &play.hosts))?;
    let strategy = rules::strategy(world, play, start)?;
    rules::batches(play, start, &[]).map_err(|error| wrong_keyword(error, &play.hosts))?;
    let hosts: Vec<String> = named.iter().filter(|host| !excluded.contains(host)).cloned().collect();
    let context = PlayContext::new(
        world,
        play,
        (number, name.clone()),
        playbook_dir,
        (named.clone(), hosts.clone()),
        prompts,
    );
    let check_mode =
        crate::settings::keyword_flag(&play.context, start, "check_mode", |k| k.check_mode.as_ref());
    let check_mode = check_mode.map_err(problem)?.unwrap_or(world.options.check);
    world.head(EventKind::PlayStarted { name: name.clone(), hosts: hosts.clone(), check_mode });
    let lost = named.iter().filter(|host| excluded.contains(host));
    lost.for_each(|host| world.stops().note_play(host, &name));
    if hosts.is_empty() {
        world.events.send(EventKind::NoHosts { play: name, matched: !named.is_empty() });
        return Ok(PlayEnd::default());
    }
    let batches = rules::batches(play, start, &hosts).map_err(problem)?;
    let root = sequence::root(play, world, start).map_err(|error| wrong_keyword(error, &play.hosts))?;
    // What has been done since may have changed what was expected before.
    if !world.journal.has_begun(number) {
        expect(&context, &hosts)?;
    }
    let mut end = PlayEnd::default();
    let mut batches = batches.into_iter().enumerate();
    while let Some((index, batch)) = batches.next() {
        context.set_batch(batch.clone());
        batch.iter().for_each(|host| context.reload_vars_files(host));
        let whole = batch.len();
        if index > 0 {
            let (name, hosts) = (name.clone(), batch.clone());
            world.head(EventKind::PlayStarted { name, hosts, check_mode });
        }
        let done = Batch::new(&context, &batch, &root, strategy, rules).run().await;
        let (ended, exceeded) = (done.ended, done.exceeded);
        if take(&mut end, done, whole) || world.is_stopping() {
            if exceeded {
                world.events.send(EventKind::NoHostsLeft);
            }
            let rest: Vec<String> = batches.flat_map(|(_, batch)| batch).collect();
            if !rest.is_empty() {
                Batch::new(&context, &rest, &root, strategy, rules).note_unbegun();
            }
            end.stop = true;
            break;
        }
        if ended {
            break;
        }
    }
    Ok(end)
}

/// Holds `expect:` against every host before anything is done.
fn expect(context: &Arc<PlayContext>, hosts: &[String]) -> Result<(), Problem> {
    for host in hosts {
        let scope = context.scope(host);
        for condition in &context.play.expect {
            let holds =
                scope.condition(condition).map_err(|error| Box::new(error.to_diagnostic(&condition.span)))?;
            if !holds {
                let text = format!("{host} is not as the play expects; nothing was done");
                return Err(Box::new(Diagnostic::error("playbook::expect", text, &condition.span)));
            }
        }
    }
    Ok(())
}

/// Adds a batch's end; returns whether the play stops here.
fn take(end: &mut PlayEnd, batch: BatchEnd, hosts: usize) -> bool {
    let lost = batch.failed.len() + batch.unreachable.len();
    if batch.cleared {
        end.cleared = true;
        end.failed.clear();
        end.unreachable.clear();
    }
    end.failed.extend(batch.failed);
    end.unreachable.extend(batch.unreachable);
    batch.fatal || (lost == hosts && hosts > 0)
}

/// Returns the folder of a play, absolute.
pub fn folder_of(play: &Play) -> PathBuf {
    let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")).join(&play.folder);
    // Without a slash at its end.
    folder.components().collect()
}

/// Returns the mistake in a keyword of a play, whose place is `keyword` unless the error knows better.
fn wrong_keyword(error: TemplateError, keyword: &Node) -> Problem {
    let mut problem = error.to_diagnostic(&keyword.span);
    problem.code = Mistake::KEYWORD;
    Box::new(problem)
}

/// Returns the title of a play: its name, else the pattern of its hosts.
fn play_name(play: &Play, scope: &Scope) -> Result<String, TemplateError> {
    let named = play.name.as_ref().filter(|node| !node.is_null());
    let named = named.map(|node| keyword_of("name", node, scope)).transpose()?;
    let text = named.filter(|value| !value.is_none() && !is_omit(value)).map(|value| python_text(&value));
    match text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => Ok(text.to_owned()),
        None => pattern_text(play, scope),
    }
}

/// Returns the pattern of a play's hosts as people read it.
fn pattern_text(play: &Play, scope: &Scope) -> Result<String, TemplateError> {
    let words = match play.hosts.as_sequence() {
        Some(nodes) => nodes,
        None => std::slice::from_ref(&play.hosts),
    };
    let words: Result<Vec<String>, _> = words
        .iter()
        .map(|node| keyword_of("hosts", node, scope).map(|value| python_text(&value).trim().to_owned()))
        .collect();
    Ok(words?.join(","))
}
