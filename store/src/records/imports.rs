//! Imports and what became of their rows.

use crate::columns::{Columns, from_json};
use crate::error::Error;
use crate::ports::{DoneStretch, Import, ImportStatus};

/// Most bytes that a stretch unfolds to; more was never written.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// An import.
pub(crate) fn import(row: &impl Columns) -> Result<Import, Error> {
    let word = row.text("status")?;
    let status =
        ImportStatus::parse(word).ok_or_else(|| Error::Corrupt(format!("import status {word}").into()))?;
    Ok(Import {
        id: row.id("id")?,
        name: row.string("name")?,
        file: row.id("file")?,
        status,
        source: row.string("source")?,
        total: row.maybe_number("total")?.map(|total| u64::try_from(total).unwrap_or(0)),
        found: row.json("found")?,
        settings: row.json("settings")?,
        preview: row.json("preview")?,
        job: row.maybe_id("job")?,
        run: row.maybe_id("run")?,
        by: row.maybe_string("created_by")?,
        created_at: row.moment("created_at")?,
        finished_at: row.maybe_moment("finished_at")?,
        error: row.maybe_string("error")?,
    })
}

/// What became of a stretch of rows.
pub(crate) fn done_stretch(row: &impl Columns) -> Result<DoneStretch, Error> {
    let text = import_row_texts(row)?;
    Ok(DoneStretch { first: row.count("first")?, rows: from_json("a stretch of an import", &text)? })
}

/// What became of a stretch of rows, as JSON.
pub(crate) fn import_row_texts(row: &impl Columns) -> Result<String, Error> {
    let text = zstd::bulk::decompress(row.bytes("body")?, MOST_BYTES)
        .map_err(|error| Error::Corrupt(format!("a stretch of an import: {error}").into()))?;
    String::from_utf8(text).map_err(|_| Error::Corrupt("a stretch of an import is no text".into()))
}
