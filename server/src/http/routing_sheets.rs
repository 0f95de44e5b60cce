//! `/routing/sheet`: a routing table as a file for a spreadsheet, and back.
//!
//! A file is what its bytes say it is, whatever it is called. A line that cannot be used is told and never stops the
//! others. What goes out is harmless in a spreadsheet: no text of a cell is taken for a formula.

use super::body::{DOCUMENT, Json};
use super::problem;
use super::routes::{Routes, routes};
use super::routing::read as read_table;
use crate::app::Shared;
use crate::auth::Caller;
use crate::intake::list::{self, Found, ListError, RawRow, Reading, Visitor};
use axum::extract::State;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;
use std::io::Write;
use trunkline_engine::formula::{as_written, guarded};
use trunkline_leads::routing::{Line, LineProblem, RoutingTable, SheetRead, Target, from_sheet, to_sheet};
use utoipa::ToSchema;

/// Largest request that carries a file: Base64 makes it a third longer.
const LARGEST: usize = 12 * 1024 * 1024;
/// Most lines of a file that are looked at.
const MOST_LINES: usize = 10_000;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(write)).routes(routes!(read))
}

/// What a file is to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SheetFormat {
    /// Text with commas.
    #[default]
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// A table to be written as a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteSheet {
    /// The table.
    #[schema(value_type = Object)]
    pub table: Value,
    /// What the file is to be.
    #[serde(default)]
    pub format: SheetFormat,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sheet {
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes in Base64.
    pub base64: String,
}

/// A file to be read as a table.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadSheet {
    /// The bytes of a CSV file or an Excel workbook in Base64.
    pub base64: String,
    /// The table whose fallback and first looks are kept, and whose columns are known.
    #[schema(value_type = Object)]
    pub table: Value,
}

/// A table that was read from a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadTable {
    /// The table, of all lines that could be used.
    #[schema(value_type = Object)]
    pub table: RoutingTable,
    /// Rows it has.
    pub rows: usize,
    /// What is wrong, by line: `line`, `message`, `left_out`.
    #[schema(value_type = Vec<Object>)]
    pub problems: Vec<LineProblem>,
    /// What a person should know of the file, in sentences.
    pub notes: Vec<String>,
}

/// Write a table as a file
#[utoipa::path(post, path = "/routing/sheet", tag = "rules", operation_id = "writeRoutingSheet",
    request_body = WriteSheet, responses((status = 200, body = Sheet)))]
async fn write(_: Caller, Json(wanted): Json<WriteSheet, DOCUMENT>) -> problem::Result<axum::Json<Sheet>> {
    let table = read_table(&wanted.table)?;
    let cannot = |error: String| problem::INTERNAL.because(format!("the file could not be written: {error}"));
    let (media_type, bytes) = match wanted.format {
        SheetFormat::Csv => ("text/csv", csv_of(&table).map_err(|error| cannot(error.to_string()))?),
        SheetFormat::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            workbook_of(&table).map_err(|error| cannot(error.to_string()))?,
        ),
    };
    Ok(axum::Json(Sheet { media_type, base64: BASE64_STANDARD.encode(bytes) }))
}

fn csv_of(table: &RoutingTable) -> std::io::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for line in to_sheet(table) {
        csv.write_record(line.iter().map(|text| guarded(text.as_str()).into_owned()))?;
    }
    csv.into_inner().map_err(|error| error.into_error())
}

/// The table as a workbook. Its cells are texts, also those that look like numbers or formulas.
fn workbook_of(table: &RoutingTable) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Routing")?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (row, texts) in (0..).zip(to_sheet(table)) {
        for (column, text) in (0..).zip(texts) {
            if row == 0 {
                sheet.write_string_with_format(row, column, text, &bold)?;
            } else if !text.is_empty() {
                sheet.write_string(row, column, text)?;
            }
        }
    }
    sheet.autofit();
    workbook.save_to_buffer()
}

/// Read a table from a file
///
/// Nothing is written: the table is for the draft of whoever asks.
#[utoipa::path(post, path = "/routing/sheet/read", tag = "rules", operation_id = "readRoutingSheet",
    request_body = ReadSheet, responses((status = 200, body = ReadTable)))]
async fn read(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<ReadSheet, LARGEST>,
) -> problem::Result<axum::Json<ReadTable>> {
    let base = if wanted.table.is_null() { RoutingTable::default() } else { read_table(&wanted.table)? };
    let bytes = BASE64_STANDARD.decode(wanted.base64.as_bytes());
    let bytes = bytes.map_err(|_| problem::INVALID.because("`base64` is not Base64"))?;
    let looked = tokio::task::spawn_blocking(move || look(&bytes)).await;
    let looked = looked.map_err(|_| problem::INTERNAL.because("the file could not be read"))?;
    let Lines { found, lines, mut problems } =
        looked.map_err(|error| problem::INVALID.because(error.to_string()))?;
    let SheetRead { table, lines, problems: told } = from_sheet(&found.columns, &lines, &base)
        .map_err(|error| problem::INVALID.because(format!("the file cannot be used: {error}")))?;
    problems.extend(told);
    problems.extend(unknown(&app, &caller, &table, &lines).await?);
    problems.sort_by_key(|problem| problem.line);
    Ok(axum::Json(ReadTable { rows: table.rows.len(), table, problems, notes: found.notes }))
}

/// The lines of a file.
#[derive(Default)]
struct Lines {
    found: Found,
    lines: Vec<Line>,
    problems: Vec<LineProblem>,
}

impl Visitor for Lines {
    fn found(&mut self, found: &Found) -> Result<(), ListError> {
        self.found = found.clone();
        self.found.columns.iter_mut().for_each(|name| *name = as_written(name).to_owned());
        Ok(())
    }

    fn row(&mut self, row: &RawRow) -> Result<(), ListError> {
        if self.lines.len() + self.problems.len() >= MOST_LINES {
            return Err(ListError::TooLong);
        }
        match &row.problem {
            Some(problem) => {
                self.problems.push(LineProblem { line: row.line, message: problem.clone(), left_out: true });
            }
            None => {
                let texts = row.cells.iter().map(|text| as_written(text).to_owned()).collect();
                self.lines.push(Line { number: row.line, texts });
            }
        }
        Ok(())
    }
}

fn look(bytes: &[u8]) -> Result<Lines, ListError> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(bytes)?;
    file.flush()?;
    let mut lines = Lines::default();
    let reading = Reading { header: Some(true), ..Reading::default() };
    list::read(file.path(), &reading, &mut lines)?;
    Ok(lines)
}

/// Names in the rows that nothing in the workspace has, by the line of the row.
async fn unknown(
    app: &Shared,
    caller: &Caller,
    table: &RoutingTable,
    lines: &[u64],
) -> problem::Result<Vec<LineProblem>> {
    let owners = app.store.leads.owners(caller.workspace).await?;
    let pools = app.store.leads.pools(caller.workspace).await?;
    let pools: HashSet<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
    let teams: HashSet<&str> = owners.iter().filter_map(trunkline_leads::Owner::team).collect();
    let is_owner = |asked: &str| {
        owners.iter().any(|owner| {
            owner.name == asked || owner.email.eq_ignore_ascii_case(asked) || owner.id.to_string() == asked
        })
    };
    let missing = |to: &Target| match to {
        Target::Owner { name } if !is_owner(name.trim()) => Some(format!("there is no owner called {name}")),
        Target::Pool { name } if !pools.contains(name.trim()) => {
            Some(format!("there is no pool called {name}"))
        }
        Target::Team { name } if !teams.contains(name.trim()) => {
            Some(format!("nobody belongs to the team {name}"))
        }
        _ => None,
    };
    let named = table.rows.iter().zip(lines).filter(|(row, _)| row.to.name() != Some(""));
    let told = named.filter_map(|(row, line)| {
        Some(LineProblem { line: *line, message: missing(&row.to)?, left_out: false })
    });
    Ok(told.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table() -> RoutingTable {
        let draft = json!({
            "columns": [
                {"id": "c1", "title": "Country", "field": "country", "kind": "text"},
                {"id": "c2", "title": "=Size", "field": "company_size", "kind": "number"},
            ],
            "rows": [
                {"id": "r1", "cells": {"c1": "DE, AT", "c2": "50-199"}, "to": {"kind": "pool", "name": "+World"}},
                {"id": "r2", "cells": {"c2": "10115"}, "to": {"kind": "team", "name": "DACH"}, "off": true},
                {"id": "r3", "cells": {}, "to": {"kind": "account_owner"}, "note": "-1+1"},
            ],
            "fallback": "Ana",
        });
        serde_json::from_value(draft).unwrap()
    }

    fn back(bytes: &[u8]) -> RoutingTable {
        let lines = look(bytes).unwrap();
        assert!(lines.problems.is_empty(), "{:?}", lines.problems);
        let base = RoutingTable { fallback: "Ana".into(), ..RoutingTable::default() };
        from_sheet(&lines.found.columns, &lines.lines, &base).unwrap().table
    }

    #[test]
    fn a_table_comes_back_from_both_sorts_of_files_as_it_went() {
        let table = table();
        let csv = csv_of(&table).unwrap();
        assert_eq!(back(&csv), table);
        assert_eq!(back(&workbook_of(&table).unwrap()), table);
        let csv = String::from_utf8(csv).unwrap();
        let cells: Vec<&str> = csv.lines().flat_map(|line| line.split(',')).collect();
        assert!(!cells.iter().any(|cell| cell.trim_matches('"').starts_with(['=', '+', '-', '@'])), "{csv}");
    }

    #[test]
    fn a_broken_line_is_told_by_its_number() {
        let lines = look(b"country;to;name\nDE;pool;World\nAT;pool\n").unwrap();
        assert_eq!(lines.lines.len(), 1);
        assert_eq!(lines.problems[0].line, 3);
        assert!(look(b"").is_err());
    }
}
