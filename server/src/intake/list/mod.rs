//! Lists that people bring: what a file really is, whatever it is called, and its rows one after the other.
//!
//! What it must never do: believe the name of a file or what a packed file says of itself, hold more than one row (of a
//! workbook also its texts), stop at a row that is broken, or guess what a broken row meant.

mod heading;
mod look;
mod records;
mod sheet;
#[cfg(test)]
mod tests;

use csv::StringRecord;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::Path;
use trunkline_leads::importing::MAX_COLUMNS;
use utoipa::ToSchema;

/// Most rows of one list.
pub const MAX_ROWS: u64 = 5_000_000;

/// How a person says that a file is to be read, where what was found out is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// What stands between values: `,`, `;`, a tab or `|`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether the first row has the names of the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// What a file was found to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// `text` or `xlsx`.
    pub kind: String,
    /// How its text is encoded.
    pub encoding: String,
    /// What stands between values of a text.
    pub delimiter: Option<char>,
    /// Whether the first row has the names of the columns.
    pub header: bool,
    /// Names of the columns; those without a name are called by their place.
    pub columns: Vec<String>,
    /// Sheets of a workbook.
    pub sheets: Vec<String>,
    /// The sheet that is read.
    pub sheet: Option<String>,
    /// What a person should know, in sentences.
    pub notes: Vec<String>,
}

/// A row.
#[derive(Debug, Clone, Default)]
pub struct RawRow {
    /// Its number, from 1 after the header.
    pub number: u64,
    /// The line of the file, or the row of the sheet, on which it begins.
    pub line: u64,
    /// Its values; as many as there are columns, unless there is a problem.
    pub cells: StringRecord,
    /// Why it cannot be used.
    pub problem: Option<String>,
}

/// Why a file is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The disk refuses.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It is something else.
    #[error("the file is {0}")]
    Other(&'static str),
    /// There is nothing in it.
    #[error("the file has no rows")]
    Empty,
    /// It is wider than anything that is a list.
    #[error("the file has {0} columns; a list has at most {MAX_COLUMNS}")]
    TooWide(usize),
    /// It is longer than one import may be.
    #[error("the file has more than {MAX_ROWS} rows")]
    TooLong,
    /// A workbook that cannot be read, or that unfolds to too much.
    #[error("the workbook {0}")]
    Workbook(String),
    /// There is no such sheet.
    #[error("the workbook has no sheet \"{0}\"")]
    NoSheet(String),
    /// Whoever looks has seen enough.
    #[error("stopped")]
    Stopped,
}

impl ListError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "IMP-0002",
            Self::Other(_) => "IMP-0006",
            Self::Empty => "IMP-0007",
            Self::TooWide(_) => "IMP-0008",
            Self::Workbook(_) | Self::NoSheet(_) => "IMP-0009",
            Self::TooLong => "IMP-0010",
            Self::Stopped => "IMP-0012",
        }
    }
}

/// Whoever is shown a list.
pub trait Visitor {
    /// What the file was found to be; before the first row.
    ///
    /// # Errors
    /// Ends the reading.
    fn found(&mut self, found: &Found) -> Result<(), ListError>;

    /// The next row.
    ///
    /// # Errors
    /// Ends the reading.
    fn row(&mut self, row: &RawRow) -> Result<(), ListError>;

    /// How many bytes of the file are behind us.
    fn at(&mut self, bytes: u64) {
        let _ = bytes;
    }
}

/// Shows `visitor` the list in the file at `path`.
///
/// # Errors
/// When the file is no list, or when the visitor says so. Rows that are broken are shown as such.
pub fn read(path: &Path, reading: &Reading, visitor: &mut dyn Visitor) -> Result<(), ListError> {
    let mut file = File::open(path)?;
    let look = look::at(&mut file)?;
    match look.kind {
        look::Kind::Workbook => sheet::read(path, reading, visitor),
        look::Kind::Text(text) => records::read(file, &text, reading, visitor),
        look::Kind::Other(what) => Err(ListError::Other(what)),
        look::Kind::Nothing => Err(ListError::Empty),
    }
}
