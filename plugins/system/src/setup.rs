mod date_time;
mod devices;
mod distribution;
mod gathered;
mod hardware;
mod identity;
mod local;
pub mod mounts;
mod network;
mod platform;
mod python;
mod subset;
mod user;
mod virtualization;

use globset::Glob;
use switchover_sdk::prelude::*;

use gathered::{Facts, Gathered};

#[derive(Params)]
pub struct SetupParams {
    /// Which facts: `all`, `min`, `hardware`, `network`, `virtual` and so on; `!x` takes some away.
    #[param(default = "all")]
    pub gather_subset: Vec<String>,
    /// Keeps only facts whose names match one of these shell patterns, with or without `ansible_`.
    #[param(default = "")]
    pub filter: Vec<String>,
    /// Seconds after which gathering is ended.
    #[param(default = 10)]
    pub gather_timeout: u64,
    /// The folder with the host's own facts (`*.fact`: INI, JSON, or programs that print JSON).
    #[param(default = "/etc/ansible/facts.d")]
    pub fact_path: HostPath,
}

/// Prints what facts are made of.
const SCRIPT: &str = include_str!("setup/gather.sh");

pub struct Setup;

impl Module for Setup {
    type Params = SetupParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.setup",
        aliases: &["setup", "ansible.builtin.gather_facts", "gather_facts"],
        summary: "Gathers facts about a Linux host.",
        effect: Spec::READS,
        examples: &[
            ("All facts", "setup:"),
            ("Few facts", "setup: { gather_subset: ['!all', network], filter: ansible_default_ipv4 }"),
        ],
        returns: &[("ansible_facts", "the facts; also known as `ansible_NAME`")],
        ..Spec::DEFAULT
    };

    fn check(_: &SetupParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &SetupParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let subsets = subset::chosen(&params.gather_subset)?;
        let flag = |name: &str| if subsets.contains(name) { "1" } else { "0" };
        let local = if subsets.contains("local") { &*params.fact_path } else { "" };
        let python = host.about.python().unwrap_or_default();
        let command =
            Command::new(["sh", "-c", SCRIPT, "sh", flag("network"), flag("mounts"), local, python]);
        let output = host.exec(&command.reads().timeout(params.gather_timeout))?;
        let gathered = Gathered::read(&output.stdout.to_text());
        let mut warnings = Vec::new();
        if !gathered.is_whole() {
            if !output.timed_out {
                return Err(Failure::new("the host did not tell its facts")
                    .with("rc", output.rc)
                    .with("stderr", output.stderr.to_text()));
            }
            let seconds = params.gather_timeout;
            warnings.push(format!(
                "gathering facts took longer than {seconds} seconds: the last ones are missing"
            ));
        }
        let names = Names::new(&params.filter)?;
        let mut facts = facts(&gathered).chosen(|subset, name| subsets.contains(subset) && names.has(name));
        if names.has("gather_subset") {
            facts.insert("gather_subset".into(), json!(params.gather_subset));
        }
        if names.has("module_setup") {
            facts.insert("module_setup".into(), json!(true));
        }
        // A filter that nothing fits gives an empty map, not nothing.
        let none = facts.is_empty().then(|| ("ansible_facts".to_owned(), json!({})));
        Ok(Outcome { facts, warnings, result: none.into_iter().collect(), ..Outcome::default() })
    }
}

fn facts(gathered: &Gathered) -> Facts {
    let mut facts = Facts::default();
    platform::add(gathered, &mut facts);
    distribution::add(gathered, &mut facts);
    user::add(gathered, &mut facts);
    python::add(gathered, &mut facts);
    identity::add(gathered, &mut facts);
    date_time::add(gathered, &mut facts);
    hardware::add(gathered, &mut facts);
    mounts::add(gathered, &mut facts);
    network::add(gathered, &mut facts);
    virtualization::add(gathered, &mut facts);
    local::add(gathered, &mut facts);
    facts
}

/// Which names of facts a task wants.
struct Names(Vec<globset::GlobMatcher>);

impl Names {
    fn new(patterns: &[String]) -> Result<Self, Failure> {
        let patterns = patterns.iter().filter(|pattern| !pattern.is_empty());
        let matchers = patterns.map(|pattern| Glob::new(pattern).map(|glob| glob.compile_matcher()));
        matchers
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(|error| Failure::arguments(format!("filter: {error}")))
    }

    fn has(&self, name: &str) -> bool {
        let bare = name.strip_prefix("ansible_").unwrap_or(name);
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.is_match(name) || pattern.is_match(bare))
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::ExecOutput;
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    fn here() -> FakeHost {
        let output = std::process::Command::new("sh")
            .args(["-c", SCRIPT, "sh", "1", "1", "/nosuch"])
            .output()
            .unwrap();
        let stdout = output.stdout.into();
        FakeHost::new().script("s end", ExecOutput { rc: 0, stdout, ..ExecOutput::default() })
    }

    #[test]
    fn knows_this_machine() {
        let host = here();
        let outcome = host.run::<Setup>(json!({})).unwrap();
        assert_eq!(host.round_trips(), 1);
        assert_eq!(outcome.facts["ansible_system"], "Linux");
        assert_eq!(outcome.facts["ansible_architecture"], std::env::consts::ARCH);
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        assert_eq!(outcome.facts["ansible_kernel"], release.trim());
        let count = std::fs::read_to_string("/proc/cpuinfo").unwrap().matches("processor\t").count();
        assert_eq!(outcome.facts["ansible_processor_vcpus"], count);
        assert!(outcome.facts["ansible_memtotal_mb"].as_u64().unwrap() > 0);
        assert!(!outcome.changed);
    }

    #[test]
    fn keeps_what_was_asked_for() {
        let outcome = here().run::<Setup>(json!({ "filter": ["*distribution", "fqdn"] })).unwrap();
        let names: Vec<&String> = outcome.facts.keys().collect();
        assert_eq!(names, ["ansible_fqdn", "ansible_distribution"]);
        let few = here().run::<Setup>(json!({ "gather_subset": "!all,!min,network" })).unwrap();
        assert!(few.facts.contains_key("ansible_interfaces"));
        assert!(!few.facts.contains_key("ansible_distribution"));
    }

    #[test]
    fn an_output_that_breaks_off_is_a_failure() {
        let host = FakeHost::new().script("s end", ExecOutput { rc: 2, ..ExecOutput::default() });
        assert_eq!(host.run::<Setup>(json!({})).unwrap_err().msg, "the host did not tell its facts");
        examples::<Setup>();
    }
}
