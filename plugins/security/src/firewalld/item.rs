use switchover_sdk::prelude::*;

/// What a task of firewalld may be about; one of these.
#[derive(Params)]
pub struct Items {
    /// A service, as `firewall-cmd --get-services` names it.
    pub service: Option<String>,
    /// A port or range with its protocol: `8080/tcp`, `161-162/udp`.
    pub port: Option<String>,
    /// A protocol.
    pub protocol: Option<String>,
    /// A network from which packets belong to the zone.
    pub source: Option<String>,
    /// A network card whose packets belong to the zone.
    pub interface: Option<String>,
    /// A rule in firewalld's rich language.
    pub rich_rule: Option<String>,
    /// A kind of ICMP that is blocked.
    pub icmp_block: Option<String>,
    /// Blocks all kinds of ICMP but those that are named.
    pub icmp_block_inversion: Option<bool>,
    /// Hides addresses behind that of the host.
    pub masquerade: Option<bool>,
    /// Lets packets pass between networks of the zone.
    pub forward: Option<bool>,
    /// A port that leads elsewhere: `port`, `proto`, `toport`, `toaddr`.
    pub port_forward: Option<Vec<Map>>,
    /// What happens to packets that nothing is said about.
    #[param(choices("default", "ACCEPT", "DROP", "%%REJECT%%"))]
    pub target: Option<String>,
}

/// One thing that firewalld knows of.
pub enum Item {
    /// Has a value: `--add-NAME=VALUE`.
    Named {
        name: &'static str,
        value: String,
    },
    /// Is on or off: `--add-NAME`.
    Switch {
        name: &'static str,
        on: bool,
    },
    Target(String),
    Zone(String),
}

impl Items {
    /// Returns the one that was given.
    pub fn one(&self) -> Result<Option<Item>, Failure> {
        let named = [
            ("service", &self.service),
            ("port", &self.port),
            ("protocol", &self.protocol),
            ("source", &self.source),
            ("interface", &self.interface),
            ("rich-rule", &self.rich_rule),
            ("icmp-block", &self.icmp_block),
        ];
        let switches = [
            ("icmp-block-inversion", self.icmp_block_inversion),
            ("masquerade", self.masquerade),
            ("forward", self.forward),
        ];
        let named =
            named.into_iter().find_map(|(name, value)| Some(Item::Named { name, value: value.clone()? }));
        let switch = switches.into_iter().find_map(|(name, on)| Some(Item::Switch { name, on: on? }));
        let forward = self.port_forward.as_deref().map(port_forward).transpose()?;
        let target = self.target.clone().map(Item::Target);
        if self.port.as_ref().is_some_and(|port| !port.contains('/')) {
            return Err(Failure::arguments("improper port format (missing protocol?)"));
        }
        Ok(named.or(switch).or(forward).or(target))
    }
}

fn port_forward(list: &[Map]) -> Result<Item, Failure> {
    let [one] = list else {
        return Err(Failure::arguments("Only one port forward supported at a time"));
    };
    let text = |key: &str| match &one.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let (Some(port), Some(proto)) = (text("port"), text("proto")) else {
        return Err(Failure::arguments("port_forward needs `port` and `proto`"));
    };
    let mut value = format!("port={port}:proto={proto}");
    for key in ["toport", "toaddr"] {
        if let Some(text) = text(key) {
            value.push_str(&format!(":{key}={text}"));
        }
    }
    Ok(Item::Named { name: "forward-port", value })
}

impl Item {
    /// Returns the arguments that ask whether it is so.
    pub fn question(&self) -> Vec<String> {
        vec![match self {
            Self::Named { name, value } => format!("--query-{name}={value}"),
            Self::Switch { name, .. } => format!("--query-{name}"),
            Self::Target(_) => "--get-target".to_owned(),
            Self::Zone(_) => "--get-zones".to_owned(),
        }]
    }

    /// Returns the arguments that make it so.
    pub fn order(&self, wanted: bool) -> Vec<String> {
        let verb = if wanted { "add" } else { "remove" };
        vec![match self {
            Self::Named { name, value } => format!("--{verb}-{name}={value}"),
            Self::Switch { name, .. } => format!("--{verb}-{name}"),
            Self::Target(target) => format!("--set-target={}", if wanted { target } else { "default" }),
            Self::Zone(zone) if wanted => format!("--new-zone={zone}"),
            Self::Zone(zone) => format!("--delete-zone={zone}"),
        }]
    }

    /// Puts the zone before arguments that are about something in it.
    pub fn in_zone(&self, zone: Option<&str>, arguments: Vec<String>) -> Vec<String> {
        let zone = zone.filter(|_| !matches!(self, Self::Zone(_))).map(|zone| format!("--zone={zone}"));
        zone.into_iter().chain(arguments).collect()
    }

    /// Returns whether an answer says that it is as wanted.
    pub fn is_so(&self, said: &str, rc: &str, wanted: bool) -> Result<bool, Failure> {
        let there = match (self, rc) {
            (Self::Target(target), "0") => return Ok(said.trim() == if wanted { target } else { "default" }),
            (Self::Zone(zone), "0") => said.split_whitespace().any(|name| name == zone),
            (_, "0") => true,
            (Self::Named { .. } | Self::Switch { .. }, "1") => false,
            _ => return Err(Failure::new(said.trim().to_owned()).with("rc", rc.parse().unwrap_or(1))),
        };
        Ok(there == wanted)
    }

    /// Returns whether a running firewalld can change it.
    pub fn has_runtime(&self) -> bool {
        matches!(self, Self::Named { .. } | Self::Switch { .. })
    }

    /// Returns it in words.
    pub fn shown(&self) -> String {
        match self {
            Self::Named { name, value } => format!("{} {value}", name.replace('-', "_")),
            Self::Switch { name, .. } => name.replace('-', "_"),
            Self::Target(target) => format!("target {target}"),
            Self::Zone(zone) => format!("zone {zone}"),
        }
    }
}
