//! Stretches of prepared rows, mapped and cleaned, on their way to the writer. While one is written the next is read and
//! cleaned, so that neither waits for the other.

use super::rows_of;
use crate::intake::stretch::Piece;
use csv::{ReaderBuilder, StringRecord};
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;
use trunkline_leads::cleaning::Report;
use trunkline_leads::importing::{ImportRow, ImportRows, Plan};
use trunkline_store::ports::Import;
use uuid::Uuid;

/// Imports whose next stretch is read ahead at the same time.
const AHEAD: usize = 4;

/// Where a stretch begins: a byte of the prepared file, and the number of the row there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    byte: u64,
    row: u64,
}

impl Place {
    /// The first row.
    pub const START: Self = Self { byte: 0, row: 1 };

    /// As a run's journal names it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (byte, row) = text.split_once(':')?;
        Some(Self { byte: byte.parse().ok()?, row: row.parse().ok()? })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.byte, self.row)
    }
}

/// A prepared row as it lies in its file.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number.
    pub number: u64,
    record: StringRecord,
}

impl Row {
    /// The line of the file it came from.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.record.get(0).and_then(|line| line.parse().ok()).unwrap_or_default()
    }

    /// Why it cannot be used.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.record.get(1).filter(|problem| !problem.is_empty())
    }

    /// The value in a column.
    #[must_use]
    pub fn cell(&self, column: usize) -> Option<&str> {
        self.record.get(column + 2)
    }

    /// Maps, cleans and checks it.
    #[must_use]
    pub fn prepared(&self, plan: &Plan) -> (ImportRow, Report) {
        plan.prepare(self.number, |column| self.cell(column), self.problem())
    }
}

/// At most `most` rows from `place` on, and where the next stretch begins.
///
/// # Errors
/// The disk's.
pub fn read(path: &Path, place: Place, most: u32) -> std::io::Result<(Vec<Row>, Option<Place>)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(place.byte))?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(BufReader::with_capacity(1 << 18, file));
    let mut rows = Vec::new();
    while rows.len() < most as usize {
        let mut record = StringRecord::new();
        if !reader.read_record(&mut record)? {
            return Ok((rows, None));
        }
        rows.push(Row { number: place.row + rows.len() as u64, record });
    }
    let next = Place { byte: place.byte + reader.position().byte(), row: place.row + rows.len() as u64 };
    let has_more = reader.read_record(&mut StringRecord::new())?;
    Ok((rows, has_more.then_some(next)))
}

/// The operation that imports `rows`.
#[must_use]
pub fn operation(import: Uuid, name: &str, plan: &Plan, rows: Vec<ImportRow>) -> ImportRows {
    let settings = plan.settings();
    ImportRows {
        import,
        name: name.to_owned(),
        match_on: settings.match_on.clone(),
        mode: settings.mode,
        repeated: settings.repeated,
        file_wins: plan.file_wins(),
        afterwards: settings.afterwards.clone(),
        rows,
    }
}

/// The stretch that an import asks for next, by its place, and whoever reads it.
type Ahead = HashMap<Uuid, (String, JoinHandle<Result<Piece, String>>)>;

/// Stretches being read ahead.
#[derive(Debug, Clone)]
pub struct Blocks {
    data: PathBuf,
    ahead: Arc<Mutex<Ahead>>,
}

impl Blocks {
    /// Of prepared rows within the data folder.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self { data, ahead: Arc::default() }
    }

    /// The stretch of `most` rows from `cursor` on, as the one item of a loop over stretches.
    ///
    /// # Errors
    /// What is wrong with the import or its prepared rows, in words.
    pub async fn piece(&self, import: &Import, cursor: Option<&str>, most: u32) -> Result<Piece, String> {
        let place =
            cursor.map_or(Some(Place::START), Place::parse).ok_or("the place cannot be understood")?;
        let waiting = self.ahead.lock().remove(&import.id);
        let reading = match waiting {
            Some((at, reading)) if at == place.to_string() => reading,
            _ => self.begin(import, place, most),
        };
        let piece = reading.await.map_err(|error| error.to_string())??;
        if let Some(next) = piece.next.as_deref().and_then(Place::parse) {
            let mut ahead = self.ahead.lock();
            if ahead.len() < AHEAD {
                ahead.insert(import.id, (next.to_string(), self.begin(import, next, most)));
            }
        }
        Ok(piece)
    }

    fn begin(&self, import: &Import, place: Place, most: u32) -> JoinHandle<Result<Piece, String>> {
        let (path, import) = (rows_of(&self.data, import.id), import.clone());
        tokio::task::spawn_blocking(move || {
            let settings = serde_json::from_value(import.settings).map_err(|error| error.to_string())?;
            let plan = Plan::of(settings).map_err(|error| error.to_string())?;
            let (rows, next) = read(&path, place, most).map_err(|error| error.to_string())?;
            let rows: Vec<ImportRow> = rows.iter().map(|row| row.prepared(&plan).0).collect();
            if rows.is_empty() {
                return Ok(Piece::default());
            }
            let item: Value = serde_json::to_value(operation(import.id, &import.name, &plan, rows))
                .map_err(|error| error.to_string())?;
            let total = import.total.map(|rows| rows.div_ceil(u64::from(most)));
            Ok(Piece { items: vec![item], next: next.map(|next| next.to_string()), total })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn stretches_of_any_size_make_the_same_whole() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "2,,a,\"x\ny\"\n4,broken,b\n5,,c,z\n").unwrap();
        for size in 1..5 {
            let (mut all, mut place) = (Vec::new(), Some(Place::START));
            while let Some(at) = place {
                let (rows, next) = read(file.path(), at, size).unwrap();
                all.extend(rows);
                place = next;
                assert_eq!(place.map(|place| Place::parse(&place.to_string())), place.map(Some));
            }
            let told: Vec<_> =
                all.iter().map(|row| (row.number, row.line(), row.problem(), row.cell(0))).collect();
            assert_eq!(
                told,
                [(1, 2, None, Some("a")), (2, 4, Some("broken"), Some("b")), (3, 5, None, Some("c"))]
            );
            assert_eq!(all[0].cell(1), Some("x\ny"));
        }
    }
}
