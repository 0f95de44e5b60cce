//! From an OpenAPI or Swagger document to the [manifest](crate::manifest) of a connector.
//!
//! [`read`] takes the text of a document as people have it (OpenAPI 3.0 and 3.1, Swagger 2.0; JSON or YAML),
//! [`Document::survey`] says what is in it and what was guessed, and [`Document::draft`] writes the manifest of the operations
//! that were chosen. Documents in the wild are half wrong, so nothing here insists on the specification: what cannot be
//! understood is left out and said, with its place.
//!
//! What never happens, whatever a document says:
//! - Nothing outside of the document is fetched; a reference that leads out is a problem that is told.
//! - Neither depth, size nor circles of a document decide how long or how much: every walk has a budget.
//! - An address a document names is a proposal. Where credentials go is what a person confirmed.

mod again;
mod answer;
mod auth;
mod body;
mod build;
mod example;
mod faults;
mod names;
mod operation;
mod paging;
mod parameter;
mod plan;
mod prose;
mod sample;
mod schema;
mod servers;
mod survey;
mod text;
mod walk;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

pub use again::next_version;
pub use build::{Choice, ChosenOperation, Draft, DraftError};
pub use survey::{FoundOperation, Proposal, Survey, WayIn};
pub use text::{MOST_BYTES, Unreadable};
pub use walk::Problem;

use serde_json::Value;
use url::Url;

/// Most operations that are looked at.
pub const MOST_OPERATIONS: usize = 3_000;
/// Most operations of one connector.
pub const MOST_CHOSEN: usize = 400;

/// Largest document whose problems are told with their lines, in bytes.
const MOST_PLACED: usize = 6 * 1024 * 1024;

/// Which specification a document follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1 and later.
    OpenApi31,
}

impl Version {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Swagger2 => "Swagger 2.0",
            Self::OpenApi30 => "OpenAPI 3.0",
            Self::OpenApi31 => "OpenAPI 3.1",
        }
    }
}

/// A document that was read.
#[derive(Debug)]
pub struct Document {
    root: Value,
    version: Version,
    /// The text, if it has lines worth naming: places in it are found by reading it again, as YAML, which JSON is, too.
    text: Option<String>,
    /// Where it was loaded from, which addresses in it may be relative to.
    origin: Option<Url>,
}

/// Reads the text of a document. `origin` is where it was loaded from, if it was.
///
/// # Errors
/// When it is no such document, or larger or deeper than can be read.
pub fn read(text: &str, origin: Option<&str>) -> Result<Document, Unreadable> {
    let root = text::parse(text)?;
    let version = text::version(&root)?;
    let origin = origin.and_then(|origin| Url::parse(origin).ok());
    let has_lines = text.len() <= MOST_PLACED && text.lines().nth(2).is_some();
    Ok(Document { root, version, text: has_lines.then(|| text.to_owned()), origin })
}

impl Document {
    /// Which specification it follows.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Fills in the lines of `problems`.
    fn place(&self, problems: &mut [Problem]) {
        if let Some(text) = &self.text {
            text::place(text, problems);
        }
    }
}
