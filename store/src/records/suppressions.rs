//! Entries of suppression.

use crate::columns::Columns;
use crate::error::Error;
use trunkline_leads::suppression::{Address, AddressKind, Entry, Reason};

/// An entry; the address of somebody who was erased is empty.
pub(crate) fn suppression(row: &impl Columns) -> Result<Entry, Error> {
    let (kind, reason) = (row.text("kind")?, row.text("reason")?);
    let kind =
        AddressKind::parse(kind).ok_or_else(|| Error::Corrupt(format!("kind of address {kind}").into()))?;
    let reason = Reason::read(reason).ok_or_else(|| Error::Corrupt(format!("reason {reason}").into()))?;
    Ok(Entry {
        id: row.id("id")?,
        address: Address { kind, value: row.maybe_string("shown")?.unwrap_or_default() },
        reason,
        source: row.string("source")?,
        by: row.maybe_string("added_by")?,
        run_id: row.maybe_id("run")?,
        at: row.moment("at")?,
    })
}
