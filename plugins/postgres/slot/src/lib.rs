//! `postgres.slot` and `postgres.drop_slot`: physical replication slots.

use postgres_server::{Server, Settings, sql};
use switchover_sdk::prelude::*;

#[derive(Params)]
struct SlotParams {
    /// The slot's name.
    name: String,
    #[param(flatten)]
    settings: Settings,
}

struct Slot;
struct DropSlot;

impl Module for Slot {
    type Params = SlotParams;
    const SPEC: Spec = Spec {
        name: "postgres.slot",
        summary: "Makes sure that a physical replication slot is there.",
        description: "The slot keeps the log for one standby from now on, even while that standby is away. A standby may have slots too: \
                      they serve when it becomes the primary.",
        examples: &[(
            "Keep the log for b",
            "postgres.slot: { data: /var/lib/postgresql/15/main, name: db_b }",
        )],
        returns: &[("name", "The slot."), ("active", "Whether a standby uses it.")],
        ..Spec::DEFAULT
    };

    fn check(params: &SlotParams, host: &Host) -> Result<Delta, Failure> {
        Ok(match find(params, host)? {
            Some(slot) => Delta::none_with(json!({ "name": params.name, "active": slot["active"] })),
            None => Delta::change(format!("slot {}", params.name), "absent", "present"),
        })
    }

    fn apply(params: &SlotParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let make =
            format!("SELECT pg_create_physical_replication_slot({}, true)", sql::literal(&params.name));
        sql::execute(host, &params.settings, &make, params.settings.read_timeout)?;
        Ok(Outcome::changed(json!({ "name": params.name, "active": false })))
    }
}

impl Module for DropSlot {
    type Params = SlotParams;
    const SPEC: Spec = Spec {
        name: "postgres.drop_slot",
        summary: "Removes a replication slot that nobody uses.",
        description: "A slot whose standby does not come back keeps the log until the disk is full. Refuses a slot that is in use.",
        effect: Spec::destroys("the log that the slot keeps: its standby may have to be rebuilt"),
        examples: &[("Forget b", "postgres.drop_slot: { data: /var/lib/postgresql/15/main, name: db_b }")],
        returns: &[("name", "The slot.")],
        ..Spec::DEFAULT
    };

    fn check(params: &SlotParams, host: &Host) -> Result<Delta, Failure> {
        let what = format!("slot {}", params.name);
        match find(params, host)? {
            None => Ok(Delta::none_with(json!({ "name": params.name }))),
            Some(slot) if slot["active"] == json!(true) => Err(cluster_kit::refuse(
                &format!("dropping {what}"),
                "would cut off the standby that uses it",
            )),
            Some(_) => Ok(Delta::change(what, "present", "absent")),
        }
    }

    fn apply(params: &SlotParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let drop = format!("SELECT pg_drop_replication_slot({})", sql::literal(&params.name));
        sql::execute(host, &params.settings, &drop, params.settings.read_timeout)?;
        Ok(Outcome::changed(json!({ "name": params.name })))
    }
}

fn find(params: &SlotParams, host: &Host) -> Result<Option<Value>, Failure> {
    let server = Server::look(host, &params.settings)?;
    if server.live.is_none() {
        return Err(Failure::new(format!(
            "slots can be seen on a running server only; this one is {}",
            server.role().word()
        )));
    }
    let slots = server.to_value()["slots"].as_array().cloned().unwrap_or_default();
    Ok(slots.into_iter().find(|slot| slot["name"] == params.name.as_str()))
}

export_modules!(Slot, DropSlot);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_tasks_of_the_modules() {
        switchover_sdk::testing::examples::<Slot>();
        switchover_sdk::testing::examples::<DropSlot>();
    }
}
