use std::process::Command;

use super::site::{Site, complain, say, shell};
use super::update;
use crate::lab::ShellForm;
use crate::sim::Phase;

/// The product's init script: only the verbs that are documented.
pub fn run(site: &Site, args: &[String]) -> u8 {
    if !site.is_root() {
        complain("alation: must be run as root");
        return 1;
    }
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["update"] => update::run(site),
        ["start"] => start(site),
        ["shell", words @ ..] => enter(site, words),
        _ => {
            complain("Usage: alation {start|shell|update}");
            1
        }
    }
}

fn start(site: &Site) -> u8 {
    site.record("start", Phase::Started, None, "");
    let started = site.store.change(|world| {
        world.product_mut(&site.host)?.services = true;
        Ok(())
    });
    match started {
        Ok(()) => {
            say("services started");
            site.end("start", 0, "")
        }
        Err(error) => {
            complain(&format!("ERROR: {error}"));
            site.end("start", 1, &error.to_string())
        }
    }
}

/// Enters the product's shell as its administrator. The documents only show an interactive shell; by default
/// words after `shell` are ignored, which is the worst that a script can meet.
fn enter(site: &Site, words: &[&str]) -> u8 {
    let Ok(tree) = site.layout().current().canonicalize() else {
        complain("alation: not installed");
        return 1;
    };
    let form = site.store.settings().shell_form;
    let mut command = match (form, words) {
        (ShellForm::Argument, [_, ..]) => shell(words.join(" ").as_ref()),
        _ => Command::new("/bin/sh"),
    };
    let ignored = form == ShellForm::Stdin && !words.is_empty();
    site.record(
        "shell",
        Phase::Started,
        None,
        if ignored { "the words after shell are ignored" } else { "" },
    );
    let inside =
        Site { shell: Some(tree), store: site.store.clone(), host: site.host.clone(), user: "root".into() };
    inside.run_as(&mut command, "alationadmin");
    command.current_dir(site.layout().home("alationadmin"));
    inside.become_command("alation", &mut command)
}
