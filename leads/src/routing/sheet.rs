//! A routing table as a sheet of texts, to be sent around as a file and read back.
//!
//! The first line names the columns (`field` or `Title [field:kind]`), then `to`, `name`, `note` and `off`; every other
//! line is a row. Lines that say nothing are left out. A line that cannot be a row is told and left out; it never stops
//! the others.

use super::cell::ColumnKind;
use super::table::{Column, MAX_COLUMNS, MAX_ROWS, RoutingTable, Row, Target};
use serde::Serialize;
use std::collections::BTreeMap;

/// Why a sheet cannot be read as a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// A column that says where leads go is missing.
    #[error("the first line has no column called \"{0}\"")]
    NoColumn(&'static str),
    /// A kind of column is unknown.
    #[error("\"{0}\" is no kind of column; write text, list, number, postal_code or yes_no")]
    NoKind(String),
    /// It is too big.
    #[error("a table has at most {MAX_COLUMNS} columns and {MAX_ROWS} rows")]
    TooBig,
}

/// A line of a sheet under its number in the file, counted from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: u64,
    /// Its texts, in the order of the headings.
    pub texts: Vec<String>,
}

/// Something that is wrong with a line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineProblem {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// What is wrong.
    pub message: String,
    /// Whether the line is left out; otherwise it is a row that has to be mended before the table is published.
    pub left_out: bool,
}

/// A table that was read from a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRead {
    /// The table.
    pub table: RoutingTable,
    /// The line that each row of the table stood on.
    pub lines: Vec<u64>,
    /// What is wrong, by line.
    pub problems: Vec<LineProblem>,
}

const KINDS: [(ColumnKind, &str); 5] = [
    (ColumnKind::Text, "text"),
    (ColumnKind::List, "list"),
    (ColumnKind::Number, "number"),
    (ColumnKind::PostalCode, "postal_code"),
    (ColumnKind::YesNo, "yes_no"),
];

/// The lines of `table`.
#[must_use]
pub fn to_sheet(table: &RoutingTable) -> Vec<Vec<String>> {
    let heading = |column: &Column| {
        let kind = KINDS.iter().find(|(kind, _)| *kind == column.kind).map_or("text", |(_, word)| word);
        format!("{} [{}:{kind}]", column.called(), column.field.trim())
    };
    let mut lines = vec![
        table
            .columns
            .iter()
            .map(heading)
            .chain(["to", "name", "note", "off"].map(str::to_owned))
            .collect::<Vec<_>>(),
    ];
    for row in &table.rows {
        let cells = table.columns.iter().map(|column| row.cells.get(&column.id).cloned().unwrap_or_default());
        let to = match &row.to {
            Target::Owner { .. } => "owner",
            Target::Pool { .. } => "pool",
            Target::Team { .. } => "team",
            Target::AccountOwner => "account owner",
            Target::List { .. } => "list",
        };
        let name = row.to.name().unwrap_or_default();
        let off = if row.off { "yes" } else { "" };
        lines.push(cells.chain([to, name, &row.note, off].map(str::to_owned)).collect());
    }
    lines
}

/// The columns of `headings` and the rows of `lines`; the rest of the table is `base`'s, and so are columns that look at
/// the same field.
///
/// # Errors
/// When the headings do not say where leads go, or there are too many of them or of the lines.
pub fn from_sheet(headings: &[String], lines: &[Line], base: &RoutingTable) -> Result<SheetRead, SheetError> {
    let place_of = |name: &str| headings.iter().position(|heading| heading.trim().eq_ignore_ascii_case(name));
    let to = place_of("to").ok_or(SheetError::NoColumn("to"))?;
    let name = place_of("name").ok_or(SheetError::NoColumn("name"))?;
    let (note, off) = (place_of("note"), place_of("off"));
    let mut columns: Vec<(usize, Column)> = Vec::new();
    for (place, heading) in headings.iter().enumerate() {
        let is_known = [Some(to), Some(name), note, off].contains(&Some(place));
        if !is_known && !heading.trim().is_empty() {
            columns.push((place, column(heading, columns.len(), base)?));
        }
    }
    let says_something = |line: &&Line| line.texts.iter().any(|text| !text.trim().is_empty());
    let lines: Vec<&Line> = lines.iter().filter(says_something).collect();
    if columns.len() > MAX_COLUMNS || lines.len() > MAX_ROWS {
        return Err(SheetError::TooBig);
    }
    let mut read = SheetRead { table: base.clone(), lines: Vec::new(), problems: Vec::new() };
    read.table.rows.clear();
    for line in lines {
        let text = |place: usize| line.texts.get(place).map_or("", |text| text.trim());
        let mut tell = |message: String, left_out: bool| {
            read.problems.push(LineProblem { line: line.number, message, left_out });
        };
        let Some(to) = target(text(to), text(name)) else {
            let found = text(to);
            tell(format!("\"{found}\" is neither owner, pool, team, account owner nor list"), true);
            continue;
        };
        if to.name().is_some_and(str::is_empty) {
            tell("it does not say where leads go: the column \"name\" is empty".into(), false);
        }
        let cells: BTreeMap<String, String> = columns
            .iter()
            .map(|(place, column)| (column.id.clone(), text(*place).to_owned()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let row = Row {
            id: format!("r{}", read.table.rows.len() + 1),
            cells,
            to,
            note: note.map_or("", text).to_owned(),
            off: off.is_some_and(|place| {
                matches!(text(place).to_lowercase().as_str(), "yes" | "true" | "1" | "x")
            }),
        };
        for (_, column) in &columns {
            if let Err(error) = row.cell(column) {
                tell(format!("{}: {error}", column.called()), false);
            }
        }
        read.lines.push(line.number);
        read.table.rows.push(row);
    }
    read.table.columns = columns.into_iter().map(|(_, column)| column).collect();
    Ok(read)
}

/// Where `kind` and `name` lead; nothing when the kind is unknown.
fn target(kind: &str, name: &str) -> Option<Target> {
    let name = name.to_owned();
    match kind.to_lowercase().as_str() {
        "pool" => Some(Target::Pool { name }),
        "owner" => Some(Target::Owner { name }),
        "team" => Some(Target::Team { name }),
        "account owner" | "account_owner" => Some(Target::AccountOwner),
        "list" => Some(Target::List { name }),
        _ => None,
    }
}

fn column(heading: &str, place: usize, base: &RoutingTable) -> Result<Column, SheetError> {
    let heading = heading.trim();
    let id = format!("c{}", place + 1);
    let Some((title, rest)) = heading.strip_suffix(']').and_then(|open| open.rsplit_once('[')) else {
        let known = base.columns.iter().find(|column| column.field == heading || column.called() == heading);
        let column = known.cloned().unwrap_or_else(|| Column { field: heading.into(), ..Column::default() });
        return Ok(Column { id, ..column });
    };
    let (field, kind) = rest.rsplit_once(':').unwrap_or((rest, "text"));
    let known = KINDS.iter().find(|(_, word)| *word == kind.trim());
    let (kind, _) = known.ok_or_else(|| SheetError::NoKind(kind.trim().into()))?;
    Ok(Column { id, title: title.trim().into(), field: field.trim().into(), kind: *kind })
}
