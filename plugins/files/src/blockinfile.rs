mod block;

use switchover_sdk::prelude::*;

use crate::edit::{self, Before, Edit, EditParams};
use crate::regex::{Flags, compile};
use block::{Block, Place};

#[derive(Params)]
pub struct BlockinfileParams {
    /// The file.
    #[param(alias = "dest", alias = "destfile", alias = "name")]
    pub path: HostPath,
    /// Whether the block should be there.
    #[param(default = "present")]
    pub state: State,
    /// The lines between the markers; none removes the block.
    #[param(default = "", alias = "content")]
    pub block: String,
    /// The lines around the block; `{mark}` stands for `marker_begin` and `marker_end`.
    #[param(default = "# {mark} ANSIBLE MANAGED BLOCK")]
    pub marker: String,
    /// What `{mark}` is before the block.
    #[param(default = "BEGIN")]
    pub marker_begin: String,
    /// What `{mark}` is after the block.
    #[param(default = "END")]
    pub marker_end: String,
    /// Where a new block goes: after the last line in which this Python expression is found, or `EOF`.
    pub insertafter: Option<String>,
    /// Where a new block goes: before the last line in which this Python expression is found, or `BOF`.
    pub insertbefore: Option<String>,
    /// Makes the file, and its folder, when it is not there.
    #[param(default = false)]
    pub create: bool,
    /// Puts an empty line before the block.
    #[param(default = false)]
    pub prepend_newline: bool,
    /// Puts an empty line after the block.
    #[param(default = false)]
    pub append_newline: bool,
    #[param(flatten)]
    pub edit: EditParams,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Present,
    Absent,
}

pub struct Blockinfile;

impl Module for Blockinfile {
    type Params = BlockinfileParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.blockinfile",
        aliases: &["blockinfile"],
        summary: "Keeps some lines of a file between two markers.",
        mutually_exclusive: &[&["insertbefore", "insertafter"]],
        examples: &[(
            "Two hosts",
            "blockinfile: { path: /etc/hosts, block: \"10.0.0.1 a\\n10.0.0.2 b\", marker: '# {mark} CLUSTER' }",
        )],
        returns: &[
            ("msg", "`Block inserted`, `Block removed`, `File created`, or empty"),
            ("backup_file", "the copy of the old file, when one was kept"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &BlockinfileParams, host: &Host) -> Result<Delta, Failure> {
        let before = Before::read(&params.path, host)?;
        if before.stat.is_none() && !params.create {
            return Err(Failure::new(format!("Path {} does not exist !", before.path)).with("rc", 257));
        }
        let after = params.edited(&before.text)?;
        let is_new = before.stat.is_none();
        let present = params.state == State::Present && !params.block.is_empty();
        let changed = after != before.text || (is_new && present);
        let msg = match (changed, is_new, present) {
            (false, ..) => "",
            (true, true, _) => "File created",
            (true, false, true) => "Block inserted",
            (true, false, false) => "Block removed",
        };
        let edit = Edit {
            after: changed.then_some(after),
            msg: msg.to_owned(),
            result: Map::new(),
            lists_diff: true,
            told: false,
        };
        params.edit.delta(&before, edit, "backup_file")
    }

    fn apply(_: &BlockinfileParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        edit::apply(delta, host)
    }
}

impl BlockinfileParams {
    fn edited(&self, text: &str) -> Result<String, Failure> {
        let marker = |mark: &str| self.marker.replace("{mark}", mark);
        let block = Block {
            begin: marker(&self.marker_begin),
            end: marker(&self.marker_end),
            lines: if self.state == State::Present { self.block.clone() } else { String::new() },
            blank_before: self.prepend_newline,
            blank_after: self.append_newline,
        };
        let regex = |pattern: &str| compile(pattern, Flags::default());
        let place = match (self.insertafter.as_deref(), self.insertbefore.as_deref()) {
            (None, Some("BOF")) => Place::Begin,
            (None, Some(pattern)) => Place::Before(regex(pattern)?),
            (None | Some("EOF"), _) => Place::End,
            (Some(pattern), _) => Place::After(regex(pattern)?),
        };
        block.put(text, &place)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Blockinfile>(env!("CARGO_MANIFEST_DIR"));
        examples::<Blockinfile>();
    }
}
