//! `%s` and `%(name)s` in a query, as Python's drivers have them.

use switchover_sdk::prelude::*;

use crate::sql::Dialect;

/// What a task gives for the placeholders of its queries.
pub enum Given<'a> {
    Nothing,
    Positional(&'a [Value]),
    Named(&'a Map),
}

impl<'a> Given<'a> {
    /// Returns what the two arguments of a task say; an empty one gives nothing.
    pub fn new(positional: Option<&'a [Value]>, named: Option<&'a Map>) -> Self {
        match (positional, named) {
            (Some(values), _) if !values.is_empty() => Self::Positional(values),
            (_, Some(values)) if !values.is_empty() => Self::Named(values),
            _ => Self::Nothing,
        }
    }

    /// Returns the query with each placeholder replaced by a quoted value. Without values a query stays as it is.
    pub fn fill(&self, query: &str, dialect: Dialect) -> Result<String, Failure> {
        if matches!(self, Self::Nothing) {
            return Ok(query.to_owned());
        }
        let mut filled = String::new();
        let mut rest = query;
        let mut used = 0;
        while let Some((before, after)) = rest.split_once('%') {
            filled.push_str(before);
            rest = match after.chars().next() {
                Some('%') => {
                    filled.push('%');
                    &after[1..]
                }
                Some('s') => {
                    filled.push_str(&dialect.value(self.next(used)?));
                    used += 1;
                    &after[1..]
                }
                Some('(') => {
                    let (name, after) = named(after)?;
                    filled.push_str(&dialect.value(self.get(name)?));
                    after
                }
                _ => return Err(Failure::arguments("a `%` that is no placeholder must be written `%%`")),
            };
        }
        filled.push_str(rest);
        match self {
            Self::Positional(values) if values.len() != used => Err(Failure::arguments(format!(
                "not all arguments converted: the query has {used} placeholders, and there are {} values",
                values.len()
            ))),
            _ => Ok(filled),
        }
    }

    fn next(&self, index: usize) -> Result<&Value, Failure> {
        match self {
            Self::Positional(values) => values.get(index).ok_or_else(|| {
                Failure::arguments(format!(
                    "not enough values for the placeholders: there are {}",
                    values.len()
                ))
            }),
            _ => {
                Err(Failure::arguments("`%s` takes a value of `positional_args`, and `named_args` is given"))
            }
        }
    }

    fn get(&self, name: &str) -> Result<&Value, Failure> {
        match self {
            Self::Named(values) => values
                .get(name)
                .ok_or_else(|| Failure::arguments(format!("`named_args` has no value for `%({name})s`"))),
            _ => Err(Failure::arguments(format!("`%({name})s` takes a value of `named_args`"))),
        }
    }
}

/// Reads `(name)s` and returns the name and what follows.
fn named(text: &str) -> Result<(&str, &str), Failure> {
    text[1..]
        .split_once(")s")
        .filter(|(name, _)| !name.contains(['(', ')']))
        .ok_or_else(|| Failure::arguments("a placeholder with a name ends in `)s`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_data() {
        let values = [json!(1), json!("x' or '1'='1"), json!(null)];
        let filled =
            Given::Positional(&values).fill("a = %s and b = %s and c is %s 5 %% 3", Dialect::Postgres);
        assert_eq!(filled.unwrap(), "a = 1 and b = 'x'' or ''1''=''1' and c is NULL 5 % 3");
        let named = json!({ "id": 2, "s": "%s" }).as_object().cloned().unwrap();
        let filled = Given::Named(&named).fill("%(s)s, %(id)s", Dialect::Mysql).unwrap();
        assert_eq!(filled, "'%s', 2");
    }

    #[test]
    fn a_query_without_values_stays_as_it_is() {
        assert_eq!(Given::Nothing.fill("a like '%s%'", Dialect::Postgres).unwrap(), "a like '%s%'");
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let values = [json!(1)];
        for query in ["%s %s", "1", "%d", "%(a)s"] {
            assert!(Given::Positional(&values).fill(query, Dialect::Postgres).is_err(), "{query}");
        }
    }
}
