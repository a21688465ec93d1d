use super::PatternError;

/// Which of the hosts of a name are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subscript {
    /// From 0, or from the end when negative.
    Index(i64),
    /// Both included; without an end to the last.
    Range(usize, Option<usize>),
}

impl Subscript {
    /// Returns the items that are meant; those that are not there are left out.
    pub(crate) fn apply<T: Copy>(self, items: &[T]) -> Vec<T> {
        match self {
            Self::Index(index) => {
                let length = items.len() as i64;
                let index = if index < 0 { index + length } else { index };
                usize::try_from(index).ok().and_then(|i| items.get(i)).into_iter().copied().collect()
            }
            // An end of 0 counts for none to Ansible, and then only the first is meant.
            Self::Range(start, Some(0)) => items.get(start).into_iter().copied().collect(),
            Self::Range(start, end) => {
                let end = end.map_or(items.len(), |end| (end + 1).min(items.len()));
                items.get(start..end).unwrap_or_default().to_vec()
            }
        }
    }
}

impl std::fmt::Display for Subscript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Range(start, Some(end)) => write!(f, "{start}:{end}"),
            Self::Range(start, None) => write!(f, "{start}:"),
        }
    }
}

/// Splits `web[0]`, `web[-1]`, `web[1:3]` and `web[1:]`. Other brackets belong to the name.
pub(super) fn split(text: &str) -> Result<(&str, Option<Subscript>), PatternError> {
    let whole = Ok((text, None));
    let Some((name, inner)) = text.strip_suffix(']').and_then(|t| t.rsplit_once('[')) else { return whole };
    if name.is_empty() {
        return whole;
    }
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if digits(inner.strip_prefix('-').unwrap_or(inner)) {
        return Ok((name, inner.parse().ok().map(Subscript::Index)));
    }
    let Some((start, end)) = inner.split_once([':', '-']) else { return whole };
    if !digits(start) || !(end.is_empty() || digits(end)) {
        return whole;
    }
    if inner.contains('-') {
        return Err(PatternError::OldRange(text.to_owned()));
    }
    let (Ok(start), end) = (start.parse(), end.parse().ok()) else { return whole };
    Ok((name, Some(Subscript::Range(start, end))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_subscript_from_a_bracket_of_a_glob() {
        for (text, expected) in [
            ("web[0]", ("web", Some(Subscript::Index(0)))),
            ("web[-1]", ("web", Some(Subscript::Index(-1)))),
            ("web[01]", ("web", Some(Subscript::Index(1)))),
            ("web*[1:2]", ("web*", Some(Subscript::Range(1, Some(2))))),
            ("web[1:]", ("web", Some(Subscript::Range(1, None)))),
            ("web[:1]", ("web[:1]", None)),
            ("web[-2:]", ("web[-2:]", None)),
            ("web[ab]", ("web[ab]", None)),
            ("[0]", ("[0]", None)),
        ] {
            assert_eq!(split(text).unwrap(), expected, "{text}");
        }
        assert!(matches!(split("web[0-1]"), Err(PatternError::OldRange(_))));
    }

    #[test]
    fn applies_as_ansible_does() {
        let items = [10, 11, 12];
        for (subscript, expected) in [
            (Subscript::Index(0), &[10][..]),
            (Subscript::Index(-1), &[12]),
            (Subscript::Index(5), &[]),
            (Subscript::Index(-5), &[]),
            (Subscript::Range(0, Some(1)), &[10, 11]),
            (Subscript::Range(0, Some(9)), &[10, 11, 12]),
            (Subscript::Range(1, None), &[11, 12]),
            (Subscript::Range(2, Some(0)), &[12]),
            (Subscript::Range(7, None), &[]),
            (Subscript::Range(2, Some(1)), &[]),
        ] {
            assert_eq!(subscript.apply(&items), expected, "{subscript:?}");
        }
    }
}
