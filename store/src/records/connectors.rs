//! Installed connectors.

use crate::columns::Columns;
use crate::error::Error;
use crate::ports::{Connector, ConnectorImport, ConnectorUse, ConnectorUser, Edition, WorkspaceId};

/// Largest text, in bytes after decompression.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A connector and the text of its manifest.
pub(crate) fn connector(row: &impl Columns) -> Result<(Connector, String), Error> {
    let connector = Connector {
        workspace: WorkspaceId(row.number("workspace")?),
        name: row.string("name")?,
        edition: row.number("edition")?,
        enabled: row.flag("enabled")?,
        origin: row.json("origin")?,
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    };
    Ok((connector, unpressed(row, "manifest")?))
}

/// An edition.
pub(crate) fn edition(row: &impl Columns) -> Result<Edition, Error> {
    Ok(Edition {
        id: row.number("id")?,
        version: row.string("version")?,
        changes: row.json("changes")?,
        installed_by: row.maybe_string("email")?,
        created_at: row.moment("created_at")?,
    })
}

/// What uses one.
pub(crate) fn connector_use(row: &impl Columns) -> Result<ConnectorUse, Error> {
    let kind = match row.string("kind")?.as_str() {
        "live" => ConnectorUser::Live,
        "draft" => ConnectorUser::Draft,
        "runs" => ConnectorUser::Runs,
        _ => ConnectorUser::Connection,
    };
    Ok(ConnectorUse { kind, id: row.id("id")?, name: row.string("name")? })
}

/// A document.
pub(crate) fn connector_import(row: &impl Columns) -> Result<ConnectorImport, Error> {
    Ok(ConnectorImport {
        id: row.id("id")?,
        source: row.string("source")?,
        loaded: row.flag("loaded")?,
        text: unpressed(row, "body")?,
        created_at: row.moment("created_at")?,
    })
}

/// The text of a compressed column.
pub(crate) fn unpressed(row: &impl Columns, column: &str) -> Result<String, Error> {
    let corrupt = |error: String| Error::Corrupt(format!("{column}: {error}").into());
    let bytes = row.bytes(column)?;
    let text = zstd::bulk::decompress(bytes, MOST_BYTES).map_err(|error| corrupt(error.to_string()))?;
    String::from_utf8(text).map_err(|error| corrupt(error.to_string()))
}
