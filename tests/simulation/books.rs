//! Data tables and counters, worked out once more, slowly, from what the runs journaled: every write stands once, each
//! found what the one before had left, and there is nothing that no run wrote.

use crate::laws::{Breach, Law};
use crate::universe::{Commit, Leads};
use crate::workflows::BOOK;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trunkline_engine::kind::{Operation, Performer};
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, Performed, RunId};
use trunkline_leads::table::{CounterKey, TableOperation, TablePlace};
use trunkline_store::ports::Stored;
use uuid::Uuid;

/// Something that one write changed.
struct Write {
    /// The transaction in which it was journaled.
    transaction: usize,
    old: Value,
    new: Value,
}

/// What the journals say.
#[derive(Default)]
struct Ledger {
    /// What every counter was added to, all together.
    added: BTreeMap<CounterKey, i64>,
    counters: BTreeMap<CounterKey, Vec<Write>>,
    /// By table and row: made and deleted.
    rows: BTreeMap<(Uuid, Uuid), Vec<Write>>,
    /// By row and column.
    cells: BTreeMap<(Uuid, String), Vec<Write>>,
    breaches: Vec<Breach>,
}

/// What is wrong with the tables and counters in `kept`.
pub(crate) fn judge(
    kept: &Leads,
    commits: &[Commit],
    runs: &[Stored],
    machine: impl Fn(&Stored) -> Machine,
) -> Vec<Breach> {
    let mut ledger = Ledger::default();
    ledger.read(commits, runs, machine);
    ledger.judge_counters(kept);
    ledger.judge_rows(kept);
    ledger.breaches
}

impl Ledger {
    fn note(&mut self, what: String) {
        self.breaches.push(Law::TablesAgree.broken(what));
    }

    /// Goes through everything that was committed, with the operations that the machines asked for.
    fn read(&mut self, commits: &[Commit], runs: &[Stored], machine: impl Fn(&Stored) -> Machine) {
        let stored: BTreeMap<RunId, &Stored> = runs.iter().map(|run| (run.header.id, run)).collect();
        let mut moving: BTreeMap<RunId, (Machine, BTreeMap<EffectKey, Arc<Operation>>)> = BTreeMap::new();
        // What a run left a counter at; it only ever adds.
        let mut left: BTreeMap<(RunId, CounterKey), i64> = BTreeMap::new();
        for commit in commits {
            let Some(run) = stored.get(&commit.run) else { continue };
            let (machine, asked) =
                moving.entry(commit.run).or_insert_with(|| (machine(run), BTreeMap::new()));
            for event in &commit.events {
                if let Event::Performed { key, result: Ok(performed), .. } = event
                    && let Some(operation) = asked.get(key)
                {
                    let operation = TableOperation::read(&operation.action, &operation.input);
                    let operation = operation.expect("it was performed");
                    self.count(commit.run, &operation, performed, &mut left);
                    self.written(commit.transaction, performed);
                }
                for effect in machine.apply(event) {
                    if let Effect::Perform { key, operation, .. } = effect
                        && operation.performer == Performer::Tables
                    {
                        asked.insert(key, operation);
                    }
                }
            }
        }
    }

    fn count(
        &mut self,
        run: RunId,
        operation: &TableOperation,
        performed: &Performed,
        left: &mut BTreeMap<(RunId, CounterKey), i64>,
    ) {
        let value = performed.output["value"].as_i64().unwrap_or_default();
        match operation {
            TableOperation::AddToCounter(add) => {
                let counter = CounterKey { counter: add.counter.clone(), key: add.key.clone() };
                *self.added.entry(counter.clone()).or_default() += add.by;
                left.insert((run, counter), value);
            }
            TableOperation::ReadCounter(read) => {
                let counter = CounterKey { counter: read.counter.clone(), key: read.key.clone() };
                let least = left.get(&(run, counter)).copied().unwrap_or_default();
                if value < least {
                    self.note(format!("{run} read {value} from {} and had left {least}", read.counter));
                }
            }
            _ => {}
        }
    }

    fn written(&mut self, transaction: usize, performed: &Performed) {
        for change in &performed.written {
            let place = change.target.as_ref().and_then(TablePlace::read);
            let write = Write { transaction, old: change.old.clone(), new: change.new.clone() };
            match place.expect("what is written in a table has a place") {
                TablePlace::Counter(counter) => self.counters.entry(counter).or_default().push(write),
                TablePlace::Row { table, row } => self.rows.entry((table, row)).or_default().push(write),
                TablePlace::Cell { row, column, .. } => {
                    self.cells.entry((row, column)).or_default().push(write);
                }
            }
        }
    }

    fn judge_counters(&mut self, kept: &Leads) {
        let mut values: BTreeMap<CounterKey, i64> = BTreeMap::new();
        values.extend(kept.counters.iter().map(|row| (row.counter.clone(), row.value)));
        let all: BTreeSet<CounterKey> = values.keys().chain(self.added.keys()).cloned().collect();
        for counter in all {
            let value = values.get(&counter).copied().unwrap_or_default();
            let added = self.added.get(&counter).copied().unwrap_or_default();
            if value != added {
                self.note(format!("{} stands at {value}, its runs added {added}", counter.label()));
            }
            let writes = self.counters.remove(&counter).unwrap_or_default();
            if let Some(what) = chain(&Value::from(0), &writes, &Value::from(value)) {
                self.note(format!("{}: {what}", counter.label()));
            }
        }
    }

    fn judge_rows(&mut self, kept: &Leads) {
        let mut standing: BTreeMap<(Uuid, Uuid), Value> = BTreeMap::new();
        for (table, rows) in &kept.tables {
            standing.extend(rows.iter().map(|row| ((table.id, row.id), row.record(table))));
            let mut about = BTreeSet::new();
            for row in rows.iter().filter(|_| table.name == BOOK) {
                if !about.insert(row.values["about"].to_string()) {
                    self.note(format!("{BOOK} has two rows for {}", row.values["about"]));
                }
            }
        }
        let rows = std::mem::take(&mut self.rows);
        for place in standing.keys().filter(|place| !rows.contains_key(place)) {
            self.breaches.push(Law::TablesAgree.broken(format!("row {} stands and no run made it", place.1)));
        }
        for (place, writes) in rows {
            let made: Vec<&Value> =
                writes.iter().map(|write| &write.new).filter(|new| !new.is_null()).collect();
            let gone: Vec<&Value> =
                writes.iter().map(|write| &write.old).filter(|old| !old.is_null()).collect();
            let row = standing.get(&place);
            let ([first], true) = (made.as_slice(), gone.len() <= 1) else {
                self.note(format!(
                    "row {} was made {} times and deleted {}",
                    place.1,
                    made.len(),
                    gone.len()
                ));
                continue;
            };
            let last = match (gone.first(), row) {
                (Some(last), None) => *last,
                (None, Some(row)) => row,
                (Some(_), Some(_)) => {
                    self.note(format!("row {} was deleted and stands", place.1));
                    continue;
                }
                (None, None) => {
                    self.note(format!("row {} was made and is not there", place.1));
                    continue;
                }
            };
            for (column, first) in first.as_object().expect("a row is an object") {
                let writes = self.cells.remove(&(place.1, column.clone())).unwrap_or_default();
                if let Some(what) = chain(first, &writes, &last[column]) {
                    self.note(format!("{column} of row {}: {what}", place.1));
                }
            }
        }
        if let Some((row, column)) = self.cells.keys().next().cloned() {
            self.note(format!("{column} of row {row} was written, and there never was such a row"));
        }
    }
}

/// What keeps `writes` from leading from `first` to `last`, each beginning where another ended.
fn chain(first: &Value, writes: &[Write], last: &Value) -> Option<String> {
    let mut open: BTreeMap<String, i64> = BTreeMap::new();
    *open.entry(first.to_string()).or_default() += 1;
    *open.entry(last.to_string()).or_default() -= 1;
    for write in writes {
        *open.entry(write.new.to_string()).or_default() += 1;
        *open.entry(write.old.to_string()).or_default() -= 1;
    }
    if let Some((value, _)) = open.iter().find(|(_, count)| **count != 0) {
        return Some(format!("{value} was found or left once too often, and it stands at {last}"));
    }
    let newest = writes.iter().map(|write| write.transaction).max()?;
    let stands = writes.iter().any(|write| write.transaction == newest && write.new == *last);
    (!stands).then(|| format!("it stands at {last}, which is not what was written last"))
}
