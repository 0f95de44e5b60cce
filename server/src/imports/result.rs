//! The result of an import as a file: every row with what became of it and why, beside what stood in it.

use super::blocks::{self, Place};
use super::rows_of;
use crate::sheets;
use axum::body::Bytes;
use std::path::PathBuf;
use tokio::sync::mpsc;
use trunkline_engine::formula::guarded;
use trunkline_leads::importing::{Fate, RowOutcome};
use trunkline_store::Store;
use uuid::Uuid;

/// Stretches read at once.
const TOGETHER: u32 = 4;

/// What to write.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which import.
    pub import: Uuid,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Only rows of this fate.
    pub only: Option<Fate>,
}

/// Writes the file piece by piece into `pieces`, until the reader goes away.
///
/// # Errors
/// When stretches or rows cannot be read; in words.
pub async fn write(
    store: &Store,
    data: PathBuf,
    wanted: Wanted,
    pieces: mpsc::Sender<Result<Bytes, std::io::Error>>,
) -> Result<(), String> {
    let Wanted { import, columns, only } = wanted;
    let mut heading = vec!["Line".to_owned(), "Result".into(), "Reason".into(), "Lead".into()];
    heading.extend(columns.iter().cloned());
    // The mark tells Excel that it is UTF-8.
    let mut first = "\u{feff}".as_bytes().to_vec();
    first.extend(line(&heading).into_bytes());
    if pieces.send(Ok(first.into())).await.is_err() {
        return Ok(());
    }
    let path = rows_of(&data, import);
    let (mut place, mut after) = (Some(Place::START), None);
    loop {
        let stretches =
            store.imports.stretches(import, after, TOGETHER).await.map_err(|error| error.to_string())?;
        let Some(last) = stretches.last() else { return Ok(()) };
        after = Some(last.first);
        let outcomes: Vec<RowOutcome> = stretches.into_iter().flat_map(|stretch| stretch.rows).collect();
        let (path, width, from) = (path.clone(), columns.len(), place);
        let work = move || -> Result<(Vec<u8>, Option<Place>), String> {
            let Some(from) = from else { return Ok((Vec::new(), None)) };
            let count = u32::try_from(outcomes.len()).unwrap_or(u32::MAX);
            let (rows, next) = blocks::read(&path, from, count).map_err(|error| error.to_string())?;
            let mut text = Vec::new();
            for (row, outcome) in rows.iter().zip(&outcomes) {
                if only.is_some_and(|only| only != outcome.fate) {
                    continue;
                }
                let lead = outcome.lead.map(|lead| lead.to_string()).unwrap_or_default();
                let mut cells = vec![
                    row.line().to_string(),
                    outcome.fate.as_str().to_owned(),
                    outcome.why.clone().unwrap_or_default(),
                    lead,
                ];
                cells.extend((0..width).map(|column| row.cell(column).unwrap_or_default().to_owned()));
                text.extend(line(&cells).into_bytes());
            }
            Ok((text, next))
        };
        let written = tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?;
        let (text, next) = written?;
        place = next;
        if !text.is_empty() && pieces.send(Ok(text.into())).await.is_err() {
            return Ok(());
        }
    }
}

/// `cells` as a row of the file.
fn line(cells: &[String]) -> String {
    sheets::line(cells.iter().map(|cell| guarded(cell).into_owned()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn formulas_are_made_harmless() {
        let cells = ["=1+1", "@SUM(A1)", "+44 20", "plain, text"].map(str::to_owned);
        assert_eq!(super::line(&cells), "'=1+1,'@SUM(A1),'+44 20,\"plain, text\"\r\n");
    }
}
