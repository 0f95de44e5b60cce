//! Inserting many rows with few statements.
//!
//! A statement costs 20 to 40 µs before SQLite does any work (it crosses to the connection's thread), so rows are never
//! inserted one by one: a list is cut into pieces of fixed sizes, each with a prepared `INSERT ... VALUES` of its own.
//! Doubling sizes keep the pieces few (30 rows are 16 + 8 + 4 + 2) and the number of prepared statements small.

use crate::error::Error;
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
    /// `INSERT INTO table (columns) VALUES (...), ... tail`.
    pub(super) fn new(table: &'static str, columns: &'static [&'static str], tail: &'static str) -> Self {
        let sizes = SIZES.map(|size| {
            let make = move || -> Arc<str> {
                let row = format!("({})", vec!["?"; columns.len()].join(","));
                let rows = vec![row.as_str(); size].join(",");
                format!("INSERT INTO {table} ({}) VALUES {rows} {tail}", columns.join(",")).into()
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
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        for (size, sql) in SIZES.into_iter().zip(&self.sizes) {
            while left >= size {
                let mut values = Values::with_capacity(size * self.columns);
                rows.by_ref().take(size).for_each(|row| bind(row, &mut values));
                debug_assert_eq!(values.arguments.len(), size * self.columns, "one value per column");
                // The text is made of the constants of this crate and question marks.
                let sql = AssertSqlSafe(Arc::clone(sql));
                sqlx::query_with(sql, values.finish()?).execute(&mut *connection).await?;
                left -= size;
            }
        }
        Ok(())
    }
}

/// The values of some rows.
#[derive(Default)]
pub(super) struct Values {
    arguments: SqliteArguments,
    failure: Option<String>,
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
            self.failure = Some(error.to_string());
        }
        self
    }

    fn finish(self) -> Result<SqliteArguments, Error> {
        self.failure.map_or(Ok(self.arguments), |failure| Err(Error::Database(failure)))
    }
}
