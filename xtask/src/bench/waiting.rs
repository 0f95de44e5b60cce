//! w8: many runs asleep. What a sleeping run costs, how fast they are accepted, and how late they wake after a restart.

use super::http::Connection;
use super::process::Process;
use super::report::Figures;
use super::workload::Bench;
use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Runs asleep.
const ASLEEP: usize = 100_000;
/// Of these, how many wake while the workload watches.
const WAKING: usize = 1_000;
const CONNECTIONS: usize = 32;
/// Between the last event and the first wake-up: time to be killed and started again.
const LEAD_TIME: Duration = Duration::from_secs(15);
/// Wake-ups are spread over this time.
const SPREAD: Duration = Duration::from_secs(10);
/// How long the others sleep.
const DAY: Duration = Duration::from_secs(86_400);

impl Bench {
    pub(super) fn waiting(&self, process: Process, data: &Path) -> Result<Figures> {
        let hook = "/hooks/w8";
        send(process.address, hook, 32, |_| DAY)?;
        thread::sleep(Duration::from_secs(2));
        let idle = process.rest_mb()?;
        let began = Instant::now();
        send(process.address, hook, ASLEEP - WAKING, |_| DAY)?;
        let accepted_in = began.elapsed();
        let gap = SPREAD / WAKING as u32;
        send(process.address, hook, WAKING, move |number| LEAD_TIME + gap * number as u32)?;
        thread::sleep(Duration::from_secs(2));
        let asleep = process.rest_mb()?;
        process.kill()?;
        let process = self.serve(data, "/readyz")?;
        thread::sleep(LEAD_TIME + SPREAD);
        let woken = loop {
            let woken: Value = serde_json::from_slice(&self.ask_store("late", data)?)?;
            if woken["woken"].as_u64() == Some(WAKING as u64) {
                break woken;
            }
            ensure!(began.elapsed() < Duration::from_secs(600), "only {woken} of {WAKING} woke");
            thread::sleep(Duration::from_millis(200));
        };
        let mut figures = Figures::new("w8");
        figures.throughput_per_s = Some((ASLEEP - WAKING) as f64 / accepted_in.as_secs_f64());
        figures.completed = Some(WAKING as u64);
        figures.grown_mb = Some((asleep - idle).max(process.rest_mb()? - idle));
        figures.late_ms = woken["latest_ms"].as_f64();
        process.stop()?;
        Ok(figures)
    }
}

/// Sends `count` events, each with the moment until which its run sleeps as its key.
fn send(
    address: SocketAddr,
    path: &'static str,
    count: usize,
    sleep: impl Fn(usize) -> Duration + Copy + Send + 'static,
) -> Result<()> {
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|worker| {
            thread::spawn(move || -> Result<()> {
                let mut connection = Connection::open(address)?;
                for number in (worker..count).step_by(CONNECTIONS) {
                    let until = SystemTime::now().duration_since(UNIX_EPOCH)? + sleep(number);
                    let micros = until.as_micros();
                    // Keys are the sender's own and must differ; the moment is what comes before the dot.
                    connection.head = format!("idempotency-key: {micros}.{number}\r\n");
                    let millis =
                        u64::try_from(micros / 1_000).context("a moment this side of the year 10000")?;
                    let body = json!({ "email": format!("lead{number}@sleepers.example"), "until": millis });
                    let answer = connection.send("POST", path, body.to_string().as_bytes())?;
                    ensure!((200..300).contains(&answer.status), "{path} answered {}", answer.status);
                }
                Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.join().map_err(|_| anyhow!("a load thread panicked"))??;
    }
    Ok(())
}
