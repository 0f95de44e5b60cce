//! The shelf against a store in memory, and against a slow one that does everything at once.

use super::*;
use crate::table::operation::{
    AddToCounter, DeleteRows, EditRow, FindRows, InsertRow, PutBackPart, PutBackTables, ReadCounter,
    RemoveRows, SetCounter, UpdateRows, UpsertRow,
};
use crate::table::{Column, ColumnKind, Condition, MAX_ROWS, MOST_CHANGED, Test};
use chrono::DateTime;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use trunkline_engine::run::Change;

/// A store as simple as can be.
#[derive(Debug, Default, Clone)]
struct World {
    rows: BTreeMap<Uuid, Row>,
    counters: BTreeMap<CounterKey, i64>,
    ids: u128,
    /// What the store says of the number of rows, to make tables full.
    count: Option<u64>,
}

fn table() -> Arc<Table> {
    let column = |key: &str, kind| Column { key: key.into(), label: key.to_uppercase(), kind };
    Arc::new(Table {
        id: Uuid::from_u128(77),
        name: "People".into(),
        columns: vec![
            column("email", ColumnKind::Text),
            column("size", ColumnKind::Number),
            column("note", ColumnKind::Json),
        ],
    })
}

impl World {
    fn answer(&self, need: Need) -> Answer {
        match need {
            Need::Table(asked) => {
                let is_it = asked == "People" || asked == table().id.to_string();
                let count = self.count.unwrap_or(self.rows.len() as u64);
                Answer::Table(asked, is_it.then(|| (table(), count)))
            }
            Need::Rows { table: id, search } => {
                let fits = |row: &&Row| match &search {
                    Search::All => true,
                    Search::Row(id) => row.id == *id,
                    Search::Cell { column, cell } => {
                        row.cells(&table()).contains(&(column.clone(), cell.clone()))
                    }
                };
                let rows = self.rows.values().filter(fits).take(MOST_LOOKED_AT + 1).cloned().collect();
                Answer::Rows { table: id, search, rows }
            }
            Need::Counter(counter) => {
                let value = self.counters.get(&counter).copied().unwrap_or(0);
                Answer::Counter(counter, value)
            }
        }
    }

    /// Performs `operations` in one transaction; those of a round learn what they need before the first is performed.
    fn transaction(&mut self, operations: &[TableOperation]) -> Vec<Result<Performed, Failure>> {
        let mut shelf = Shelf::default();
        loop {
            let needs: HashSet<Need> = operations.iter().flat_map(|one| shelf.needs(one)).collect();
            if needs.is_empty() {
                break;
            }
            shelf.supply(needs.into_iter().map(|need| self.answer(need)).collect::<Vec<_>>());
        }
        let mut results = Vec::new();
        for operation in operations {
            let mut new_id = || {
                self.ids += 1;
                Uuid::from_u128(1000 + self.ids)
            };
            let occasion = Occasion {
                at: DateTime::UNIX_EPOCH,
                run_id: None,
                step: None,
                by: None,
                new_id: &mut new_id,
            };
            results.push(shelf.perform(operation, occasion));
        }
        let Changes { rows, counters } = shelf.take_changes();
        for change in rows {
            assert_eq!(change.was_stored, self.rows.contains_key(&change.id));
            match change.row {
                Some(row) => drop(self.rows.insert(change.id, row)),
                None => drop(self.rows.remove(&change.id)),
            }
        }
        self.counters.extend(counters.into_iter().map(|change| (change.counter, change.value)));
        results
    }

    fn one(&mut self, operation: TableOperation) -> Result<Performed, Failure> {
        self.transaction(&[operation]).remove(0)
    }
}

fn record(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn insert(values: Value) -> TableOperation {
    TableOperation::InsertRow(InsertRow { table: "People".into(), values: record(values) })
}

fn upsert(values: Value) -> TableOperation {
    let (table, key) = ("People".into(), "email".into());
    TableOperation::UpsertRow(UpsertRow { table, key, values: record(values) })
}

fn that(column: &str, test: Test, value: Value) -> Vec<Condition> {
    vec![Condition { column: column.into(), test, value }]
}

fn find(conditions: Vec<Condition>) -> TableOperation {
    let (table, sort_by) = ("People".into(), None);
    TableOperation::FindRows(FindRows { table, conditions, sort_by, descending: false, limit: 1000 })
}

fn update(conditions: Vec<Condition>, values: Value) -> TableOperation {
    TableOperation::UpdateRows(UpdateRows { table: "People".into(), conditions, values: record(values) })
}

fn delete(conditions: Vec<Condition>) -> TableOperation {
    TableOperation::DeleteRows(DeleteRows { table: "People".into(), conditions })
}

fn add(by: i64) -> TableOperation {
    TableOperation::AddToCounter(AddToCounter { counter: "Seen".into(), key: "de".into(), by })
}

fn undo(changes: &[Change]) -> TableOperation {
    let part = |change: &Change| PutBackPart {
        target: change.target.clone().unwrap(),
        label: change.label.clone(),
        now: change.new.clone(),
        back_to: change.old.clone(),
    };
    TableOperation::PutBackTables(PutBackTables { parts: changes.iter().map(part).collect() })
}

#[test]
fn later_operations_of_a_transaction_see_earlier_ones() {
    let mut world = World::default();
    let results = world.transaction(&[
        upsert(json!({"email": "Ada@x.example", "size": 1})),
        upsert(json!({"email": "ada@x.example ", "size": 2})),
        find(that("email", Test::Equals, json!("ADA@X.example"))),
        update(that("size", Test::AtLeast, json!(2)), json!({"note": {"seen": true}})),
        find(that("note", Test::Filled, Value::Null)),
        delete(that("size", Test::Equals, json!(2))),
        find(Vec::new()),
    ]);
    let outputs: Vec<Value> = results.into_iter().map(|done| done.unwrap().output).collect();
    assert_eq!((&outputs[0]["created"], &outputs[1]["created"]), (&json!(true), &json!(false)));
    assert_eq!(outputs[2]["first"]["size"], 2);
    assert_eq!((&outputs[3]["changed"], &outputs[4]["count"]), (&json!(1), &json!(1)));
    assert_eq!((&outputs[5]["count"], &outputs[6]["count"]), (&json!(1), &json!(0)));
    assert!(world.rows.is_empty(), "made and deleted within the transaction");
}

#[test]
fn what_was_changed_is_reported_and_goes_back() {
    let mut world = World::default();
    let made = world.one(insert(json!({"email": "ada@x.example", "size": 1}))).unwrap();
    let before = world.rows.clone();
    let changed =
        world.one(update(that("size", Test::Equals, json!(1)), json!({"size": 5, "email": ""}))).unwrap();
    assert_eq!(changed.written.len(), 2);
    assert_eq!((&changed.written[1].old, &changed.written[1].new), (&json!(1), &json!(5)));
    let gone = world.one(delete(that("size", Test::Equals, json!(5)))).unwrap();
    assert_eq!(world.one(undo(&gone.written)).unwrap().output["undone"], 1);
    assert_eq!(world.one(undo(&changed.written)).unwrap().output["undone"], 2);
    assert_eq!(world.rows.values().next().unwrap().values, before.values().next().unwrap().values);
    let again = world.one(undo(&changed.written)).unwrap().output;
    assert_eq!((&again["undone"], &again["skipped"]), (&json!(0), &json!(2)), "it is back already");
    assert_eq!(world.one(undo(&made.written)).unwrap().output["undone"], 1);
    assert!(world.rows.is_empty());
}

#[test]
fn what_changed_since_stays() {
    let mut world = World::default();
    let made = world.one(insert(json!({"email": "ada@x.example", "size": 1}))).unwrap();
    world.one(upsert(json!({"email": "ada@x.example", "size": 9}))).unwrap();
    let undone = world.one(undo(&made.written)).unwrap().output;
    assert_eq!((&undone["undone"], &undone["items"][0]["why"]), (&json!(0), &json!("it has changed since")));
}

#[test]
fn counters_count_and_go_back_unless_others_have_counted() {
    let mut world = World::default();
    let results = world.transaction(&[add(1), add(1), add(-5)]);
    let values: Vec<Value> =
        results.iter().map(|done| done.as_ref().unwrap().output["value"].clone()).collect();
    assert_eq!(values, [json!(1), json!(2), json!(-3)]);
    let ten = world.one(add(10)).unwrap();
    assert_eq!(world.one(undo(&ten.written)).unwrap().output["undone"], 1);
    assert_eq!(world.one(undo(&ten.written)).unwrap().output["undone"], 0, "not twice");
    let read = TableOperation::ReadCounter(ReadCounter { counter: " Seen ".into(), key: "de".into() });
    assert_eq!(world.one(read).unwrap().output["value"], -3);
    let ten = world.one(add(10)).unwrap();
    world.one(add(3)).unwrap();
    let late = world.one(undo(&ten.written)).unwrap().output;
    assert_eq!((&late["undone"], &late["items"][0]["now"]), (&json!(0), &json!(10)));
    let set = SetCounter { counter: "Seen".into(), key: "de".into(), to: i64::MAX };
    world.one(TableOperation::SetCounter(set)).unwrap();
    assert_eq!(world.one(add(1)).unwrap_err().code, "TABLE-0012");
    let nameless =
        TableOperation::AddToCounter(AddToCounter { counter: " ".into(), key: String::new(), by: 1 });
    assert_eq!(world.one(nameless).unwrap_err().code, "TABLE-0008");
}

#[test]
fn people_edit_and_delete_single_rows() {
    let mut world = World::default();
    world.transaction(&[insert(json!({"size": 1})), insert(json!({"size": 2}))]);
    let ids: Vec<Uuid> = world.rows.keys().copied().collect();
    let edit = |row, values| {
        TableOperation::EditRow(EditRow { table: "People".into(), row, values: record(values) })
    };
    assert_eq!(world.one(edit(ids[0], json!({"SIZE": "7"}))).unwrap().output["row"]["size"], 7);
    assert_eq!(world.one(edit(Uuid::nil(), json!({}))).unwrap_err().code, "TABLE-0013");
    assert_eq!(world.one(edit(ids[0], json!({"size": "x"}))).unwrap_err().code, "TABLE-0003");
    let remove = RemoveRows { table: "People".into(), rows: vec![ids[0], Uuid::nil()] };
    assert_eq!(world.one(TableOperation::RemoveRows(remove)).unwrap().output["count"], 1);
    assert_eq!(world.rows.len(), 1);
}

#[test]
fn bounds_are_said_and_nothing_is_done_by_half() {
    let mut world = World::default();
    let many: Vec<_> =
        (0..=MOST_CHANGED).map(|size| insert(json!({"email": "same", "size": size}))).collect();
    world.transaction(&many);
    let all = that("email", Test::Equals, json!("same"));
    let before = world.rows.clone();
    assert_eq!(world.one(update(all.clone(), json!({"size": 0}))).unwrap_err().code, "TABLE-0006");
    assert_eq!(world.one(delete(all)).unwrap_err().code, "TABLE-0006");
    assert_eq!(world.rows, before);
    assert_eq!(world.one(upsert(json!({"size": 1}))).unwrap_err().code, "TABLE-0003", "no key");
    assert_eq!(world.one(insert(json!({"nobody": 1}))).unwrap_err().code, "TABLE-0002");
    let heavy = json!({"note": "x".repeat(70_000)});
    assert_eq!(world.one(insert(heavy)).unwrap_err().code, "TABLE-0007");
    world.count = Some(MAX_ROWS);
    assert_eq!(world.one(insert(json!({"size": 1}))).unwrap_err().code, "TABLE-0009");
    let through = find(that("size", Test::Above, json!(1)));
    assert_eq!(world.one(through).unwrap_err().code, "TABLE-0005");
    assert!(world.one(find(that("size", Test::Equals, json!(1)))).is_ok(), "found by its cell");
    let elsewhere = TableOperation::InsertRow(InsertRow { table: "Nobody's".into(), values: Map::new() });
    assert_eq!(world.one(elsewhere).unwrap_err().code, "TABLE-0001");
}

fn operations() -> impl Strategy<Value = TableOperation> {
    let email = || (0..4_u8).prop_map(|n| json!(format!("p{n}@x.example")));
    let size = || (0..4_i64).prop_map(|n| json!(n));
    prop_oneof![
        (email(), size()).prop_map(|(email, size)| insert(json!({"email": email, "size": size}))),
        (email(), size()).prop_map(|(email, size)| upsert(json!({"email": email, "size": size}))),
        (size(), email())
            .prop_map(|(size, email)| update(that("size", Test::Equals, size), json!({"email": email}))),
        size().prop_map(|size| delete(that("size", Test::Above, size))),
        email().prop_map(|email| find(that("email", Test::Equals, email))),
        (-3..3_i64).prop_map(add),
    ]
}

proptest! {
    #[test]
    fn however_operations_are_cut_into_transactions_the_end_is_the_same(
        operations in proptest::collection::vec(operations(), 1..24),
        cuts in proptest::collection::vec(1..6_usize, 1..24),
    ) {
        let (mut singly, mut together) = (World::default(), World::default());
        let expected: Vec<_> = operations.iter().map(|one| singly.one(one.clone())).collect();
        let (mut rest, mut results) = (operations.as_slice(), Vec::new());
        for cut in cuts.into_iter().cycle() {
            if rest.is_empty() { break; }
            let (now, later) = rest.split_at(cut.min(rest.len()));
            results.extend(together.transaction(now));
            rest = later;
        }
        prop_assert_eq!(results, expected);
        prop_assert_eq!(together.rows, singly.rows);
        prop_assert_eq!(together.counters, singly.counters);
    }

    #[test]
    fn undoing_everything_in_turn_leaves_nothing(
        operations in proptest::collection::vec(operations(), 1..16),
    ) {
        let mut world = World::default();
        let mut done = Vec::new();
        for operation in operations {
            done.extend(world.one(operation).map(|done| done.written).unwrap_or_default());
        }
        for change in done.iter().rev() {
            prop_assert_eq!(&world.one(undo(std::slice::from_ref(change))).unwrap().output["undone"], &json!(1));
        }
        prop_assert!(world.rows.is_empty());
        prop_assert!(world.counters.values().all(|value| *value == 0));
    }
}
