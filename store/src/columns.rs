//! How values stand in columns, the same in every database: moments as microseconds, JSON as text, ids as UUIDs.

use crate::error::Error;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// A moment as microseconds since 1970.
pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// The moment `micros` after 1970.
pub(crate) fn moment(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or(Error::Corrupt("a moment outside the calendar".into()))
}

/// `value` as JSON text.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|error| Error::Database(format!("cannot be written as JSON: {error}")))
}

/// The value in a JSON text; `what` names it in the error.
pub(crate) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt(format!("{what}: {error}").into()))
}

/// The smallest UUIDv7 of a moment: every id made at it or later is not less.
pub(crate) fn first_id_at(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(u128::from(millis) << 80)
}

/// Reading the columns of a row of either database with our types.
pub(crate) trait Columns {
    /// An id.
    fn id(&self, column: &str) -> Result<Uuid, Error>;
    /// An id that may be missing.
    fn maybe_id(&self, column: &str) -> Result<Option<Uuid>, Error>;
    /// A text.
    fn text(&self, column: &str) -> Result<&str, Error>;
    /// A text that may be missing.
    fn maybe_text(&self, column: &str) -> Result<Option<&str>, Error>;
    /// Bytes.
    fn bytes(&self, column: &str) -> Result<&[u8], Error>;
    /// Yes or no.
    fn flag(&self, column: &str) -> Result<bool, Error>;
    /// A whole number.
    fn number(&self, column: &str) -> Result<i64, Error>;
    /// A whole number that may be missing.
    fn maybe_number(&self, column: &str) -> Result<Option<i64>, Error>;

    /// A text of its own.
    fn string(&self, column: &str) -> Result<String, Error> {
        self.text(column).map(str::to_owned)
    }

    /// A text of its own that may be missing.
    fn maybe_string(&self, column: &str) -> Result<Option<String>, Error> {
        Ok(self.maybe_text(column)?.map(str::to_owned))
    }

    /// A whole number of a smaller type.
    fn small<T: TryFrom<i64>>(&self, column: &str) -> Result<T, Error> {
        narrow(column, self.number(column)?)
    }

    /// A whole number of a smaller type that may be missing.
    fn maybe_small<T: TryFrom<i64>>(&self, column: &str) -> Result<Option<T>, Error> {
        self.maybe_number(column)?.map(|number| narrow(column, number)).transpose()
    }

    /// A count.
    fn count(&self, column: &str) -> Result<u64, Error> {
        Ok(u64::try_from(self.number(column)?).unwrap_or(0))
    }

    /// A moment.
    fn moment(&self, column: &str) -> Result<DateTime<Utc>, Error> {
        moment(self.number(column)?)
    }

    /// A moment that may be missing.
    fn maybe_moment(&self, column: &str) -> Result<Option<DateTime<Utc>>, Error> {
        self.maybe_number(column)?.map(moment).transpose()
    }

    /// A value kept as JSON.
    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        from_json(column, self.text(column)?)
    }
}

fn narrow<T: TryFrom<i64>>(column: &str, number: i64) -> Result<T, Error> {
    T::try_from(number).map_err(|_| Error::Corrupt(format!("{column}: {number} is out of range").into()))
}

macro_rules! columns_of {
    ($row:ty) => {
        impl Columns for $row {
            fn id(&self, column: &str) -> Result<Uuid, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_id(&self, column: &str) -> Result<Option<Uuid>, Error> {
                Ok(self.try_get(column)?)
            }
            fn text(&self, column: &str) -> Result<&str, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_text(&self, column: &str) -> Result<Option<&str>, Error> {
                Ok(self.try_get(column)?)
            }
            fn bytes(&self, column: &str) -> Result<&[u8], Error> {
                Ok(self.try_get(column)?)
            }
            fn flag(&self, column: &str) -> Result<bool, Error> {
                Ok(self.try_get(column)?)
            }
            fn number(&self, column: &str) -> Result<i64, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_number(&self, column: &str) -> Result<Option<i64>, Error> {
                Ok(self.try_get(column)?)
            }
        }
    };
}

columns_of!(SqliteRow);
columns_of!(PgRow);
