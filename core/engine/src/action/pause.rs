use std::sync::Arc;

use switchover_journal::{EventKind, Status};
use switchover_protocol::Map;

use super::{Action, Call, Running};
use crate::performed::Performed;

/// `pause`: waits for a time, or for a human.
pub struct Pause;

impl Action for Pause {
    fn name(&self) -> &'static str {
        "pause"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&["echo", "minutes", "prompt", "seconds"])
    }

    fn is_once(&self) -> bool {
        true
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(pause(call))
    }
}

async fn pause(call: &Call<'_>) -> Performed {
    let number =
        |name: &'static str| call.text(name).map(|text| text.trim().parse::<f64>().map_err(|_| (name, text)));
    let seconds = match (number("minutes"), number("seconds")) {
        (Some(Err((name, text))), _) | (_, Some(Err((name, text)))) => {
            return Performed::refused(format!(
                "argument '{name}' is of type str and we were unable to convert to int: invalid literal for int() with \
                 base 10: '{text}'"
            ));
        }
        (Some(Ok(minutes)), _) => Some(minutes * 60.0),
        (None, Some(Ok(seconds))) => Some(seconds),
        (None, None) => None,
    };
    let started = std::time::Instant::now();
    let answer = match seconds {
        Some(seconds) => {
            if !wait(call, seconds).await {
                call.step.cut.note("it was waiting".to_owned());
            }
            String::new()
        }
        None => match ask(call).await {
            _ if call.step.play.world.is_interrupted() => {
                call.step.cut.note("it was waiting".to_owned());
                String::new()
            }
            Some(answer) => answer,
            None if call.step.play.world.options.passes_pauses => {
                let text = "Not waiting for response to prompt as stdin is not interactive".to_owned();
                call.step.play.world.events.send(EventKind::Warning { text });
                String::new()
            }
            None => {
                return Performed::failed("pause waits for a human, and nobody is at a terminal")
                    .remedy("run it at a terminal, or give `seconds:` or `minutes:`");
            }
        },
    };
    let took = started.elapsed().as_secs();
    let stdout = format!("Paused for {:.2} seconds", started.elapsed().as_secs_f64());
    let result = Map::from_iter([
        ("delta".to_owned(), took.into()),
        ("echo".to_owned(), call.flag("echo").unwrap_or(true).into()),
        ("rc".to_owned(), 0.into()),
        ("stderr".to_owned(), "".into()),
        ("stdout".to_owned(), stdout.into()),
        ("user_input".to_owned(), answer.into()),
    ]);
    Performed::new(Status::Ok, result)
}

/// Waits for a time, of a second at least as in Ansible, and tells those who watch. Returns whether the run goes on.
async fn wait(call: &Call<'_>, seconds: f64) -> bool {
    let seconds = seconds.max(1.0);
    let hidden = if call.flag("echo") == Some(false) { " (output is hidden)" } else { "" };
    // What Ansible says of Ctrl-C would not be true: here it stops the run, which can be resumed.
    let text = format!("Pausing for {} seconds{hidden}", seconds.trunc());
    let (task, host) = (call.step.id, call.step.host.clone());
    call.step.play.world.events.send(EventKind::Waiting { task, host, text });
    call.step.waited(seconds).await
}

async fn ask(call: &Call<'_>) -> Option<String> {
    let prompt =
        call.text("prompt").unwrap_or_else(|| "Press enter to continue, Ctrl+C to interrupt".to_owned());
    let secret = call.flag("echo") == Some(false);
    let world = Arc::clone(&call.step.play.world);
    let threads = world.threads.clone();
    threads.run(move || world.operator.ask(&prompt, secret)).await.flatten()
}
