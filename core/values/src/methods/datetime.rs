//! Points in time and durations, as `now()` and `to_datetime` give them.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::civil;
use jiff::fmt::strtime;
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, Value};

use crate::call::{Call, fail};

/// A date with a time of day, without a zone: Python's `datetime`.
#[derive(Debug)]
struct Moment(civil::DateTime);

/// Python's `timedelta`, in microseconds.
#[derive(Debug)]
struct Duration(i128);

const DAY: i128 = 86_400_000_000;

/// Returns a point in time as a value.
pub fn value(moment: civil::DateTime) -> Value {
    Value::from_object(Moment(moment))
}

/// Returns the point in time that a value is.
pub fn moment(value: &Value) -> Option<civil::DateTime> {
    value.downcast_object_ref::<Moment>().map(|moment| moment.0)
}

/// Returns the order of two points in time, or of two durations.
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    let durations = |value: &Value| value.downcast_object_ref::<Duration>().map(|duration| duration.0);
    match (moment(left), moment(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => Some(durations(left)?.cmp(&durations(right)?)),
    }
}

/// Returns a time's text by `%` directives.
pub fn strftime(time: &jiff::Zoned, format: &str) -> Result<String, Error> {
    strtime::format(format, time)
        .map_err(|error| fail(format!("the time format '{format}' does not work: {error}")))
}

/// `a - b` of two points in time.
pub fn difference(left: &Value, right: &Value) -> Option<Value> {
    let (left, right) = (moment(left)?, moment(right)?);
    let span = left.duration_since(right);
    Some(Value::from_object(Duration(span.as_micros())))
}

/// Calls a method of a point in time or a duration; `None` when there is none of this name.
pub fn call(value: &Value, method: &str, call: &mut Call<'_, '_, '_>) -> Result<Option<Value>, Error> {
    if let Some(duration) = value.downcast_object_ref::<Duration>() {
        return Ok((method == "total_seconds").then(|| Value::from(duration.0 as f64 / 1e6)));
    }
    let Some(moment) = moment(value) else { return Ok(None) };
    Ok(Some(match method {
        "strftime" => {
            let format = call.text("format")?;
            let zoned =
                moment.to_zoned(jiff::tz::TimeZone::system()).map_err(|error| fail(error.to_string()))?;
            Value::from(strftime(&zoned, &format)?)
        }
        "isoformat" => Value::from(text(moment).replacen(' ', "T", 1)),
        "timestamp" => {
            let zoned =
                moment.to_zoned(jiff::tz::TimeZone::system()).map_err(|error| fail(error.to_string()))?;
            Value::from(zoned.timestamp().as_microsecond() as f64 / 1e6)
        }
        "date" => Value::from(moment.date().to_string()),
        "time" => Value::from(moment.time().to_string()),
        "weekday" => Value::from(moment.weekday().to_monday_zero_offset()),
        "isoweekday" => Value::from(moment.weekday().to_monday_one_offset()),
        _ => return Ok(None),
    }))
}

fn text(moment: civil::DateTime) -> String {
    let seconds = strtime::format("%Y-%m-%d %H:%M:%S", moment).unwrap_or_else(|_| moment.to_string());
    match moment.subsec_nanosecond() / 1000 {
        0 => seconds,
        micros => format!("{seconds}.{micros:06}"),
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "year" => Value::from(self.0.year()),
            "month" => Value::from(self.0.month()),
            "day" => Value::from(self.0.day()),
            "hour" => Value::from(self.0.hour()),
            "minute" => Value::from(self.0.minute()),
            "second" => Value::from(self.0.second()),
            "microsecond" => Value::from(self.0.subsec_nanosecond() / 1000),
            _ => return None,
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self.0))
    }
}

impl Object for Duration {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "days" => Value::from(self.0.div_euclid(DAY) as i64),
            "seconds" => Value::from((self.0.rem_euclid(DAY) / 1_000_000) as i64),
            "microseconds" => Value::from((self.0.rem_euclid(1_000_000)) as i64),
            _ => return None,
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.rem_euclid(DAY) / 1_000_000;
        let days = self.0.div_euclid(DAY);
        match days {
            0 => {}
            1 | -1 => write!(f, "{days} day, ")?,
            _ => write!(f, "{days} days, ")?,
        }
        write!(f, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        match self.0.rem_euclid(1_000_000) {
            0 => Ok(()),
            micros => write!(f, ".{micros:06}"),
        }
    }
}
