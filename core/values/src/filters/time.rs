use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::methods::datetime;
use crate::names_table::{Entry, filter};
use crate::operators::number;
use crate::template::python;

/// Filters for dates and times.
pub const TABLE: &[Entry] = &[filter("strftime", strftime), filter("to_datetime", to_datetime)];

/// `'%Y-%m-%d' | strftime(seconds, utc)`
fn strftime(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let format = call.text("string_format")?;
    let second = call.next("second").filter(|second| !second.is_none());
    let utc = call.flag("utc", false);
    let time = match second {
        Some(second) => {
            let text = second.as_str().and_then(|text| text.trim().parse().ok());
            let refused = || fail(format!("Invalid value for epoch value ({})", python::text(&second)));
            let seconds: f64 = number(&second).or(text).ok_or_else(refused)?;
            let stamp = Timestamp::from_microsecond((seconds * 1e6) as i64);
            stamp.map_err(|error| fail(error.to_string()))?.to_zoned(TimeZone::system())
        }
        None => {
            crate::outside::note_outside_look();
            Zoned::now()
        }
    };
    let time = if utc { time.with_time_zone(TimeZone::UTC) } else { time };
    datetime::strftime(&time, &format).map(Value::from)
}

fn to_datetime(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("string")?;
    let format = call.text_or("format", "%Y-%m-%d %H:%M:%S");
    let parsed = jiff::fmt::strtime::parse(&format, &text)
        .map_err(|_| fail(format!("time data '{text}' does not match format '{format}'")))?;
    let moment = parsed
        .to_datetime()
        .or_else(|_| parsed.to_date().map(|date| date.to_datetime(jiff::civil::Time::midnight())));
    let moment: DateTime =
        moment.map_err(|error| fail(format!("time data '{text}' is not complete: {error}")))?;
    Ok(datetime::value(moment))
}
