use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{Call, fail, items};
use crate::names_table::{Entry, filter};
use crate::random::Random;

/// Filters that choose by chance; with a seed they choose what Python chooses.
pub const TABLE: &[Entry] =
    &[filter("random", random), filter("shuffle", shuffle), filter("random_mac", random_mac)];

fn generator(call: &mut Call<'_, '_, '_>) -> Random {
    Random::new(call.next("seed").as_ref())
}

fn random(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("end")?;
    let (start, step) = (call.maybe_int("start")?, call.maybe_int("step")?);
    let mut next = generator(call);
    if let Some(end) = value.as_i64().filter(|_| value.is_integer()) {
        let (start, step) = (start.unwrap_or(0), step.filter(|step| *step != 0).unwrap_or(1));
        let count = steps(start, end, step).filter(|count| *count > 0);
        let count = count.ok_or_else(|| fail("'random' has nothing to choose from"))?;
        return Ok(Value::from(start + step * next.below(count)? as i64));
    }
    if start.is_some() || step.is_some() {
        return Err(fail("start and step can only be used with integer values"));
    }
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::String | ValueKind::Map) {
        return Err(fail("random can only be used on sequences and integers"));
    }
    let mut all = items(&value)?;
    match all.len() {
        0 => Err(fail("Cannot choose from an empty sequence")),
        count => Ok(all.swap_remove(next.below(count as u64)? as usize)),
    }
}

/// Returns how many numbers there are from `start` to before `end`.
fn steps(start: i64, end: i64, step: i64) -> Option<u64> {
    let (way, stride) = (end.checked_sub(start)?.checked_mul(step.signum())?, step.checked_abs()?);
    u64::try_from(way.checked_add(stride - 1)?.checked_div(stride)?).ok()
}

fn shuffle(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let mut next = generator(call);
    // As in Ansible, what is no list stays as it is.
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Ok(value);
    }
    let mut all = items(&value)?;
    for at in (1..all.len()).rev() {
        all.swap(at, next.below(at as u64 + 1)? as usize);
    }
    Ok(Value::from(all))
}

/// Fills the beginning of a MAC address up to its six parts, as `community.general` does for a seed.
fn random_mac(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let prefix = call.text("value")?.to_lowercase();
    let mut next = generator(call);
    let parts: Vec<&str> = prefix.split(':').filter(|part| !part.is_empty()).collect();
    let is_part = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if parts.is_empty() || parts.len() > 5 || !parts.iter().all(is_part) {
        return Err(fail(format!("'random_mac' takes one to five parts of a MAC address, not '{prefix}'")));
    }
    // Ten digits of which the first is not 0.
    let low = 1 << 36;
    let digits = format!("{:x}", low + next.below((1 << 40) - low)?);
    let mut address = parts.join(":");
    for at in 0..6 - parts.len() {
        address.push(':');
        address.push_str(&digits[2 * at..2 * at + 2]);
    }
    Ok(Value::from(address))
}
