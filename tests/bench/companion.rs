//! What `cargo xtask bench` needs beside the product: the baseline, a mock of a slow API, and a look into the store.
//!
//! - `baseline --listen ADDRESS --data DIR`: the least a durable webhook can cost: parse the body, commit one row of the
//!   same size together with all that wait, answer. The ceiling the product is compared with.
//! - `mock --listen ADDRESS`: answers `{"score": 85}` after 20 ms.
//! - `count --data DIR`: how many runs stand in each status, from the store itself.
//! - `completed --data DIR`: the id of every completed run, a line each.

#![allow(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

use anyhow::{Context as _, Result, bail};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, QueryBuilder, Row as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
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
        _ => bail!("say baseline, mock, count or completed"),
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

async fn mock(listen: &str) -> Result<()> {
    let answer = || async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Json(json!({ "score": 85 }))
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
