//! Inserting many rows with few statements.
//!
//! A statement costs 20 to 40 µs before SQLite does any work (it crosses to the connection's thread), so rows are never
//! inserted one by one: a list goes in one statement of the next larger of a few sizes, each prepared once. The rows it has
//! too many stay unbound, which is null, and are left out by the first column, which is never null in a table of ours.
//!
//! `OR FAIL` leaves the rows before the one that is refused. Whoever inserts gives up the transaction, or the part of it, when
//! a statement fails, so SQLite need not keep each page as it was before the statement.
//!
//! Gathering the values of a piece takes about as long as writing it, and the two are on different threads: the next piece
//! is made while the one before is written.

use crate::error::Error;
use crate::sqlite::codec::to_json;
use futures_util::future::join;
use serde::Serialize;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Encode, Sqlite, Type};
use std::sync::{Arc, LazyLock};

/// How many rows the statements have room for. Longer lists go in several; from 8 on a third at most is left out.
const SIZES: [usize; 12] = [128, 96, 64, 48, 32, 24, 16, 12, 8, 4, 2, 1];

/// An `INSERT` in all its sizes.
pub(super) struct Insert {
    columns: usize,
    sizes: [LazySql; SIZES.len()],
}

type LazySql = LazyLock<Arc<str>, Box<dyn FnOnce() -> Arc<str> + Send>>;

impl Insert {
    /// `INSERT OR FAIL INTO table (columns) SELECT * FROM (VALUES (...), ...) WHERE column1 IS NOT NULL tail`; the first of
    /// `columns` is never null.
    pub(super) fn new(table: &'static str, columns: &'static [&'static str], tail: &'static str) -> Self {
        let sizes = SIZES.map(|size| {
            let make = move || -> Arc<str> {
                let row = format!("({})", vec!["?"; columns.len()].join(","));
                let rows = vec![row.as_str(); size].join(",");
                let columns = columns.join(",");
                format!(
                    "INSERT OR FAIL INTO {table} ({columns}) SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL {tail}"
                )
                .into()
            };
            LazyLock::new(Box::new(make) as Box<dyn FnOnce() -> Arc<str> + Send>)
        });
        Self { columns: columns.len(), sizes }
    }

    /// Inserts `rows`; `bind` adds one row's values in the order of the columns.
    pub(super) async fn run<R>(
        &self,
        connection: &mut SqliteConnection,
        rows: Vec<R>,
        bind: impl Fn(R, &mut Values),
    ) -> Result<(), Error> {
        carry_out(connection, self.pieces(rows, bind)).await
    }

    /// What inserts `rows`, each piece made when it is asked for; `bind` adds one row's values in the order of the columns.
    pub(super) fn pieces<R>(
        &self,
        rows: Vec<R>,
        bind: impl Fn(R, &mut Values),
    ) -> impl Iterator<Item = Result<Piece, Error>> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        std::iter::from_fn(move || {
            // The smallest that holds all that is left.
            let place = SIZES.iter().rposition(|size| *size >= left).unwrap_or_default();
            let taken = left.min(SIZES[place]);
            if taken == 0 {
                return None;
            }
            let mut values = Values::with_capacity(taken * self.columns);
            rows.by_ref().take(taken).for_each(|row| bind(row, &mut values));
            left -= taken;
            let sql = Arc::clone(&self.sizes[place]);
            Some(values.finish(taken * self.columns).map(|values| Piece { sql, values }))
        })
    }
}

/// Some rows on their way into a table.
pub(super) struct Piece {
    sql: Arc<str>,
    values: SqliteArguments,
}

/// Writes `pieces` in their order; while the connection's thread writes one, the next is made here.
pub(super) async fn carry_out(
    connection: &mut SqliteConnection,
    mut pieces: impl Iterator<Item = Result<Piece, Error>>,
) -> Result<(), Error> {
    let mut next = pieces.next();
    while let Some(piece) = next {
        let Piece { sql, values } = piece?;
        // The text is made of the constants of this crate and question marks.
        let written = sqlx::query_with(AssertSqlSafe(sql), values).execute(&mut *connection);
        // Looked at in this order: the piece is on its way before the next is made.
        let (written, following) = join(written, async { pieces.next() }).await;
        written?;
        next = following;
    }
    Ok(())
}

/// The values of some rows.
#[derive(Default)]
pub(super) struct Values {
    arguments: SqliteArguments,
    failure: Option<Error>,
}

impl Values {
    fn with_capacity(values: usize) -> Self {
        let mut all = Self::default();
        all.arguments.reserve(values, 0);
        all
    }

    /// The next value.
    pub(super) fn add<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.failure = Some(Error::Database(error.to_string()));
        }
        self
    }

    /// The next value, as JSON.
    pub(super) fn add_json(&mut self, value: &impl Serialize) -> &mut Self {
        match to_json(value) {
            Ok(json) => self.add(json),
            Err(error) => {
                self.failure = Some(error);
                self
            }
        }
    }

    /// All of them, when they are `wanted`.
    fn finish(self, wanted: usize) -> Result<SqliteArguments, Error> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        debug_assert_eq!(self.arguments.len(), wanted, "one value per column");
        Ok(self.arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection as _, Executor as _};

    /// Lists after longer ones too: nothing of those may be written again.
    #[tokio::test]
    async fn lists_of_any_length_are_written_once_and_in_order() {
        let mut connection = SqliteConnection::connect(":memory:").await.unwrap();
        connection.execute("CREATE TABLE number (of INTEGER NOT NULL, text TEXT)").await.unwrap();
        let insert = Insert::new("number", &["of", "text"], "");
        for length in [300, 129, 128, 97, 33, 23, 9, 5, 3, 2, 1, 0, 7] {
            let rows: Vec<i64> = (0..length).collect();
            let bind = |row: i64, values: &mut Values| {
                values.add(row).add((row % 3 > 0).then(|| row.to_string()));
            };
            insert.run(&mut connection, rows.clone(), bind).await.unwrap();
            let all = sqlx::query_as::<_, (i64, Option<String>)>("DELETE FROM number RETURNING of, text");
            let all = all.fetch_all(&mut connection).await.unwrap();
            let expected = rows.into_iter().map(|row| (row, (row % 3 > 0).then(|| row.to_string())));
            assert_eq!(all, expected.collect::<Vec<_>>(), "{length}");
        }
    }
}
