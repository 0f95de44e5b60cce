//! `/tables`: data tables with their rows, as people define and edit them.
//!
//! Rows are written by the same rules as by the steps of a workflow: through the store's shelf, in one transaction.

use super::body::{Json, Path, Query};
use super::problem::{self, Error, Result};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_engine::document::Steps;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::table::operation::{EditRow, InsertRow, RemoveRows};
use trunkline_leads::table::{self, Column, Table, TableOperation};
use trunkline_store::ports::{RowQuery, TableRow};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most rows that one request adds, changes or deletes.
const MOST_AT_ONCE: usize = 500;
/// Largest body with rows, in bytes.
const ROWS: usize = 8 * 1024 * 1024;

/// The routes of this resource.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, remove))
        .routes(routes!(uses))
        .routes(routes!(list_rows, add_rows, edit_rows))
        .routes(routes!(remove_rows))
}

/// What may stand in a column.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A day, or a moment.
    Date,
    /// Yes or no.
    YesNo,
    /// Any JSON value.
    Json,
}

impl From<table::ColumnKind> for ColumnKind {
    fn from(kind: table::ColumnKind) -> Self {
        match kind {
            table::ColumnKind::Text => Self::Text,
            table::ColumnKind::Number => Self::Number,
            table::ColumnKind::Date => Self::Date,
            table::ColumnKind::YesNo => Self::YesNo,
            table::ColumnKind::Json => Self::Json,
        }
    }
}

impl From<ColumnKind> for table::ColumnKind {
    fn from(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Text => Self::Text,
            ColumnKind::Number => Self::Number,
            ColumnKind::Date => Self::Date,
            ColumnKind::YesNo => Self::YesNo,
            ColumnKind::Json => Self::Json,
        }
    }
}

/// A column of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableColumn {
    /// Its technical name, by which expressions know it.
    pub key: String,
    /// What people read above it.
    pub label: String,
    /// What may stand in it.
    pub kind: ColumnKind,
}

/// A data table.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataTable {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Its columns, from left to right.
    pub columns: Vec<TableColumn>,
    /// How many rows it has.
    pub rows: u64,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

impl From<TableRow> for DataTable {
    fn from(TableRow { table, rows, updated_at }: TableRow) -> Self {
        let column = |Column { key, label, kind }| TableColumn { key, label, kind: kind.into() };
        let columns = table.columns.into_iter().map(column).collect();
        Self { id: table.id, name: table.name, columns, rows, updated_at }
    }
}

/// All data tables.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataTableList {
    /// By name.
    pub items: Vec<DataTable>,
}

/// A table as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefineTable {
    /// What people call it.
    pub name: String,
    /// Its columns, from left to right. What stands in a column that is left out is deleted.
    pub columns: Vec<DefineColumn>,
}

/// A column as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefineColumn {
    /// The technical name of a column that is there; a new column gets one of its own.
    #[serde(default)]
    pub key: Option<String>,
    /// What people read above it.
    pub label: String,
    /// What may stand in it; of a column that is there it stays as it is.
    pub kind: ColumnKind,
}

/// Workflows that use a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableUses {
    /// By name.
    pub items: Vec<TableUse>,
}

/// A workflow that uses a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableUse {
    /// The workflow.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The steps that use the table, by their titles.
    pub steps: Vec<String>,
}

/// Which rows to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowListQuery {
    /// Text that occurs in one of the cells.
    search: Option<String>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<Uuid>,
    /// Most rows (1 to 1,000; 100 when absent).
    limit: Option<u32>,
}

/// A row of a data table.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataRow {
    /// Its id.
    pub id: Uuid,
    /// What stands in its cells, by the technical names of the columns; empty cells are left out.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

/// A page of rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataRowPage {
    /// In the order in which they were made.
    pub items: Vec<DataRow>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<Uuid>,
}

/// Rows to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddRows {
    /// What stands in the cells of each, by column (at most 500 rows).
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<Map<String, Value>>,
}

/// Rows to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditRows {
    /// The changes (at most 500).
    pub changes: Vec<RowEdit>,
}

/// A row to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowEdit {
    /// The row.
    pub id: Uuid,
    /// What is to stand in the cells that change, by column; `null` empties one.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
}

/// What became of rows that were to be added or changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowOutcomes {
    /// In the order of the request.
    pub items: Vec<RowOutcome>,
}

/// What became of one row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowOutcome {
    /// The row as it is now, by column, with its `id`; missing when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub row: Option<Value>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RowError>,
}

/// Why a row was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowError {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub action: String,
}

/// Rows to be deleted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveTableRows {
    /// Their ids (at most 500).
    pub ids: Vec<Uuid>,
}

/// How many rows were deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedRows {
    /// How many; those that were gone already are not counted.
    pub removed: u64,
}

/// The table, or an error that says that there is none.
pub(super) async fn found(app: &Shared, caller: &Caller, id: Uuid) -> Result<TableRow> {
    let found = app.store.tables.get(caller.workspace, id).await?;
    found.ok_or_else(|| problem::NOT_FOUND.because("there is no such table"))
}

/// `wanted` as a table `id`; columns of `known` keep their technical names and kinds.
fn defined(id: Uuid, wanted: DefineTable, known: &[Column]) -> Result<Table> {
    let mut columns: Vec<Column> = Vec::with_capacity(wanted.columns.len());
    for DefineColumn { key, label, kind } in wanted.columns {
        let label = label.trim().to_owned();
        let old = key.as_deref().and_then(|key| known.iter().find(|column| column.key == key));
        let column = match (old, key) {
            (Some(old), _) => Column { label, ..old.clone() },
            (None, Some(key)) => {
                return Err(problem::INVALID.because(format!("the table has no column \"{key}\"")));
            }
            (None, None) => {
                // A name that a column had is not given to another: what stood there must not come back.
                let taken: Vec<&str> =
                    known.iter().chain(&columns).map(|column| column.key.as_str()).collect();
                Column { key: Column::key_of(&label, &taken), label, kind: kind.into() }
            }
        };
        columns.push(column);
    }
    let table = Table { id, name: wanted.name.trim().to_owned(), columns };
    table.check().map_err(|failure| Error::from_failure(&failure))?;
    Ok(table)
}

/// List data tables
#[utoipa::path(get, path = "/tables", tag = "tables", operation_id = "listTables",
    responses((status = 200, body = DataTableList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<DataTableList>> {
    let tables = app.store.tables.list(caller.workspace).await?;
    Ok(axum::Json(DataTableList { items: tables.into_iter().map(DataTable::from).collect() }))
}

/// Make a data table
#[utoipa::path(post, path = "/tables", tag = "tables", operation_id = "createTable",
    request_body = DefineTable, responses((status = 201, body = DataTable)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<DefineTable>,
) -> Result<(StatusCode, axum::Json<DataTable>)> {
    let table = defined(Uuid::now_v7(), wanted, &[])?;
    let id = table.id;
    app.store.tables.create(caller.workspace, table).await?;
    Ok((StatusCode::CREATED, axum::Json(found(&app, &caller, id).await?.into())))
}

/// Show a data table
#[utoipa::path(get, path = "/tables/{id}", tag = "tables", operation_id = "getTable",
    params(("id" = Uuid, Path)), responses((status = 200, body = DataTable)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<DataTable>> {
    Ok(axum::Json(found(&app, &caller, id).await?.into()))
}

/// Rename a data table and set its columns
#[utoipa::path(put, path = "/tables/{id}", tag = "tables", operation_id = "changeTable",
    params(("id" = Uuid, Path)), request_body = DefineTable, responses((status = 200, body = DataTable)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<DefineTable>,
) -> Result<axum::Json<DataTable>> {
    let known = found(&app, &caller, id).await?.table.columns;
    app.store.tables.change(caller.workspace, defined(id, wanted, &known)?).await?;
    Ok(axum::Json(found(&app, &caller, id).await?.into()))
}

/// Delete a data table with its rows
#[utoipa::path(delete, path = "/tables/{id}", tag = "tables", operation_id = "deleteTable",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    app.store.tables.remove(caller.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List workflows that use a data table
#[utoipa::path(get, path = "/tables/{id}/uses", tag = "tables", operation_id = "listTableUses",
    params(("id" = Uuid, Path)), responses((status = 200, body = TableUses)))]
async fn uses(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<TableUses>> {
    let table = found(&app, &caller, id).await?.table;
    let mut items = Vec::new();
    for summary in app.store.workflows.list(caller.workspace, None, Utc::now()).await? {
        let Some(workflow) = app.store.workflows.get(caller.workspace, summary.id).await? else { continue };
        let mut steps = Vec::new();
        steps_using(&workflow.draft.steps, &table, &mut steps);
        if let Some(published) = &workflow.published {
            steps_using(&published.document.steps, &table, &mut steps);
        }
        steps.dedup();
        if !steps.is_empty() {
            items.push(TableUse { id: workflow.id, name: workflow.name, steps });
        }
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(axum::Json(TableUses { items }))
}

/// The titles of the steps whose setting `table` names this table. An expression may name any table and is not looked
/// into.
fn steps_using(steps: &Steps, table: &Table, into: &mut Vec<String>) {
    for (id, step) in steps {
        let named = step.config.get("table").and_then(Value::as_str).map(str::trim);
        let title = if step.title.is_empty() { id } else { &step.title };
        if named.is_some_and(|name| name == table.name || name.parse() == Ok(table.id))
            && !into.contains(title)
        {
            into.push(title.clone());
        }
        if let Some(body) = &step.body {
            steps_using(&body.steps, table, into);
        }
    }
}

/// List rows of a data table
#[utoipa::path(get, path = "/tables/{id}/rows", tag = "tables", operation_id = "listTableRows",
    params(("id" = Uuid, Path), RowListQuery), responses((status = 200, body = DataRowPage)))]
async fn list_rows(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<RowListQuery>,
) -> Result<axum::Json<DataRowPage>> {
    let limit = query.limit.unwrap_or(100);
    let query = RowQuery { search: query.search, after: query.cursor, until: None, limit };
    let page = app.store.tables.rows(caller.workspace, id, query).await?;
    let row = |table::Row { id, values, updated_at, .. }| DataRow { id, values, updated_at };
    Ok(axum::Json(DataRowPage { items: page.items.into_iter().map(row).collect(), next: page.next }))
}

/// Add rows to a data table
///
/// A row that is refused does not keep the others from being added.
#[utoipa::path(post, path = "/tables/{id}/rows", tag = "tables", operation_id = "addTableRows",
    params(("id" = Uuid, Path)), request_body = AddRows, responses((status = 200, body = RowOutcomes)))]
async fn add_rows(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<AddRows, ROWS>,
) -> Result<axum::Json<RowOutcomes>> {
    bounded(wanted.rows.len())?;
    found(&app, &caller, id).await?;
    let table = id.to_string();
    let insert = |values| TableOperation::InsertRow(InsertRow { table: table.clone(), values });
    let operations = wanted.rows.into_iter().map(insert).collect();
    outcomes(&app, &caller, operations).await
}

/// Change rows of a data table
///
/// A change that is refused does not keep the others from being made.
#[utoipa::path(patch, path = "/tables/{id}/rows", tag = "tables", operation_id = "editTableRows",
    params(("id" = Uuid, Path)), request_body = EditRows, responses((status = 200, body = RowOutcomes)))]
async fn edit_rows(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<EditRows, ROWS>,
) -> Result<axum::Json<RowOutcomes>> {
    bounded(wanted.changes.len())?;
    found(&app, &caller, id).await?;
    let table = id.to_string();
    let edit =
        |RowEdit { id, values }| TableOperation::EditRow(EditRow { table: table.clone(), row: id, values });
    let operations = wanted.changes.into_iter().map(edit).collect();
    outcomes(&app, &caller, operations).await
}

/// Delete rows of a data table
#[utoipa::path(post, path = "/tables/{id}/rows/remove", tag = "tables", operation_id = "removeTableRows",
    params(("id" = Uuid, Path)), request_body = RemoveTableRows, responses((status = 200, body = RemovedRows)))]
async fn remove_rows(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<RemoveTableRows>,
) -> Result<axum::Json<RemovedRows>> {
    bounded(wanted.ids.len())?;
    found(&app, &caller, id).await?;
    let remove = TableOperation::RemoveRows(RemoveRows { table: id.to_string(), rows: wanted.ids });
    let done = perform(&app, &caller, remove).await?;
    let removed = done.output["count"].as_u64().unwrap_or(0);
    Ok(axum::Json(RemovedRows { removed }))
}

fn bounded(count: usize) -> Result<()> {
    if count > MOST_AT_ONCE {
        return Err(
            problem::INVALID.because(format!("{count} rows at once; at most {MOST_AT_ONCE} are taken"))
        );
    }
    Ok(())
}

/// Performs `operations` and tells what became of each.
async fn outcomes(
    app: &Shared,
    caller: &Caller,
    operations: Vec<TableOperation>,
) -> Result<axum::Json<RowOutcomes>> {
    let done = app.store.tables.perform(caller.workspace, operations).await?;
    let outcome = |result: std::result::Result<Performed, Failure>| match result {
        Ok(mut done) => RowOutcome { row: done.output.get_mut("row").map(Value::take), error: None },
        Err(failure) => RowOutcome { row: None, error: Some(failure.into()) },
    };
    Ok(axum::Json(RowOutcomes { items: done.into_iter().map(outcome).collect() }))
}

impl From<Failure> for RowError {
    fn from(failure: Failure) -> Self {
        Self { code: failure.code.into_owned(), message: failure.message, action: failure.action }
    }
}

/// Performs one operation.
pub(super) async fn perform(app: &Shared, caller: &Caller, operation: TableOperation) -> Result<Performed> {
    let done = app.store.tables.perform(caller.workspace, vec![operation]).await?;
    let first = done.into_iter().next().ok_or_else(|| problem::INTERNAL.plain())?;
    first.map_err(|failure| Error::from_failure(&failure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use trunkline_engine::document::Document;

    #[test]
    fn columns_keep_their_technical_names() {
        let text = |label: &str, key: Option<&str>| DefineColumn {
            key: key.map(str::to_owned),
            label: label.into(),
            kind: ColumnKind::Text,
        };
        let wanted =
            DefineTable { name: " Prices ".into(), columns: vec![text("Name", None), text("Name 2", None)] };
        let first = defined(Uuid::nil(), wanted, &[]).unwrap();
        assert_eq!((first.name.as_str(), first.columns[1].key.as_str()), ("Prices", "name_2"));
        let renamed = DefineTable {
            name: "Prices".into(),
            columns: vec![text("Product", Some("name")), text("Name", None)],
        };
        let then = defined(Uuid::nil(), renamed, &first.columns).unwrap();
        assert_eq!((then.columns[0].key.as_str(), then.columns[1].key.as_str()), ("name", "name_3"));
        let unknown = DefineTable { name: "Prices".into(), columns: vec![text("X", Some("nobody"))] };
        assert_eq!(defined(Uuid::nil(), unknown, &first.columns).unwrap_err().code(), "API-0014");
        let empty = DefineTable { name: "Prices".into(), columns: Vec::new() };
        assert_eq!(defined(Uuid::nil(), empty, &[]).unwrap_err().code(), "TABLE-0011");
    }

    #[test]
    fn steps_that_use_a_table_are_found_also_within_others() {
        let document: Document = serde_json::from_value(json!({
            "format": 1, "name": "W", "edges": [],
            "steps": {
                "a": { "kind": "find_rows", "title": "Look up", "config": { "table": "Prices" } },
                "b": { "kind": "loop", "title": "Each", "config": {}, "body": { "edges": [], "steps": {
                    "c": { "kind": "insert_row", "title": "Note", "config": { "table": "00000000-0000-0000-0000-000000000000" } }
                } } },
                "d": { "kind": "insert_row", "title": "Other", "config": { "table": "{{ trigger.table }}" } }
            }
        }))
        .unwrap();
        let table = Table { id: Uuid::nil(), name: "Prices".into(), columns: Vec::new() };
        let mut names = Vec::new();
        steps_using(&document.steps, &table, &mut names);
        assert_eq!(names, ["Look up", "Note"]);
    }
}
