//! Definitions and their versions.

use crate::columns::Columns;
use crate::error::Error;
use crate::ports::{DefinitionVersion, Drafted};
use trunkline_leads::Definition;

/// A definition with its draft.
pub(crate) fn drafted(row: &impl Columns) -> Result<Drafted, Error> {
    Ok(Drafted {
        id: row.id("id")?,
        kind: row.string("kind")?,
        name: row.string("name")?,
        draft: row.json("draft")?,
        revision: row.number("revision")?,
        published: row.maybe_number("published")?,
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// A version in force.
pub(crate) fn in_force(row: &impl Columns) -> Result<Definition, Error> {
    Ok(Definition::new(row.id("id")?, row.string("name")?, row.number("number")?, row.json("document")?))
}

/// A version.
pub(crate) fn version(row: &impl Columns) -> Result<DefinitionVersion, Error> {
    Ok(DefinitionVersion {
        number: row.number("number")?,
        document: row.json("document")?,
        published_at: row.moment("published_at")?,
        published_by: row.maybe_string("published_by")?,
        note: row.maybe_string("note")?,
    })
}
