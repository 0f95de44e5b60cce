//! Open-loop load: requests leave on a timetable, whether or not earlier ones were answered in time.
//!
//! Latency is counted from the moment a request was due, so a stalled server cannot hide behind a waiting client.

use super::http::Connection;
use anyhow::{Result, anyhow, ensure};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 32;

/// Latencies in milliseconds, sorted.
pub(super) struct Latencies(Vec<f64>);

impl Latencies {
    pub(super) fn percentile(&self, percent: f64) -> f64 {
        let at = (self.0.len() as f64 * percent / 100.0) as usize;
        self.0[at.min(self.0.len() - 1)]
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Sends `template` with fresh marks to `path`, `per_second` times a second.
pub(super) fn send(
    address: SocketAddr,
    path: &str,
    template: &str,
    per_second: u32,
    duration: Duration,
) -> Result<Latencies> {
    let begin = Instant::now() + Duration::from_millis(100);
    let gap = Duration::from_secs(1) * CONNECTIONS / per_second;
    let workers = (0..CONNECTIONS).map(|worker| {
        let (path, template) = (path.to_owned(), template.to_owned());
        thread::spawn(move || -> Result<Vec<f64>> {
            let mut connection = Connection::open(address)?;
            let mut latencies = Vec::new();
            let mut due = begin + gap * worker / CONNECTIONS;
            while due < begin + duration {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                let body = template.replace("MARK", &format!("p{worker}x{}", latencies.len()));
                let answer = connection.send("POST", &path, body.as_bytes())?;
                ensure!((200..300).contains(&answer.status), "{path} answered {}", answer.status);
                latencies.push(due.elapsed().as_secs_f64() * 1000.0);
                due += gap;
            }
            Ok(latencies)
        })
    });
    let workers: Vec<_> = workers.collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.join().map_err(|_| anyhow!("a load thread panicked"))??);
    }
    ensure!(!all.is_empty(), "nothing was sent");
    all.sort_by(f64::total_cmp);
    Ok(Latencies(all))
}
