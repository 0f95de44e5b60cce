//! MySQL and MariaDB. Values travel beside the statement and are turned into the columns' types by the server.
//!
//! The library dials by itself, and would look the name up again after it was checked. So it is given a socket in a
//! folder of our own, behind which the connection lies that was dialled under the policy; the certificate is still
//! checked against the server's name (docs/adr/0041).

use super::settings::Place;
use super::sql::{Deed, MOST_BYTES, PIECE, Row, Rows, Table, all_quoted, quoted};
use super::trouble::Trouble;
use crate::error::CallError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use sqlx::mysql::{
    MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlRow, MySqlSslMode,
};
use sqlx::query::Query;
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Error, MySql, Row as _, TypeInfo as _,
    ValueRef as _,
};

const MARK: char = '`';

pub(super) async fn perform(deed: &Deed, place: &Place<'_>) -> Result<Value, Trouble> {
    let (host, port) = place.host(3306)?;
    let stream = place.client.open_connection(host, port).await?;
    let bridge = bridge::Bridge::new(stream).map_err(|error| {
        Trouble::Temporary(format!("no connection to {host}:{port} could be opened: {error}"))
    })?;
    let options = options(place, host, bridge.path())?;
    let opened = tokio::time::timeout(place.client.policy().connect_timeout, options.connect()).await;
    let refused = |why: &str| CallError::no_connection(format!("no connection to {host}:{port}: {why}"));
    let mut connection = match opened {
        Err(_) => return Err(refused("nobody answered").into()),
        Ok(Err(Error::Database(error))) => return Err(early(&Error::Database(error))),
        Ok(Err(error)) => return Err(refused(&said(&error)).into()),
        Ok(Ok(connection)) => connection,
    };
    begin(&mut connection, deed, place).await?;
    let done = within(&mut connection, deed, place).await;
    // What was read to its end needs no good-bye; a list that was cut off would be read on only to be thrown away.
    if deed.only_reads() {
        return done;
    }
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = sqlx::raw_sql(end).execute(&mut connection).await;
    let output = done?;
    ended.map_err(|error| match &error {
        Error::Database(_) => early(&error),
        _ => Trouble::Lost(said(&error)),
    })?;
    let _ = connection.close().await;
    Ok(output)
}

fn options(place: &Place<'_>, host: &str, path: &std::path::Path) -> Result<MySqlConnectOptions, Trouble> {
    let mut options =
        MySqlConnectOptions::new().host(host).socket(path).username(place.secret("username")).ssl_mode(
            if place.is_encrypted() { MySqlSslMode::VerifyIdentity } else { MySqlSslMode::Disabled },
        );
    if !place.secret("password").is_empty() {
        options = options.password(place.secret("password"));
    }
    if !place.setting("database").is_empty() {
        options = options.database(place.setting("database"));
    }
    if !place.authorities()?.is_empty() {
        options = options.ssl_ca_from_pem(place.secret("ca").as_bytes().to_vec());
    }
    Ok(options.disable_statement_logging())
}

async fn begin(connection: &mut MySqlConnection, deed: &Deed, place: &Place<'_>) -> Result<(), Trouble> {
    let mode = if deed.only_reads() { "READ ONLY" } else { "READ WRITE" };
    let milliseconds = place.timeout.as_millis().max(1);
    let version: String = sqlx::query_scalar("SELECT VERSION()")
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| early(&error))?;
    // Both stop a statement that takes too long; they have named it differently.
    let bound = match version.contains("MariaDB") {
        true => format!("SET SESSION max_statement_time = {:.3}", milliseconds as f64 / 1000.0),
        false => format!("SET SESSION max_execution_time = {milliseconds}"),
    };
    sqlx::raw_sql(AssertSqlSafe(bound)).execute(&mut *connection).await.map_err(|error| early(&error))?;
    let begin = AssertSqlSafe(format!("START TRANSACTION {mode}"));
    sqlx::raw_sql(begin).execute(connection).await.map_err(|error| early(&error))?;
    Ok(())
}

async fn within(connection: &mut MySqlConnection, deed: &Deed, place: &Place<'_>) -> Result<Value, Trouble> {
    match deed {
        Deed::Query { sql, values, limit } => rows(connection, sql.clone(), values, *limit).await,
        Deed::Execute { sql, values } => {
            Ok(json!({ "affected": execute(connection, sql.clone(), values).await? }))
        }
        Deed::Find { table, columns, having, order, limit } => {
            let shown = if columns.is_empty() { "*".to_owned() } else { all_quoted(columns, MARK) };
            let (when, values) = matching(having);
            let when = if when.is_empty() { String::new() } else { format!(" WHERE {when}") };
            let order = order.as_ref().map_or_else(String::new, |(name, falls)| {
                format!(" ORDER BY {}{}", quoted(name, MARK), if *falls { " DESC" } else { "" })
            });
            let sql = format!("SELECT {shown} FROM {}{when}{order} LIMIT {}", table.quoted(MARK), limit + 1);
            rows(connection, sql, &values, *limit).await
        }
        Deed::Insert { table, rows } => {
            Ok(json!({ "inserted": write(connection, table, rows, |_| String::new()).await?.0 }))
        }
        Deed::Upsert { table, keys, rows } => {
            let change = |columns: &[String]| conflict(keys, columns);
            Ok(json!({ "written": write(connection, table, rows, change).await?.1 }))
        }
        Deed::Update { table, having, set } => {
            let sets: Vec<String> = set.keys().map(|name| format!("{} = ?", quoted(name, MARK))).collect();
            let (when, mut values) = matching(having);
            let sql = format!("UPDATE {} SET {} WHERE {when}", table.quoted(MARK), sets.join(", "));
            values.splice(0..0, set.values().cloned());
            Ok(json!({ "affected": execute(connection, sql, &values).await? }))
        }
        Deed::Delete { table, having } => {
            let (when, values) = matching(having);
            let sql = format!("DELETE FROM {} WHERE {when}", table.quoted(MARK));
            Ok(json!({ "affected": execute(connection, sql, &values).await? }))
        }
        Deed::Tables => {
            let sql = "SELECT table_schema AS `schema`, table_name AS name FROM information_schema.tables \
                WHERE table_schema = DATABASE() ORDER BY 1, 2";
            rows(connection, sql.into(), &[], super::sql::MOST_ROWS).await
        }
        Deed::Columns { table } => columns(connection, table).await,
        Deed::Check => {
            let sql = "SELECT DATABASE() AS `database`, CURRENT_USER() AS user, VERSION() AS version";
            let read = rows(connection, sql.into(), &[], 1).await?;
            let mut output = read["rows"][0].clone();
            output["host"] = place.setting("host").into();
            Ok(output)
        }
    }
}

async fn columns(connection: &mut MySqlConnection, table: &Table) -> Result<Value, Trouble> {
    let sql = "SELECT column_name AS name, data_type AS type, \
        CASE WHEN data_type IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double') \
        THEN 'number' WHEN data_type IN ('date', 'datetime', 'timestamp') THEN 'date' ELSE 'string' END AS kind, \
        (is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%auto_increment%') AS required \
        FROM information_schema.columns WHERE table_name = ? AND table_schema = COALESCE(?, DATABASE()) \
        ORDER BY ordinal_position";
    let values = [table.name.clone().into(), table.schema.clone().map_or(Value::Null, Value::from)];
    let mut read = rows(connection, sql.into(), &values, super::sql::MOST_ROWS).await?;
    for column in read["rows"].as_array_mut().into_iter().flatten() {
        column["required"] = (column["required"] != 0).into();
    }
    Ok(read)
}

/// That a row has these values, and the values in their order. Nothing is compared as nothing.
fn matching(having: &Row) -> (String, Vec<Value>) {
    let one = |(name, value): (&String, &Value)| {
        let name = quoted(name, MARK);
        if value.is_null() { format!("{name} IS NULL") } else { format!("{name} = ?") }
    };
    let when = having.iter().map(one).collect::<Vec<_>>().join(" AND ");
    (when, having.values().filter(|value| !value.is_null()).cloned().collect())
}

fn conflict(keys: &[String], columns: &[String]) -> String {
    let others = columns.iter().filter(|name| !keys.contains(name));
    let mut sets: Vec<String> = others.map(|name| format!("{0} = VALUES({0})", quoted(name, MARK))).collect();
    if sets.is_empty() {
        // Nothing to change; the row is left as it is.
        sets.push(format!("{0} = {0}", quoted(&keys[0], MARK)));
    }
    format!(" ON DUPLICATE KEY UPDATE {}", sets.join(", "))
}

/// Rows as the server counted them, and as they were given: it counts a changed row twice.
async fn write(
    connection: &mut MySqlConnection,
    table: &Table,
    groups: &[Rows],
    change: impl Fn(&[String]) -> String,
) -> Result<(u64, usize), Trouble> {
    let (mut counted, mut given) = (0, 0);
    for Rows { columns, rows } in groups {
        let one = format!("({})", vec!["?"; columns.len()].join(", "));
        for piece in rows.chunks((PIECE * 20 / columns.len()).clamp(1, PIECE)) {
            let sql = format!(
                "INSERT INTO {} ({}) VALUES {}{}",
                table.quoted(MARK),
                all_quoted(columns, MARK),
                vec![one.as_str(); piece.len()].join(", "),
                change(columns),
            );
            let value = |row: &Row, name: &String| row.get(name).cloned().unwrap_or_default();
            let values: Vec<Value> =
                piece.iter().flat_map(|row| columns.iter().map(move |name| value(row, name))).collect();
            counted += execute(connection, sql, &values).await?;
            given += piece.len();
        }
    }
    Ok((counted, given))
}

fn bound(sql: String, values: &[Value]) -> Query<'static, MySql, MySqlArguments> {
    let query = sqlx::query(AssertSqlSafe(sql));
    values.iter().fold(query, |query, value| match value {
        Value::Null => query.bind(None::<String>),
        Value::Bool(yes) => query.bind(*yes),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => query.bind(number),
            (_, Some(number)) => query.bind(number),
            _ => query.bind(number.as_f64()),
        },
        Value::String(text) => query.bind(text.clone()),
        other => query.bind(other.to_string()),
    })
}

async fn execute(connection: &mut MySqlConnection, sql: String, values: &[Value]) -> Result<u64, Trouble> {
    let done = bound(sql, values).execute(connection).await.map_err(|error| early(&error))?;
    Ok(done.rows_affected())
}

async fn rows(
    connection: &mut MySqlConnection,
    sql: String,
    values: &[Value],
    limit: usize,
) -> Result<Value, Trouble> {
    let mut found = bound(sql, values).fetch(connection);
    let (mut rows, mut bytes, mut more) = (Vec::new(), 0, false);
    while let Some(row) = found.try_next().await.map_err(|error| early(&error))? {
        if rows.len() == limit {
            more = true;
            break;
        }
        let row = record(&row)?;
        bytes += row.to_string().len();
        if bytes > MOST_BYTES {
            return Err(Trouble::too_large(MOST_BYTES as u64));
        }
        rows.push(row);
    }
    Ok(json!({ "count": rows.len(), "more": more, "rows": rows }))
}

fn record(row: &MySqlRow) -> Result<Value, Trouble> {
    let mut fields = Row::new();
    for column in row.columns() {
        let value = cell(row, column.ordinal()).map_err(|error| early(&error))?;
        fields.insert(column.name().to_owned(), value);
    }
    Ok(Value::Object(fields))
}

/// A value by the type that its column says it has.
fn cell(row: &MySqlRow, at: usize) -> Result<Value, Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "BOOLEAN" => row.try_get::<i8, _>(at)?.into(),
        kind if kind.ends_with("INT") => row.try_get::<i64, _>(at)?.into(),
        kind if kind.ends_with("INT UNSIGNED") => row.try_get::<u64, _>(at)?.into(),
        "YEAR" => row.try_get_unchecked::<u16, _>(at)?.into(),
        "FLOAT" => f64::from(row.try_get::<f32, _>(at)?).into(),
        "DOUBLE" => row.try_get::<f64, _>(at)?.into(),
        "DATE" => row.try_get::<chrono::NaiveDate, _>(at)?.to_string().into(),
        "DATETIME" => row.try_get::<chrono::NaiveDateTime, _>(at)?.format(MOMENT).to_string().into(),
        "TIMESTAMP" => row.try_get::<chrono::DateTime<chrono::Utc>, _>(at)?.to_rfc3339().into(),
        "TIME" => row.try_get::<chrono::NaiveTime, _>(at)?.to_string().into(),
        "JSON" => {
            let text = row.try_get_unchecked::<String, _>(at)?;
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        kind if kind.ends_with("BLOB") || kind.ends_with("BINARY") || kind == "BIT" => {
            let bytes = row.try_get_unchecked::<Vec<u8>, _>(at)?;
            // Some views say of a text that it is bytes.
            String::from_utf8(bytes).unwrap_or_else(|error| STANDARD.encode(error.as_bytes())).into()
        }
        // Decimals as well: a number of another kind would round them.
        _ => row.try_get_unchecked::<String, _>(at)?.into(),
    })
}

/// A moment without a zone.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// What a fault means before a commit: whatever was done is undone.
fn early(error: &Error) -> Trouble {
    let said = said(error);
    let Error::Database(answer) = error else {
        return match error {
            Error::Io(_) | Error::Protocol(_) | Error::Tls(_) => Trouble::Temporary(said),
            _ => Trouble::Unwanted(said),
        };
    };
    match answer.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number) {
        // Who we are, and what we may.
        Some(1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698) => Trouble::Auth(said),
        // Too many connections, of all and of this user.
        Some(1040 | 1203 | 1226) => Trouble::TooMany(said),
        // Locks, clashes, a statement that took too long, a server that goes.
        Some(1205 | 1213 | 1053 | 1317 | 1969 | 3024) => Trouble::Temporary(said),
        _ => Trouble::Unwanted(said),
    }
}

fn said(error: &Error) -> String {
    match error {
        Error::Database(answer) => answer.message().to_owned(),
        other => other.to_string(),
    }
}

#[cfg(unix)]
mod bridge {
    //! A socket in a folder that nobody else may enter, behind which an open connection lies.

    use std::io;
    use std::path::{Path, PathBuf};
    use tempfile::TempDir;
    use tokio::net::{TcpStream, UnixListener};
    use tokio::task::JoinHandle;

    pub(super) struct Bridge {
        // The folder goes with the bridge.
        _folder: TempDir,
        path: PathBuf,
        carrier: JoinHandle<()>,
    }

    impl Bridge {
        pub(super) fn new(mut stream: TcpStream) -> io::Result<Self> {
            let folder = tempfile::Builder::new().prefix("trunkline-").tempdir()?;
            let path = folder.path().join("s");
            let listener = UnixListener::bind(&path)?;
            let carrier = tokio::spawn(async move {
                let Ok((mut near, _)) = listener.accept().await else { return };
                // Whoever talks over it hears of what breaks.
                let _ = tokio::io::copy_bidirectional(&mut near, &mut stream).await;
            });
            Ok(Self { _folder: folder, path, carrier })
        }

        pub(super) fn path(&self) -> &Path {
            &self.path
        }
    }

    impl Drop for Bridge {
        fn drop(&mut self) {
            self.carrier.abort();
        }
    }
}

#[cfg(not(unix))]
mod bridge {
    //! Elsewhere there is no such socket, and nothing is dialled unchecked.

    use std::io;
    use std::path::Path;
    use tokio::net::TcpStream;

    pub(super) struct Bridge;

    impl Bridge {
        pub(super) fn new(_: TcpStream) -> io::Result<Self> {
            Err(io::Error::other("MySQL is reached from servers on Unix only"))
        }

        pub(super) fn path(&self) -> &Path {
            Path::new("")
        }
    }
}
