//! The unit of work on tables and counters: what one transaction knows of them and what it changes, for many runs at
//! once.
//!
//! It works as [`Book`](crate::Book) does for leads: [`Shelf::needs`] says what has to be loaded, [`Shelf::supply`]
//! takes it in, [`Shelf::perform`] works in memory so that later operations see what earlier ones did, and
//! [`Shelf::take_changes`] hands out what is to be written. An operation is whole or it is nothing.
//!
//! Rows are asked for by a cell they have in common, or as a whole table while it is small enough to look through. Rows
//! that are at hand are found by their cells as they stand now, not as they were loaded.

mod counters;
mod put_back;
mod rows;
#[cfg(test)]
mod tests;

use super::operation::TableOperation;
use super::{CounterKey, MOST_LOOKED_AT, Row, Table, TablePlace, failures};
use crate::book::Occasion;
use std::collections::hash_map::{Entry, HashMap};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use uuid::Uuid;

/// Which rows of a table are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Search {
    /// Those with this cell, as [`Row::cells`] writes it.
    Cell {
        /// Technical name of the column.
        column: String,
        /// What stands there.
        cell: String,
    },
    /// All of them.
    All,
    /// One.
    Row(Uuid),
}

/// Something a shelf has to know before it can perform an operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Need {
    /// The table with this name or id (in text).
    Table(String),
    /// Rows of a table; one more than [`MOST_LOOKED_AT`] is enough.
    Rows {
        /// Of which table.
        table: Uuid,
        /// Which.
        search: Search,
    },
    /// The value of a counter.
    Counter(CounterKey),
}

/// The answer to a [`Need`].
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Need::Table`], with the text that was asked for: the table and how many rows it has, or that there is none.
    Table(String, Option<(Arc<Table>, u64)>),
    /// To [`Need::Rows`].
    Rows {
        /// Of which table.
        table: Uuid,
        /// Which.
        search: Search,
        /// What was found.
        rows: Vec<Row>,
    },
    /// To [`Need::Counter`]; 0 for one that nobody has counted with.
    Counter(CounterKey, i64),
}

/// A row that was made, changed or deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct RowChange {
    /// Of which table.
    pub table: Arc<Table>,
    /// Which row.
    pub id: Uuid,
    /// How it stands now; `None` when it is deleted.
    pub row: Option<Row>,
    /// Whether it was in the store before.
    pub was_stored: bool,
}

/// A counter that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterChange {
    /// Which.
    pub counter: CounterKey,
    /// Its value now.
    pub value: i64,
}

/// Everything a shelf changed, each thing once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Rows.
    pub rows: Vec<RowChange>,
    /// Counters.
    pub counters: Vec<CounterChange>,
}

impl Changes {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.counters.is_empty()
    }
}

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Shelf {
    names: HashMap<String, Option<Uuid>>,
    open: HashMap<Uuid, Open>,
    counters: HashMap<CounterKey, i64>,
    /// Changed rows, in the order they were first changed.
    touched_rows: Vec<(Uuid, Uuid)>,
    /// Changed counters, in the order they were first changed.
    touched_counters: Vec<CounterKey>,
}

/// What is known of a table.
#[derive(Debug)]
struct Open {
    table: Arc<Table>,
    /// How many rows it has, with what was changed here.
    count: u64,
    rows: BTreeMap<Uuid, Held>,
    by_cell: HashMap<(String, String), BTreeSet<Uuid>>,
    answered: HashSet<Search>,
    /// Searches that found more than can be looked through.
    too_many: HashSet<Search>,
}

/// A row at hand; `row` is gone once it is deleted.
#[derive(Debug)]
struct Held {
    row: Option<Row>,
    stored: bool,
    touched: bool,
}

impl Shelf {
    /// What it does not know yet and has to for `operation`. Empty when it can be performed. Ask again after every
    /// [`Shelf::supply`]: an answer may lead to the next question.
    #[must_use]
    pub fn needs(&self, operation: &TableOperation) -> Vec<Need> {
        let mut needs = Vec::new();
        match operation {
            TableOperation::FindRows(input) => self.need_fitting(&input.table, &input.conditions, &mut needs),
            TableOperation::InsertRow(input) => drop(self.need_table(&input.table, &mut needs)),
            TableOperation::UpdateRows(input) => {
                self.need_fitting(&input.table, &input.conditions, &mut needs);
            }
            TableOperation::UpsertRow(input) => self.need_keyed(input, &mut needs),
            TableOperation::DeleteRows(input) => {
                self.need_fitting(&input.table, &input.conditions, &mut needs);
            }
            TableOperation::EditRow(input) => self.need_row(&input.table, input.row, &mut needs),
            TableOperation::RemoveRows(input) => {
                for row in &input.rows {
                    self.need_row(&input.table, *row, &mut needs);
                }
            }
            TableOperation::AddToCounter(input) => self.need_counter(&input.counter, &input.key, &mut needs),
            TableOperation::ReadCounter(input) => self.need_counter(&input.counter, &input.key, &mut needs),
            TableOperation::SetCounter(input) => self.need_counter(&input.counter, &input.key, &mut needs),
            TableOperation::PutBackTables(input) => {
                for part in &input.parts {
                    match TablePlace::read(&part.target) {
                        Some(TablePlace::Counter(counter)) => {
                            self.need_counter(&counter.counter, &counter.key, &mut needs);
                        }
                        Some(TablePlace::Row { table, row } | TablePlace::Cell { table, row, .. }) => {
                            self.need_row(&table.to_string(), row, &mut needs);
                        }
                        None => {}
                    }
                }
            }
        }
        needs
    }

    /// Takes in what was asked for. What the shelf already knows stays: it may be newer.
    pub fn supply(&mut self, answers: impl IntoIterator<Item = Answer>) {
        for answer in answers {
            match answer {
                Answer::Table(asked, found) => {
                    self.names.entry(asked).or_insert(found.as_ref().map(|(table, _)| table.id));
                    if let Some((table, count)) = found {
                        self.open.entry(table.id).or_insert_with(|| Open::of(table, count));
                    }
                }
                Answer::Rows { table, search, rows } => {
                    if let Some(open) = self.open.get_mut(&table) {
                        open.supply(search, rows);
                    }
                }
                Answer::Counter(counter, value) => {
                    self.counters.entry(counter).or_insert(value);
                }
            }
        }
    }

    /// Performs `operation`, or changes nothing.
    ///
    /// # Errors
    /// A failure with a `TABLE-...` code; `TABLE-0010` when something that [`Shelf::needs`] names was not supplied.
    pub fn perform(
        &mut self,
        operation: &TableOperation,
        mut occasion: Occasion<'_>,
    ) -> Result<Performed, Failure> {
        match operation {
            TableOperation::FindRows(input) => self.find_rows(input),
            TableOperation::InsertRow(input) => self.insert_row(input, &mut occasion),
            TableOperation::UpdateRows(input) => self.update_rows(input, &occasion),
            TableOperation::UpsertRow(input) => self.upsert_row(input, &mut occasion),
            TableOperation::DeleteRows(input) => self.delete_rows(input),
            TableOperation::EditRow(input) => self.edit_row(input, &occasion),
            TableOperation::RemoveRows(input) => self.remove_rows(input),
            TableOperation::AddToCounter(input) => self.add_to_counter(input),
            TableOperation::ReadCounter(input) => self.read_counter(input),
            TableOperation::SetCounter(input) => self.set_counter(input),
            TableOperation::PutBackTables(input) => self.put_back(input, &occasion),
        }
    }

    /// Hands out everything that changed. The shelf is empty afterwards and knows nothing any more.
    #[must_use]
    pub fn take_changes(&mut self) -> Changes {
        let mut shelf = std::mem::take(self);
        let mut rows = Vec::with_capacity(shelf.touched_rows.len());
        for (table, id) in shelf.touched_rows {
            let Some(open) = shelf.open.get_mut(&table) else { continue };
            let Some(Held { row, stored, .. }) = open.rows.remove(&id) else { continue };
            // Made and deleted within the transaction: the store never hears of it.
            if row.is_some() || stored {
                rows.push(RowChange { table: Arc::clone(&open.table), id, row, was_stored: stored });
            }
        }
        let counters = shelf.touched_counters.into_iter();
        let counters = counters.map(|counter| CounterChange { value: shelf.counters[&counter], counter });
        Changes { rows, counters: counters.collect() }
    }

    /// The table that `asked` names, if it is known to be there; asks for it when nothing is known.
    fn need_table(&self, asked: &str, needs: &mut Vec<Need>) -> Option<&Open> {
        let asked = asked.trim();
        match self.names.get(asked) {
            None => {
                needs.push(Need::Table(asked.to_owned()));
                None
            }
            Some(known) => self.open.get(&(*known)?),
        }
    }

    fn need_row(&self, asked: &str, row: Uuid, needs: &mut Vec<Need>) {
        // Many rows of one table ask for it once.
        if needs.contains(&Need::Table(asked.trim().to_owned())) {
            return;
        }
        if let Some(open) = self.need_table(asked, needs)
            && !open.knows(&Search::Row(row))
        {
            needs.push(Need::Rows { table: open.table.id, search: Search::Row(row) });
        }
    }

    /// The table that `asked` names.
    fn table(&self, asked: &str) -> Result<&Open, Failure> {
        let asked = asked.trim();
        let known = self.names.get(asked).ok_or_else(|| failures::not_supplied("the table"))?;
        let id = known.ok_or_else(|| failures::no_such_table(asked))?;
        self.open.get(&id).ok_or_else(|| failures::not_supplied("the table"))
    }

    /// Puts a row in its place, or takes it away. Only after everything that can fail.
    fn put(&mut self, table: Uuid, id: Uuid, row: Option<Row>) {
        let open = self.open.get_mut(&table).expect("looked up before it is changed");
        if open.put(id, row) {
            self.touched_rows.push((table, id));
        }
    }
}

impl Open {
    fn of(table: Arc<Table>, count: u64) -> Self {
        Self {
            table,
            count,
            rows: BTreeMap::new(),
            by_cell: HashMap::new(),
            answered: HashSet::new(),
            too_many: HashSet::new(),
        }
    }

    fn supply(&mut self, search: Search, rows: Vec<Row>) {
        if rows.len() > MOST_LOOKED_AT {
            self.too_many.insert(search);
            return;
        }
        for row in rows {
            if let std::collections::btree_map::Entry::Vacant(free) = self.rows.entry(row.id) {
                for cell in row.cells(&self.table) {
                    self.by_cell.entry(cell).or_default().insert(row.id);
                }
                free.insert(Held { row: Some(row), stored: true, touched: false });
            }
        }
        self.answered.insert(search);
    }

    /// Whether nothing more can be learnt about `search`.
    fn knows(&self, search: &Search) -> bool {
        self.answered.contains(search)
            || self.too_many.contains(search)
            || match search {
                Search::All => self.count > MOST_LOOKED_AT as u64,
                Search::Row(id) => self.rows.contains_key(id) || self.answered.contains(&Search::All),
                Search::Cell { .. } => self.answered.contains(&Search::All),
            }
    }

    /// The rows that `search` finds as they stand now, in their order.
    fn found(&self, search: &Search) -> Result<Vec<&Row>, Failure> {
        if self.too_many.contains(search) || *search == Search::All && !self.answered.contains(search) {
            return Err(failures::too_many_to_look_at(&self.table));
        }
        if !self.knows(search) {
            return Err(failures::not_supplied("the rows"));
        }
        let live = |id: &Uuid| self.rows.get(id)?.row.as_ref();
        Ok(match search {
            Search::All => self.rows.values().filter_map(|held| held.row.as_ref()).collect(),
            Search::Row(id) => live(id).into_iter().collect(),
            Search::Cell { column, cell } => {
                let ids = self.by_cell.get(&(column.clone(), cell.clone()));
                ids.into_iter().flatten().filter_map(live).collect()
            }
        })
    }

    /// See [`Shelf::put`]; true when the row was not changed before.
    fn put(&mut self, id: Uuid, row: Option<Row>) -> bool {
        let held = self.rows.entry(id).or_insert(Held { row: None, stored: false, touched: false });
        let old = std::mem::replace(&mut held.row, row);
        self.count = self.count + u64::from(held.row.is_some()) - u64::from(old.is_some());
        for cell in old.iter().flat_map(|old| old.cells(&self.table)) {
            if let Entry::Occupied(mut ids) = self.by_cell.entry(cell) {
                ids.get_mut().remove(&id);
            }
        }
        for cell in held.row.iter().flat_map(|row| row.cells(&self.table)) {
            self.by_cell.entry(cell).or_default().insert(id);
        }
        !std::mem::replace(&mut held.touched, true)
    }
}
