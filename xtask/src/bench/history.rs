//! w9: the cost of a run, and of looking at runs, with millions of finished ones in the store.

use super::http::Connection;
use super::load::IN_TURN;
use super::process::Process;
use super::report::Figures;
use super::workload::Bench;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Times a page is asked for; the median counts.
const LOOKS: usize = 15;

impl Bench {
    pub(super) fn history(&self, process: Process, data: &Path) -> Result<Figures> {
        let empty = self.closed_loop("w9", &process, "/hooks/w2", IN_TURN, 32)?;
        process.stop()?;
        self.seed(data)?;
        let process = self.serve(data, "/readyz")?;
        let mut figures = self.closed_loop("w9", &process, "/hooks/w2", IN_TURN, 32)?;
        figures.ratio_to_empty =
            figures.throughput_per_s.zip(empty.throughput_per_s).map(|(full, empty)| full / empty);
        figures.p99_empty_ms = empty.p99_ms;
        let mut looks = Looks::open(&process, data)?;
        let newest = looks.ask("/api/v1/runs?limit=50")?;
        let run = newest["items"][0]["id"].as_str().context("a run is listed")?.to_owned();
        figures.list_ms = Some(looks.median("/api/v1/runs?limit=50")?);
        figures.search_ms =
            Some(looks.median(&format!("/api/v1/runs?limit=50&search={}", self.seeded_lead(data)?))?);
        figures.open_ms = Some(looks.median(&format!("/api/v1/runs/{run}"))?);
        process.stop()?;
        Ok(figures)
    }

    /// Copies runs that are there until the history is long.
    fn seed(&self, data: &Path) -> Result<()> {
        let seeded = Command::new(&self.companion)
            .args(["seed", "--runs", &self.history.to_string(), "--data"])
            .arg(data)
            .status()?;
        ensure!(seeded.success(), "the history could not be made");
        Ok(())
    }

    fn seeded_lead(&self, data: &Path) -> Result<String> {
        Ok(String::from_utf8(self.ask_store("lead", data)?)?.trim().to_owned())
    }
}

/// Questions to the API, as the studio asks them.
struct Looks {
    connection: Connection,
}

impl Looks {
    /// With the key that the server leaves for the command line.
    fn open(process: &Process, data: &Path) -> Result<Self> {
        let local: Value = serde_json::from_slice(&fs::read(data.join("cli.json"))?)?;
        let token = local["token"].as_str().context("the key of the command line")?;
        let mut connection = Connection::open(process.address)?;
        connection.head = format!("authorization: Bearer {token}\r\n");
        Ok(Self { connection })
    }

    fn ask(&mut self, path: &str) -> Result<Value> {
        let answer = self.connection.send("GET", path, b"")?;
        ensure!(answer.status == 200, "{path} answered {}", answer.status);
        Ok(serde_json::from_slice(&answer.body)?)
    }

    fn median(&mut self, path: &str) -> Result<f64> {
        let mut times = Vec::with_capacity(LOOKS);
        for _ in 0..LOOKS {
            let began = Instant::now();
            self.ask(path)?;
            times.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        Ok(times[LOOKS / 2])
    }
}
