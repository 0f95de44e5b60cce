//! How many turns a second become durable, for profiling: `cargo test -p trunkline-store throughput -- --ignored
//! --nocapture`. It asserts nothing about speed; `cargo xtask bench` does the measuring that claims are made from.

use crate::world::{Backend, Flow, Postgres, Sqlite, chain, demo, person, pool};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const RUNS: usize = 20_000;

/// A lead of about 1 KB, as the workloads of the bench send it.
fn large(n: usize) -> Value {
    let mut body = person(n);
    body["phone"] = json!(format!("+4420{:08}", n));
    body["job_title"] = json!("Head of Marketing Operations");
    body["message"] = json!("We would like to see a demonstration for our team. ".repeat(14));
    body
}

async fn measure(name: &str, callers: usize, flow: &Flow) {
    let next = Arc::new(AtomicUsize::new(0));
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let callers_all = (0..callers).map(|_| {
        let (flow, next) = (flow.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            let mut worst = 0;
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= RUNS {
                    return worst;
                }
                let sent = Instant::now();
                flow.send(large(n)).await;
                worst = worst.max(sent.elapsed().as_micros());
            }
        })
    });
    let worst = join_all(callers_all).await.into_iter().map(Result::unwrap).max().unwrap();
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let load = flow.store.upkeep.load();
    let checkup = flow.store.upkeep.check().await.unwrap();
    println!(
        "{name}, {callers} callers: {:.0} turns/s, {:.0} us of CPU each, slowest {:.1} ms, {:.1} turns a batch, {} bytes a run",
        RUNS as f64 / seconds,
        cpu * 1e6 / RUNS as f64,
        worst as f64 / 1000.0,
        load.turns as f64 / load.batches as f64,
        checkup.file_bytes / RUNS as u64,
    );
}

/// CPU time of this process so far, all threads; steadier than the clock on a shared machine.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ticks: f64 =
        stat.rsplit(')').next().unwrap().split(' ').skip(12).take(2).map(|n| n.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}

async fn measure_all<B: Backend>(database: &str, new: impl Fn() -> B) {
    println!("{database}:");
    for callers in [32, 256] {
        let backend = new();
        let store = backend.open().await;
        pool(&store).await;
        let flow = Flow::publish(&store, demo("Demo")).await;
        measure("demo: find, score, route, stage", callers, &flow).await;
        store.close().await.unwrap();
        let backend = new();
        let store = backend.open().await;
        let flow = Flow::publish(&store, chain("Accept", &[])).await;
        measure("accept: one row", callers, &flow).await;
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints numbers for profiling"]
async fn throughput() {
    measure_all("SQLite", Sqlite::new).await;
}

/// The server flushes to disk here, as it does in production; its own CPU time is not counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints numbers for profiling"]
async fn throughput_of_postgres() {
    let server = trunkline_tests::postgres::Postgres::durable().unwrap();
    let next = AtomicUsize::new(0);
    let new = || Postgres::on(&server, &format!("throughput_{}", next.fetch_add(1, Ordering::Relaxed)));
    measure_all("PostgreSQL", new).await;
}
