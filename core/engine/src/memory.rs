use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use switchover_protocol::{Map, Value};
use switchover_values::{Stored, VarMap, from_json, node_to_value, to_json};

use crate::fact_cache::FactCache;

/// What is known of every host: facts, `set_fact`, `register`, `include_vars`. Lives as long as the run, but for the
/// facts that a cache keeps.
#[derive(Debug)]
pub struct Memory {
    hosts: RwLock<HashMap<String, HostMemory>>,
    /// Whether facts are variables too, beside `ansible_facts`.
    inject: bool,
    cache: Option<FactCache>,
}

/// What is known of one host. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct HostMemory {
    pub facts: Arc<VarMap>,
    pub set: Arc<VarMap>,
    pub included: Arc<VarMap>,
    /// The facts under the names that they were given.
    given: Arc<Map>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(true, None)
    }
}

impl HostMemory {
    /// Returns the facts; `ansible_facts` is there also before any was gathered.
    pub fn facts(&self) -> Arc<VarMap> {
        if self.facts.get("ansible_facts").is_some() {
            return Arc::clone(&self.facts);
        }
        let mut facts = VarMap::clone(&self.facts);
        let none = switchover_protocol::Value::Object(Default::default());
        facts.insert("ansible_facts", switchover_values::from_json(none));
        Arc::new(facts)
    }
}

impl Memory {
    /// Returns an empty memory, which learns from a cache what it holds of a host that is asked for.
    pub fn new(inject: bool, cache: Option<FactCache>) -> Self {
        Self { hosts: RwLock::default(), inject, cache }
    }

    /// Returns what is known of a host.
    pub fn of(&self, host: &str) -> HostMemory {
        let known = self.hosts.read().unwrap_or_else(PoisonError::into_inner).get(host).cloned();
        match (known, &self.cache) {
            (Some(known), _) => known,
            (None, None) => HostMemory::default(),
            (None, Some(_)) => self.change(host, |memory| memory.clone()),
        }
    }

    /// Returns whether the facts of a host were gathered, now or in a run that the cache knows of.
    pub fn has_gathered(&self, host: &str) -> bool {
        self.of(host).given.contains_key("module_setup")
    }

    /// Returns the facts of a host as they are after these were learnt, without learning them.
    pub fn facts_with(&self, host: &str, facts: Map) -> Arc<VarMap> {
        let mut memory = self.of(host);
        memory.learn(facts, self.inject);
        memory.facts
    }

    /// Adds facts: `ansible_facts` grows, and each fact is also known as `ansible_NAME`. Returns what went wrong when
    /// they were to be kept.
    pub fn add_facts(&self, host: &str, facts: Map) -> Result<(), String> {
        let given = self.change(host, |memory| {
            memory.learn(facts, self.inject);
            Arc::clone(&memory.given)
        });
        self.keep(host, &given)
    }

    /// Sets variables as `set_fact` and `register` do.
    pub fn set(&self, host: &str, name: &str, value: Stored) {
        self.change(host, |memory| {
            Arc::make_mut(&mut memory.set).insert(name, value);
        });
    }

    /// Sets a variable that `set_fact: cacheable` gave: as a fact, and for this run as `set_fact` does.
    pub fn set_cacheable(&self, host: &str, name: &str, value: Stored) -> Result<(), String> {
        let fact = match &value {
            Stored::Data(value) => to_json(value),
            Stored::Author(node) => to_json(&node_to_value(node)),
        };
        let given = self.change(host, |memory| {
            memory.learn(Map::from_iter([(name.to_owned(), fact)]), false);
            Arc::make_mut(&mut memory.facts).insert(name, value.clone());
            Arc::make_mut(&mut memory.set).insert(name, value);
            Arc::clone(&memory.given)
        });
        self.keep(host, &given)
    }

    /// Sets variables of a file that `include_vars` read.
    pub fn include(&self, host: &str, vars: &VarMap) {
        self.change(host, |memory| Arc::make_mut(&mut memory.included).extend(vars));
    }

    /// Forgets the facts of a host (`meta: clear_facts`), in the cache too.
    pub fn clear_facts(&self, host: &str) {
        self.cache.iter().for_each(|cache| cache.forget(host));
        self.change(host, |memory| {
            memory.facts = Arc::default();
            memory.given = Arc::default();
        });
    }

    fn keep(&self, host: &str, given: &Map) -> Result<(), String> {
        self.cache.as_ref().map_or(Ok(()), |cache| cache.write(host, given))
    }

    fn change<T>(&self, host: &str, change: impl FnOnce(&mut HostMemory) -> T) -> T {
        let mut hosts = self.hosts.write().unwrap_or_else(PoisonError::into_inner);
        let memory = hosts.entry(host.to_owned()).or_insert_with(|| {
            let mut memory = HostMemory::default();
            if let Some(facts) = self.cache.as_ref().and_then(|cache| cache.read(host)) {
                memory.learn(facts, self.inject);
            }
            memory
        });
        change(memory)
    }
}

impl HostMemory {
    fn learn(&mut self, facts: Map, inject: bool) {
        let known = Arc::make_mut(&mut self.facts);
        let given = Arc::make_mut(&mut self.given);
        let mut all = match known.get("ansible_facts") {
            Some(Stored::Data(value)) => to_json(value),
            _ => Value::Null,
        };
        if !all.is_object() {
            all = Value::Object(Map::new());
        }
        for (name, value) in facts {
            let short = name.strip_prefix("ansible_").unwrap_or(&name);
            all[short] = value.clone();
            if inject {
                let data = from_json(value.clone());
                known.insert(format!("ansible_{short}"), data.clone());
                known.insert(name.as_str(), data);
            }
            given.insert(name, value);
        }
        known.insert("ansible_facts", from_json(all));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(memory: &VarMap, name: &str) -> serde_json::Value {
        match memory.get(name) {
            Some(Stored::Data(value)) => to_json(value),
            other => panic!("{name} is {other:?}"),
        }
    }

    #[test]
    fn facts_have_both_spellings() {
        let memory = Memory::default();
        let facts = Map::from_iter([("ansible_os_family".to_owned(), "Debian".into())]);
        memory.add_facts("h", facts).unwrap();
        memory.add_facts("h", Map::from_iter([("ansible_fqdn".to_owned(), "h.x".into())])).unwrap();
        let known = memory.of("h").facts;
        assert_eq!(value(&known, "ansible_os_family"), "Debian");
        assert_eq!(value(&known, "ansible_facts")["os_family"], "Debian");
        assert_eq!(value(&known, "ansible_facts")["fqdn"], "h.x");
    }

    #[test]
    fn hosts_do_not_see_each_other() {
        let memory = Memory::default();
        memory.set("a", "x", Stored::Data(1.into()));
        assert!(memory.of("b").set.is_empty());
    }
}
