//! `/tables/{id}/rows`: the rows of data tables, as people edit them.
//!
//! They are written by the same rules as by the steps of a workflow: through the store's shelf, in one transaction.

use super::body::{Json, Path, Query};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use super::tables::found;
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::table::operation::{EditRow, InsertRow, RemoveRows};
use trunkline_leads::table::{self, TableOperation};
use trunkline_store::ports::RowQuery;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most rows that one request adds, changes or deletes.
const MOST_AT_ONCE: usize = 500;
/// Largest body with rows, in bytes.
const ROWS: usize = 8 * 1024 * 1024;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list_rows, add_rows, edit_rows)).routes(routes!(remove_rows))
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
