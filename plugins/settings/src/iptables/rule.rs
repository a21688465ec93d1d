use switchover_sdk::prelude::*;

/// What a rule matches, and what becomes of the packet. A leading `!` turns a condition around.
#[derive(Params)]
pub struct RuleParams {
    /// The protocol: a name or number.
    pub protocol: Option<String>,
    /// Where the packet comes from: an address, a network or a name.
    pub source: Option<String>,
    /// Where it goes to.
    pub destination: Option<String>,
    /// Extensions that are loaded for the rule.
    #[param(default = [])]
    pub r#match: Vec<String>,
    /// `flags` that are looked at, and those that must be set (`flags_set`).
    pub tcp_flags: Option<Map>,
    /// What becomes of the packet: a target or a chain.
    pub jump: Option<String>,
    /// Where a copy is sent, with `jump: TEE`.
    pub gateway: Option<String>,
    /// Begins the line of the log.
    pub log_prefix: Option<String>,
    /// How important the line of the log is.
    #[param(choices(
        "0", "1", "2", "3", "4", "5", "6", "7", "emerg", "alert", "crit", "error", "warning", "notice",
        "info", "debug"
    ))]
    pub log_level: Option<String>,
    /// The destination that the packet gets.
    pub to_destination: Option<String>,
    /// Several destination ports or ranges.
    #[param(default = [])]
    pub destination_ports: Vec<String>,
    /// The source that the packet gets.
    pub to_source: Option<String>,
    /// A chain that the packet goes on in, without coming back here.
    pub goto: Option<String>,
    /// The interface that it came in by.
    pub in_interface: Option<String>,
    /// The interface that it will leave by.
    pub out_interface: Option<String>,
    /// Only later fragments.
    pub fragment: Option<String>,
    /// What the counters of the rule begin with: packets and bytes.
    pub set_counters: Option<String>,
    /// The source port, or a range.
    pub source_port: Option<String>,
    /// The destination port, or a range.
    pub destination_port: Option<String>,
    /// The ports that the packet gets.
    pub to_ports: Option<String>,
    /// The DSCP mark that the packet gets, with `jump: DSCP`.
    pub set_dscp_mark: Option<String>,
    /// The class whose DSCP mark it gets, with `jump: DSCP`.
    pub set_dscp_mark_class: Option<String>,
    /// Only packets that open a connection, or only others.
    #[param(default = "ignore", choices("ignore", "match", "negate"))]
    pub syn: String,
    /// States of the connection.
    #[param(default = [])]
    pub ctstate: Vec<String>,
    /// A range of sources.
    pub src_range: Option<String>,
    /// A range of destinations.
    pub dst_range: Option<String>,
    /// A set of ipset; `match_set_flags` goes with it.
    pub match_set: Option<String>,
    /// What of the packet is looked up in the set.
    #[param(choices("src", "dst", "src,dst", "dst,src", "dst,dst", "src,src"))]
    pub match_set_flags: Option<String>,
    /// How many packets match, on average.
    pub limit: Option<String>,
    /// How many match before the limit counts.
    pub limit_burst: Option<String>,
    /// The user whose process sent it.
    pub uid_owner: Option<String>,
    /// The group whose process sent it.
    pub gid_owner: Option<String>,
    /// The error that a refused packet is answered with; means `jump: REJECT`.
    pub reject_with: Option<String>,
    /// The type of an ICMP packet.
    pub icmp_type: Option<String>,
    /// A comment on the rule.
    pub comment: Option<String>,
}

/// The words of a rule, as they grow.
struct Words(Vec<String>);

impl Words {
    fn plain(&mut self, words: &[&str]) {
        self.0.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// Adds an option with its value, when there is one; `!VALUE` turns it around.
    fn option(&mut self, name: &str, value: Option<&String>) {
        match value.map(|value| (value, value.strip_prefix('!'))) {
            None => {}
            Some((_, Some(value))) => self.plain(&["!", name, value.trim_start()]),
            Some((value, None)) => self.plain(&[name, value]),
        }
    }
}

impl RuleParams {
    /// Returns the arguments of iptables, in Ansible's order; none when the task names no rule.
    pub fn words(&self) -> Result<Vec<String>, Failure> {
        self.refuse_nonsense()?;
        let mut words = Words(Vec::new());
        words.option("-p", self.protocol.as_ref());
        words.option("-s", self.source.as_ref());
        words.option("-d", self.destination.as_ref());
        self.r#match.iter().for_each(|name| words.plain(&["-m", name]));
        self.tcp_flags(&mut words)?;
        self.target(&mut words);
        words.option("--to-destination", self.to_destination.as_ref());
        if !self.destination_ports.is_empty() {
            words.plain(&["-m", "multiport", "--dports", &self.destination_ports.join(",")]);
        }
        words.option("--to-source", self.to_source.as_ref());
        words.option("-g", self.goto.as_ref());
        words.option("-i", self.in_interface.as_ref());
        words.option("-o", self.out_interface.as_ref());
        self.fragment(&mut words);
        self.counters(&mut words);
        words.option("--source-port", self.source_port.as_ref());
        words.option("--destination-port", self.destination_port.as_ref());
        words.option("--to-ports", self.to_ports.as_ref());
        words.option("--set-dscp", self.set_dscp_mark.as_ref());
        words.option("--set-dscp-class", self.set_dscp_mark_class.as_ref());
        match self.syn.as_str() {
            "match" => words.plain(&["--syn"]),
            "negate" => words.plain(&["!", "--syn"]),
            _ => {}
        }
        self.connection(&mut words);
        self.limits(&mut words);
        words.option("--reject-with", self.reject_with.as_ref());
        words.option("--icmp-type", self.icmp_type.as_ref());
        if let Some(comment) = &self.comment {
            words.plain(&["-m", "comment", "--comment", comment]);
        }
        Ok(words.0)
    }

    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let jump = self.jump.as_deref();
        let logs = self.log_prefix.is_some() || self.log_level.is_some();
        let marks = self.set_dscp_mark.is_some() || self.set_dscp_mark_class.is_some();
        let msg = if logs && jump.is_some_and(|jump| jump != "LOG") {
            "Logging options can only be used with the LOG jump target."
        } else if self.match_set.is_some() != self.match_set_flags.is_some() {
            "parameters are required together: match_set, match_set_flags"
        } else if self.gateway.is_some() && jump != Some("TEE") {
            "`gateway` is for `jump: TEE`"
        } else if marks && jump.is_some_and(|jump| jump != "DSCP") {
            "a DSCP mark is set by `jump: DSCP`"
        } else {
            return Ok(());
        };
        Err(Failure::arguments(msg))
    }

    /// Adds what becomes of the packet. Some options mean a target.
    fn target(&self, words: &mut Words) {
        let implied = [
            (self.log_prefix.is_some() || self.log_level.is_some(), "LOG"),
            (self.set_dscp_mark.is_some() || self.set_dscp_mark_class.is_some(), "DSCP"),
            (self.reject_with.is_some(), "REJECT"),
        ];
        let implied = implied.iter().find(|(given, _)| *given).map(|(_, target)| *target);
        if let Some(target) = self.jump.as_deref().filter(|jump| !jump.is_empty()).or(implied) {
            words.plain(&["-j", target]);
        }
        words.option("--gateway", self.gateway.as_ref());
        if let Some(prefix) = &self.log_prefix {
            words.plain(&["--log-prefix", prefix]);
        }
        words.option("--log-level", self.log_level.as_ref());
    }

    fn tcp_flags(&self, words: &mut Words) -> Result<(), Failure> {
        let Some(flags) = &self.tcp_flags else { return Ok(()) };
        let names = |key: &str| match flags.get(key) {
            Some(Value::Array(names)) => {
                Some(names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
            }
            Some(Value::String(names)) => Some(names.clone()),
            _ => None,
        };
        match (names("flags"), names("flags_set")) {
            (Some(looked_at), Some(set)) => words.plain(&["--tcp-flags", &looked_at, &set]),
            _ => return Err(Failure::arguments("`tcp_flags` needs `flags` and `flags_set`")),
        }
        Ok(())
    }

    fn fragment(&self, words: &mut Words) {
        match self.fragment.as_deref() {
            None | Some("") => {}
            Some(text) if text.starts_with('!') => words.plain(&["!", "-f"]),
            Some(_) => words.plain(&["-f"]),
        }
    }

    fn counters(&self, words: &mut Words) {
        let Some(counters) = &self.set_counters else { return };
        words.plain(&["-c"]);
        counters.split([' ', ',']).filter(|word| !word.is_empty()).for_each(|word| words.plain(&[word]));
    }

    fn has(&self, extension: &str) -> bool {
        self.r#match.iter().any(|name| name == extension)
    }

    /// Adds the state of the connection, ranges of addresses and sets. An extension that the task loads is not
    /// loaded twice.
    fn connection(&self, words: &mut Words) {
        if !self.ctstate.is_empty() {
            let states = self.ctstate.join(",");
            match (self.has("state"), self.has("conntrack")) {
                (true, _) => words.option("--state", Some(&states)),
                (_, true) => words.option("--ctstate", Some(&states)),
                _ => {
                    words.plain(&["-m", "conntrack"]);
                    words.option("--ctstate", Some(&states));
                }
            }
        }
        if self.src_range.is_some() || self.dst_range.is_some() {
            if !self.has("iprange") {
                words.plain(&["-m", "iprange"]);
            }
            words.option("--src-range", self.src_range.as_ref());
            words.option("--dst-range", self.dst_range.as_ref());
        }
        if let (Some(set), Some(flags)) = (&self.match_set, &self.match_set_flags) {
            if !self.has("set") {
                words.plain(&["-m", "set"]);
            }
            words.option("--match-set", Some(set));
            words.plain(&[flags]);
        }
    }

    fn limits(&self, words: &mut Words) {
        if self.limit.is_some() || self.limit_burst.is_some() {
            words.plain(&["-m", "limit"]);
            words.option("--limit", self.limit.as_ref());
            words.option("--limit-burst", self.limit_burst.as_ref());
        }
        for (name, owner) in [("--uid-owner", &self.uid_owner), ("--gid-owner", &self.gid_owner)] {
            if owner.is_some() {
                words.plain(&["-m", "owner"]);
                words.option(name, owner.as_ref());
            }
        }
    }
}
