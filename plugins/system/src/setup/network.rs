use std::net::{Ipv4Addr, Ipv6Addr};

use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// One interface, as far as `/sys` and `ip addr` tell.
#[derive(Default)]
struct Interface {
    name: String,
    keys: Map,
    v4: Vec<Value>,
    v6: Vec<Value>,
}

/// Adds interfaces, their addresses, and the default routes.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let mut interfaces = from_sys(gathered);
    add_addresses(gathered.section("addresses"), &mut interfaces);
    let names: Vec<&str> = interfaces.iter().map(|interface| interface.name.as_str()).collect();
    facts.add("network", "interfaces", json!(names));
    let loopback =
        |address: &Value| address.as_str().is_some_and(|text| text.starts_with("127.") || text == "::1");
    let all = |of: fn(&Interface) -> &Vec<Value>| -> Vec<Value> {
        let addresses = interfaces.iter().flat_map(of).map(|entry| entry["address"].clone());
        addresses.filter(|address| !loopback(address)).collect()
    };
    facts.add("network", "all_ipv4_addresses", all(|interface| &interface.v4));
    facts.add("network", "all_ipv6_addresses", all(|interface| &interface.v6));
    facts.add("network", "locally_reachable_ips", reachable(&interfaces));
    facts.add("network", "default_ipv4", default_route(gathered.line("route4", 0), &interfaces, false));
    facts.add("network", "default_ipv6", default_route(gathered.line("route6", 0), &interfaces, true));
    for interface in interfaces {
        let fact = interface.name.replace(['-', ':'], "_");
        facts.add("network", &fact, interface.described());
    }
}

/// Returns the addresses that reach this host from itself, as the kernel's local routes have them: every address, and
/// the whole network of a loopback interface.
fn reachable(interfaces: &[Interface]) -> Value {
    let loopback = |interface: &Interface| interface.keys.get("type").is_some_and(|kind| kind == "loopback");
    let (lo, others): (Vec<_>, Vec<_>) = interfaces.iter().partition(|interface| loopback(interface));
    let mut v4 = Vec::new();
    for entry in lo.iter().flat_map(|interface| &interface.v4) {
        let (network, prefix) = (&entry["network"], &entry["prefix"]);
        v4.push(json!(format!(
            "{}/{}",
            network.as_str().unwrap_or_default(),
            prefix.as_str().unwrap_or_default()
        )));
    }
    let addresses = |of: fn(&Interface) -> &Vec<Value>| {
        let all = lo.iter().chain(&others).flat_map(move |interface| of(interface));
        all.map(|entry| entry["address"].clone()).collect::<Vec<_>>()
    };
    v4.extend(addresses(|interface| &interface.v4));
    json!({ "ipv4": v4, "ipv6": addresses(|interface| &interface.v6) })
}

fn from_sys(gathered: &Gathered) -> Vec<Interface> {
    let mut interfaces: Vec<Interface> = Vec::new();
    for (rest, value) in gathered.below("/sys/class/net/") {
        let Some((name, key)) = rest.split_once('/') else { continue };
        if interfaces.last().is_none_or(|last| last.name != name) {
            let keys = Map::from_iter([("device".to_owned(), json!(name))]);
            interfaces.push(Interface { name: name.to_owned(), keys, ..Interface::default() });
        }
        if let Some(interface) = interfaces.last_mut() {
            interface.add_key(key, value);
        }
    }
    for interface in &mut interfaces {
        interface.add_links(gathered);
    }
    interfaces
}

fn name_of(target: &str) -> &str {
    target.rsplit('/').next().unwrap_or(target)
}

impl Interface {
    /// Adds what only links and folders tell: the device, its driver, the ports of a bridge.
    fn add_links(&mut self, gathered: &Gathered) {
        let folder = format!("/sys/class/net/{}/", self.name);
        for (name, target) in gathered.links(&folder) {
            match name {
                "device" => drop(self.keys.insert("pciid".into(), json!(name_of(target)))),
                "device/driver/module" => drop(self.keys.insert("module".into(), json!(name_of(target)))),
                _ => {}
            }
        }
        if self.keys.get("type").is_some_and(|kind| kind == "bridge") {
            let ports = format!("{folder}brif/");
            let there = gathered.section("there").lines().filter_map(|path| path.strip_prefix(&ports));
            self.keys.insert("interfaces".into(), json!(there.collect::<Vec<_>>()));
        }
    }

    /// Adds a setting of a bridge or of a bond; the type of the interface is then this.
    fn add_group(&mut self, kind: &str, key: &str, value: Value) {
        self.keys.insert("type".into(), json!(kind));
        self.keys.insert(key.into(), value);
    }

    fn add_key(&mut self, key: &str, value: &str) {
        let hex = || u64::from_str_radix(value.trim_start_matches("0x"), 16).unwrap_or_default();
        match key {
            "address" if value != "00:00:00:00:00:00" => {
                drop(self.keys.insert("macaddress".into(), json!(value)))
            }
            "mtu" => drop(self.keys.insert("mtu".into(), json!(value.parse::<u64>().ok()))),
            "speed" => drop(self.keys.insert("speed".into(), json!(value.parse::<i64>().ok()))),
            "operstate" => drop(self.keys.insert("active".into(), json!(value != "down"))),
            "flags" => drop(self.keys.insert("promisc".into(), json!(hex() & 0x100 != 0))),
            "bridge/bridge_id" => self.add_group("bridge", "id", json!(value)),
            "bridge/stp_state" => self.add_group("bridge", "stp", json!(value == "1")),
            "bonding/slaves" => {
                self.add_group("bonding", "slaves", json!(value.split(' ').collect::<Vec<_>>()));
            }
            "bonding/mode" => self.add_group("bonding", "mode", json!(value.split(' ').next())),
            "bonding/miimon" => self.add_group("bonding", "miimon", json!(value.split(' ').next())),
            "bonding/lacp_rate" => self.add_group("bonding", "lacp_rate", json!(value.split(' ').next())),
            "bonding/primary" => self.add_group("bonding", "primary", json!(value)),
            "bonding/all_slaves_active" => {
                self.add_group("bonding", "all_slaves_active", json!(value == "1"));
            }
            "type" if !self.keys.contains_key("type") => {
                let kind = match value {
                    "1" => "ether",
                    "32" => "infiniband",
                    "512" => "ppp",
                    "772" => "loopback",
                    "65534" => "tunnel",
                    _ => "unknown",
                };
                self.keys.insert("type".into(), json!(kind));
            }
            _ => {}
        }
    }

    fn described(self) -> Value {
        let mut keys = self.keys;
        let mut v4 = self.v4.into_iter();
        if let Some(first) = v4.next() {
            keys.insert("ipv4".into(), first);
        }
        let more: Vec<Value> = v4.collect();
        if !more.is_empty() {
            keys.insert("ipv4_secondaries".into(), json!(more));
        }
        if !self.v6.is_empty() {
            keys.insert("ipv6".into(), json!(self.v6));
        }
        Value::Object(keys)
    }
}

/// Reads `ip addr`: a line `N: NAME: <FLAGS> ...` begins an interface, `inet` and `inet6` are its addresses.
fn add_addresses(said: &str, interfaces: &mut [Interface]) {
    let mut current = None;
    for line in said.lines() {
        if !line.starts_with(' ') {
            let name = line.split(": ").nth(1).unwrap_or_default();
            let name = name.split('@').next().unwrap_or_default();
            current = interfaces.iter_mut().find(|interface| interface.name == name);
            continue;
        }
        let Some(interface) = current.as_mut() else { continue };
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["inet", address, ..] => interface.v4.extend(v4(address, after(&words, "brd"))),
            ["inet6", address, ..] => interface.v6.extend(v6(address, after(&words, "scope"))),
            _ => {}
        }
    }
}

fn after<'a>(words: &[&'a str], word: &str) -> Option<&'a str> {
    words.iter().position(|found| *found == word).and_then(|index| words.get(index + 1)).copied()
}

fn v4(written: &str, broadcast: Option<&str>) -> Option<Value> {
    let (address, prefix) = written.split_once('/').unwrap_or((written, "32"));
    let (address, prefix): (Ipv4Addr, u32) = (address.parse().ok()?, prefix.parse().ok()?);
    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or_default();
    Some(json!({
        "address": address.to_string(),
        "broadcast": broadcast.unwrap_or_default(),
        "netmask": Ipv4Addr::from(mask).to_string(),
        "network": Ipv4Addr::from(u32::from(address) & mask).to_string(),
        "prefix": prefix.to_string(),
    }))
}

fn v6(written: &str, scope: Option<&str>) -> Option<Value> {
    let (address, prefix) = written.split_once('/').unwrap_or((written, "128"));
    let _: Ipv6Addr = address.parse().ok()?;
    Some(json!({ "address": address, "prefix": prefix, "scope": scope.unwrap_or_default() }))
}

/// Reads the first line of `ip route show default`.
fn default_route(line: &str, interfaces: &[Interface], six: bool) -> Value {
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some(device) = after(&words, "dev") else { return json!({}) };
    let mut route = Map::from_iter([("interface".to_owned(), json!(device))]);
    if let Some(gateway) = after(&words, "via") {
        route.insert("gateway".into(), json!(gateway));
    }
    let Some(interface) = interfaces.iter().find(|interface| interface.name == device) else {
        return Value::Object(route);
    };
    let addresses = if six { &interface.v6 } else { &interface.v4 };
    let source = after(&words, "src");
    let chosen = addresses
        .iter()
        .find(|entry| source.is_some_and(|source| entry["address"] == source))
        .or_else(|| addresses.iter().find(|entry| !six || entry["scope"] == "global"));
    if let Some(Value::Object(address)) = chosen {
        route.extend(address.clone());
    }
    for key in ["macaddress", "mtu", "type"] {
        if let Some(value) = interface.keys.get(key) {
            route.insert(key.into(), value.clone());
        }
    }
    if !six {
        route.insert("alias".into(), json!(device));
    }
    Value::Object(route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_interfaces_and_routes() {
        let said = "\u{1}files\n/sys/class/net/eth0/address:02:fc:00:00:00:01\n/sys/class/net/eth0/flags:0x1003\n\
            /sys/class/net/eth0/mtu:1400\n/sys/class/net/eth0/operstate:up\n/sys/class/net/eth0/type:1\n\
            \u{1}addresses\n4: eth0: <UP> mtu 1400\n    link/ether 02:fc\n    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\n\
            \u{20}   inet 192.0.2.3/32 scope global eth0\n    inet6 fd00::2/64 scope global nodad\n\
            \u{1}route4\ndefault via 192.0.2.1 dev eth0\n";
        let mut facts = Facts::default();
        add(&Gathered::read(said), &mut facts);
        let facts = facts.chosen(|_, _| true);
        let wanted = json!({
            "interface": "eth0", "gateway": "192.0.2.1", "address": "192.0.2.2", "broadcast": "192.0.2.255",
            "netmask": "255.255.255.0", "network": "192.0.2.0", "prefix": "24", "macaddress": "02:fc:00:00:00:01",
            "mtu": 1400, "type": "ether", "alias": "eth0",
        });
        assert_eq!(facts["ansible_default_ipv4"], wanted);
        assert_eq!(facts["ansible_default_ipv6"], json!({}));
        assert_eq!(facts["ansible_all_ipv4_addresses"], json!(["192.0.2.2", "192.0.2.3"]));
        assert_eq!(facts["ansible_eth0"]["ipv4_secondaries"][0]["netmask"], "255.255.255.255");
        assert_eq!(facts["ansible_eth0"]["ipv6"][0]["scope"], "global");
    }
}
