use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use switchover_values::{Stored, VarMap};

/// What is known of every host: facts, `set_fact`, `register`, `include_vars`. Lives as long as the run.
#[derive(Debug, Default)]
pub struct Memory {
    hosts: RwLock<HashMap<String, HostMemory>>,
}

/// What is known of one host. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct HostMemory {
    pub facts: Arc<VarMap>,
    pub set: Arc<VarMap>,
    pub included: Arc<VarMap>,
}

impl Memory {
    /// Returns what is known of a host.
    pub fn of(&self, host: &str) -> HostMemory {
        self.hosts.read().unwrap_or_else(PoisonError::into_inner).get(host).cloned().unwrap_or_default()
    }

    /// Adds facts: `ansible_facts` grows, and each fact is also known as `ansible_NAME`.
    pub fn add_facts(&self, host: &str, facts: switchover_protocol::Map) {
        self.change(host, |memory| {
            let known = Arc::make_mut(&mut memory.facts);
            let mut all = match known.get("ansible_facts") {
                Some(Stored::Data(value)) => switchover_values::to_json(value),
                _ => switchover_protocol::Value::Null,
            };
            if !all.is_object() {
                all = switchover_protocol::Value::Object(Default::default());
            }
            for (name, value) in facts {
                let data = switchover_values::from_json(value.clone());
                let short = name.strip_prefix("ansible_").unwrap_or(&name);
                let long = format!("ansible_{short}");
                all[short] = value;
                known.insert(long, data);
            }
            known.insert("ansible_facts", switchover_values::from_json(all));
        });
    }

    /// Sets variables as `set_fact` and `register` do.
    pub fn set(&self, host: &str, name: &str, value: Stored) {
        self.change(host, |memory| {
            Arc::make_mut(&mut memory.set).insert(name, value);
        });
    }

    /// Sets a variable that `set_fact: cacheable` gave: as a fact, and for this run as `set_fact` does.
    pub fn set_cacheable(&self, host: &str, name: &str, value: Stored) {
        self.change(host, |memory| {
            Arc::make_mut(&mut memory.facts).insert(name, value.clone());
            Arc::make_mut(&mut memory.set).insert(name, value);
        });
    }

    /// Sets variables of a file that `include_vars` read.
    pub fn include(&self, host: &str, vars: &VarMap) {
        self.change(host, |memory| Arc::make_mut(&mut memory.included).extend(vars));
    }

    /// Forgets the facts of a host (`meta: clear_facts`).
    pub fn clear_facts(&self, host: &str) {
        self.change(host, |memory| memory.facts = Arc::default());
    }

    fn change(&self, host: &str, change: impl FnOnce(&mut HostMemory)) {
        let mut hosts = self.hosts.write().unwrap_or_else(PoisonError::into_inner);
        change(hosts.entry(host.to_owned()).or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchover_protocol::Map;
    use switchover_values::to_json;

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
        memory.add_facts("h", facts);
        memory.add_facts("h", Map::from_iter([("ansible_fqdn".to_owned(), "h.x".into())]));
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
