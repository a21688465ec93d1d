use switchover_sdk::prelude::*;

/// A rule of ufw, and the direction of a policy.
#[derive(Params)]
pub struct Rule {
    /// What happens to the packets.
    #[param(choices("allow", "deny", "limit", "reject"))]
    pub rule: Option<String>,
    /// Which way packets go: of a rule, or of the policy.
    #[param(choices("in", "incoming", "out", "outgoing", "routed"))]
    pub direction: Option<String>,
    /// Only packets of this interface.
    #[param(alias = "if")]
    pub interface: Option<String>,
    /// Only packets that come by this interface.
    #[param(alias = "if_in")]
    pub interface_in: Option<String>,
    /// Only packets that leave by this interface.
    #[param(alias = "if_out")]
    pub interface_out: Option<String>,
    /// Is about packets that only pass.
    #[param(default = false)]
    pub route: bool,
    /// Writes new connections to the log.
    #[param(default = false)]
    pub log: bool,
    /// Where packets come from.
    #[param(alias = "from", alias = "src", default = "any")]
    pub from_ip: String,
    /// The port they come from.
    pub from_port: Option<String>,
    /// Where they go.
    #[param(alias = "dest", alias = "to", default = "any")]
    pub to_ip: String,
    /// The port they go to.
    #[param(alias = "port")]
    pub to_port: Option<String>,
    /// The protocol.
    #[param(alias = "protocol", choices("any", "tcp", "udp", "ipv6", "esp", "ah", "gre", "igmp", "vrrp"))]
    pub proto: Option<String>,
    /// A profile of `/etc/ufw/applications.d`.
    #[param(alias = "app")]
    pub name: Option<String>,
    /// Removes the rule.
    #[param(default = false)]
    pub delete: bool,
    /// Puts the rule at this number.
    pub insert: Option<i64>,
    /// What the number counts from.
    #[param(
        default = "zero",
        choices("first-ipv4", "first-ipv6", "last-ipv4", "last-ipv6", "zero"),
        refused = "only the first rule is counted from; give `insert` the rule's own number"
    )]
    pub insert_relative_to: String,
    /// A comment of the rule.
    pub comment: Option<String>,
}

impl Rule {
    /// Returns the arguments of ufw; none without a rule.
    pub fn arguments(&self) -> Result<Vec<String>, Failure> {
        let Some(rule) = &self.rule else { return Ok(Vec::new()) };
        self.refuse_nonsense()?;
        let mut words: Vec<&str> = Vec::new();
        let number = self.insert.map(|number| number.to_string());
        words.extend(self.route.then_some("route"));
        words.extend(self.delete.then_some("delete"));
        if let Some(number) = number.as_deref().filter(|_| !self.delete) {
            words.extend(["insert", number]);
        }
        words.push(rule);
        words.extend(self.direction.as_deref().map(short));
        let on = |head: &'static [&'static str], value: &Option<String>| -> Vec<String> {
            value
                .iter()
                .flat_map(|value| head.iter().map(|w| (*w).to_owned()).chain([value.clone()]))
                .collect()
        };
        let interfaces = [
            on(&["on"], &self.interface),
            on(&["in", "on"], &self.interface_in),
            on(&["out", "on"], &self.interface_out),
        ]
        .concat();
        let mut tail: Vec<String> = Vec::new();
        tail.extend(self.log.then(|| "log".to_owned()));
        tail.extend(["from".to_owned(), self.from_ip.clone()]);
        tail.extend(on(&["port"], &self.from_port));
        tail.extend(["to".to_owned(), self.to_ip.clone()]);
        tail.extend(on(&["port"], &self.to_port));
        tail.extend(on(&["proto"], &self.proto));
        tail.extend(on(&["app"], &self.name));
        tail.extend(on(&["comment"], &self.comment));
        Ok(words.into_iter().map(str::to_owned).chain(interfaces).chain(tail).collect())
    }

    /// Returns which packets a policy is about.
    pub fn policy_direction(&self) -> &'static str {
        match self.direction.as_deref() {
            Some("out" | "outgoing") => "outgoing",
            Some("routed") => "routed",
            _ => "incoming",
        }
    }

    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let msg = if self.interface.is_some() && self.direction.is_none() {
            "Direction must be specified when creating a rule on an interface."
        } else if (self.interface_in.is_some() && self.interface_out.is_some()) && !self.route {
            "Only route rules can combine interface_in and interface_out"
        } else if self.interface.is_some() && (self.interface_in.is_some() || self.interface_out.is_some()) {
            "parameters are mutually exclusive: interface|interface_in|interface_out"
        } else {
            return Ok(());
        };
        Err(Failure::arguments(msg))
    }
}

/// Rules know the short words.
fn short(direction: &str) -> &str {
    match direction {
        "incoming" => "in",
        "outgoing" => "out",
        other => other,
    }
}
