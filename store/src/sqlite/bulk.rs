//! Inserting many rows with few statements.
//!
//! A statement costs 20 to 40 µs before SQLite does any work (it crosses to the connection's thread), so rows are never
//! inserted one by one: a list is cut into pieces of fixed sizes, each with a prepared `INSERT ... VALUES` of its own.
//! Doubling sizes keep the pieces few (30 rows are 16 + 8 + 4 + 2) and the number of prepared statements small.
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

const SIZES: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

/// An `INSERT` in all its sizes.
pub(super) struct Insert {
    columns: usize,
    sizes: [LazySql; SIZES.len()],
}

type LazySql = LazyLock<Arc<str>, Box<dyn FnOnce() -> Arc<str> + Send>>;

impl Insert {
    /// `INSERT OR FAIL INTO table (columns) VALUES (...), ... tail`.
    pub(super) fn new(table: &'static str, columns: &'static [&'static str], tail: &'static str) -> Self {
        let sizes = SIZES.map(|size| {
            let make = move || -> Arc<str> {
                let row = format!("({})", vec!["?"; columns.len()].join(","));
                let rows = vec![row.as_str(); size].join(",");
                format!("INSERT OR FAIL INTO {table} ({}) VALUES {rows} {tail}", columns.join(",")).into()
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
            let (size, sql) = SIZES.into_iter().zip(&self.sizes).find(|(size, _)| left >= *size)?;
            let mut values = Values::with_capacity(size * self.columns);
            rows.by_ref().take(size).for_each(|row| bind(row, &mut values));
            left -= size;
            Some(values.finish(size * self.columns).map(|values| Piece { sql: Arc::clone(sql), values }))
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
