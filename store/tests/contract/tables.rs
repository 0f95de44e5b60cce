//! Data tables and counters: written with their runs, found by their cells, edited by people.

use crate::world::{Backend, Flow, HOME, chain};
use serde_json::{Map, Value, json};
use trunkline_leads::table::operation::{EditRow, InsertRow, RemoveRows, UpsertRow};
use trunkline_leads::table::{
    Answer, Column, ColumnKind, CounterKey, Need, Row, Search, Table, TableOperation,
};
use trunkline_store::ports::{CounterQuery, RowQuery, RunStatus};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

/// A step that asks the tables for `action`.
fn ask(action: &str, input: Value) -> Value {
    json!({"kind": "ask", "config": {"action": action, "input": input, "of_tables": true}})
}

fn column(key: &str, kind: ColumnKind) -> Column {
    Column { key: key.into(), label: key.to_uppercase(), kind }
}

async fn people(store: &Store) -> Table {
    let columns = vec![column("email", ColumnKind::Text), column("size", ColumnKind::Number)];
    let table = Table { id: Uuid::now_v7(), name: "People".into(), columns };
    store.tables.create(HOME, table.clone()).await.unwrap();
    table
}

async fn rows(store: &Store, table: &Table) -> Vec<Row> {
    let query = RowQuery { limit: 1000, ..RowQuery::default() };
    store.tables.rows(HOME, table.id, query).await.unwrap().items
}

fn values(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn insert(value: Value) -> TableOperation {
    TableOperation::InsertRow(InsertRow { table: "People".into(), values: values(value) })
}

fn counting() -> (&'static str, Value) {
    ("count", ask("add_to_counter", json!({"counter": "Seen", "key": "{{ trigger.body.country }}", "by": 1})))
}

pub(crate) async fn rows_and_counters_commit_with_their_runs(backend: &impl Backend) {
    let store = backend.open().await;
    let table = people(&store).await;
    let upsert = ask(
        "upsert_row",
        json!({"table": "People", "key": "email", "values": {"email": "{{ trigger.body.email }}", "size": "{{ trigger.body.n }}"}}),
    );
    let read = ask("find_rows", json!({"table": "People", "conditions": [], "limit": 10}));
    let flow = Flow::publish(&store, chain("Count", &[("row", upsert), counting(), ("read", read)])).await;
    let sends = (0..30).map(|n| {
        let email = format!("Person{}@x.example", n % 3);
        flow.send(json!({"email": email, "n": n, "country": "de"}))
    });
    let done = futures_util::future::join_all(sends).await;
    assert!(done.iter().all(|done| done.state.status == RunStatus::Completed && done.state.lead.is_none()));
    assert_eq!(rows(&store, &table).await.len(), 3, "one row for each address");
    let found = store.tables.get(HOME, table.id).await.unwrap().unwrap();
    assert_eq!(found.rows, 3);
    let page =
        store.tables.counters(HOME, CounterQuery { limit: 10, ..CounterQuery::default() }).await.unwrap();
    assert_eq!((page.items[0].counter.key.as_str(), page.items[0].value, page.next), ("de", 30, None));
    store.close().await.unwrap();
    drop((store, flow, done));
    let again = backend.open().await;
    assert_eq!(rows(&again, &table).await.len(), 3);
}

pub(crate) async fn a_run_that_fails_later_keeps_what_it_counted(backend: &impl Backend) {
    let store = backend.open().await;
    let wrong = ask("insert_row", json!({"table": "Nobody's", "values": {}}));
    let flow = Flow::publish(&store, chain("Wrong", &[counting(), ("wrong", wrong)])).await;
    let done = flow.send(json!({"country": ""})).await;
    let (_, failure) = done.state.error.clone().unwrap();
    assert_eq!((done.state.status, &*failure.code), (RunStatus::Failed, "TABLE-0001"));
    let page =
        store.tables.counters(HOME, CounterQuery { limit: 10, ..CounterQuery::default() }).await.unwrap();
    assert_eq!(page.items[0].value, 1, "it happened, and its journal says so");
}

pub(crate) async fn people_edit_rows_by_the_same_rules(backend: &impl Backend) {
    let store = backend.open().await;
    let table = people(&store).await;
    let upsert = |email: &str| {
        let values = values(json!({"email": email, "size": 2}));
        TableOperation::UpsertRow(UpsertRow { table: table.id.to_string(), key: "EMAIL".into(), values })
    };
    let operations = vec![
        insert(json!({"email": "ada@x.example", "size": 1})),
        insert(json!({"size": "many"})),
        upsert("ADA@x.example"),
        upsert("ben\u{0}@x.example"),
    ];
    let done = store.tables.perform(HOME, operations).await.unwrap();
    assert_eq!(done[1].as_ref().unwrap_err().code, "TABLE-0003");
    assert_eq!(done[2].as_ref().unwrap().output["created"], false);
    let now = rows(&store, &table).await;
    assert_eq!((now.len(), &now[0].values["size"]), (2, &json!(2)));
    let edit = EditRow { table: "People".into(), row: now[0].id, values: values(json!({"email": null})) };
    store.tables.perform(HOME, vec![TableOperation::EditRow(edit)]).await.unwrap();
    let by_cell = |cell: &str| {
        let search = Search::Cell { column: "email".into(), cell: cell.into() };
        store.tables.look_up(HOME, vec![Need::Rows { table: table.id, search }])
    };
    let found = |answers: Vec<Answer>| match answers.into_iter().next() {
        Some(Answer::Rows { rows, .. }) => rows.len(),
        _ => panic!("rows"),
    };
    assert_eq!(found(by_cell("ada@x.example").await.unwrap()), 0, "an emptied cell finds nothing");
    let remove = RemoveRows { table: "People".into(), rows: now.iter().map(|row| row.id).collect() };
    store.tables.perform(HOME, vec![TableOperation::RemoveRows(remove)]).await.unwrap();
    assert_eq!(store.tables.get(HOME, table.id).await.unwrap().unwrap().rows, 0);
}

pub(crate) async fn pages_of_rows_follow_one_another(backend: &impl Backend) {
    let store = backend.open().await;
    let table = people(&store).await;
    let all = (0..25).map(|n| insert(json!({"email": format!("p{n}_%@x.example"), "size": n}))).collect();
    store.tables.perform(HOME, all).await.unwrap();
    let (mut after, mut sizes) = (None, Vec::new());
    loop {
        let query = RowQuery { after, limit: 10, ..RowQuery::default() };
        let page = store.tables.rows(HOME, table.id, query).await.unwrap();
        sizes.extend(page.items.iter().map(|row| row.values["size"].as_i64().unwrap()));
        assert!(page.last.is_some());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, (0..25).collect::<Vec<_>>());
    let search = async |text: &str| {
        let query = RowQuery { search: Some(text.into()), limit: 100, ..RowQuery::default() };
        store.tables.rows(HOME, table.id, query).await.unwrap().items.len()
    };
    assert_eq!((search("P7_%").await, search("_%").await, search("p%1").await), (1, 25, 0));
    let until = rows(&store, &table).await[4].id;
    let query = RowQuery { until: Some(until), limit: 100, ..RowQuery::default() };
    assert_eq!(store.tables.rows(HOME, table.id, query).await.unwrap().items.len(), 5);
}

pub(crate) async fn tables_change_their_columns_and_go(backend: &impl Backend) {
    let store = backend.open().await;
    let mut table = people(&store).await;
    store.tables.perform(HOME, vec![insert(json!({"email": "ada@x.example", "size": 7}))]).await.unwrap();
    let twin = Table { id: Uuid::now_v7(), ..table.clone() };
    assert_eq!(store.tables.create(HOME, twin).await, Err(Error::Conflict("a table with this name")));
    table.name = "Persons".into();
    table.columns.remove(0);
    table.columns.push(column("note", ColumnKind::Json));
    store.tables.change(HOME, table.clone()).await.unwrap();
    let now = rows(&store, &table).await;
    assert_eq!(
        Value::from(now[0].values.clone()),
        json!({"size": 7}),
        "what stood in a column that is gone is gone"
    );
    let query = RowQuery { search: Some("ada".into()), limit: 10, ..RowQuery::default() };
    assert!(store.tables.rows(HOME, table.id, query).await.unwrap().items.is_empty());
    let elsewhere = WorkspaceId(7);
    assert_eq!(store.tables.get(elsewhere, table.id).await.unwrap(), None);
    assert_eq!(store.tables.remove(elsewhere, table.id).await, Err(Error::NotFound("the table")));
    store.tables.remove(HOME, table.id).await.unwrap();
    assert!(store.tables.list(HOME).await.unwrap().is_empty());
    let query = RowQuery { limit: 10, ..RowQuery::default() };
    assert_eq!(store.tables.rows(HOME, table.id, query).await, Err(Error::NotFound("the table")));
    let counter = CounterKey { counter: "Nobody's".into(), key: String::new() };
    assert_eq!(store.tables.remove_counter(HOME, counter).await, Err(Error::NotFound("the counter")));
}
