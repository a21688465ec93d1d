use std::time::Duration;

use jiff::SpanRelativeTo;
use switchover_journal::{Broken, History, RunFolder};
use switchover_report::plural;

use super::{date, last, state};
use crate::{kept, setup};

/// Reads an age: `30d`, `2w`, `12h`.
pub fn age(text: &str) -> Result<Duration, String> {
    let span: jiff::Span = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    let age = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|error| error.to_string())?;
    Duration::try_from(age).map_err(|error| error.to_string())
}

/// Removes the folders of runs that ended so long ago. Those that could still be resumed stay unless they are asked for,
/// and those under way stay always.
pub fn run(older_than: Duration, unfinished: bool) -> Result<(), Broken> {
    let runs = kept::runs()?;
    let (mut gone, mut spared) = (0, 0);
    for name in runs.names() {
        let folder = runs.find(&name)?;
        let Some((word, last)) = stands(&folder) else { continue };
        if switchover_engine::now() - last < older_than.as_secs_f64() {
            continue;
        }
        if word != "complete" && !unfinished {
            spared += 1;
            continue;
        }
        // Nobody resumes it meanwhile; whoever does so now was first.
        let Ok(lock) = folder.lock(&setup::operator_name()) else { continue };
        folder.remove(lock)?;
        println!("removed {name}  {}  {word}", date(last));
        gone += 1;
    }
    println!("{} removed", plural(gone, "run"));
    if spared > 0 {
        println!("{} not complete and can still be resumed; `--unfinished` removes such, too", are(spared));
    }
    Ok(())
}

fn are(count: usize) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", plural(count, "run"))
}

/// Returns where a run stands and when it last said something; nothing of one that is under way.
fn stands(folder: &RunFolder) -> Option<(&'static str, f64)> {
    if folder.is_live() {
        return None;
    }
    match History::outline(folder) {
        Ok(history) => Some((state(folder, &history), last(folder, &history))),
        Err(_) => {
            let changed = std::fs::metadata(folder.journal()).and_then(|data| data.modified()).ok()?;
            let since = changed.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(("damaged", since.as_secs_f64()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn an_age_has_a_unit() {
        assert_eq!(age("30d").map(|age| age.as_secs()), Ok(30 * 86400));
        assert_eq!(age("2w").map(|age| age.as_secs()), Ok(14 * 86400));
        assert_eq!(age("90m").map(|age| age.as_secs()), Ok(5400));
        assert!(age("30").is_err() && age("-1d").is_err());
    }
}
