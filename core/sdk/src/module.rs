use switchover_protocol::{
    Delta, DestroysWhen, Effect, Example, Failure, ModuleSpec, Outcome, Requires, ReturnSpec,
};

use crate::{Host, Params};

/// One operation on a host.
///
/// The engine calls `check` first. Check mode stops there; otherwise `apply` runs unless `check` found nothing to
/// change. A module that can tell must answer [`Delta::None`] when asked a second time.
pub trait Module {
    /// The arguments, declared once.
    type Params: Params;
    /// Name, documentation and effect.
    const SPEC: Spec;

    /// Looks and reports what would change. The host refuses every write meanwhile.
    fn check(params: &Self::Params, host: &Host) -> Result<Delta, Failure>;

    /// Makes the change that `check` found.
    fn apply(params: &Self::Params, delta: &Delta, host: &Host) -> Result<Outcome, Failure>;
}

/// What a module says of itself, beside its parameters.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The full name: `ansible.builtin.stat`, `alation.conf`.
    pub name: &'static str,
    /// Other names: `stat`.
    pub aliases: &'static [&'static str],
    /// One sentence.
    pub summary: &'static str,
    pub description: &'static str,
    pub effect: SpecEffect,
    /// Works for long: its output is shown live.
    pub long: bool,
    /// Takes the text after its name as the parameter `_raw_params`.
    pub free_form: bool,
    /// `apply` makes exactly one host call, one program, and fails exactly when its exit code is not 0.
    pub one_exec: bool,
    pub mutually_exclusive: &'static [&'static [&'static str]],
    pub required_one_of: &'static [&'static [&'static str]],
    pub required_together: &'static [&'static [&'static str]],
    /// Parameter, a value of it as text, and the parameters that must be given when it has that value.
    pub required_if: &'static [(&'static str, &'static str, &'static [&'static str])],
    /// Parameter, and the parameters that must be given when it is.
    pub required_by: &'static [(&'static str, &'static [&'static str])],
    /// What is said when a required parameter is missing, where playbooks know other words than the usual ones.
    pub missing: Option<&'static str>,
    /// Parameter, a value of it as text, and what is lost with it: such a task needs an approval, others do not.
    pub destroys_when: &'static [(&'static str, &'static str, &'static str)],
    /// Title and a YAML task.
    pub examples: &'static [(&'static str, &'static str)],
    /// Return key and what it means.
    pub returns: &'static [(&'static str, &'static str)],
}

/// [`Effect`] as a constant.
#[derive(Clone, Copy, Debug)]
pub enum SpecEffect {
    Reads,
    Changes,
    /// With what is lost, in words.
    Destroys(&'static str),
}

impl Spec {
    /// A module that changes something and has neither examples nor sets of parameters; for `..Spec::DEFAULT`.
    pub const DEFAULT: Self = Self {
        name: "",
        aliases: &[],
        summary: "",
        description: "",
        effect: SpecEffect::Changes,
        long: false,
        free_form: false,
        one_exec: false,
        mutually_exclusive: &[],
        required_one_of: &[],
        required_together: &[],
        required_if: &[],
        required_by: &[],
        missing: None,
        destroys_when: &[],
        examples: &[],
        returns: &[],
    };

    /// Effect of a module that changes nothing on the host.
    pub const READS: SpecEffect = SpecEffect::Reads;
    /// Effect of a module that changes the host in a way that can be changed again.
    pub const CHANGES: SpecEffect = SpecEffect::Changes;

    /// Effect of a module that loses something for good; `what` says it in words.
    pub const fn destroys(what: &'static str) -> SpecEffect {
        SpecEffect::Destroys(what)
    }

    /// Returns the whole declaration of a module.
    pub fn full<P: Params>(&self) -> ModuleSpec {
        let sets = |sets: &[&[&str]]| sets.iter().map(|set| owned(set)).collect();
        ModuleSpec {
            name: self.name.into(),
            aliases: owned(self.aliases),
            summary: self.summary.into(),
            description: self.description.into(),
            effect: match self.effect {
                SpecEffect::Reads => Effect::Reads,
                SpecEffect::Changes => Effect::Changes,
                SpecEffect::Destroys(what) => Effect::Destroys { what: what.into() },
            },
            long: self.long,
            free_form: self.free_form,
            one_exec: self.one_exec,
            params: P::specs(),
            mutually_exclusive: sets(self.mutually_exclusive),
            required_one_of: sets(self.required_one_of),
            required_together: sets(self.required_together),
            requires: self.requires(),
            missing: self.missing.map(str::to_owned),
            destroys_when: self.destroys_when(),
            examples: self
                .examples
                .iter()
                .map(|(title, yaml)| Example { title: (*title).into(), yaml: (*yaml).into() })
                .collect(),
            returns: self
                .returns
                .iter()
                .map(|(name, doc)| ReturnSpec { name: (*name).into(), doc: (*doc).into() })
                .collect(),
        }
    }
}

impl Spec {
    fn requires(&self) -> Vec<Requires> {
        let valued = self.required_if.iter().map(|(param, is, params)| (param, Some(*is), params));
        let given = self.required_by.iter().map(|(param, params)| (param, None, params));
        let one = |(param, is, params): (&&str, Option<&str>, &&[&str])| Requires {
            param: (*param).to_owned(),
            is: is.map(str::to_owned),
            params: owned(params),
        };
        valued.chain(given).map(one).collect()
    }
}

impl Spec {
    fn destroys_when(&self) -> Vec<DestroysWhen> {
        let one = |(param, is, what): &(&str, &str, &str)| DestroysWhen {
            param: (*param).to_owned(),
            is: (*is).to_owned(),
            what: (*what).to_owned(),
        };
        self.destroys_when.iter().map(one).collect()
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
