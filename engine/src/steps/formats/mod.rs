//! File formats: how lists become files and files lists. One format is one file that reads and writes it.
//!
//! What is read comes from strangers. Nothing here grows with what a file claims about itself, only with what it holds,
//! and that is bounded: bytes, rows, columns, cells, nesting, and what packed files unfold to.

pub(super) mod delimited;
pub(super) mod json;
pub(super) mod sheet;
mod table;
pub(super) mod xml;

pub(super) use table::{Column, Source, columns, rows_of};

use super::MAX_ITEMS;
use super::room::Room;
use crate::failure::Failure;
use encoding_rs::WINDOWS_1252;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use table::{Headings, cell_text, typed};

/// Largest file, in bytes, that is read or written; as large as an expression's value may be.
pub(super) const MAX_FILE: usize = 8 * 1024 * 1024;
/// Most columns of a table.
pub(super) const MAX_COLUMNS: usize = 1_000;
/// Deepest nesting of records and lists.
pub(super) const MAX_DEPTH: usize = 64;
/// How much of a row that could not be read is shown, in characters.
const MAX_SHOWN: usize = 200;

/// A file format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    /// Values between commas or semicolons.
    #[default]
    Csv,
    /// Values between tabs.
    Tsv,
    /// A workbook of a spreadsheet.
    Xlsx,
    /// JSON.
    Json,
    /// A JSON value per line.
    JsonLines,
    /// XML.
    Xml,
}

impl Format {
    /// What people call it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Xlsx => "Excel",
            Self::Json => "JSON",
            Self::JsonLines => "JSON lines",
            Self::Xml => "XML",
        }
    }
}

/// A row that could not be read.
#[derive(Debug, PartialEq)]
pub(super) struct BadRow {
    /// Its number as an editor or a spreadsheet shows it, from 1.
    pub(super) row: u64,
    /// What is wrong with it.
    pub(super) reason: String,
    /// How it begins.
    pub(super) text: String,
}

impl BadRow {
    /// A bad row, of which the beginning is kept.
    pub(super) fn new(row: u64, reason: impl Into<String>, text: &str) -> Self {
        Self { row, reason: reason.into(), text: text.chars().take(MAX_SHOWN).collect() }
    }

    /// For the output of a step.
    pub(super) fn into_value(self) -> Value {
        json!({ "row": self.row, "reason": self.reason, "text": self.text })
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// The good rows, or the items of a list.
    pub(super) items: Vec<Value>,
    /// Names of the columns; empty for formats without.
    pub(super) columns: Vec<String>,
    /// The rows that could not be read.
    pub(super) bad: Vec<BadRow>,
    /// The whole, when it is one record.
    pub(super) record: Option<Value>,
    /// Names of the sheets of a workbook.
    pub(super) sheets: Vec<String>,
}

impl Parsed {
    /// What `data` holds: a list of items, or one record.
    ///
    /// # Errors
    /// `RUN-0120` when the list is too long.
    pub(super) fn of(data: Value) -> Result<Self, Failure> {
        match data {
            Value::Array(items) => {
                if items.len() > MAX_ITEMS {
                    return Err(too_many_rows());
                }
                Ok(Self { items, ..Self::default() })
            }
            Value::Null => Ok(Self::default()),
            one => Ok(Self { items: vec![one.clone()], record: Some(one), ..Self::default() }),
        }
    }

    /// Counts one more row, good or bad.
    ///
    /// # Errors
    /// `RUN-0120` when there are too many.
    fn another(&self) -> Result<(), Failure> {
        if self.items.len() + self.bad.len() >= MAX_ITEMS { Err(too_many_rows()) } else { Ok(()) }
    }
}

/// The text in the bytes of a file: UTF-8 or UTF-16 with its mark, UTF-8 without, or what old Windows programs write.
pub(super) fn decoded(bytes: &[u8]) -> String {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0.into_owned(),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => WINDOWS_1252.decode(bytes).0.into_owned(),
        },
    }
}

/// The failure for a file with too many rows.
fn too_many_rows() -> Failure {
    Failure::bad_input(
        "RUN-0120",
        format!("the file has more than {MAX_ITEMS} rows"),
        "Split the file, or load it as an import, which is made for long files.",
    )
}

/// The failure for a table with too many columns.
fn too_many_columns() -> Failure {
    Failure::bad_input(
        "RUN-0120",
        format!("the table has more than {MAX_COLUMNS} columns"),
        "Look at whether the separator is the right one, or take fewer columns.",
    )
}

/// The failure for a file that is not what it is said to be.
fn malformed(format: Format, why: impl std::fmt::Display) -> Failure {
    Failure::bad_input(
        "RUN-0121",
        format!("this is not readable as {}: {why}", format.title()),
        "Look at the data in the Input tab, and choose the format it really has.",
    )
}

/// The failure for records within records without end.
fn too_deep() -> Failure {
    Failure::bad_input(
        "RUN-0122",
        format!("the data is nested more than {MAX_DEPTH} levels deep"),
        "Ask the sender for flatter data, or take the part that matters.",
    )
}

/// The failure for a path that leads nowhere.
pub(super) fn nothing_at(path: &str) -> Failure {
    Failure::bad_input(
        "RUN-0126",
        format!("there is nothing at \"{path}\" in the data"),
        "Look at the data in the Input tab, and write where the list is, such as data.items.",
    )
}

/// The failure for a file that would become too large.
fn too_large_to_write() -> Failure {
    Failure::bad_input(
        "RUN-0128",
        format!("the file would be larger than {} MB", MAX_FILE / (1024 * 1024)),
        "Write fewer rows or fewer columns into one file.",
    )
}

/// Checks that a written file is still of bearable size.
///
/// # Errors
/// `RUN-0128` when it is too large.
fn fits(bytes: usize) -> Result<(), Failure> {
    if bytes <= MAX_FILE { Ok(()) } else { Err(too_large_to_write()) }
}

/// Adds a field to a record and takes the room for it.
fn put(
    record: &mut serde_json::Map<String, Value>,
    room: &mut Room,
    name: &str,
    value: Value,
) -> Result<(), Failure> {
    room.spend(0, name.len())?;
    room.take(&value)?;
    record.insert(name.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text_whatever_wrote_them() {
        for bytes in [
            "Zoë".as_bytes().to_vec(),
            [b"\xef\xbb\xbf".as_slice(), "Zoë".as_bytes()].concat(),
            vec![0xff, 0xfe, b'Z', 0, b'o', 0, 0xeb, 0],
            b"Zo\xeb".to_vec(),
        ] {
            assert_eq!(decoded(&bytes), "Zoë", "{bytes:?}");
        }
    }
}
