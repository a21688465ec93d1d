use jiff::Zoned;
use jiff::tz::TimeZone;
use minijinja::{Error, Value};

use crate::call::Call;
use crate::methods::datetime;

/// `now(utc=false, fmt=none)`: the time, or its text.
pub fn now(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let utc = call.flag("utc", false);
    let format = call.maybe_text("fmt");
    let time = if utc { Zoned::now().with_time_zone(TimeZone::UTC) } else { Zoned::now() };
    match format {
        Some(format) => datetime::strftime(&time, &format).map(Value::from),
        None => Ok(datetime::value(time.datetime())),
    }
}
