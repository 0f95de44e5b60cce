//! `/tables`: data tables, as people define them. Their rows are in [`super::table_rows`].

use super::body::{Json, Path};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_engine::document::Steps;
use trunkline_leads::table::{self, Column, Table};
use trunkline_store::ports::TableRow;
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list, create)).routes(routes!(show, change, remove)).routes(routes!(uses))
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
