//! Tables and counters that are not written within the transaction of the turn, or not decided on there.

use serde_json::{Value, json};
use trunkline_engine::kind::{Operation, Performer};
use trunkline_engine::run::{Effect, Event, Performed};
use trunkline_leads::table::TableOperation;
use trunkline_leads::table::operation::{FindRows, InsertRow, ReadCounter, SetCounter};
use trunkline_leads::table::{Condition, Test};
use trunkline_store::ports::{DataTables, Turn};
use trunkline_store::{Error, WorkspaceId};

/// Does what the turn asks of tables at once, and only then lets the turn be written.
pub(super) async fn write(tables: &dyn DataTables, turn: &mut Turn) -> Result<(), Error> {
    while let Some(place) = turn.effects.iter().position(|effect| asked(effect).is_some()) {
        let Effect::Perform { key, operation, .. } = turn.effects.remove(place) else { return Ok(()) };
        let operation = read(&operation);
        let result = tables.perform(turn.header.workspace, vec![operation]).await?.remove(0);
        let at = turn.events.last().map_or(turn.header.started_at, Event::at);
        let event = Event::Performed { key, result, at };
        turn.effects.extend(turn.machine.apply(&event));
        turn.events.push(event);
    }
    Ok(())
}

/// Reads first, and lets the turn write what follows from that.
pub(super) async fn decide(tables: &dyn DataTables, turn: &mut Turn) -> Result<(), Error> {
    for effect in &mut turn.effects {
        if asked(effect).is_some()
            && let Effect::Perform { operation, .. } = effect
        {
            let decided = match read(operation) {
                TableOperation::AddToCounter(add) => {
                    let ask = ReadCounter { counter: add.counter.clone(), key: add.key.clone() };
                    let found =
                        ask_for(tables, turn.header.workspace, TableOperation::ReadCounter(ask)).await?;
                    let to = found["value"].as_i64().unwrap_or_default() + add.by;
                    TableOperation::SetCounter(SetCounter { counter: add.counter, key: add.key, to })
                }
                TableOperation::UpsertRow(upsert) => {
                    let value = upsert.values[&upsert.key].clone();
                    let conditions =
                        vec![Condition { column: upsert.key.clone(), test: Test::Equals, value }];
                    let ask = FindRows {
                        table: upsert.table.clone(),
                        conditions,
                        sort_by: None,
                        descending: false,
                        limit: 1,
                    };
                    let found = ask_for(tables, turn.header.workspace, TableOperation::FindRows(ask)).await?;
                    if found["count"] != 0 {
                        continue;
                    }
                    TableOperation::InsertRow(InsertRow { table: upsert.table, values: upsert.values })
                }
                _ => continue,
            };
            *operation = decided.effect().into();
        }
    }
    Ok(())
}

async fn ask_for(
    tables: &dyn DataTables,
    workspace: WorkspaceId,
    operation: TableOperation,
) -> Result<Value, Error> {
    let found = tables.perform(workspace, vec![operation]).await?.remove(0);
    Ok(found.map_or(json!({}), |Performed { output, .. }| output))
}

fn asked(effect: &Effect) -> Option<&Operation> {
    match effect {
        Effect::Perform { operation, .. } if operation.performer == Performer::Tables => Some(operation),
        _ => None,
    }
}

fn read(operation: &Operation) -> TableOperation {
    TableOperation::read(&operation.action, &operation.input).expect("a step asked for it")
}
