//! What `cargo xtask bench` needs beside the product: the baseline, a mock of a slow API, and a look into the store.
//!
//! - `baseline --listen ADDRESS --data DIR`: the least a durable webhook can cost: parse the body, commit one row of the
//!   same size together with all that wait, answer. The ceiling the product is compared with.
//! - `mock --listen ADDRESS`: answers `{"score": 85}` after 20 ms.
//! - `count --data DIR`: how many runs stand in each status, from the store itself.
//! - `completed --data DIR`: the id of every completed run, a line each.
//! - `late --data DIR`: of the runs whose event key is the moment they slept until, how many ended and how late the latest.
//! - `seed --runs N --data DIR`: makes N finished runs of the last twenty days out of copies of those that are there.
//! - `connectors`: what calls to apps cost from one workflow of the real server; see `connectors.rs`.
//! - `lead --data DIR`: the id of a lead that seeded runs are about.
//! - `plugins --server PROGRAM`: what plugins cost while they rest, and while 64 of them compute without an end.

#![allow(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod connectors;
mod plugins;

use anyhow::{Context as _, Result, bail};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, QueryBuilder, Row as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// Events one transaction takes at most, as in the product.
const BATCH: usize = 512;

type Waiting = (String, oneshot::Sender<()>);

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let listen = || flag("--listen").context("--listen ADDRESS is needed");
    let data = || flag("--data").map(PathBuf::from).context("--data DIR is needed");
    match words.first().map(String::as_str) {
        Some("baseline") => baseline(&listen()?, &data()?).await,
        Some("mock") => mock(&listen()?).await,
        Some("count") => count(&data()?).await,
        Some("completed") => completed(&data()?).await,
        Some("late") => late(&data()?).await,
        Some("connectors") => connectors::measure().await,
        Some("lead") => lead(&data()?).await,
        Some("plugins") => {
            plugins::measure(flag("--server").context("--server PROGRAM is needed")?.into()).await
        }
        Some("seed") => {
            let runs = flag("--runs").context("--runs N is needed")?.parse()?;
            seed(&data()?, runs).await
        }
        _ => bail!("say baseline, mock, connectors, count, completed, late, lead, plugins or seed"),
    }
}

async fn baseline(listen: &str, data: &Path) -> Result<()> {
    let options = SqliteConnectOptions::new()
        .filename(data.join("baseline.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
        .execute(&mut connection)
        .await?;
    let (queue, waiting) = mpsc::channel(4096);
    tokio::spawn(async move { commit_together(connection, waiting).await.expect("the disk takes the rows") });
    let app = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/hooks/baseline", post(accept))
        .with_state(queue);
    axum::serve(TcpListener::bind(listen).await?, app).await?;
    Ok(())
}

async fn accept(State(queue): State<mpsc::Sender<Waiting>>, Json(body): Json<Value>) -> StatusCode {
    let (done, committed) = oneshot::channel();
    let sent = queue.send((body.to_string(), done)).await;
    match (sent, committed.await) {
        (Ok(()), Ok(())) => StatusCode::ACCEPTED,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn commit_together(
    mut connection: SqliteConnection,
    mut waiting: mpsc::Receiver<Waiting>,
) -> Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let mut transaction = connection.begin().await?;
        let mut insert = QueryBuilder::new("INSERT INTO event (body) ");
        insert.push_values(&batch, |mut row, (body, _)| {
            row.push_bind(body);
        });
        insert.build().persistent(false).execute(&mut *transaction).await?;
        transaction.commit().await?;
        for (_, done) in batch.drain(..) {
            // A caller that hung up does not mind.
            let _ = done.send(());
        }
    }
    Ok(())
}

/// How long the mock takes over an answer.
const TAKES: Duration = Duration::from_millis(20);

/// The runtime's timer counts in whole milliseconds and would make about 21.4 ms of every 20. All wait equally long, so
/// one thread that sleeps until whoever came first is due wakes each at its moment.
async fn mock(listen: &str) -> Result<()> {
    let (queue, waiting) = std::sync::mpsc::sync_channel::<(Instant, oneshot::Sender<()>)>(BATCH);
    std::thread::spawn(move || {
        for (due, wake) in waiting {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            // A caller that hung up does not mind.
            let _ = wake.send(());
        }
    });
    let answer = async move || {
        let (wake, woken) = oneshot::channel();
        let asked = queue.try_send((Instant::now() + TAKES, wake));
        match (asked, woken.await) {
            (Ok(()), Ok(())) => Ok(Json(json!({ "score": 85 }))),
            _ => Err(StatusCode::SERVICE_UNAVAILABLE),
        }
    };
    axum::serve(TcpListener::bind(listen).await?, Router::new().route("/score", get(answer))).await?;
    Ok(())
}

async fn store(data: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(data.join("trunkline.db"));
    Ok(SqliteConnection::connect_with(&options).await?)
}

async fn count(data: &Path) -> Result<()> {
    let mut runs = serde_json::Map::new();
    let rows = sqlx::query("SELECT status, count(*) FROM run GROUP BY status")
        .fetch_all(&mut store(data).await?)
        .await?;
    for row in rows {
        runs.insert(row.try_get::<String, _>(0)?, row.try_get::<i64, _>(1)?.into());
    }
    println!("{}", Value::Object(runs));
    Ok(())
}

async fn completed(data: &Path) -> Result<()> {
    let ids = sqlx::query_scalar::<_, uuid::Uuid>("SELECT id FROM run WHERE status = 'completed'");
    for id in ids.fetch_all(&mut store(data).await?).await? {
        println!("{id}");
    }
    Ok(())
}

async fn late(data: &Path) -> Result<()> {
    let row = sqlx::query(
        "SELECT count(*), max(finished_at - CAST(event_key AS INTEGER)) FROM run \
         WHERE finished_at IS NOT NULL AND event_key IS NOT NULL",
    )
    .fetch_one(&mut store(data).await?)
    .await?;
    let (woken, latest): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    println!("{}", json!({ "woken": woken, "latest_ms": latest.unwrap_or(0) as f64 / 1_000.0 }));
    Ok(())
}

/// Seeded runs are about one of these many leads.
const LEADS: u64 = 100_000;
/// Seeded runs written with one statement.
const CHUNK: u64 = 20_000;
/// Seeded runs are spread over this time before now.
const SPAN_MS: u64 = 20 * 86_400_000;

async fn lead(_data: &Path) -> Result<()> {
    println!("{}", lead_id(7));
    Ok(())
}

fn lead_id(number: u64) -> uuid::Uuid {
    uuid::Uuid::from_u64_pair(0x0190_0000_0000_7000 + number, 0x8000_0000_0000_0000 + number)
}

/// Columns that a copy does not share with what it is copied from; all others are taken over, whatever the layout.
const OWN: [(&str, &str); 6] = [
    ("id", "unhex(j.value->>0)"),
    ("lead", "unhex(j.value->>1)"),
    ("started_at", "j.value->>2"),
    ("finished_at", "(j.value->>2) + 900"),
    ("event_key", "NULL"),
    ("parent", "NULL"),
];

async fn seed(data: &Path, runs: u64) -> Result<()> {
    let mut store = store(data).await?;
    sqlx::query("PRAGMA synchronous = OFF").execute(&mut store).await?;
    sqlx::query(
        "CREATE TEMP TABLE sample AS SELECT row_number() OVER () - 1 AS n, * FROM \
         (SELECT * FROM run WHERE status = 'completed' LIMIT 200)",
    )
    .execute(&mut store)
    .await?;
    let samples: i64 = sqlx::query_scalar("SELECT count(*) FROM sample").fetch_one(&mut store).await?;
    anyhow::ensure!(samples > 0, "there is no completed run to copy");
    let columns: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pragma_table_info('run')").fetch_all(&mut store).await?;
    let values = columns.iter().map(|column| {
        let own = OWN.iter().find(|(name, _)| name == column);
        own.map_or_else(|| format!("s.\"{column}\""), |(_, value)| (*value).to_owned())
    });
    let values: Vec<String> = values.collect();
    let names: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let sql = format!(
        "INSERT INTO run ({}) SELECT {} FROM json_each(?1) j JOIN sample s ON s.n = j.key % ?2",
        names.join(", "),
        values.join(", ")
    );
    let now = u64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis())?;
    let begin = now - SPAN_MS;
    let mut number = 0;
    while number < runs {
        let end = (number + CHUNK).min(runs);
        let rows: Vec<Value> = (number..end)
            .map(|number| {
                let millis = begin + SPAN_MS * number / runs;
                let id = uuid::Uuid::from_u64_pair(millis << 16 | 0x7000, 1 << 63 | number);
                json!([id.simple().to_string(), lead_id(number % LEADS).simple().to_string(), millis * 1_000])
            })
            .collect();
        sqlx::query(sqlx::AssertSqlSafe(sql.clone()))
            .bind(Value::from(rows).to_string())
            .bind(samples)
            .execute(&mut store)
            .await?;
        number = end;
    }
    Ok(())
}
