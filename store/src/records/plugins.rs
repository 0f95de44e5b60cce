//! Installed plugins.

use crate::columns::{Columns, from_json};
use crate::error::Error;
use crate::ports::{Plugin, PluginUse};

/// A plugin.
pub(crate) fn plugin(row: &impl Columns) -> Result<Plugin, Error> {
    let release = |column: &str| row.maybe_text(column)?.map(|text| from_json(column, text)).transpose();
    Ok(Plugin {
        id: row.id("id")?,
        name: row.string("name")?,
        enabled: row.flag("enabled")?,
        live: release("live")?,
        pending: release("pending")?,
        approved: row.json("approved")?,
        limits: row.json("limits")?,
        revision: row.number("revision")?,
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// A workflow that uses one.
pub(crate) fn plugin_use(row: &impl Columns) -> Result<PluginUse, Error> {
    Ok(PluginUse { workflow: row.id("id")?, name: row.string("name")?, live: row.flag("live")? })
}
