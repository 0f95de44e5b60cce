//! `/tables/{id}/import` and `/tables/{id}/export`: rows of data tables from and to CSV.
//!
//! A row that cannot be used is reported and never stops the others. What goes out is harmless in a spreadsheet: no text
//! of a cell is taken for a formula.

use super::body::{self, Path, Query};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use super::tables::found;
use crate::app::Shared;
use crate::auth::Caller;
use crate::intake::csv;
use crate::sheets;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_engine::formula::guarded;
use trunkline_leads::table::operation::{InsertRow, UpsertRow};
use trunkline_leads::table::{Column, ColumnKind, Table, TableOperation};
use trunkline_store::ports::RowQuery;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Largest file in bytes.
const LARGEST: usize = 64 * 1024 * 1024;
/// Rows of one transaction.
const TOGETHER: usize = 500;
/// Most problems that are told one by one.
const MOST_TOLD: usize = 100;
/// Rows read at a time when they go out.
const PAGE: u32 = 1_000;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(import)).routes(routes!(export))
}

/// How a file is taken in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableImportQuery {
    /// The column by which rows are found that are there already; without it every row of the file is added.
    key: Option<String>,
}

/// What became of the rows of a file.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct TableImport {
    /// Rows that were added.
    pub added: u64,
    /// Rows that were there and are different now.
    pub changed: u64,
    /// Rows that were there like that already.
    pub unchanged: u64,
    /// Rows that could not be used.
    pub refused: u64,
    /// Why, for the first 100 of them.
    pub problems: Vec<TableImportProblem>,
    /// Columns of the file that the table does not have.
    pub ignored: Vec<String>,
}

/// A row that could not be used.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableImportProblem {
    /// Line of the file on which it begins.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl TableImport {
    fn refuse(&mut self, line: u64, reason: String) {
        self.refused += 1;
        if self.problems.len() < MOST_TOLD {
            self.problems.push(TableImportProblem { line, reason });
        }
    }
}

/// Take rows in from CSV
///
/// The first row names the columns, by what people read above them or by their technical names.
#[utoipa::path(post, path = "/tables/{id}/import", tag = "tables", operation_id = "importTableRows",
    params(("id" = Uuid, Path), TableImportQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = TableImport)))]
async fn import(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<TableImportQuery>,
    request: Request,
) -> Result<axum::Json<TableImport>> {
    let table = found(&app, &caller, id).await?.table;
    let key = query.key.as_deref().map(str::trim).filter(|key| !key.is_empty());
    let key = key.map(|key| table.column(key)).transpose();
    let key = key.map_err(|failure| Error::from_failure(&failure))?.map(|column| column.key.clone());
    let (parts, body) = request.into_parts();
    let bytes = body::read(&parts.headers, body, LARGEST).await?;
    let read = tokio::task::spawn_blocking(move || read(&bytes, &table)).await;
    let File { rows, mut report } = read.map_err(|_| problem::INTERNAL.plain())??;
    let mut rows = rows.into_iter();
    loop {
        let piece: Vec<(u64, Map<String, Value>)> = rows.by_ref().take(TOGETHER).collect();
        if piece.is_empty() {
            return Ok(axum::Json(report));
        }
        let (lines, values): (Vec<u64>, Vec<Map<String, Value>>) = piece.into_iter().unzip();
        let operation = |values| match &key {
            Some(key) => {
                let (table, key) = (id.to_string(), key.clone());
                TableOperation::UpsertRow(UpsertRow { table, key, values })
            }
            None => TableOperation::InsertRow(InsertRow { table: id.to_string(), values }),
        };
        let operations = values.into_iter().map(operation).collect();
        let done = app.store.tables.perform(caller.workspace, operations).await?;
        for (line, result) in lines.into_iter().zip(done) {
            match result {
                Ok(done) if done.output["created"] == true => report.added += 1,
                Ok(done) if done.written.is_empty() => report.unchanged += 1,
                Ok(_) => report.changed += 1,
                Err(failure) => report.refuse(line, failure.message),
            }
        }
    }
}

/// The usable rows of a file, each with its line, and what is to be said of the others.
struct File {
    rows: Vec<(u64, Map<String, Value>)>,
    report: TableImport,
}

fn read(bytes: &[u8], table: &Table) -> Result<File> {
    let rows = csv::open(bytes).map_err(|error| problem::INVALID.because(error.to_string()))?;
    let columns: Vec<Option<&Column>> = rows.header().iter().map(|name| table.column(name).ok()).collect();
    let named = rows.header().iter().zip(&columns);
    let ignored = named.filter(|(name, column)| column.is_none() && !name.is_empty());
    let ignored = ignored.map(|(name, _)| name.clone()).collect();
    let mut report = TableImport { ignored, ..TableImport::default() };
    if columns.iter().all(Option::is_none) {
        let known: Vec<&str> = table.columns.iter().map(|column| column.label.as_str()).collect();
        let why = format!("the first row names none of the columns of the table: {}", known.join(", "));
        return Err(problem::INVALID.because(why));
    }
    let mut read = Vec::new();
    for row in rows {
        match row {
            Err(broken) => report.refuse(broken.line, broken.reason),
            Ok(row) => {
                let cells = columns.iter().zip(row.cells).filter_map(|(column, text)| {
                    let column = (*column)?;
                    Some((column.key.clone(), value(column, text)))
                });
                read.push((row.line, cells.collect()));
            }
        }
    }
    Ok(File { rows: read, report })
}

/// What the text of a cell stands for; the column says whether it fits.
fn value(column: &Column, text: String) -> Value {
    if column.kind == ColumnKind::Json && !text.trim().is_empty() {
        return serde_json::from_str(&text).unwrap_or(Value::String(text));
    }
    Value::String(text)
}

/// Give all rows out as CSV
#[utoipa::path(get, path = "/tables/{id}/export", tag = "tables", operation_id = "exportTableRows",
    params(("id" = Uuid, Path)), responses((status = 200, body = String, content_type = "text/csv")))]
async fn export(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<Response> {
    let table = found(&app, &caller, id).await?.table;
    let header = sheets::line(table.columns.iter().map(|column| guarded(column.label.as_str()).into_owned()));
    let workspace = caller.workspace;
    // Excel takes a file for UTF-8 only when it begins with this mark.
    let first = format!("\u{feff}{header}");
    let name = file_name(&table.name);
    let rows = stream::try_unfold((app, table, Some(None)), move |(app, table, place)| async move {
        let Some(after) = place else { return Ok(None) };
        let query = RowQuery { after, limit: PAGE, ..RowQuery::default() };
        let page = app.store.tables.rows(workspace, id, query).await?;
        let mut text = String::new();
        for row in &page.items {
            text.push_str(&sheets::line(table.columns.iter().map(|column| cell(row.get(column)))));
        }
        let next = page.next.map(Some);
        Ok::<_, trunkline_store::Error>(Some((text, (app, table, next))))
    });
    let first = stream::once(std::future::ready(Ok(first)));
    let mut response = Response::new(Body::from_stream(stream::StreamExt::chain(first, rows)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.csv\""));
    headers.insert(
        header::CONTENT_DISPOSITION,
        disposition.unwrap_or_else(|_| HeaderValue::from_static("attachment")),
    );
    Ok(response)
}

/// A name that every file system takes.
fn file_name(name: &str) -> String {
    let plain = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    plain.collect::<String>().trim_matches('-').to_owned()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::String(text) => guarded(text.as_str()).into_owned(),
        Value::Number(number) => number.to_string(),
        other => guarded(other.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_goes_out_is_quoted_and_no_formula() {
        let cells = [json!("=1+1"), json!("a,\"b\""), json!(-5), json!(true), Value::Null, json!({"a": 1})];
        let text = sheets::line(cells.iter().map(cell));
        assert_eq!(text, "'=1+1,\"a,\"\"b\"\"\",-5,yes,,\"{\"\"a\"\":1}\"\r\n");
        assert_eq!(file_name("Preise 2026 (€)"), "Preise-2026");
    }
}
