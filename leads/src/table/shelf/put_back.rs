//! Putting cells, rows and counters back to what they were before a run changed them.
//!
//! What holds something else than the run left there was changed since, by somebody who knew better, and stays: so a
//! counter that others have counted with since stays as well.

use super::rows::{check_size, whole};
use super::{Search, Shelf, counters};
use crate::book::Occasion;
use crate::table::operation::{PutBackPart, PutBackTables};
use crate::table::{CounterKey, MAX_ROWS, Row, Table, TablePlace};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

/// What becomes of a part.
enum Plan {
    Skip { now: Value, why: &'static str },
    Count { counter: CounterKey, before: i64, after: i64 },
    Row { table: Arc<Table>, id: Uuid, row: Option<Row>, change: Box<Change> },
}

/// Nothing becomes of it, and nothing is there.
fn gone(why: &'static str) -> Result<Plan, Failure> {
    Ok(Plan::Skip { now: Value::Null, why })
}

const CHANGED: &str = "it has changed since";

impl Shelf {
    pub(super) fn put_back(
        &mut self,
        input: &PutBackTables,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        // Everything that can fail comes first: the operation is whole or it is nothing.
        for part in &input.parts {
            self.plan(part, occasion)?;
        }
        let mut written = Vec::new();
        let mut items = Vec::with_capacity(input.parts.len());
        for part in &input.parts {
            let (now, why) = match self.plan(part, occasion)? {
                Plan::Skip { now, why } => (now, Some(why)),
                Plan::Count { counter, before, after } => {
                    written.push(counters::change(&counter, before, after));
                    self.set_value(counter, after);
                    (before.into(), None)
                }
                Plan::Row { table, id, row, change } => {
                    let now = change.old.clone();
                    self.put(table.id, id, row);
                    written.push(*change);
                    (now, None)
                }
            };
            items.push(json!({ "label": part.label, "done": why.is_none(), "why": why, "now": now }));
        }
        let (undone, skipped) = (written.len(), items.len() - written.len());
        let output = json!({ "undone": undone, "skipped": skipped, "items": items });
        let why = match skipped {
            0 => format!("{undone} changes were turned back."),
            _ => format!("{undone} changes were turned back; {skipped} had changed since and stay."),
        };
        Ok(Performed { output, why: Some(why), written })
    }

    fn plan(&self, part: &PutBackPart, occasion: &Occasion<'_>) -> Result<Plan, Failure> {
        match TablePlace::read(&part.target) {
            None => gone("this place is not known any more"),
            Some(TablePlace::Counter(counter)) => {
                let before = self.value(&counter)?;
                match (part.now.as_i64(), part.back_to.as_i64()) {
                    (Some(left), Some(after)) if left == before => Ok(Plan::Count { counter, before, after }),
                    _ => Ok(Plan::Skip { now: before.into(), why: CHANGED }),
                }
            }
            Some(TablePlace::Cell { table, row, column }) => {
                self.plan_cell(part, table, row, &column, occasion)
            }
            Some(TablePlace::Row { table, row }) => self.plan_row(part, table, row, occasion),
        }
    }

    fn plan_cell(
        &self,
        part: &PutBackPart,
        table: Uuid,
        row: Uuid,
        column: &str,
        occasion: &Occasion<'_>,
    ) -> Result<Plan, Failure> {
        let Ok(open) = self.table(&table.to_string()) else { return gone("the table is gone") };
        let Some(&found) = open.found(&Search::Row(row))?.first() else { return gone("the row is gone") };
        let Ok(column) = open.table.column(column) else { return gone("the column is gone") };
        let now = found.get(column);
        if *now != part.now {
            return Ok(Plan::Skip { now: now.clone(), why: CHANGED });
        }
        let Ok(value) = column.read(&part.back_to) else {
            return Ok(Plan::Skip { now: now.clone(), why: "the column holds something else by now" });
        };
        let mut back = found.clone();
        back.set(column, value.clone());
        back.updated_at = occasion.at;
        let label = format!("{}: {}", open.table.name, column.label);
        let change = Change { label, old: part.now.clone(), new: value, target: Some(part.target.clone()) };
        Ok(Plan::Row { table: Arc::clone(&open.table), id: row, row: Some(back), change: Box::new(change) })
    }

    fn plan_row(
        &self,
        part: &PutBackPart,
        table: Uuid,
        id: Uuid,
        occasion: &Occasion<'_>,
    ) -> Result<Plan, Failure> {
        let Ok(open) = self.table(&table.to_string()) else { return gone("the table is gone") };
        let table = &open.table;
        let found = open.found(&Search::Row(id))?.first().map(|row| row.record(table));
        match (found, part.back_to.as_object()) {
            (Some(now), Some(_)) => Ok(Plan::Skip { now, why: "the row is there again" }),
            (None, None) => gone("the row is gone already"),
            (Some(now), None) if now != part.now => Ok(Plan::Skip { now, why: CHANGED }),
            (Some(now), None) => {
                let change = whole(table, id, now, Value::Null);
                Ok(Plan::Row { table: Arc::clone(table), id, row: None, change: Box::new(change) })
            }
            (None, Some(_)) if open.count >= MAX_ROWS => gone("the table is full"),
            (None, Some(record)) => {
                let values = table.columns.iter().filter_map(|column| {
                    let value = column.read(record.get(&column.key)?).ok()?;
                    (!value.is_null()).then(|| (column.key.clone(), value))
                });
                let values: Map<String, Value> = values.collect();
                let row = Row { id, values, created_at: occasion.at, updated_at: occasion.at };
                check_size(table, &row)?;
                let change = whole(table, id, Value::Null, row.record(table));
                Ok(Plan::Row { table: Arc::clone(table), id, row: Some(row), change: Box::new(change) })
            }
        }
    }
}
