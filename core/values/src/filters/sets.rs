use std::collections::HashSet;

use minijinja::{Error, Value};

use crate::call::{Call, items, list_items};
use crate::names_table::{Entry, filter};
use crate::operators::equal;

/// Filters that take lists as sets; the order of the first list is kept.
pub const TABLE: &[Entry] = &[
    filter("union", union),
    filter("intersect", intersect),
    filter("difference", difference),
    filter("symmetric_difference", symmetric_difference),
    filter("lists_union", lists_union),
];

/// Values of which one can ask quickly whether one is there.
pub struct Bag {
    texts: HashSet<String>,
    others: Vec<Value>,
}

impl Bag {
    /// Returns a bag of these values.
    pub fn new(values: &[Value]) -> Self {
        let mut bag = Self { texts: HashSet::new(), others: Vec::new() };
        for value in values {
            match value.as_str() {
                Some(text) => {
                    bag.texts.insert(text.to_string());
                }
                None => bag.others.push(value.clone()),
            }
        }
        bag
    }

    /// Returns whether an equal value is in the bag.
    pub fn has(&self, value: &Value) -> Result<bool, Error> {
        if let Some(text) = value.as_str() {
            return Ok(self.texts.contains(text));
        }
        for other in &self.others {
            if equal(other, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn once(values: Vec<Value>) -> Result<Value, Error> {
    let mut out: Vec<Value> = Vec::new();
    let mut bag = Bag::new(&[]);
    for value in values {
        if !bag.has(&value)? {
            match value.as_str() {
                Some(text) => {
                    bag.texts.insert(text.to_string());
                }
                None => bag.others.push(value.clone()),
            }
            out.push(value);
        }
    }
    Ok(Value::from(out))
}

fn two(call: &mut Call<'_, '_, '_>) -> Result<(Vec<Value>, Vec<Value>), Error> {
    Ok((items(&call.need("a")?)?, items(&call.need("b")?)?))
}

fn keep(values: Vec<Value>, other: &[Value], wanted: bool) -> Result<Vec<Value>, Error> {
    let bag = Bag::new(other);
    let mut out = Vec::new();
    for value in values {
        if bag.has(&value)? == wanted {
            out.push(value);
        }
    }
    Ok(out)
}

fn union(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (mut a, b) = two(call)?;
    a.extend(b);
    once(a).map(ordered)
}

fn lists_union(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let mut all = Vec::new();
    for list in call.rest() {
        all.extend(list_items(&list)?);
    }
    once(all)
}

fn intersect(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (a, b) = two(call)?;
    once(keep(a, &b, true)?).map(ordered)
}

fn difference(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (a, b) = two(call)?;
    once(keep(a, &b, false)?).map(ordered)
}

fn symmetric_difference(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (a, b) = two(call)?;
    let mut out = keep(a.clone(), &b, false)?;
    out.extend(keep(b, &a, false)?);
    once(out).map(ordered)
}

/// Python's sets hold small numbers in their order, which playbooks have come to expect; other items stay in theirs.
fn ordered(list: Value) -> Value {
    let number = |item: Value| item.is_integer().then(|| item.as_usize()).flatten();
    let numbers: Option<Vec<usize>> = list.try_iter().ok().and_then(|items| items.map(number).collect());
    match numbers {
        Some(mut numbers) => {
            numbers.sort_unstable();
            numbers.into_iter().map(Value::from).collect()
        }
        None => list,
    }
}
