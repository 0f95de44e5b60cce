//! How values stand in SQLite's columns: as in [`crate::columns`], and ids inside JSON parameters as hex digits.

pub(super) use crate::columns::*;

use uuid::Uuid;

/// Hex digits as SQLite's `unhex` reads them, for ids inside JSON parameters.
pub(super) fn hex(id: Uuid) -> String {
    id.simple().to_string()
}
