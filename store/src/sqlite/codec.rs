//! How values stand in columns: moments as microseconds, JSON as text, journals as bytes.

use crate::error::Error;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Row};
use uuid::Uuid;

/// A moment as microseconds since 1970.
pub(super) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// The moment `micros` after 1970.
pub(super) fn moment(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or(Error::Corrupt("a moment outside the calendar".into()))
}

/// `value` as JSON text.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|error| Error::Database(format!("cannot be written as JSON: {error}")))
}

/// The value in a JSON text; `what` names it in the error.
pub(super) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt(format!("{what}: {error}").into()))
}

/// The smallest UUIDv7 of a moment: every id made at it or later is not less.
pub(super) fn first_id_at(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(u128::from(millis) << 80)
}

/// Hex digits as SQLite's `unhex` reads them, for ids inside JSON parameters.
pub(super) fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// Reading columns with our types.
pub(super) trait Columns {
    /// A moment.
    fn moment(&self, column: &str) -> Result<DateTime<Utc>, Error>;
    /// A moment that may be missing.
    fn maybe_moment(&self, column: &str) -> Result<Option<DateTime<Utc>>, Error>;
    /// A value kept as JSON.
    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error>;
    /// A count.
    fn count(&self, column: &str) -> Result<u64, Error>;
}

impl Columns for SqliteRow
where
    for<'c> &'c str: ColumnIndex<Self>,
{
    fn moment(&self, column: &str) -> Result<DateTime<Utc>, Error> {
        moment(self.try_get(column)?)
    }

    fn maybe_moment(&self, column: &str) -> Result<Option<DateTime<Utc>>, Error> {
        self.try_get::<Option<i64>, _>(column)?.map(moment).transpose()
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        from_json(column, self.try_get(column)?)
    }

    fn count(&self, column: &str) -> Result<u64, Error> {
        Ok(u64::try_from(self.try_get::<i64, _>(column)?).unwrap_or(0))
    }
}
