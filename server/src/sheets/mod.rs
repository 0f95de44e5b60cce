//! Rows on their way out as files: CSV and XLSX, row by row, in the memory of a row.
//!
//! What goes out is harmless in a spreadsheet: no text of a cell is taken for a formula. In CSV such a text gets an
//! apostrophe in front; in XLSX a cell says itself that it is text.

mod csv;
mod pipe;
mod xlsx;

pub use csv::{Csv, line};
pub use pipe::{Pipe, pipe};
pub use xlsx::Xlsx;

use serde_json::Value;
use std::io;

/// What takes rows.
pub trait Sheet {
    /// Writes the next row. The first is the header.
    ///
    /// # Errors
    /// When whoever reads has gone, or the row is one too many for the format.
    fn row(&mut self, cells: &[Value]) -> io::Result<()>;

    /// Writes what has to stand at the end.
    ///
    /// # Errors
    /// When whoever reads has gone.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// A value as the text of a cell.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            items.iter().map(text).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// A name for a file that every file system takes.
#[must_use]
pub fn file_name(name: &str) -> String {
    let plain = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    let plain = plain.collect::<String>().trim_matches('-').to_owned();
    if plain.is_empty() { "leads".to_owned() } else { plain }
}
