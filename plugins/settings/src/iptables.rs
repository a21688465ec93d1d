mod rule;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

pub use rule::RuleParams;

#[derive(Params)]
pub struct IptablesParams {
    /// The chain; without it, `flush` empties the whole table.
    pub chain: Option<String>,
    /// The table of chains.
    #[param(default = "filter", choices("filter", "nat", "mangle", "raw", "security"))]
    pub table: String,
    /// Whether the rule is there.
    #[param(default = "present")]
    pub state: State,
    /// Where a new rule goes: `append` for the end of the chain, `insert` for its begin.
    #[param(default = "append", choices("append", "insert"))]
    pub action: String,
    /// The number that an inserted rule gets.
    pub rule_num: Option<String>,
    /// The protocol that the rule is for.
    #[param(default = "ipv4")]
    pub ip_version: IpVersion,
    /// Makes the chain when it is missing; with `state: absent` and no rule, removes it.
    #[param(default = false)]
    pub chain_management: bool,
    /// Removes all rules of the chain, or of the table.
    #[param(default = false)]
    pub flush: bool,
    /// What becomes of packets that no rule of the chain takes.
    #[param(choices("ACCEPT", "DROP", "QUEUE", "RETURN"))]
    pub policy: Option<String>,
    /// Seconds to wait for others who change the tables.
    pub wait: Option<String>,
    /// Looks at chains without asking for the names of addresses.
    #[param(default = false)]
    pub numeric: bool,
    #[param(flatten)]
    pub rule: RuleParams,
}

/// Whether a rule or chain is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

/// The protocol of a rule.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpVersion {
    Ipv4,
    Ipv6,
    Both,
}

impl IpVersion {
    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Ipv4 => &["iptables"],
            Self::Ipv6 => &["ip6tables"],
            Self::Both => &["iptables", "ip6tables"],
        }
    }
}

pub struct Iptables;

impl Module for Iptables {
    type Params = IptablesParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.iptables",
        aliases: &["iptables"],
        summary: "Keeps rules, chains and policies of the kernel's packet filter, until the next start.",
        mutually_exclusive: &[&["set_dscp_mark", "set_dscp_mark_class"], &["flush", "policy"]],
        examples: &[
            ("Drop an address", "iptables: { chain: INPUT, source: 192.0.2.8, jump: DROP }"),
            (
                "Let connections in",
                "iptables: { chain: INPUT, protocol: tcp, destination_ports: ['80', '443'], ctstate: NEW, jump: ACCEPT }",
            ),
            ("A chain of its own", "ansible.builtin.iptables: { chain: ALLOWLIST, chain_management: true }"),
        ],
        returns: &[
            ("rule", "the rule, as arguments of iptables"),
            (
                "chain",
                "the chain, with `table`, `state`, `ip_version`, `flush`, `chain_management` and `wait`",
            ),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &IptablesParams, host: &Host) -> Result<Delta, Failure> {
        let rule = params.refuse_nonsense()?;
        let changes: Vec<(&str, Vec<String>)> = match params.question(&rule) {
            None => params.programs().map(|program| (program, params.flush_words())).collect(),
            Some(questions) => params.ask(&questions, &rule, host)?,
        };
        let result = params.result(&rule);
        if changes.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let lines: Vec<String> =
            changes.iter().map(|(program, words)| format!("{program} {}\n", words.join(" "))).collect();
        let what = params.chain.as_deref().unwrap_or(&params.table);
        Ok(Delta::change(what, "", lines.concat()).with_result(result).with_state(json!(changes)))
    }

    fn apply(_: &IptablesParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let commands = delta.state().as_array().into_iter().flatten().map(|change| {
            let words = change[1].as_array().into_iter().flatten().filter_map(Value::as_str);
            Command::new(change[0].as_str().into_iter().chain(words))
        });
        for command in commands {
            let output = host.exec(&command)?;
            if output.rc != 0 {
                return Err(failed(&command, &output));
            }
        }
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

fn failed(command: &Command, output: &ExecOutput) -> Failure {
    let stderr = output.stderr.to_text();
    Failure::new(stderr.trim_end())
        .with("cmd", command.display())
        .with("rc", output.rc)
        .with("stdout", output.stdout.to_text())
        .with("stderr", stderr)
}

/// What is asked of one program: whether the rule is there, or what the chain is.
struct Questions {
    rule: bool,
    chain: bool,
}

impl IptablesParams {
    fn programs(&self) -> impl Iterator<Item = &'static str> {
        self.ip_version.programs().iter().copied()
    }

    /// Returns the words of the rule.
    fn refuse_nonsense(&self) -> Result<Vec<String>, Failure> {
        if !self.flush && self.chain.is_none() {
            return Err(Failure::arguments("flush is False but all of the following are missing: chain"));
        }
        if self.flush || self.policy.is_some() { Ok(Vec::new()) } else { self.rule.words() }
    }

    /// Returns what must be asked; `None` when there is nothing to ask.
    fn question(&self, rule: &[String]) -> Option<Questions> {
        match (self.flush, self.policy.is_some(), self.chain_management) {
            (true, ..) => None,
            (_, true, _) => Some(Questions { rule: false, chain: true }),
            (.., false) => Some(Questions { rule: true, chain: false }),
            (.., true) => Some(Questions { rule: !rule.is_empty(), chain: true }),
        }
    }

    /// Asks all programs in one round trip, and returns what is to be done.
    fn ask(
        &self,
        questions: &Questions,
        rule: &[String],
        host: &Host,
    ) -> Result<Vec<(&'static str, Vec<String>)>, Failure> {
        let mut asked = Vec::new();
        for program in self.programs() {
            let mut list = self.words("-L", &[]);
            list.extend(self.numeric.then(|| "-n".to_owned()));
            asked.extend(questions.chain.then_some((program, list)));
            asked.extend(questions.rule.then(|| (program, self.words("-C", rule))));
        }
        let exec = |(program, words): &(&str, Vec<String>)| {
            let words = std::iter::once((*program).to_owned()).chain(words.iter().cloned());
            HostCall::Exec(Command::new(words).env("LC_ALL", "C").reads().into_exec())
        };
        let mut answers = host.many(asked.iter().map(exec).collect())?.into_iter();
        let mut next = || match answers.next() {
            Some(HostReply::Exec(output)) if output.rc == 127 => Err(missing(self.ip_version)),
            Some(HostReply::Exec(output)) => Ok(output),
            other => host.fail_with(other),
        };
        let mut changes = Vec::new();
        for program in self.programs() {
            let chain = if questions.chain { Some(next()?) } else { None };
            let there = if questions.rule { Some(next()?.rc == 0) } else { None };
            changes
                .extend(self.changes(rule, chain.as_ref(), there)?.into_iter().map(|words| (program, words)));
        }
        Ok(changes)
    }

    /// Returns the calls of one program that make everything as it should be.
    fn changes(
        &self,
        rule: &[String],
        chain: Option<&ExecOutput>,
        there: Option<bool>,
    ) -> Result<Vec<Vec<String>>, Failure> {
        let present = self.state == State::Present;
        let mut changes = Vec::new();
        if let (Some(policy), Some(chain)) = (&self.policy, chain) {
            let said = chain.stdout.to_text();
            let now = said.split("(policy ").nth(1).and_then(|rest| rest.split([' ', ')']).next());
            let Some(now) = now else {
                let name = self.chain.as_deref().unwrap_or_default();
                return Err(Failure::new(format!("the chain {name} is not there, or has no policy"))
                    .with("stderr", chain.stderr.to_text()));
            };
            changes.extend((now != policy).then(|| self.words("-P", std::slice::from_ref(policy))));
            return Ok(changes);
        }
        if let Some(chain) = chain {
            match (present, chain.rc == 0) {
                (true, false) => changes.push(self.words("-N", &[])),
                (false, true) if rule.is_empty() => changes.push(self.words("-X", &[])),
                _ => {}
            }
        }
        match (present, there) {
            (true, Some(false)) if self.action == "insert" => {
                let mut words = self.words("-I", rule);
                if let Some(number) = &self.rule_num {
                    words.insert(4, number.clone());
                }
                changes.push(words);
            }
            (true, Some(false)) => changes.push(self.words("-A", rule)),
            (false, Some(true)) => changes.push(self.words("-D", rule)),
            _ => {}
        }
        Ok(changes)
    }

    fn flush_words(&self) -> Vec<String> {
        self.words("-F", &[])
    }

    /// Returns the words of one call: `-t TABLE -A CHAIN ...`.
    fn words(&self, verb: &str, more: &[String]) -> Vec<String> {
        let mut words = vec!["-t".to_owned(), self.table.clone(), verb.to_owned()];
        words.extend(self.chain.clone());
        if verb == "-P" {
            words.extend(more.iter().cloned());
        }
        if let Some(seconds) = &self.wait {
            words.extend(["-w".to_owned(), seconds.clone()]);
        }
        if verb != "-P" {
            words.extend(more.iter().cloned());
        }
        words
    }

    fn result(&self, rule: &[String]) -> Value {
        json!({
            "chain": self.chain, "table": self.table, "state": self.state.word(),
            "ip_version": self.ip_version.word(), "rule": rule.join(" "), "flush": self.flush,
            "chain_management": self.chain_management, "wait": self.wait,
        })
    }
}

fn missing(version: IpVersion) -> Failure {
    let tool = version.programs()[0];
    Failure::new(format!("Failed to find required executable \"{tool}\" on the host"))
        .remedy("install the package `iptables`")
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Iptables>(env!("CARGO_MANIFEST_DIR"));
        examples::<Iptables>();
    }
}
