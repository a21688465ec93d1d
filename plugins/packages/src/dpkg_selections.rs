use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct DpkgSelectionsParams {
    /// The package.
    pub name: String,
    /// What dpkg has to do with it.
    pub selection: Selection,
}

/// What dpkg has to do with a package.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    Install,
    Hold,
    Deinstall,
    Purge,
}

pub struct DpkgSelections;

/// Sections: what dpkg knows of the package, its selection.
const LOOK: &str = r#"command -v dpkg >/dev/null 2>&1 || exit 64
dpkg-query -W -f '${Package}' -- "$1" 2>/dev/null
printf '\036'; dpkg --get-selections -- "$1" 2>/dev/null"#;

/// The selection comes by standard input.
const SET: &str = "exec dpkg --set-selections";

impl Module for DpkgSelections {
    type Params = DpkgSelectionsParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.dpkg_selections",
        aliases: &["dpkg_selections"],
        summary: "Says what dpkg has to do with a package: `hold` keeps its version.",
        description: "Installs and removes nothing by itself; the next run of a package manager does.",
        examples: &[
            ("Keep a version", "dpkg_selections: { name: postgresql-15, selection: hold }"),
            ("No longer", "ansible.builtin.dpkg_selections: { name: postgresql-15, selection: install }"),
        ],
        returns: &[("before", "the selection before"), ("after", "the selection after")],
        ..Spec::DEFAULT
    };

    fn check(params: &DpkgSelectionsParams, host: &Host) -> Result<Delta, Failure> {
        crate::tool::refuse_bad_name(&params.name)?;
        let [known, said] = look(LOOK, &[&params.name], "dpkg", host)?;
        let before = said.split_whitespace().nth(1).unwrap_or("not present");
        let after = params.selection.word();
        if known.is_empty() && before == "not present" {
            return Err(Failure::new(format!(
                "Failed to find package '{}' to perform selection '{after}'.",
                params.name
            )));
        }
        let result = json!({ "before": before, "after": after });
        if before == after {
            return Ok(Delta::none_with(result));
        }
        Ok(Delta::change(&params.name, before, after).with_result(result))
    }

    fn apply(params: &DpkgSelectionsParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        let line = format!("{} {}\n", params.name, params.selection.word());
        change(
            &script::<&str>(SET, &[]).stdin(line),
            |said| format!("dpkg --set-selections failed: {said}"),
            host,
        )?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<DpkgSelections>(env!("CARGO_MANIFEST_DIR"));
        examples::<DpkgSelections>();
    }
}
