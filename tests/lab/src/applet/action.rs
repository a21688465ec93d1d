use std::time::Duration;

use super::site::{Site, ask, complain, read_line, say};
use crate::sim::{Action, Fault, HostState, Phase, StoreError, this_process};

/// Actions that are known to exist, but whose work the lab does not simulate.
const NOT_SIMULATED: [&str; 5] =
    ["cluster_failover", "deploy_conf_all", "rebuild_es_index", "apply_license", "destructive_restore_all"];

/// `alation_action NAME`.
pub fn run(site: &Site, args: &[String]) -> u8 {
    let [name] = args else {
        complain("usage: alation_action <action>");
        return 2;
    };
    match Action::named(name).filter(|action| *action != Action::Reindex) {
        Some(action) => perform(site, action),
        None if NOT_SIMULATED.contains(&name.as_str()) => {
            complain(&format!("ERROR: the lab does not simulate {name}"));
            1
        }
        None => {
            complain(&format!("ERROR: no such action: {name}"));
            1
        }
    }
}

/// Does an action, in scaled time.
pub fn perform(site: &Site, action: Action) -> u8 {
    let name = action.name();
    if site.shell.is_none() {
        complain(&format!("{name}: run this inside the Alation shell"));
        return 1;
    }
    site.record(name, Phase::Started, None, action.destroys().unwrap_or_default());
    let state = match site.state() {
        Ok(state) => state,
        Err(error) => return fail(site, action, &error),
    };
    if let Some(code) = misbehave(site, action, &state) {
        return code;
    }
    match work(site, action) {
        Ok(()) => site.end(name, 0, ""),
        Err(error) => {
            let process = this_process();
            // The refusal matters more than a failure to note the end.
            let _ = site.store.change(|world| world.end(&site.host, name, process));
            fail(site, action, &error)
        }
    }
}

fn fail(site: &Site, action: Action, error: &StoreError) -> u8 {
    complain(&format!("ERROR: {error}"));
    site.end(action.name(), 1, &error.to_string())
}

fn work(site: &Site, action: Action) -> Result<(), StoreError> {
    let process = this_process();
    let host = &site.host;
    for line in site.store.change(|world| world.begin(host, action, process))? {
        say(&line);
    }
    let steps = action.steps();
    for step in 1..=steps {
        site.pass(action.duration() / f64::from(steps));
        let percent = u8::try_from(u16::from(step) * 100 / u16::from(steps)).unwrap_or(100);
        if let Some(line) = site.store.change(|world| world.step(host, action, percent))? {
            say(&line);
        }
    }
    for line in site.store.change(|world| world.finish(host, action, process))? {
        say(&line);
    }
    Ok(())
}

/// Does what a fault asks for; returns an exit code when that ends the action.
fn misbehave(site: &Site, action: Action, state: &HostState) -> Option<u8> {
    let name = action.name();
    if state.has_for(Fault::ExitZeroWithErrorText, name) {
        say("Traceback (most recent call last):");
        say(&format!("ERROR: {name} failed: connection refused"));
        return Some(site.end(name, 0, "fault: nothing was done"));
    }
    if state.has_for(Fault::ActionHangsWaiting, name) {
        ask("Proceed (y/n)? ");
        if read_line().is_none() {
            // As a command that waits at a terminal which is not there.
            loop {
                std::thread::sleep(Duration::from_secs(3600));
            }
        }
    }
    let destroys = action.destroys()?;
    if state.has_for(Fault::ActionPromptsYes, name) {
        say(&format!("This action deletes {destroys}."));
        ask("Type YES to continue: ");
        if read_line().as_deref() != Some("YES") {
            complain("ERROR: not confirmed, nothing was done");
            return Some(site.end(name, 1, "not confirmed"));
        }
    }
    None
}
