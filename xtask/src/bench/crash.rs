//! `kill -9` under load, then a count: every acknowledged event must have completed once.

use super::bodies;
use super::http::Connection;
use anyhow::{Result, anyhow};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

const CONNECTIONS: usize = 32;

/// Keeps sending until told to stop or the server is gone; remembers the run of every acknowledged event.
pub(super) struct Sender {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<String>>>,
    workers: Vec<JoinHandle<()>>,
}

impl Sender {
    pub(super) fn start(address: SocketAddr, path: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let workers = (0..CONNECTIONS).map(|worker| {
            let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(&acknowledged));
            thread::spawn(move || {
                // The server dies under these requests; what is not acknowledged does not count.
                let _ = send_until(address, path, worker, &stop, &acknowledged);
            })
        });
        let workers = workers.collect();
        Self { stop, acknowledged, workers }
    }

    /// Ids of the runs of every acknowledged event.
    pub(super) fn finish(self) -> Result<Vec<String>> {
        self.stop.store(true, Ordering::Relaxed);
        for worker in self.workers {
            worker.join().map_err(|_| anyhow!("a load thread panicked"))?;
        }
        let mut acknowledged = self.acknowledged.lock().map_err(|_| anyhow!("a load thread panicked"))?;
        Ok(std::mem::take(&mut *acknowledged))
    }
}

fn send_until(
    address: SocketAddr,
    path: &str,
    worker: usize,
    stop: &AtomicBool,
    acknowledged: &Mutex<Vec<String>>,
) -> Result<()> {
    let mut connection = Connection::open(address)?;
    let mut number = worker;
    while !stop.load(Ordering::Relaxed) {
        let answer = connection.send("POST", path, bodies::lead(number).to_string().as_bytes())?;
        if (200..300).contains(&answer.status) {
            let body: Value = serde_json::from_slice(&answer.body)?;
            let run = body["run_id"].as_str().ok_or_else(|| anyhow!("the answer names no run"))?;
            acknowledged.lock().map_err(|_| anyhow!("a load thread panicked"))?.push(run.to_owned());
        }
        number += CONNECTIONS;
    }
    Ok(())
}
