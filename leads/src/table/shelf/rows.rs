//! Finding, adding, changing and deleting rows.

use super::{Need, Open, Search, Shelf};
use crate::book::Occasion;
use crate::table::column::{cell, order};
use crate::table::condition::{Condition, Ready};
use crate::table::operation::{DeleteRows, EditRow, FindRows, InsertRow, RemoveRows, UpdateRows, UpsertRow};
use crate::table::{
    Column, MAX_ROW_BYTES, MAX_ROWS, MOST_CHANGED, MOST_FOUND, Row, Table, TablePlace, failures,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

impl Shelf {
    /// Asks for the rows among which `conditions` may hold.
    pub(super) fn need_fitting(&self, table: &str, conditions: &[Condition], needs: &mut Vec<Need>) {
        let Some(open) = self.need_table(table, needs) else { return };
        // Conditions that cannot be read fail when the operation is performed.
        if let Ok(Some(search)) = ready(&open.table, conditions).map(|ready| search(&ready))
            && !open.knows(&search)
        {
            needs.push(Need::Rows { table: open.table.id, search });
        }
    }

    /// Asks for the rows that have the key of `input`.
    pub(super) fn need_keyed(&self, input: &UpsertRow, needs: &mut Vec<Need>) {
        let Some(open) = self.need_table(&input.table, needs) else { return };
        if let Ok((_, search)) = keyed(&open.table, input)
            && !open.knows(&search)
        {
            needs.push(Need::Rows { table: open.table.id, search });
        }
    }

    pub(super) fn find_rows(&self, input: &FindRows) -> Result<Performed, Failure> {
        let open = self.table(&input.table)?;
        let sort_by = input.sort_by.as_deref().map(|name| open.table.column(name)).transpose()?;
        let mut found = fitting(open, &input.conditions)?;
        if let Some(column) = sort_by {
            found.sort_by(|one, other| order(one.get(column), other.get(column)));
        }
        if input.descending {
            found.reverse();
        }
        let count = found.len();
        let limit = input.limit.clamp(1, MOST_FOUND) as usize;
        let rows: Vec<Value> = found.into_iter().take(limit).map(|row| row.record(&open.table)).collect();
        let why = format!("{} of {} fit.", rows_in_words(count), open.table.name);
        let first = rows.first().cloned().unwrap_or_default();
        let more = count > rows.len();
        let output = json!({ "rows": rows, "first": first, "count": count, "more": more });
        Ok(Performed { output, why: Some(why), written: Vec::new() })
    }

    pub(super) fn insert_row(
        &mut self,
        input: &InsertRow,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let open = self.table(&input.table)?;
        let table = Arc::clone(&open.table);
        let row = new_row(open, &input.values, occasion)?;
        Ok(self.add(&table, row))
    }

    pub(super) fn update_rows(
        &mut self,
        input: &UpdateRows,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let open = self.table(&input.table)?;
        let found = fitting(open, &input.conditions)?;
        let table = Arc::clone(&open.table);
        let changed = changed(&table, &found, &input.values, occasion.at)?;
        let (count, rows) = (changed.len(), records(&table, &changed));
        let (written, touched) = self.apply(&table, changed);
        let why = format!("{} of {} fit, and {touched} changed.", rows_in_words(count), table.name);
        let output = json!({ "rows": rows, "count": count, "changed": touched });
        Ok(Performed { output, why: Some(why), written })
    }

    pub(super) fn upsert_row(
        &mut self,
        input: &UpsertRow,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let open = self.table(&input.table)?;
        let (key, search) = keyed(&open.table, input)?;
        let wanted = key.1;
        // Two long texts may begin alike.
        let found: Vec<&Row> = open
            .found(&search)?
            .into_iter()
            .filter(|row| super::super::column::is_equal(key.0.kind, row.get(key.0), &wanted))
            .collect();
        let table = Arc::clone(&open.table);
        if found.is_empty() {
            let row = new_row(open, &input.values, occasion)?;
            return Ok(self.add(&table, row));
        }
        let changed = changed(&table, &found, &input.values, occasion.at)?;
        let (count, first) = (changed.len(), changed[0].1.record(&table));
        let (written, touched) = self.apply(&table, changed);
        let why = match touched {
            0 => format!("{} of {} had these values already.", rows_in_words(count), table.name),
            _ => format!("{} of {} changed.", rows_in_words(touched), table.name),
        };
        let output = json!({ "row": first, "created": false, "count": count, "changed": touched });
        Ok(Performed { output, why: Some(why), written })
    }

    pub(super) fn delete_rows(&mut self, input: &DeleteRows) -> Result<Performed, Failure> {
        let open = self.table(&input.table)?;
        let found: Vec<Row> = fitting(open, &input.conditions)?.into_iter().cloned().collect();
        let table = Arc::clone(&open.table);
        if found.len() > MOST_CHANGED {
            return Err(failures::too_many_to_change(&table, found.len()));
        }
        Ok(self.remove(&table, found))
    }

    pub(super) fn edit_row(
        &mut self,
        input: &EditRow,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let open = self.table(&input.table)?;
        let found = open.found(&Search::Row(input.row))?;
        let table = Arc::clone(&open.table);
        if found.is_empty() {
            return Err(failures::no_such_row(&table, input.row));
        }
        let changed = changed(&table, &found, &input.values, occasion.at)?;
        let row = changed[0].1.record(&table);
        let (written, _) = self.apply(&table, changed);
        Ok(Performed { output: json!({ "row": row }), why: None, written })
    }

    pub(super) fn remove_rows(&mut self, input: &RemoveRows) -> Result<Performed, Failure> {
        let open = self.table(&input.table)?;
        let mut found = Vec::with_capacity(input.rows.len());
        for row in &input.rows {
            found.extend(open.found(&Search::Row(*row))?.into_iter().cloned());
        }
        let table = Arc::clone(&open.table);
        Ok(self.remove(&table, found))
    }

    fn add(&mut self, table: &Arc<Table>, row: Row) -> Performed {
        let record = row.record(table);
        let written = vec![whole(table, row.id, Value::Null, record.clone())];
        self.put(table.id, row.id, Some(row));
        let output = json!({ "row": record, "created": true, "count": 1, "changed": 1 });
        Performed { output, why: Some(format!("A row was added to {}.", table.name)), written }
    }

    /// Puts changed rows in their places; gives what was written and how many rows are different now.
    fn apply(&mut self, table: &Arc<Table>, changed: Vec<(Row, Row)>) -> (Vec<Change>, usize) {
        let (mut written, mut touched) = (Vec::new(), 0);
        for (old, new) in changed {
            let before = written.len();
            written.extend(table.columns.iter().filter_map(|column| cell_change(table, column, &old, &new)));
            if written.len() > before {
                touched += 1;
                self.put(table.id, new.id, Some(new));
            }
        }
        (written, touched)
    }

    fn remove(&mut self, table: &Arc<Table>, found: Vec<Row>) -> Performed {
        let count = found.len();
        let mut written = Vec::with_capacity(count);
        let mut rows = Vec::with_capacity(count);
        for row in found {
            let record = row.record(table);
            rows.push(record.clone());
            written.push(whole(table, row.id, record, Value::Null));
            self.put(table.id, row.id, None);
        }
        let why = format!("{} of {} deleted.", rows_in_words(count), table.name);
        Performed { output: json!({ "rows": rows, "count": count }), why: Some(why), written }
    }
}

fn ready<'t>(table: &'t Table, conditions: &[Condition]) -> Result<Vec<Ready<'t>>, Failure> {
    conditions.iter().map(|condition| Ready::of(condition, table)).collect()
}

/// How the rows are looked for: by the first cell that all of them have in common. `None` when none can fit.
fn search(conditions: &[Ready<'_>]) -> Option<Search> {
    if conditions.iter().any(Ready::is_never) {
        return None;
    }
    let cell = conditions.iter().find_map(Ready::cell);
    Some(cell.map_or(Search::All, |(column, cell)| Search::Cell { column, cell }))
}

fn fitting<'s>(open: &'s Open, conditions: &[Condition]) -> Result<Vec<&'s Row>, Failure> {
    let ready = ready(&open.table, conditions)?;
    let Some(search) = search(&ready) else { return Ok(Vec::new()) };
    let mut found = open.found(&search)?;
    found.retain(|row| ready.iter().all(|condition| condition.holds(row)));
    Ok(found)
}

/// The key column of `input` with the value that is looked for, and how it is looked for.
fn keyed<'t>(table: &'t Table, input: &UpsertRow) -> Result<((&'t Column, Value), Search), Failure> {
    let column = table.column(&input.key)?;
    let read = table.read(&input.values)?;
    let value = read.into_iter().find(|(of, _)| of.key == column.key).map(|(_, value)| value);
    let value = value.filter(|value| !value.is_null()).ok_or_else(|| failures::no_key(column))?;
    let search = match cell(column.kind, &value) {
        Some(cell) => Search::Cell { column: column.key.clone(), cell },
        None => Search::All,
    };
    Ok(((column, value), search))
}

fn new_row(open: &Open, values: &Map<String, Value>, occasion: &mut Occasion<'_>) -> Result<Row, Failure> {
    if open.count >= MAX_ROWS {
        return Err(failures::table_full(&open.table));
    }
    let mut row =
        Row { id: Uuid::nil(), values: Map::new(), created_at: occasion.at, updated_at: occasion.at };
    for (column, value) in open.table.read(values)? {
        row.set(column, value);
    }
    check_size(&open.table, &row)?;
    row.id = (occasion.new_id)();
    Ok(row)
}

/// The rows as they are and as they will be.
fn changed(
    table: &Table,
    found: &[&Row],
    values: &Map<String, Value>,
    at: DateTime<Utc>,
) -> Result<Vec<(Row, Row)>, Failure> {
    if found.len() > MOST_CHANGED {
        return Err(failures::too_many_to_change(table, found.len()));
    }
    let read = table.read(values)?;
    let mut changed = Vec::with_capacity(found.len());
    for &old in found {
        let mut new = old.clone();
        for (column, value) in &read {
            new.set(column, value.clone());
        }
        new.updated_at = at;
        check_size(table, &new)?;
        changed.push((old.clone(), new));
    }
    Ok(changed)
}

pub(super) fn check_size(table: &Table, row: &Row) -> Result<(), Failure> {
    // Only JSON can be large; a hundred texts of the longest kind are refused here as well.
    let bytes: usize = row.values.iter().map(|(key, value)| key.len() + value.to_string().len() + 4).sum();
    if bytes > MAX_ROW_BYTES { Err(failures::row_too_big(table)) } else { Ok(()) }
}

fn records(table: &Table, changed: &[(Row, Row)]) -> Vec<Value> {
    changed.iter().map(|(_, row)| row.record(table)).collect()
}

fn cell_change(table: &Table, column: &Column, old: &Row, new: &Row) -> Option<Change> {
    let (before, after) = (old.get(column), new.get(column));
    if before == after {
        return None;
    }
    let place = TablePlace::Cell { table: table.id, row: new.id, column: column.key.clone() };
    Some(Change {
        label: format!("{}: {}", table.name, column.label),
        old: before.clone(),
        new: after.clone(),
        target: Some(place.target()),
    })
}

pub(super) fn whole(table: &Table, row: Uuid, old: Value, new: Value) -> Change {
    let label = if old.is_null() {
        format!("Row of {}", table.name)
    } else {
        format!("Row of {} deleted", table.name)
    };
    let place = TablePlace::Row { table: table.id, row };
    Change { label, old, new, target: Some(place.target()) }
}

fn rows_in_words(count: usize) -> String {
    if count == 1 { "1 row".into() } else { format!("{count} rows") }
}
