mod table;

use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, script};

use table::Table;

#[derive(Params)]
pub struct PartedParams {
    /// The disk.
    pub device: String,
    /// The partition.
    pub number: Option<u32>,
    /// Whether the partition is there; `info` only tells of the disk.
    #[param(default = "info")]
    pub state: State,
    /// The kind of table. A disk without partitions gets it; one with partitions and another table is left alone.
    #[param(
        default = "msdos",
        choices("aix", "amiga", "bsd", "dvh", "gpt", "loop", "mac", "msdos", "pc98", "sun")
    )]
    pub label: String,
    /// Which unit results have, and numbers without one.
    #[param(
        default = "KiB",
        choices("s", "B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "%", "cyl", "chs", "compact")
    )]
    pub unit: String,
    /// Where the partition begins.
    #[param(default = "0%")]
    pub part_start: String,
    /// Where it ends.
    #[param(default = "100%")]
    pub part_end: String,
    /// What it is in a table that tells.
    #[param(default = "primary", choices("extended", "logical", "primary"))]
    pub part_type: String,
    /// What is written down as its file system. None is made: see `filesystem`.
    pub fs_type: Option<String>,
    /// Its name, in tables that have names.
    pub name: Option<String>,
    /// All of its flags.
    pub flags: Option<Vec<String>>,
    /// Where partitions may begin.
    #[param(default = "optimal", choices("cylinder", "minimal", "none", "optimal", "undefined"))]
    pub align: String,
    /// Moves the end of a partition that is there to `part_end`. parted refuses to make one smaller.
    #[param(default = false)]
    pub resize: bool,
}

/// Whether a partition is there.
#[derive(Choice, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Absent,
    Info,
    Present,
}

pub struct Parted;

const RUN: &str = r#"PATH=$PATH:/usr/sbin:/sbin; export LC_ALL=C; command -v parted >/dev/null || exit 64; exec parted -s -m "$@" </dev/null"#;

impl Module for Parted {
    type Params = PartedParams;
    const SPEC: Spec = Spec {
        name: "community.general.parted",
        aliases: &["parted", "ansible.builtin.parted"],
        summary: "Keeps a partition of a disk.",
        required_if: &[("state", "present", &["number"]), ("state", "absent", &["number"])],
        destroys_when: &[("state", "absent", "the partition with all that is on it")],
        examples: &[
            (
                "A partition",
                "parted: { device: /dev/sdb, number: 1, state: present, label: gpt, name: data }",
            ),
            (
                "For volumes",
                "community.general.parted: { device: /dev/sdb, number: 2, state: present, part_start: 1GiB, flags: [lvm] }",
            ),
            ("What is there", "parted: { device: /dev/sdb, unit: MiB }"),
        ],
        returns: &[
            ("disk", "the disk: dev, size, unit, table, model, logical_block, physical_block"),
            ("partitions", "each partition: num, begin, end, size, unit, fstype, name, flags"),
            ("script", "what parted was told"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &PartedParams, host: &Host) -> Result<Delta, Failure> {
        let table = params.read(host)?;
        let commands = match params.state {
            State::Info => {
                let script = ["unit", &params.unit, "print"];
                return Ok(
                    Delta::none_with(table.result(&params.unit)).with_result(json!({ "script": script }))
                );
            }
            State::Absent => params.removal(&table),
            State::Present => params.commands(&table)?,
        };
        let delta = if commands.is_empty() {
            Delta::none_with(table.result(&params.unit))
        } else {
            let before = json!({ "label": table.label, "partitions": table.lines() });
            Delta::change(&params.device, before, json!({ "script": commands }))
                .with_result(table.result(&params.unit))
                .with_state(json!(commands))
        };
        Ok(delta.with_result(json!({ "script": commands })))
    }

    fn apply(params: &PartedParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let commands: Vec<&str> =
            delta.state().as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let align = if params.align == "undefined" { vec![] } else { vec!["-a", params.align.as_str()] };
        let words: Vec<&str> =
            align.into_iter().chain([params.device.as_str(), "--"]).chain(commands.iter().copied()).collect();
        change(&script(RUN, &words), |said| format!("Error while running parted script: {said}"), host)?;
        let after = params.read(host)?.result(&params.unit);
        let outcome = Outcome::changed(after);
        Ok(Outcome {
            result: outcome.result.into_iter().chain([("script".to_owned(), json!(commands))]).collect(),
            ..outcome
        })
    }
}

impl PartedParams {
    fn read(&self, host: &Host) -> Result<Table, Failure> {
        let words = [self.device.as_str(), "--", "unit", &self.unit, "print"];
        let output = host.exec(&script(RUN, &words).reads())?;
        if output.rc == switchover_sdk::script::MISSING {
            return Err(switchover_sdk::script::missing("parted"));
        }
        // A disk without a table is told of with an exit code of 1.
        Table::read(&output.stdout.to_text()).ok_or_else(|| {
            let stderr = output.stderr.to_text();
            Failure::new(format!("Error while getting device information with parted: {}", stderr.trim()))
                .with("rc", output.rc)
        })
    }

    fn removal(&self, table: &Table) -> Vec<String> {
        let number = self.number.unwrap_or_default();
        match table.partition(number) {
            Some(_) => vec!["rm".to_owned(), number.to_string()],
            None => Vec::new(),
        }
    }

    /// Returns what parted has to do; nothing when all is as it should be.
    fn commands(&self, table: &Table) -> Result<Vec<String>, Failure> {
        let number = self.number.unwrap_or_default();
        let mut commands = Vec::new();
        let relabels = table.label != self.label;
        if relabels && !table.partitions.is_empty() {
            let msg = format!(
                "{} has a table of kind {} with partitions, which another kind ({}) would lose",
                self.device, table.label, self.label
            );
            return Err(Failure::new(msg).remedy(format!(
                "say `label: {}`, or remove its partitions first with `state: absent`",
                table.label
            )));
        }
        if relabels {
            commands.extend(["mklabel", &self.label].map(str::to_owned));
        }
        let known = table.partition(number);
        if known.is_none() {
            commands.extend(["mkpart", &self.part_type].map(str::to_owned));
            commands.extend(self.fs_type.clone());
            commands.extend([self.part_start.clone(), self.part_end.clone()]);
        } else if self.resize && table.end_differs(number, &self.part_end) {
            commands.extend(["resizepart".to_owned(), number.to_string(), self.part_end.clone()]);
        }
        if let Some(name) = self.name.as_ref().filter(|name| known.is_none_or(|known| known.name != **name)) {
            commands.extend(["name".to_owned(), number.to_string(), format!("\"{name}\"")]);
        }
        let has: Vec<&str> =
            known.map_or_else(Vec::new, |known| known.flags.iter().map(String::as_str).collect());
        for (flag, on) in self.flag_moves(&has) {
            commands.extend(["set".to_owned(), number.to_string(), flag, on.to_owned()]);
        }
        if commands.is_empty() || !commands.iter().any(|word| word == "mkpart") {
            return Ok(commands);
        }
        Ok(["unit".to_owned(), self.unit.clone()].into_iter().chain(commands).collect())
    }

    /// Returns the flags to set and those to take away. In a GPT `boot` and `esp` are one.
    fn flag_moves(&self, has: &[&str]) -> Vec<(String, &'static str)> {
        let Some(wanted) = &self.flags else { return Vec::new() };
        let is = |names: &[&str], flag: &str| {
            names.contains(&flag)
                || self.label == "gpt"
                    && matches!(flag, "boot" | "esp")
                    && (names.contains(&"boot") || names.contains(&"esp"))
        };
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let on = wanted.iter().filter(|flag| !is(has, flag)).map(|flag| ((*flag).to_owned(), "on"));
        let off = has.iter().filter(|flag| !is(&wanted, flag)).map(|flag| ((*flag).to_owned(), "off"));
        on.chain(off).collect()
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Parted>(env!("CARGO_MANIFEST_DIR"));
        examples::<Parted>();
    }
}
