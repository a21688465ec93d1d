//! The order of Debian's versions, as Debian Policy 5.6.12 says.

use std::cmp::Ordering;

/// Compares `[epoch:]upstream[-revision]`.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_epoch, left) = epoch(left);
    let (right_epoch, right) = epoch(right);
    let (left, left_revision) = left.rsplit_once('-').unwrap_or((left, ""));
    let (right, right_revision) = right.rsplit_once('-').unwrap_or((right, ""));
    left_epoch
        .cmp(&right_epoch)
        .then_with(|| part(left, right))
        .then_with(|| part(left_revision, right_revision))
}

fn epoch(version: &str) -> (u64, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
        None => (0, version),
    }
}

/// Compares runs of other characters and runs of digits in turn.
fn part(mut left: &str, mut right: &str) -> Ordering {
    loop {
        let (left_text, left_rest) = split(left, |c| !c.is_ascii_digit());
        let (right_text, right_rest) = split(right, |c| !c.is_ascii_digit());
        let order = text(left_text, right_text);
        if order.is_ne() {
            return order;
        }
        let (left_digits, left_rest) = split(left_rest, |c| c.is_ascii_digit());
        let (right_digits, right_rest) = split(right_rest, |c| c.is_ascii_digit());
        let order = number(left_digits, right_digits);
        if order.is_ne() || (left_rest.is_empty() && right_rest.is_empty()) {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

fn number(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// `~` comes before the end, letters before all else.
fn text(left: &str, right: &str) -> Ordering {
    let weight = |c: Option<char>| match c {
        None => 0,
        Some('~') => -1,
        Some(c) if c.is_ascii_alphabetic() => c as i64,
        Some(c) => c as i64 + 256,
    };
    let (mut left, mut right) = (left.chars(), right.chars());
    loop {
        let (one, other) = (left.next(), right.next());
        let order = weight(one).cmp(&weight(other));
        if order.is_ne() || (one.is_none() && other.is_none()) {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_versions_as_dpkg_does() {
        let ordered = [
            "1.0~~", "1.0~rc1", "1.0", "1.0-0.1", "1.0-1", "1.0-1+b1", "1.0a", "1.0+1", "1.2", "1.10",
            "1.10.1", "2", "1:0.1",
        ];
        for (index, left) in ordered.iter().enumerate() {
            for (other, right) in ordered.iter().enumerate() {
                assert_eq!(compare(left, right), index.cmp(&other), "{left} and {right}");
            }
        }
        assert_eq!(compare("1.0", "1.00"), Ordering::Equal);
    }
}
