//! Rows on their way to the leads: prepared outside the writer, performed in its transaction many at a time.

use super::outcome::RowOutcome;
use super::settings::{Afterwards, Mode, Repeated};
use crate::key::{Key, KeyKind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A stretch of rows to be imported, whole or not at all. A row that cannot be used is told of and keeps no other back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportRows {
    /// Which import.
    pub import: Uuid,
    /// What people call the list.
    pub name: String,
    /// What a row is recognised by, in this order.
    pub match_on: Vec<KeyKind>,
    /// Which rows are taken.
    pub mode: Mode,
    /// What is done with a later row about the same lead.
    pub repeated: Repeated,
    /// Fields in which the file wins over the lead.
    #[serde(default)]
    pub file_wins: Vec<String>,
    /// What happens to each lead besides.
    #[serde(default)]
    pub afterwards: Afterwards,
    /// The rows, as one text: a run carries them through its journal without looking at each.
    #[serde(with = "as_text")]
    pub rows: Vec<ImportRow>,
}

/// A prepared row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Its number within the file, from 1 after the header.
    #[serde(rename = "n")]
    pub row: u64,
    /// The keys it is recognised by and that it brings along.
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Key>,
    /// What it says of a lead.
    #[serde(rename = "v", default, skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// Why it cannot be used.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// Rows of an import to be turned back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UndoImport {
    /// Which import.
    pub import: Uuid,
    /// What people call the list.
    pub name: String,
    /// What became of the rows; those that created or changed nothing are left alone.
    pub rows: Vec<RowOutcome>,
}

mod as_text {
    use super::{Deserialize, Deserializer, ImportRow, Serialize, Serializer};
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use std::borrow::Cow;

    pub(super) fn serialize<S: Serializer>(rows: &[ImportRow], serializer: S) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(rows).map_err(S::Error::custom)?;
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<ImportRow>, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        serde_json::from_str(&text).map_err(D::Error::custom)
    }
}
