//! A CSV file of the shared data as a table of trimmed texts.

use anyhow::{Context as _, Result};
use std::path::Path;

/// Column names and rows.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads `path`.
    ///
    /// # Errors
    /// When it is not there or no CSV.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let columns = texts(reader.headers()?);
        let rows = reader.records().map(|record| Ok(texts(&record?))).collect::<Result<_>>()?;
        Ok(Self { columns, rows })
    }

    /// The values of the column `name`.
    ///
    /// # Errors
    /// When there is no such column.
    pub(crate) fn column(&self, name: &str) -> Result<Vec<&str>> {
        let at = self.columns.iter().position(|column| column == name);
        let at = at.with_context(|| format!("there is no column {name}"))?;
        Ok(self.rows.iter().map(|row| row[at].as_str()).collect())
    }
}
