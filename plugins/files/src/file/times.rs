use jiff::civil::DateTime;
use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

use crate::plan::Plan;

/// When a file was last read and changed.
#[derive(Params)]
pub struct Times {
    /// `preserve`, `now`, or a time in the format of `access_time_format`.
    pub access_time: Option<String>,
    /// How `access_time` is written.
    #[param(default = "%Y%m%d%H%M.%S")]
    pub access_time_format: String,
    /// `preserve`, `now`, or a time in the format of `modification_time_format`.
    pub modification_time: Option<String>,
    /// How `modification_time` is written.
    #[param(default = "%Y%m%d%H%M.%S")]
    pub modification_time_format: String,
}

/// A wanted time.
#[derive(Debug, PartialEq)]
enum Time {
    Preserve,
    Now,
    /// As `touch -t` takes it, in the host's zone.
    At(String),
}

impl Times {
    /// Plans the times of a path that is there; `default` stands for a time that the task does not name.
    pub fn plan(
        &self,
        plan: &mut Plan,
        path: &str,
        stat: &FileStat,
        default: &str,
        host: &Host,
    ) -> Result<(), Failure> {
        for (flag, key, time, is) in self.wanted(default)?.map(|(flag, key, time)| {
            let is = if flag == "-a" { stat.atime } else { stat.mtime };
            (flag, key, time, is)
        }) {
            let same = match &time {
                Time::Preserve => true,
                Time::Now => false,
                Time::At(text) => seconds(text, host)? == is.floor(),
            };
            if same {
                continue;
            }
            let shown = if let Time::At(text) = &time { json!(text) } else { json!("now") };
            plan.changes.push(change(path, key, json!(is), shown));
            plan.calls.push(touch(flag, &time, path));
        }
        Ok(())
    }

    /// Plans the times of a file that was just made.
    pub fn plan_new(&self, plan: &mut Plan, path: &str) -> Result<(), Failure> {
        for (flag, _, time) in self.wanted("now")? {
            if matches!(time, Time::At(_)) {
                plan.calls.push(touch(flag, &time, path));
            }
        }
        Ok(())
    }

    fn wanted(&self, default: &str) -> Result<[(&'static str, &'static str, Time); 2], Failure> {
        let read = |given: &Option<String>, format: &str| read(given.as_deref().unwrap_or(default), format);
        Ok([
            ("-a", "atime", read(&self.access_time, &self.access_time_format)?),
            ("-m", "mtime", read(&self.modification_time, &self.modification_time_format)?),
        ])
    }
}

fn read(text: &str, format: &str) -> Result<Time, Failure> {
    match text {
        "preserve" => Ok(Time::Preserve),
        "now" | "" => Ok(Time::Now),
        text => {
            let time = DateTime::strptime(format, text).map_err(|error| {
                Failure::new(format!(
                    "Error while obtaining timestamp for time {text} using format {format}: {error}"
                ))
            })?;
            Ok(Time::At(time.strftime("%Y%m%d%H%M.%S").to_string()))
        }
    }
}

fn touch(flag: &str, time: &Time, path: &str) -> HostCall {
    let command = match time {
        Time::At(text) => Command::new(["touch", flag, "-t", text, "--", path]),
        _ => Command::new(["touch", flag, "--", path]),
    };
    HostCall::Exec(command.into_exec())
}

/// Asks the host what a time of its zone is, in seconds since 1970.
fn seconds(text: &str, host: &Host) -> Result<f64, Failure> {
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let (day, time) = (
        format!("{}-{}-{}", part(0..4), part(4..6), part(6..8)),
        format!("{}:{}:{}", part(8..10), part(10..12), part(13..15)),
    );
    let said = host.output(&Command::new(["date", "-d", &format!("{day} {time}"), "+%s"]).reads())?;
    said.trim().parse().map_err(|_| Failure::new(format!("`date` gave no time: {said}")))
}

/// Returns the change of one key of a path.
fn change(path: &str, key: &str, before: Value, after: Value) -> Change {
    Change {
        what: path.to_owned(),
        before: json!({ "path": path, key: before }),
        after: json!({ "path": path, key: after }),
        ..Change::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_in_the_task_s_format() {
        let format = "%Y%m%d%H%M.%S";
        assert_eq!(read("202001020304.05", format).unwrap(), Time::At("202001020304.05".into()));
        assert_eq!(read("2020-01-02", "%Y-%m-%d").map_err(|f| f.msg), Ok(Time::At("202001020000.00".into())));
        assert_eq!(read("preserve", format).unwrap(), Time::Preserve);
        assert!(read("yesterday", format).is_err());
    }
}
