//! `cluster.record`: what a host remembers of the procedure that it is in, whatever the product.

mod record;

use record::Record;
use switchover_sdk::prelude::*;

const NAME: &str = "cluster.record";

#[derive(Params)]
struct RecordParams {
    /// The record's name, such as `postgres-15-main`: the file is ~/.switchover/records/NAME.json.
    name: String,
    /// What the procedure has come to: `read` only looks, `noted` adds facts.
    #[param(default = "read")]
    state: State,
    /// What the procedure is, such as `update to 15.18`. Two with the same words are the same procedure.
    procedure: Option<String>,
    /// The role in which the host begins.
    role: Option<String>,
    /// Facts that later steps need and that the procedure itself changes.
    facts: Option<Map>,
}

#[derive(Choice, Clone, Copy, PartialEq)]
enum State {
    Read,
    Begun,
    Noted,
    Finished,
}

struct ClusterRecord;

impl Module for ClusterRecord {
    type Params = RecordParams;
    const SPEC: Spec = Spec {
        name: NAME,
        summary: "Keeps the record of a procedure on the host, from before its first change to its end.",
        description: "A procedure that may be killed anywhere and run again needs to know what it has already turned around: who was \
                      the primary, which release there was. `begun` writes that down before the first change and leaves a record of the same \
                      procedure alone until it is finished; `noted` adds facts; `finished` notes the time. While another procedure is \
                      not finished, `begun` is refused.",
        examples: &[
            ("Look", "cluster.record: { name: shop-db }"),
            (
                "Begin",
                "cluster.record: { name: shop-db, state: begun, procedure: update to 8.2, role: primary, facts: { from: '8.1' } }",
            ),
            ("Finish", "cluster.record: { name: shop-db, state: finished, procedure: update to 8.2 }"),
        ],
        returns: &[(
            "record",
            "`procedure`, `role`, `facts`, `begun`, `finished` (seconds since 1970, or null); empty when there is none.",
        )],
        ..Spec::DEFAULT
    };

    fn check(params: &RecordParams, host: &Host) -> Result<Delta, Failure> {
        let kept = Record::read(host, &params.name)?;
        let shown =
            |record: Option<&Record>| json!({ "record": record.map_or_else(|| json!({}), Record::to_value) });
        match next(params, kept.as_ref())? {
            None => Ok(Delta::none_with(shown(kept.as_ref()))),
            Some(next) => {
                let before = kept.as_ref().map_or_else(|| json!("none"), Record::to_value);
                let what = format!("record {}", params.name);
                Ok(Delta::change(what, before, next.to_value()).with_result(shown(Some(&next))))
            }
        }
    }

    fn apply(params: &RecordParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let kept = Record::read(host, &params.name)?;
        let Some(mut record) = next(params, kept.as_ref())? else {
            return Ok(Outcome::unchanged(json!({})));
        };
        match params.state {
            State::Begun if record.begun == 0 => record.begun = cluster_kit::Note::now(host)?,
            State::Finished => record.finished = Some(cluster_kit::Note::now(host)?),
            _ => {}
        }
        record.write(host, &params.name)?;
        Ok(Outcome::changed(json!({ "record": record.to_value() })))
    }
}

/// Returns the record to write; `None` when it is as it should be.
fn next(params: &RecordParams, kept: Option<&Record>) -> Result<Option<Record>, Failure> {
    match params.state {
        State::Read => Ok(None),
        State::Begun => begin(params, kept),
        State::Noted => {
            let mut record = same(params, kept)?.clone();
            record.facts.extend(params.facts.clone().unwrap_or_default());
            Ok((Some(&record) != kept).then_some(record))
        }
        State::Finished => {
            let record = same(params, kept)?;
            Ok(record.finished.is_none().then(|| Record { finished: Some(0), ..record.clone() }))
        }
    }
}

fn begin(params: &RecordParams, kept: Option<&Record>) -> Result<Option<Record>, Failure> {
    let procedure = procedure(params)?;
    match kept.filter(|record| record.finished.is_none()) {
        Some(record) if record.procedure == procedure => match &params.role {
            Some(role) if *role != record.role => Err(Failure::new(format!(
                "the inventory calls this host the {role}, but it began `{procedure}` as the {}",
                record.role
            ))
            .remedy("the roles look swapped: correct the groups of the inventory")),
            _ => Ok(None),
        },
        Some(record) => Err(cluster_kit::refuse(
            &format!("`{procedure}`"),
            &format!("cannot begin while `{}` is not finished on this host", record.procedure),
        )
        .remedy(format!(
            "finish it first, or remove ~/.switchover/records/{}.json on the host when it was given up",
            params.name
        ))),
        None => Ok(Some(Record {
            procedure: procedure.to_owned(),
            role: params.role.clone().unwrap_or_default(),
            facts: params.facts.clone().unwrap_or_default(),
            ..Record::default()
        })),
    }
}

fn same<'a>(params: &RecordParams, kept: Option<&'a Record>) -> Result<&'a Record, Failure> {
    let procedure = procedure(params)?;
    match kept {
        Some(record) if record.procedure == procedure => Ok(record),
        Some(record) => Err(Failure::new(format!(
            "the record {} is of `{}`, not of `{procedure}`",
            params.name, record.procedure
        ))),
        None => Err(Failure::new(format!("there is no record {} on this host", params.name))
            .remedy("`state: begun` comes first")),
    }
}

fn procedure(params: &RecordParams) -> Result<&str, Failure> {
    let procedure = params.procedure.as_deref().filter(|text| !text.is_empty());
    procedure
        .ok_or_else(|| Failure::arguments("argument `procedure` is required unless the record is only read"))
}

export_modules!(ClusterRecord);

#[cfg(test)]
mod tests;
