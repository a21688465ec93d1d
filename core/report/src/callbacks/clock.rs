use jiff::Timestamp;

/// Returns a time as `2026-11-28T06:36:02.292698Z`.
pub fn utc(at: f64) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// Returns a time as `Saturday 28 November 2026  06:37:32 +0000`, by the clock on the wall.
pub fn local(at: f64) -> String {
    let zone = jiff::tz::TimeZone::system();
    timestamp(at).to_zoned(zone).strftime("%A %d %B %Y  %H:%M:%S %z").to_string()
}

/// Returns seconds as `0:00:05.992`.
pub fn lapse(seconds: f64) -> String {
    let milliseconds = (seconds.max(0.0) * 1000.0).round() as u64;
    let (whole, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{}:{:02}:{:02}.{rest:03}", whole / 3600, whole % 3600 / 60, whole % 60)
}

fn timestamp(at: f64) -> Timestamp {
    Timestamp::from_microsecond((at * 1e6) as i64).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_python_writes_them() {
        assert_eq!(utc(0.25), "1970-01-01T00:00:00.250000Z");
        assert_eq!(lapse(3725.0004), "1:02:05.000");
    }
}
