use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What `set_stats` gathered: for the run, and for hosts by themselves.
#[derive(Default)]
pub struct Stats {
    run: Map<String, Value>,
    hosts: BTreeMap<String, Map<String, Value>>,
}

impl Stats {
    /// Takes the result of a task in that gave figures.
    pub fn add(&mut self, host: &str, stats: &Value) {
        let Some(data) = stats.get("data").and_then(Value::as_object) else { return };
        let flag = |name: &str| stats.get(name).and_then(Value::as_bool);
        let into = match flag("per_host") == Some(true) {
            true => self.hosts.entry(host.to_owned()).or_default(),
            false => &mut self.run,
        };
        let adds = flag("aggregate") != Some(false);
        for (key, value) in data {
            match into.get_mut(key).filter(|_| adds) {
                Some(before) => aggregate(before, value),
                None => drop(into.insert(key.clone(), value.clone())),
            }
        }
    }

    /// Returns whether nothing was gathered.
    pub fn is_empty(&self) -> bool {
        self.run.is_empty() && self.hosts.is_empty()
    }

    /// Returns what was gathered by hosts, in their order.
    pub fn hosts(&self) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        self.hosts.iter().map(|(host, stats)| (host.as_str(), stats))
    }

    /// Returns what was gathered for the run.
    pub fn run(&self) -> &Map<String, Value> {
        &self.run
    }
}

/// Numbers and texts are added, lists joined, mappings merged; of what does not fit together the first one stays.
/// Two truths are two, as in Python.
fn aggregate(before: &mut Value, more: &Value) {
    match (&mut *before, more) {
        (Value::Object(before), Value::Object(more)) => {
            for (key, value) in more {
                match before.get_mut(key) {
                    Some(inner) if inner.is_object() && value.is_object() => aggregate(inner, value),
                    _ => drop(before.insert(key.clone(), value.clone())),
                }
            }
        }
        (Value::Array(before), Value::Array(more)) => before.extend(more.iter().cloned()),
        (Value::String(before), Value::String(more)) => before.push_str(more),
        (Value::Number(a), Value::Number(b)) => {
            let sum = match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) => a.checked_add(b).map(Value::from),
                _ => a.as_f64().zip(b.as_f64()).map(|(a, b)| Value::from(a + b)),
            };
            *before = sum.unwrap_or_else(|| more.clone());
        }
        (Value::Bool(a), Value::Bool(b)) => *before = (u8::from(*a) + u8::from(*b)).into(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_added_up() {
        let mut stats = Stats::default();
        for host in ["a", "b"] {
            let data = json!({ "n": 2, "l": [host], "m": { host: 1 }, "t": host });
            stats.add(host, &json!({ "data": data, "per_host": false, "aggregate": true }));
            stats.add(host, &json!({ "data": { "own": host }, "per_host": true, "aggregate": true }));
        }
        let run = json!({ "n": 4, "l": ["a", "b"], "m": { "a": 1, "b": 1 }, "t": "ab" });
        assert_eq!(Value::Object(stats.run().clone()), run);
        assert_eq!(
            stats.hosts().map(|(host, own)| (host, &own["own"])).collect::<Vec<_>>(),
            [("a", &json!("a")), ("b", &json!("b"))]
        );
    }
}
