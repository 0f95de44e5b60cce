//! PostgreSQL. Values travel beside the statement as text, and the server reads them as the types it expects; whole rows
//! travel as one JSON value that the server takes apart by the table's own columns. So every type of column works, those
//! that extensions bring included, and none needs to be known here (docs/adr/0041).

use super::settings::Place;
use super::sql::{self, Deed, MOST_BYTES, PIECE, Row, Rows, Table, all_quoted, quoted};
use super::trouble::Trouble;
use crate::error::{CallError, deepest};
use bytes::BytesMut;
use futures_util::TryStreamExt as _;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::tls::{ChannelBinding, TlsConnect};
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type};
use tokio_postgres::{Client, Config, Error, config::SslMode};
use tokio_util::task::AbortOnDropHandle;

const MARK: char = '"';

pub(super) async fn perform(deed: &Deed, place: &Place<'_>) -> Result<Value, Trouble> {
    // The connection ends with this call, however it ends.
    let (client, _driver) = connect(place).await?;
    begin(&client, deed, place).await?;
    let done = within(&client, deed, place).await;
    let end = if done.is_ok() && !deed.only_reads() { "COMMIT" } else { "ROLLBACK" };
    let ended = client.batch_execute(end).await;
    let output = done?;
    // Until the commit, a fault has undone everything; of the commit itself nobody knows.
    ended.map_err(|error| if deed.only_reads() { early(&error) } else { lost(&error) })?;
    Ok(output)
}

async fn connect(place: &Place<'_>) -> Result<(Client, AbortOnDropHandle<()>), Trouble> {
    let (host, port) = place.host(5432)?;
    let mut config = Config::new();
    config.user(place.secret("username")).dbname(place.setting("database")).application_name("Trunkline");
    if !place.secret("password").is_empty() {
        config.password(place.secret("password"));
    }
    config.ssl_mode(if place.is_encrypted() { SslMode::Require } else { SslMode::Disable });
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| Trouble::setting("the host's name cannot stand in a certificate"))?;
    let tls = Tls { config: Arc::new(place.tls()?), name };
    let stream = place.client.open_connection(host, port).await?;
    let opened =
        tokio::time::timeout(place.client.policy().connect_timeout, config.connect_raw(stream, tls)).await;
    let refused = |why: &str| CallError::no_connection(format!("no connection to {host}:{port}: {why}"));
    match opened {
        Err(_) => Err(refused("nobody answered").into()),
        Ok(Err(error)) if error.code().is_some() => Err(early(&error)),
        Ok(Err(error)) => Err(refused(&said(&error)).into()),
        Ok(Ok((client, connection))) => {
            let driver = tokio::spawn(async move {
                // What goes wrong here is told to whoever waits for an answer.
                let _ = connection.await;
            });
            Ok((client, AbortOnDropHandle::new(driver)))
        }
    }
}

async fn begin(client: &Client, deed: &Deed, place: &Place<'_>) -> Result<(), Trouble> {
    let mode = if deed.only_reads() { "READ ONLY" } else { "READ WRITE" };
    let milliseconds = place.timeout.as_millis().max(1);
    let begin = format!("BEGIN {mode}; SET LOCAL statement_timeout = {milliseconds}");
    client.batch_execute(&begin).await.map_err(|error| early(&error))
}

async fn within(client: &Client, deed: &Deed, place: &Place<'_>) -> Result<Value, Trouble> {
    match deed {
        Deed::Query { sql, values, limit } => {
            let sql = format!("SELECT row_to_json(q)::text FROM (\n{sql}\n) q LIMIT {}", limit + 1);
            rows(client, &sql, values, *limit).await
        }
        Deed::Execute { sql, values } => Ok(json!({ "affected": execute(client, sql, values).await? })),
        Deed::Find { table, columns, having, order, limit } => {
            let sql = find(table, columns, having, order.as_ref(), *limit);
            rows(client, &sql, &[Value::Object(having.clone())], *limit).await
        }
        Deed::Insert { table, rows } => {
            let written = write(client, rows, |columns| insert(table, columns)).await?;
            Ok(json!({ "inserted": written }))
        }
        Deed::Upsert { table, keys, rows } => {
            let sql = |columns: &[String]| format!("{}{}", insert(table, columns), conflict(keys, columns));
            Ok(json!({ "written": write(client, rows, sql).await? }))
        }
        Deed::Update { table, having, set } => {
            let (table, columns) = (table.quoted(MARK), set.keys());
            let sets = columns.map(|name| format!("{0} = s.{0}", quoted(name, MARK))).collect::<Vec<_>>();
            let sql = format!(
                "UPDATE {table} AS t SET {} FROM jsonb_populate_record(NULL::{table}, $1::jsonb) s, \
                 jsonb_populate_record(NULL::{table}, $2::jsonb) w WHERE {}",
                sets.join(", "),
                matching(having),
            );
            let values = [Value::Object(set.clone()), Value::Object(having.clone())];
            Ok(json!({ "affected": execute(client, &sql, &values).await? }))
        }
        Deed::Delete { table, having } => {
            let table = table.quoted(MARK);
            let sql = format!(
                "DELETE FROM {table} AS t USING jsonb_populate_record(NULL::{table}, $1::jsonb) w WHERE {}",
                matching(having),
            );
            Ok(json!({ "affected": execute(client, &sql, &[Value::Object(having.clone())]).await? }))
        }
        Deed::Tables => {
            let sql = "SELECT row_to_json(q)::text FROM (SELECT table_schema AS schema, table_name AS name \
                FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') \
                ORDER BY 1, 2) q LIMIT 10001";
            rows(client, sql, &[], sql::MOST_ROWS).await
        }
        Deed::Columns { table } => columns(client, table).await,
        Deed::Check => {
            let sql = "SELECT row_to_json(q)::text FROM (SELECT current_database() AS database, \
                current_user::text AS user, current_setting('server_version') AS version) q";
            let read = rows(client, sql, &[], 1).await?;
            let mut output = read["rows"][0].clone();
            output["host"] = place.setting("host").into();
            Ok(output)
        }
    }
}

async fn columns(client: &Client, table: &Table) -> Result<Value, Trouble> {
    let sql = "SELECT row_to_json(q)::text FROM (SELECT column_name AS name, data_type AS type, \
        CASE WHEN data_type IN ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN 'number' \
        WHEN data_type = 'boolean' THEN 'boolean' \
        WHEN data_type = 'date' OR data_type LIKE 'timestamp%' THEN 'date' ELSE 'string' END AS kind, \
        (is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO') AS required \
        FROM information_schema.columns WHERE table_name = $2 \
        AND table_schema = coalesce($1, current_schema()) ORDER BY ordinal_position) q LIMIT 10001";
    let values = [table.schema.clone().map_or(Value::Null, Value::from), table.name.clone().into()];
    rows(client, sql, &values, sql::MOST_ROWS).await
}

fn find(
    table: &Table,
    columns: &[String],
    having: &Row,
    order: Option<&(String, bool)>,
    limit: usize,
) -> String {
    let table = table.quoted(MARK);
    let shown = match columns {
        [] => "t.*".to_owned(),
        some => some.iter().map(|name| format!("t.{}", quoted(name, MARK))).collect::<Vec<_>>().join(", "),
    };
    let order = order.map_or_else(String::new, |(name, falls)| {
        format!(" ORDER BY t.{}{}", quoted(name, MARK), if *falls { " DESC" } else { "" })
    });
    let when = if having.is_empty() { String::new() } else { format!(" WHERE {}", matching(having)) };
    format!(
        "SELECT row_to_json(q)::text FROM (SELECT {shown} FROM {table} t, \
         jsonb_populate_record(NULL::{table}, $1::jsonb) w{when}{order}) q LIMIT {}",
        limit + 1
    )
}

/// That a row has the values of `w`. Nothing is compared as nothing; everything else so that an index serves.
fn matching(having: &Row) -> String {
    let one = |(name, value): (&String, &Value)| {
        let name = quoted(name, MARK);
        if value.is_null() { format!("t.{name} IS NULL") } else { format!("t.{name} = w.{name}") }
    };
    having.iter().map(one).collect::<Vec<_>>().join(" AND ")
}

fn insert(table: &Table, columns: &[String]) -> String {
    let (table, columns) = (table.quoted(MARK), all_quoted(columns, MARK));
    format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb)"
    )
}

fn conflict(keys: &[String], columns: &[String]) -> String {
    let others: Vec<&String> = columns.iter().filter(|name| !keys.contains(name)).collect();
    let keys = all_quoted(keys, MARK);
    if others.is_empty() {
        return format!(" ON CONFLICT ({keys}) DO NOTHING");
    }
    let sets = others.iter().map(|name| format!("{0} = EXCLUDED.{0}", quoted(name, MARK)));
    format!(" ON CONFLICT ({keys}) DO UPDATE SET {}", sets.collect::<Vec<_>>().join(", "))
}

async fn write(client: &Client, groups: &[Rows], sql: impl Fn(&[String]) -> String) -> Result<u64, Trouble> {
    let mut written = 0;
    for group in groups {
        let sql = sql(&group.columns);
        for piece in group.rows.chunks(PIECE) {
            let rows = piece.iter().cloned().map(Value::Object).collect();
            written += execute(client, &sql, &[Value::Array(rows)]).await?;
        }
    }
    Ok(written)
}

async fn execute(client: &Client, sql: &str, values: &[Value]) -> Result<u64, Trouble> {
    let statement = client.prepare(sql).await.map_err(|error| early(&error))?;
    fits(statement.params().len(), values.len())?;
    client.execute_raw(&statement, values.iter().map(Text)).await.map_err(|error| early(&error))
}

async fn rows(client: &Client, sql: &str, values: &[Value], limit: usize) -> Result<Value, Trouble> {
    let statement = client.prepare(sql).await.map_err(|error| early(&error))?;
    fits(statement.params().len(), values.len())?;
    let found = client.query_raw(&statement, values.iter().map(Text)).await.map_err(|error| early(&error))?;
    let mut found = pin!(found);
    let (mut rows, mut bytes) = (Vec::<Value>::new(), 0);
    while let Some(row) = found.try_next().await.map_err(|error| early(&error))? {
        let text: &str = row.try_get(0).map_err(|error| early(&error))?;
        bytes += text.len();
        if bytes > MOST_BYTES {
            return Err(Trouble::too_large(MOST_BYTES as u64));
        }
        let row = serde_json::from_str(text);
        rows.push(row.map_err(|error| Trouble::Unwanted(format!("a row cannot be read: {error}")))?);
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(json!({ "count": rows.len(), "more": more, "rows": rows }))
}

fn fits(places: usize, values: usize) -> Result<(), Trouble> {
    if places == values {
        return Ok(());
    }
    Err(Trouble::Unwanted(format!("the statement has {places} places for values, and {values} were given")))
}

/// A value as the server's own text for its type.
#[derive(Debug)]
struct Text<'a>(&'a Value);

impl ToSql for Text<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let text = match (self.0, kind.kind()) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Array(items), Kind::Array(_)) => listed(items),
            (Value::String(text), _) => text.clone(),
            (other, _) => other.to_string(),
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    tokio_postgres::types::to_sql_checked!();
}

/// A list as PostgreSQL writes arrays.
fn listed(items: &[Value]) -> String {
    let item = |value: &Value| match value {
        Value::Null => "NULL".to_owned(),
        Value::Array(items) => listed(items),
        Value::String(text) => quoted_item(text),
        other => quoted_item(&other.to_string()),
    };
    format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(","))
}

fn quoted_item(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What a fault means before a commit: whatever was done is undone.
fn early(error: &Error) -> Trouble {
    let said = said(error);
    match error.code().map(|code| code.code()) {
        Some(code) if code.starts_with("28") || code == "42501" => Trouble::Auth(said),
        // Too many connections, out of resources, locks, clashes, a server that starts or stops.
        Some("53300" | "53400") => Trouble::TooMany(said),
        Some(code) if ["40", "53", "55", "57"].iter().any(|class| code.starts_with(class)) => {
            Trouble::Temporary(said)
        }
        Some(code) if code.starts_with("08") => Trouble::Temporary(said),
        Some(_) => Trouble::Unwanted(said),
        None => Trouble::Temporary(said),
    }
}

fn lost(error: &Error) -> Trouble {
    // The server's own no to a commit is a no; a deferred constraint says so only then.
    if error.code().is_some() { early(error) } else { Trouble::Lost(said(error)) }
}

fn said(error: &Error) -> String {
    if let Some(answer) = error.as_db_error() {
        let detail = answer.detail().map_or_else(String::new, |detail| format!(" ({detail})"));
        return format!("{}{detail}", answer.message());
    }
    deepest(error).to_string()
}

struct Tls {
    config: Arc<rustls::ClientConfig>,
    name: ServerName<'static>,
}

struct TlsStream(tokio_rustls::client::TlsStream<TcpStream>);

impl TlsConnect<TcpStream> for Tls {
    type Stream = TlsStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TlsStream>> + Send>>;

    fn connect(self, stream: TcpStream) -> Self::Future {
        let connector = tokio_rustls::TlsConnector::from(self.config);
        Box::pin(async move { connector.connect(self.name, stream).await.map(TlsStream) })
    }
}

impl tokio_postgres::tls::TlsStream for TlsStream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_written_as_arrays() {
        let items = json!(["a", "b\"c\\", null, 1.5, true, ["x"]]);
        assert_eq!(listed(items.as_array().unwrap()), r#"{"a","b\"c\\",NULL,"1.5","true",{"x"}}"#);
    }
}
