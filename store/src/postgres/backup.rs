//! A copy of everything in a SQLite file: what `trunkline serve` opens without a database server, and what can be taken
//! elsewhere. All of it is of one moment, and work goes on meanwhile.
//!
//! Tables and columns have the same names in both databases, so the file's own layout says what is to be copied; a
//! table that only PostgreSQL needs stays behind.

use super::{SNAPSHOT, connect};
use crate::columns::Columns;
use crate::error::Error;
use crate::settings::Settings;
use crate::sqlite::{flush, new_file};
use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, QueryBuilder, Row, Sqlite};
use std::path::Path;

/// Most values of one `INSERT`; SQLite takes 32766.
const MAX_VALUES: usize = 8_000;

/// Writes the copy to `to`, where nothing may be yet.
pub(super) async fn write(options: &PgConnectOptions, to: &Path) -> Result<(), Error> {
    if to.exists() {
        return Err(Error::Conflict("a file with this name"));
    }
    let mut from = connect::alone(options).await?;
    let mut file = new_file(&Settings::at(to)).await?;
    let copied = copy(&mut from, &mut file).await;
    from.close().await?;
    file.close().await?;
    copied?;
    flush(to)
}

async fn copy(from: &mut PgConnection, file: &mut SqliteConnection) -> Result<(), Error> {
    from.execute(SNAPSHOT).await?;
    // Rows arrive table by table; they point at one another and are whole only at the end.
    file.execute("PRAGMA foreign_keys = off").await?;
    file.execute("BEGIN").await?;
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx_%'";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *file).await?;
    for table in tables {
        let columns = columns(from, file, &table).await?;
        copy_table(from, file, &table, &columns).await?;
    }
    file.execute("COMMIT").await?;
    from.execute("COMMIT").await?;
    Ok(())
}

/// A column, and how it travels.
struct Column {
    name: String,
    kind: Kind,
    /// The expression that turns it into what the file holds.
    sql: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Text,
    Bytes,
}

async fn columns(
    from: &mut PgConnection,
    file: &mut SqliteConnection,
    table: &str,
) -> Result<Vec<Column>, Error> {
    let sql = "SELECT data_type FROM information_schema.columns \
        WHERE table_schema = current_schema() AND table_name = $1 AND column_name = $2";
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pragma_table_info(?1)").bind(table).fetch_all(file).await?;
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        let found: Option<String> =
            sqlx::query_scalar(sql).bind(table).bind(&name).fetch_optional(&mut *from).await?;
        let (kind, sql) = match found.as_deref() {
            Some("uuid") => (Kind::Bytes, format!("uuid_send(\"{name}\")")),
            Some("bytea") => (Kind::Bytes, format!("\"{name}\"")),
            Some("boolean") => (Kind::Number, format!("\"{name}\"::int::bigint")),
            Some("bigint" | "integer") => (Kind::Number, format!("\"{name}\"::bigint")),
            Some("text") => (Kind::Text, format!("\"{name}\"")),
            other => {
                let what = format!("{table}.{name} cannot be copied: it is {}", other.unwrap_or("missing"));
                return Err(Error::Corrupt(what.into()));
            }
        };
        columns.push(Column { name, kind, sql });
    }
    Ok(columns)
}

async fn copy_table(
    from: &mut PgConnection,
    file: &mut SqliteConnection,
    table: &str,
    columns: &[Column],
) -> Result<(), Error> {
    let expressions: Vec<String> =
        columns.iter().map(|column| format!("{} AS \"{}\"", column.sql, column.name)).collect();
    // Made of names that the migrations gave.
    let sql = AssertSqlSafe(format!("SELECT {} FROM \"{table}\"", expressions.join(", ")));
    let mut rows = sqlx::query(sql).fetch(from);
    let most = MAX_VALUES / columns.len();
    let mut batch = Vec::with_capacity(most);
    loop {
        let row = rows.try_next().await?;
        let is_last = row.is_none();
        batch.extend(row);
        if batch.len() == most || (is_last && !batch.is_empty()) {
            insert(file, table, columns, &batch).await?;
            batch.clear();
        }
        if is_last {
            return Ok(());
        }
    }
}

async fn insert(
    file: &mut SqliteConnection,
    table: &str,
    columns: &[Column],
    rows: &[PgRow],
) -> Result<(), Error> {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let head = format!("INSERT INTO \"{table}\" ({}) ", names.join(", "));
    let mut sql = QueryBuilder::<Sqlite>::new(head);
    let mut failure = None;
    sql.push_values(rows, |mut values, row| {
        for column in columns {
            let name = column.name.as_str();
            let bound = match column.kind {
                Kind::Number => row.maybe_number(name).map(|value| {
                    values.push_bind(value);
                }),
                Kind::Text => row.maybe_string(name).map(|value| {
                    values.push_bind(value);
                }),
                Kind::Bytes => match row.try_get::<Option<Vec<u8>>, _>(name) {
                    Ok(value) => {
                        values.push_bind(value);
                        Ok(())
                    }
                    Err(error) => Err(error.into()),
                },
            };
            if let Err(error) = bound {
                failure.get_or_insert(error);
            }
        }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    sql.build().execute(file).await?;
    Ok(())
}
