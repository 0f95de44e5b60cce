//! Reading a file once, whatever it is, into rows in one form: CSV with the line, the problem and the cells of each, so
//! that any stretch of them can be read again from its place without knowing what the file was.

use super::guess::Looks;
use crate::intake::list::{self, Found, ListError, RawRow, Reading, Visitor};
use csv::WriterBuilder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// Rows whose values are looked at to find out what a column holds.
const LOOKED_AT: u64 = 1_000;
/// Values of a column that are shown.
const SAMPLES: usize = 5;
/// Longest value that is shown, in characters.
const LONGEST_SAMPLE: usize = 120;
/// Broken rows that are told of one by one.
const BROKEN_TOLD: usize = 100;

/// What reading a file brought.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Prepared {
    /// What it was found to be.
    #[serde(flatten)]
    pub found: Found,
    /// Its columns, in order.
    pub profile: Vec<Column>,
    /// Rows after the header.
    pub rows: u64,
    /// Rows that cannot be read.
    pub broken: u64,
    /// The first of them.
    pub broken_rows: Vec<BrokenRow>,
    /// The list whose choices were taken over, if there was one with these columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered_from: Option<String>,
    /// How a person said the file is to be read.
    #[serde(default)]
    pub reading: Reading,
}

/// A column, as its values show it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Rows that have a value there.
    pub filled: u64,
    /// Different values, the first ones.
    pub samples: Vec<String>,
    /// What its values look like.
    #[serde(skip)]
    pub looks: Looks,
}

/// A row that cannot be read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BrokenRow {
    /// The line of the file, or the row of the sheet.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
    /// How it begins.
    pub text: String,
}

/// Reads `source` and writes its rows to `target`; `told` is told how far it is, in bytes.
///
/// # Errors
/// When the file is no list, the disk refuses, or `stop` was asked for.
pub fn prepare(
    source: &Path,
    target: &Path,
    reading: &Reading,
    stop: &CancellationToken,
    told: &dyn Fn(u64),
) -> Result<Prepared, ListError> {
    let draft = target.with_extension("draft");
    let file = BufWriter::with_capacity(1 << 18, File::create(&draft)?);
    let rows = WriterBuilder::new().flexible(true).has_headers(false).from_writer(file);
    let prepared = Prepared { reading: reading.clone(), ..Prepared::default() };
    let mut writing = Writing { rows, prepared, stop, told };
    list::read(source, reading, &mut writing)?;
    let Writing { mut rows, prepared, .. } = writing;
    rows.flush()?;
    let file = rows.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    file.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?.sync_all()?;
    std::fs::rename(&draft, target)?;
    Ok(prepared)
}

/// Names lists with the same columns.
#[must_use]
pub fn source_of(columns: &[String]) -> String {
    let mut digest = Sha256::new();
    for column in columns {
        digest.update(column.trim().to_lowercase());
        digest.update([0]);
    }
    hex::encode(&digest.finalize()[..16])
}

struct Writing<'a> {
    rows: csv::Writer<BufWriter<File>>,
    prepared: Prepared,
    stop: &'a CancellationToken,
    told: &'a dyn Fn(u64),
}

impl Visitor for Writing<'_> {
    fn found(&mut self, found: &Found) -> Result<(), ListError> {
        let column = |name: &String| Column { name: name.clone(), ..Column::default() };
        self.prepared.profile = found.columns.iter().map(column).collect();
        self.prepared.found = found.clone();
        Ok(())
    }

    fn row(&mut self, row: &RawRow) -> Result<(), ListError> {
        if row.number.is_multiple_of(1_024) && self.stop.is_cancelled() {
            return Err(ListError::Stopped);
        }
        self.prepared.rows = row.number;
        if let Some(reason) = &row.problem {
            self.prepared.broken += 1;
            if self.prepared.broken_rows.len() < BROKEN_TOLD {
                let text: String = row.cells.iter().collect::<Vec<_>>().join(" | ");
                let text = text.chars().take(LONGEST_SAMPLE).collect();
                self.prepared.broken_rows.push(BrokenRow { line: row.line, reason: reason.clone(), text });
            }
        } else {
            for (column, cell) in self.prepared.profile.iter_mut().zip(&row.cells) {
                look(column, cell, row.number <= LOOKED_AT);
            }
        }
        let write = |error: csv::Error| std::io::Error::from(error);
        let line = row.line.to_string();
        self.rows.write_field(line.as_bytes()).map_err(write)?;
        self.rows.write_field(row.problem.as_deref().unwrap_or_default()).map_err(write)?;
        self.rows.write_record(&row.cells).map_err(write)?;
        Ok(())
    }

    fn at(&mut self, bytes: u64) {
        (self.told)(bytes);
    }
}

fn look(column: &mut Column, cell: &str, closely: bool) {
    let cell = cell.trim();
    if cell.is_empty() {
        return;
    }
    column.filled += 1;
    if column.samples.len() < SAMPLES {
        let sample: String = cell.chars().take(LONGEST_SAMPLE).collect();
        if !column.samples.contains(&sample) {
            column.samples.push(sample);
        }
    }
    if closely {
        column.looks.see(cell);
    }
}
