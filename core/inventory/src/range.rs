//! Ranges in host names: `web[01:20:2].example.com`, `db-[a:f]`.

use thiserror::Error;

/// More hosts than this from one line is a slip of the finger.
const MOST: usize = 100_000;

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Why a range means no hosts.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum RangeError {
    #[error("a range is `[begin:end]` or `[begin:end:step]`, not `[{0}]`")]
    Form(String),
    #[error("the range `[{0}]` has no end")]
    NoEnd(String),
    #[error("begin and end of `[{0}]` must have the same number of digits when there are leading zeros")]
    Digits(String),
    #[error("the range `[{0}]` ends before it begins")]
    Backwards(String),
    #[error("the range `[{0}]` never gets on: the step is 0")]
    Step(String),
    #[error("more than {MOST} hosts")]
    TooMany,
    #[error("the bracket is not closed")]
    Open,
    #[error("the port {0} is higher than 65535")]
    Port(String),
}

/// Returns the names that a pattern with ranges stands for; a name without ranges stands for itself.
pub(crate) fn expand(pattern: &str) -> Result<Vec<String>, RangeError> {
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while let Some(open) = rest.find('[') {
        let close = open + rest[open..].find(']').ok_or(RangeError::Open)?;
        let steps = steps(&rest[open + 1..close])?;
        if names.len().saturating_mul(steps.len()) > MOST {
            return Err(RangeError::TooMany);
        }
        let head = &rest[..open];
        names = names
            .iter()
            .flat_map(|name| steps.iter().map(move |step| format!("{name}{head}{step}")))
            .collect();
        rest = &rest[close + 1..];
    }
    names.iter_mut().for_each(|name| name.push_str(rest));
    Ok(names)
}

fn steps(range: &str) -> Result<Vec<String>, RangeError> {
    let error = |kind: fn(String) -> RangeError| kind(range.to_owned());
    let parts: Vec<&str> = range.split(':').collect();
    let (begin, end, step) = match parts[..] {
        [begin, end] => (begin, end, "1"),
        [begin, end, step] => (begin, end, step),
        _ => return Err(error(RangeError::Form)),
    };
    if end.is_empty() {
        return Err(error(RangeError::NoEnd));
    }
    let step: usize = step.parse().map_err(|_| error(RangeError::Form))?;
    if step == 0 {
        return Err(error(RangeError::Step));
    }
    if let (Some(first), Some(last)) = (letter(begin), letter(end)) {
        if first > last {
            return Err(error(RangeError::Backwards));
        }
        return Ok(LETTERS[first..=last].chars().step_by(step).map(String::from).collect());
    }
    let begin = if begin.is_empty() { "0" } else { begin };
    let number = |text: &str| text.parse::<u64>().map_err(|_| error(RangeError::Form));
    let (first, last) = (number(begin)?, number(end)?);
    let width = if begin.len() > 1 && begin.starts_with('0') { begin.len() } else { 0 };
    if width > 0 && end.len() != width {
        return Err(error(RangeError::Digits));
    }
    if first > last {
        return Err(error(RangeError::Backwards));
    }
    if (last - first) / step as u64 >= MOST as u64 {
        return Err(RangeError::TooMany);
    }
    Ok((first..=last).step_by(step).map(|n| format!("{n:0width$}")).collect())
}

fn letter(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let letter = chars.next().filter(|_| chars.next().is_none())?;
    LETTERS.find(letter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn expands_numbers_letters_and_several_ranges() {
        for (pattern, names) in [
            ("w[1:3]", "w1 w2 w3"),
            ("w[01:05:2].x", "w01 w03 w05"),
            ("w[9:11]", "w9 w10 w11"),
            ("w[:2]", "w0 w1 w2"),
            ("[a:c]", "a b c"),
            ("d[y:B]", "dy dz dA dB"),
            ("v[a:b]-[1:2]", "va-1 va-2 vb-1 vb-2"),
            ("plain", "plain"),
        ] {
            let expected: Vec<String> = names
                .split(' ')
                .map(|n| if pattern.ends_with(".x") { format!("{n}.x") } else { n.to_owned() })
                .collect();
            assert_eq!(expand(pattern), Ok(expected), "{pattern}");
        }
    }

    #[test]
    fn refuses_ranges_that_mean_nothing() {
        for (pattern, error) in [
            ("q[1]", RangeError::Form("1".into())),
            ("q[a:3]", RangeError::Form("a:3".into())),
            ("q[1:]", RangeError::NoEnd("1:".into())),
            ("q[3:1]", RangeError::Backwards("3:1".into())),
            ("q[c:a]", RangeError::Backwards("c:a".into())),
            ("q[1:3:0]", RangeError::Step("1:3:0".into())),
            ("q[01:100]", RangeError::Digits("01:100".into())),
            ("q[1:3", RangeError::Open),
            ("q[0:999999999999]", RangeError::TooMany),
            ("q[1:1000][1:1000]", RangeError::TooMany),
        ] {
            assert_eq!(expand(pattern), Err(error), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn a_range_counts_from_begin_to_end(begin in 0u64..500, count in 0u64..50, step in 1usize..9) {
            let end = begin + count;
            let names = expand(&format!("h[{begin}:{end}:{step}].x")).unwrap();
            let numbers: Vec<u64> = names.iter().map(|n| n[1..n.len() - 2].parse().unwrap()).collect();
            let expected: Vec<u64> = (begin..=end).step_by(step).collect();
            prop_assert_eq!(numbers, expected);
        }

        #[test]
        fn leading_zeros_keep_the_width(begin in 0u64..99, count in 0u64..50) {
            let names = expand(&format!("h[{begin:04}:{:04}]", begin + count)).unwrap();
            prop_assert!(names.iter().all(|n| n.len() == 5));
            prop_assert_eq!(names.len() as u64, count + 1);
        }

        #[test]
        fn no_pattern_panics(pattern in "[a-c0-9\\[\\]:é]{0,20}") {
            let _ = expand(&pattern);
        }
    }
}
