use switchover_sdk::prelude::*;

use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct TimezoneParams {
    /// The zone, such as `Asia/Tokyo`.
    pub name: Option<String>,
    /// Whether the hardware clock has UTC or local time.
    #[param(alias = "rtc")]
    pub hwclock: Option<Hwclock>,
}

/// What the hardware clock has.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hwclock {
    Local,
    #[param(name = "UTC")]
    Utc,
}

pub struct Timezone;

/// `$1` the wanted zone. Sections: `systemd` where timedatectl works, the zone now, what `/etc/timezone` says, `1` when
/// the wanted zone is there, what the hardware clock has, `1` when there is hwclock.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin LC_ALL=C; export LC_ALL
if said=$(timedatectl status 2>/dev/null); then printf systemd; else said=; fi; printf '\036'
zone=$(printf '%s\n' "$said" | sed -n 's/^ *Time *zone *: *\([^ ]*\).*/\1/p')
[ -n "$zone" ] || zone=$(readlink /etc/localtime | sed 's|.*/zoneinfo/||')
printf '%s\036' "$zone"
if [ -e /etc/timezone ]; then head -n 1 /etc/timezone; fi; printf '\036'
[ -f "/usr/share/zoneinfo/$1" ] && printf 1; printf '\036'
rtc=$(printf '%s\n' "$said" | sed -n 's/^ *RTC in local TZ *: *\([^ ]*\).*/\1/p')
[ -n "$rtc" ] || rtc=$(sed -n 3p /etc/adjtime 2>/dev/null)
printf '%s\036' "$rtc"
command -v hwclock >/dev/null 2>&1 && printf 1; :"#;

/// `$1` `systemd` or nothing, `$2` the zone (empty: stays), `$3` `local`, `UTC` or nothing.
const SET: &str = r#"PATH=$PATH:/usr/sbin:/sbin
if [ "$1" = systemd ]; then
[ -z "$2" ] || timedatectl set-timezone "$2" || exit
case $3 in local) exec timedatectl set-local-rtc yes;; UTC) exec timedatectl set-local-rtc no;; esac
exit 0; fi
if [ -n "$2" ]; then
ln -snf "/usr/share/zoneinfo/$2" /etc/localtime || exit
if [ -e /etc/timezone ] || command -v dpkg-reconfigure >/dev/null 2>&1; then printf '%s\n' "$2" >/etc/timezone || exit; fi
fi
case $3 in local) exec hwclock --systohc --localtime;; UTC) exec hwclock --systohc --utc;; esac"#;

impl Module for Timezone {
    type Params = TimezoneParams;
    const SPEC: Spec = Spec {
        name: "community.general.timezone",
        aliases: &["timezone", "ansible.builtin.timezone"],
        summary: "Sets the time zone, and what the hardware clock has.",
        required_one_of: &[&["name", "hwclock"]],
        examples: &[("A zone", "timezone: { name: Asia/Tokyo }")],
        ..Spec::DEFAULT
    };

    fn check(params: &TimezoneParams, host: &Host) -> Result<Delta, Failure> {
        let zone = params.name.as_deref().unwrap_or_default();
        if zone.starts_with('/')
            || zone.split('/').any(|part| part == "..")
            || zone.contains(char::is_whitespace)
        {
            return Err(Failure::arguments(format!("`{zone}` is no name of a time zone")));
        }
        let [method, now, file, there, rtc, has_hwclock] = look(LOOK, &[zone], "sh", host)?;
        let (now, file, systemd) = (now.trim(), file.trim(), method == "systemd");
        if params.name.is_some() && there != "1" {
            return Err(Failure::new(format!("given timezone \"{zone}\" is not available"))
                .remedy("install the package tzdata, or look at /usr/share/zoneinfo"));
        }
        let mut changes = Vec::new();
        let zone_differs = now != zone || (!systemd && !file.is_empty() && file != zone);
        if params.name.is_some() && zone_differs {
            let before = if now == zone { file } else { now };
            changes.push(Change {
                what: "name".into(),
                before: json!(before),
                after: json!(zone),
                ..Change::default()
            });
        }
        let rtc = match rtc.trim() {
            "yes" | "LOCAL" => Hwclock::Local,
            _ => Hwclock::Utc,
        };
        if let Some(wanted) = params.hwclock.filter(|wanted| *wanted != rtc) {
            if !systemd && has_hwclock != "1" {
                return Err(Failure::new("Failed to find required executable \"hwclock\" on the host"));
            }
            let (before, after) = (json!(rtc.word()), json!(wanted.word()));
            changes.push(Change { what: "hwclock".into(), before, after, ..Change::default() });
        }
        if changes.is_empty() {
            return Ok(Delta::none());
        }
        let asked = |what: &str| changes.iter().any(|change| change.what == what);
        let state = json!([method, asked("name"), asked("hwclock")]);
        Ok(Delta::changes(changes).with_state(state))
    }

    fn apply(params: &TimezoneParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let state = delta.state();
        let zone = params.name.as_deref().filter(|_| state[1] == true).unwrap_or_default();
        let rtc = params.hwclock.filter(|_| state[2] == true).map_or("", |wanted| wanted.word());
        let command = script(SET, &[state[0].as_str().unwrap_or_default(), zone, rtc]);
        change(&command, |said| format!("failed to set the time zone: {said}"), host)?;
        Ok(Outcome::changed(json!({})))
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Timezone>(env!("CARGO_MANIFEST_DIR"));
        examples::<Timezone>();
    }
}
