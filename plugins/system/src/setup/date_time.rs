use jiff::Timestamp;
use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// Adds the host's clock.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let parts: Vec<&str> = gathered.line("date", 0).split('|').collect();
    let [year, month, day, hour, minute, second, epoch, zone, offset, weekday, number, week, nanos] =
        parts.as_slice()
    else {
        return;
    };
    let seconds = epoch.parse::<i64>().unwrap_or_default();
    let nanos = nanos.parse::<i32>().unwrap_or_default();
    let micros = nanos / 1000;
    let utc = Timestamp::new(seconds, nanos).unwrap_or_default();
    facts.add(
        "date_time",
        "date_time",
        json!({
            "year": year, "month": month, "day": day, "hour": hour, "minute": minute, "second": second,
            "weekday": weekday, "weekday_number": number, "weeknumber": week,
            "date": format!("{year}-{month}-{day}"), "time": format!("{hour}:{minute}:{second}"),
            "epoch": epoch, "epoch_int": epoch, "tz": zone, "tz_dst": zone, "tz_offset": offset,
            "iso8601": utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "iso8601_micro": format!("{}.{micros:06}Z", utc.strftime("%Y-%m-%dT%H:%M:%S")),
            "iso8601_basic": format!("{year}{month}{day}T{hour}{minute}{second}{micros:06}"),
            "iso8601_basic_short": format!("{year}{month}{day}T{hour}{minute}{second}"),
        }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_local_and_universal_time() {
        let said = "\u{1}date\n2026|11|23|04|49|10|1795405750|CET|+0100|Monday|1|47|907725123\n";
        let mut facts = Facts::default();
        add(&Gathered::read(said), &mut facts);
        let time = facts.chosen(|_, _| true)["ansible_date_time"].clone();
        assert_eq!(time["iso8601_micro"], "2026-11-23T03:49:10.907725Z");
        assert_eq!(time["iso8601_basic"], "20261123T044910907725");
        assert_eq!(time["date"], "2026-11-23");
    }
}
