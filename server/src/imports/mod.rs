//! Imports of lists: a file is read once into rows that can be read from anywhere ([`prepare`]), its columns are guessed
//! ([`guess`]), a preview tells what importing would do ([`preview`]), a run imports it stretch by stretch ([`blocks`]),
//! and the result can be taken away ([`result`]) or undone.
//!
//! What it must never do: write a lead. Rows are handed to the writer as an operation of a run, or, in a preview, to a
//! book that is thrown away.

pub mod blocks;
pub mod document;
pub mod guess;
mod known;
pub mod prepare;
pub mod preview;
pub mod result;
mod tally;

use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Folder of prepared rows within the data folder.
pub const FOLDER: &str = "imports";

/// Where the prepared rows of an import lie.
#[must_use]
pub fn rows_of(data: &Path, import: Uuid) -> PathBuf {
    data.join(FOLDER).join(format!("{import}.rows"))
}
