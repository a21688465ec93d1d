use switchover_sdk::from_value;
use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// Adds the facts that the host keeps of itself, as INI or JSON.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let mut local = Map::new();
    for part in gathered.section("local").split('\u{2}').skip(1) {
        let (path, rest) = part.split_once('\n').unwrap_or((part, ""));
        let (text, rc) = rest.rsplit_once('\u{3}').unwrap_or((rest, "0"));
        let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".fact");
        let value = match rc.trim() {
            "0" => read(text.trim_end_matches('\n')),
            rc => json!(format!("Failure executing fact script ({path}), rc: {rc}")),
        };
        local.insert(name.to_owned(), value);
    }
    facts.add("local", "local", Value::Object(local));
}

fn read(text: &str) -> Value {
    if let Ok(value) = text.parse::<Value>() {
        return value;
    }
    ini(text).unwrap_or_else(|| json!("error loading facts as JSON or ini - please check content"))
}

fn ini(text: &str) -> Option<Value> {
    let mut sections = Map::new();
    let mut current: Option<String> = None;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            let name = name.strip_suffix(']')?.to_owned();
            sections.entry(name.clone()).or_insert_with(|| json!({}));
            current = Some(name);
            continue;
        }
        let end = line.find(['=', ':'])?;
        let (name, value) = (line[..end].trim().to_lowercase(), line[end + 1..].trim());
        let mut section: Map = from_value(sections.get(current.as_ref()?)?.clone()).ok()?;
        section.insert(name, json!(value));
        sections.insert(current.clone()?, Value::Object(section));
    }
    current.map(|_| Value::Object(sections))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_json_ini_and_failures() {
        let said = "\u{1}local\n\u{2}/etc/ansible/facts.d/a.fact\n{\"x\": 1}\n\u{3}0\n\
                    \u{2}/etc/ansible/facts.d/b.fact\n[general]\nKey=two words\nb: 2\n\u{3}0\n\
                    \u{2}/etc/ansible/facts.d/c.fact\nnothing\n\u{3}0\n\u{2}/d.fact\n\u{3}1\n";
        let mut facts = Facts::default();
        add(&Gathered::read(said), &mut facts);
        let wanted = json!({
            "a": { "x": 1 },
            "b": { "general": { "key": "two words", "b": "2" } },
            "c": "error loading facts as JSON or ini - please check content",
            "d": "Failure executing fact script (/d.fact), rc: 1",
        });
        assert_eq!(facts.chosen(|_, _| true)["ansible_local"], wanted);
    }
}
