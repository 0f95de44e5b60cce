//! A routing table as a sheet of texts, to be sent around as a file and read back.
//!
//! The first line names the columns (`field` or `Title [field:kind]`), then `to`, `name` and `note`; every other line is
//! a row. Lines that say nothing are left out.

use super::cell::ColumnKind;
use super::table::{Column, MAX_COLUMNS, MAX_ROWS, RoutingTable, Row, Target};
use std::collections::BTreeMap;

/// Why a sheet cannot be read as a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// There is no first line.
    #[error("the sheet is empty")]
    Empty,
    /// A column that says where leads go is missing.
    #[error("the first line has no column called \"{0}\"")]
    NoColumn(&'static str),
    /// A row leads to something unknown.
    #[error("line {line}: \"{found}\" is neither owner, pool, account owner nor list")]
    NoTarget {
        /// The line, counted from 1.
        line: usize,
        /// What it says.
        found: String,
    },
    /// A kind of column is unknown.
    #[error("\"{0}\" is no kind of column; write text, list, number, postal_code or yes_no")]
    NoKind(String),
    /// It is too big.
    #[error("a table has at most {MAX_COLUMNS} columns and {MAX_ROWS} rows")]
    TooBig,
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
            .chain(["to", "name", "note"].map(str::to_owned))
            .collect::<Vec<_>>(),
    ];
    for row in table.rows.iter().filter(|row| !row.off) {
        let cells = table.columns.iter().map(|column| row.cells.get(&column.id).cloned().unwrap_or_default());
        let to = match &row.to {
            Target::Owner { .. } => "owner",
            Target::Pool { .. } => "pool",
            Target::AccountOwner => "account owner",
            Target::List { .. } => "list",
        };
        let name = row.to.name().unwrap_or_default();
        lines.push(cells.chain([to, name, &row.note].map(str::to_owned)).collect());
    }
    lines
}

/// The columns and rows of `lines`; the rest of the table is `base`'s, and so are columns that look at the same field.
///
/// # Errors
/// When the lines do not say where leads go, or are too many.
pub fn from_sheet(lines: &[Vec<String>], base: &RoutingTable) -> Result<RoutingTable, SheetError> {
    let mut lines =
        lines.iter().enumerate().filter(|(_, line)| line.iter().any(|text| !text.trim().is_empty()));
    let (_, headings) = lines.next().ok_or(SheetError::Empty)?;
    let place_of = |name: &'static str| {
        let found = headings.iter().position(|heading| heading.trim().eq_ignore_ascii_case(name));
        found.ok_or(SheetError::NoColumn(name))
    };
    let (to, name) = (place_of("to")?, place_of("name")?);
    let note = place_of("note").ok();
    let mut columns: Vec<(usize, Column)> = Vec::new();
    for (place, heading) in headings.iter().enumerate() {
        if place == to || place == name || Some(place) == note || heading.trim().is_empty() {
            continue;
        }
        columns.push((place, column(heading, columns.len(), base)?));
    }
    let mut rows = Vec::new();
    for (line, texts) in lines {
        let text = |place: usize| texts.get(place).map_or("", |text| text.trim());
        let target = || Target::Pool { name: text(name).into() };
        let cells: BTreeMap<String, String> = columns
            .iter()
            .map(|(place, column)| (column.id.clone(), text(*place).to_owned()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let to = match text(to).to_lowercase().as_str() {
            "pool" => target(),
            "owner" => Target::Owner { name: text(name).into() },
            "account owner" | "account_owner" => Target::AccountOwner,
            "list" => Target::List { name: text(name).into() },
            _ => return Err(SheetError::NoTarget { line: line + 1, found: text(to).into() }),
        };
        let note = note.map_or("", text).to_owned();
        rows.push(Row { id: format!("r{}", rows.len() + 1), cells, to, note, off: false });
        if rows.len() > MAX_ROWS {
            return Err(SheetError::TooBig);
        }
    }
    if columns.len() > MAX_COLUMNS {
        return Err(SheetError::TooBig);
    }
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    Ok(RoutingTable { columns, rows, ..base.clone() })
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
