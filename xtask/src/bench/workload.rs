//! The workloads: what is published, what is sent, what is read afterwards.

use super::load::{IN_TURN, Load, MARKED};
use super::process::{Process, free_address};
use super::report::Figures;
use super::{bodies, crash, http, paced};
use crate::project;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Requests per second of the paced workload.
const PACE: u32 = 1_000;
/// Runs that compute without an end beside a measurement.
const LOOPS: usize = 64;
/// How long finished work may take to reach the store after the load ends.
const SETTLE: Duration = Duration::from_secs(60);

/// Something to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Workload {
    /// Webhook answered by a respond step.
    W1,
    /// Webhook answered at once, five pure steps.
    W2,
    /// One event with 1,000 leads in a loop.
    W3,
    /// A call to an API that takes 20 ms.
    W4,
    /// Start and rest.
    W5,
    /// `kill -9` under load.
    W6,
    /// The demo workflow: every lead new, scored, routed, staged.
    W7,
    /// 100,000 runs asleep.
    W8,
    /// Millions of finished runs in the store.
    W9,
    /// A list of a million rows, imported.
    W10,
    /// The demo workflow at a steady 1,000 a second.
    Paced,
}

impl Workload {
    pub(super) const ALL: [Self; 11] = [
        Self::W1,
        Self::W2,
        Self::W3,
        Self::W4,
        Self::W5,
        Self::W6,
        Self::W7,
        Self::W8,
        Self::W9,
        Self::W10,
        Self::Paced,
    ];

    /// Whether one measurement is enough: it takes minutes, and its figures are differences within itself.
    pub(super) fn once(self) -> bool {
        matches!(self, Self::W8 | Self::W9 | Self::W10)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::W1 => "w1",
            Self::W2 => "w2",
            Self::W3 => "w3",
            Self::W4 => "w4",
            Self::W5 => "w5",
            Self::W6 => "w6",
            Self::W7 => "w7",
            Self::W8 => "w8",
            Self::W9 => "w9",
            Self::W10 => "w10",
            Self::Paced => "paced",
        }
    }

    fn hook(self) -> &'static str {
        match self {
            Self::W1 => "/hooks/w1",
            Self::W2 | Self::W5 | Self::W6 | Self::W9 => "/hooks/w2",
            Self::W8 => "/hooks/w8",
            Self::W3 => "/hooks/w3",
            Self::W4 => "/hooks/w4",
            Self::W7 | Self::W10 | Self::Paced => "/hooks/demo-request",
        }
    }

    fn document(self) -> Option<&'static str> {
        match self {
            Self::W1 => Some("w1"),
            Self::W2 | Self::W5 | Self::W6 | Self::W9 => Some("w2"),
            Self::W8 => Some("w8"),
            Self::W3 => Some("w3"),
            Self::W4 => Some("w4"),
            Self::W7 | Self::W10 | Self::Paced => None,
        }
    }
}

/// Programs and files that all workloads use.
pub(super) struct Bench {
    server: PathBuf,
    pub(super) companion: PathBuf,
    /// Removed at the end.
    scratch: PathBuf,
    seconds: u32,
    /// Finished runs in the store of w9.
    pub(super) history: u64,
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Left-overs in the build folder do no harm.
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

impl Bench {
    pub(super) fn new(seconds: u32, history: u64) -> Result<Self> {
        let built = project::target().join("release");
        let scratch = project::target().join("bench").join(std::process::id().to_string());
        fs::create_dir_all(&scratch)?;
        let mix: Vec<String> = (0..64).map(|number| bodies::lead(number).to_string()).collect();
        fs::write(scratch.join("mix.txt"), mix.join("\n"))?;
        fs::write(scratch.join("form.txt"), bodies::form_template())?;
        Ok(Self {
            server: built.join("trunkline"),
            companion: built.join("trunkline-bench"),
            scratch,
            seconds,
            history,
        })
    }

    /// The program that is measured, which is its own client as well.
    pub(super) fn server(&self) -> &Path {
        &self.server
    }

    /// Where files of a measurement may lie.
    pub(super) fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// The least a durable webhook can cost.
    pub(super) fn baseline(&self) -> Result<Figures> {
        let data = self.fresh_data()?;
        let address = free_address()?;
        let words =
            ["baseline", "--listen", &address.to_string(), "--data", &shown(&data)].map(str::to_owned);
        let process = Process::start(&self.companion, &words, address, "/healthz")?;
        let figures = self.closed_loop("baseline", &process, "/hooks/baseline", IN_TURN, 32)?;
        process.stop()?;
        fs::remove_dir_all(data)?;
        Ok(figures)
    }

    pub(super) fn run(&self, workload: Workload) -> Result<Figures> {
        let data = self.fresh_data()?;
        let mock = (workload == Workload::W4).then(|| self.mock()).transpose()?;
        let process = self.serve(&data, "/readyz")?;
        self.publish(workload, &data, mock.as_ref())?;
        let figures = match workload {
            Workload::W1 | Workload::W2 | Workload::W4 | Workload::W7 => {
                let script = if workload == Workload::W7 { MARKED } else { IN_TURN };
                let connections = if workload == Workload::W4 { 64 } else { 32 };
                let figures =
                    self.closed_loop(workload.name(), &process, workload.hook(), script, connections)?;
                self.settled(process, &data, figures)?
            }
            Workload::W3 => self.big_loop(process)?,
            Workload::W5 => self.start_and_rest(process, &data)?,
            Workload::W6 => self.crash(process, &data)?,
            Workload::W8 => self.waiting(process, &data)?,
            Workload::W9 => self.history(process, &data)?,
            Workload::W10 => self.import(process, &data)?,
            Workload::Paced => {
                let figures = self.paced(&process)?;
                self.settled(process, &data, figures)?
            }
        };
        fs::remove_dir_all(data)?;
        Ok(figures)
    }

    /// Throughput of w1 while runs that never end keep all places of the step Code busy.
    pub(super) fn beside_loops(&self) -> Result<f64> {
        let data = self.fresh_data()?;
        let process = self.serve(&data, "/readyz")?;
        self.publish(Workload::W1, &data, None)?;
        self.apply("spin", &data, None)?;
        // They are accepted at once and compute until their limit; more of them wait than the measurement takes.
        for _ in 0..LOOPS {
            let answer = http::Connection::open(process.address)?.send("POST", "/hooks/spin", b"{}")?;
            ensure!((200..300).contains(&answer.status), "a loop was refused: {}", answer.status);
        }
        let figures = self.closed_loop("w1", &process, Workload::W1.hook(), IN_TURN, 32)?;
        process.kill()?;
        fs::remove_dir_all(data)?;
        figures.throughput_per_s.context("w1 has a throughput")
    }

    pub(super) fn closed_loop(
        &self,
        name: &'static str,
        process: &Process,
        path: &str,
        script: &str,
        connections: u32,
    ) -> Result<Figures> {
        let bodies = self.scratch.join(if script == MARKED { "form.txt" } else { "mix.txt" });
        let cpu_before = process.cpu_ms()?;
        let load = Load {
            address: process.address,
            path,
            script,
            bodies: &bodies,
            connections,
            seconds: self.seconds,
        };
        let seen = load.run()?;
        let mut figures = Figures::new(name);
        figures.throughput_per_s = Some(seen.requests as f64 / seen.duration_us * 1e6);
        figures.p50_ms = Some(seen.p50_us / 1000.0);
        figures.p99_ms = Some(seen.p99_us / 1000.0);
        figures.cpu_ms_per_run = Some((process.cpu_ms()? - cpu_before) / seen.requests as f64);
        figures.peak_rss_mb = Some(process.peak_mb()?);
        figures.completed = Some(seen.requests);
        Ok(figures)
    }

    /// Replaces the count of answers by the count of runs in the store. wrk hangs up with requests under way, so the
    /// store may hold a few more than were answered, and never fewer.
    fn settled(&self, process: Process, data: &Path, mut figures: Figures) -> Result<Figures> {
        let answered = figures.completed.unwrap_or(0);
        let began = Instant::now();
        let completed = loop {
            let (completed, unfinished) = self.count(data)?;
            if unfinished == 0 && completed >= answered {
                break completed;
            }
            ensure!(
                began.elapsed() < SETTLE,
                "{completed} of {answered} runs completed, {unfinished} unfinished"
            );
            thread::sleep(Duration::from_millis(100));
        };
        figures.completed = Some(completed);
        figures.lost = Some(answered.saturating_sub(completed));
        figures.peak_rss_mb = Some(process.peak_mb()?);
        process.stop()?;
        Ok(figures)
    }

    fn big_loop(&self, process: Process) -> Result<Figures> {
        let body = bodies::list(1_000).to_string();
        let mut connection = http::Connection::open(process.address)?;
        let mut times = Vec::new();
        for _ in 0..15 {
            let began = Instant::now();
            let answer = connection.send("POST", Workload::W3.hook(), body.as_bytes())?;
            ensure!(answer.status == 200, "the loop answered {}", answer.status);
            let counted: Value = serde_json::from_slice(&answer.body)?;
            ensure!(counted["leads"] == 1_000, "the loop counted {counted}");
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        let mut figures = Figures::new("w3");
        figures.p50_ms = Some(times[times.len() / 2]);
        figures.p99_ms = times.last().copied();
        figures.peak_rss_mb = Some(process.peak_mb()?);
        process.stop()?;
        Ok(figures)
    }

    fn start_and_rest(&self, process: Process, data: &Path) -> Result<Figures> {
        process.stop()?;
        let began = Instant::now();
        let process = self.serve(data, "/healthz")?;
        first_event(&process)?;
        let mut figures = Figures::new("w5");
        figures.start_ms = Some(began.elapsed().as_secs_f64() * 1000.0);
        thread::sleep(Duration::from_secs(2));
        figures.rest_rss_mb = Some(process.rest_mb()?);
        process.stop()?;
        Ok(figures)
    }

    /// Starts the server by another program on data with one published workflow, and ends it once it has accepted an
    /// event.
    pub(super) fn start_by(&self, by: &[String]) -> Result<()> {
        let data = self.fresh_data()?;
        let process = self.serve(&data, "/readyz")?;
        self.publish(Workload::W5, &data, None)?;
        process.stop()?;
        let process = self.serve_by(by, &data, "/healthz")?;
        first_event(&process)?;
        process.stop()?;
        fs::remove_dir_all(data)?;
        Ok(())
    }

    fn crash(&self, process: Process, data: &Path) -> Result<Figures> {
        let sender = crash::Sender::start(process.address, Workload::W6.hook());
        thread::sleep(Duration::from_secs(u64::from(self.seconds)) / 3);
        process.kill()?;
        let acknowledged = sender.finish()?;
        let process = self.serve(data, "/readyz")?;
        let began = Instant::now();
        while self.count(data)?.1 > 0 {
            ensure!(began.elapsed() < SETTLE, "runs stayed unfinished after the restart");
            thread::sleep(Duration::from_millis(100));
        }
        process.stop()?;
        let completed = self.completed_ids(data)?;
        let once: HashSet<&String> = acknowledged.iter().collect();
        let mut figures = Figures::new("w6");
        figures.completed = Some(completed.len() as u64);
        figures.lost = Some(once.iter().filter(|id| !completed.contains(**id)).count() as u64);
        figures.doubled = Some((acknowledged.len() - once.len()) as u64);
        Ok(figures)
    }

    fn paced(&self, process: &Process) -> Result<Figures> {
        let template = bodies::form_template();
        let cpu_before = process.cpu_ms()?;
        let duration = Duration::from_secs(self.seconds.into());
        let latencies = paced::send(process.address, Workload::Paced.hook(), &template, PACE, duration)?;
        let mut figures = Figures::new("paced");
        figures.throughput_per_s = Some(latencies.count() as f64 / duration.as_secs_f64());
        figures.p50_ms = Some(latencies.percentile(50.0));
        figures.p99_ms = Some(latencies.percentile(99.0));
        figures.cpu_ms_per_run = Some((process.cpu_ms()? - cpu_before) / latencies.count() as f64);
        figures.completed = Some(latencies.count() as u64);
        Ok(figures)
    }

    fn fresh_data(&self) -> Result<PathBuf> {
        let data = self.scratch.join("data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(&data)?;
        Ok(data)
    }

    fn mock(&self) -> Result<Process> {
        let address = free_address()?;
        let words = ["mock", "--listen", &address.to_string()].map(str::to_owned);
        Process::start(&self.companion, &words, address, "/score")
    }

    pub(super) fn serve(&self, data: &Path, ready: &str) -> Result<Process> {
        self.serve_by(&[], data, ready)
    }

    /// Starts the server by another program: `by` is that and its words.
    fn serve_by(&self, by: &[String], data: &Path, ready: &str) -> Result<Process> {
        let address = free_address()?;
        let words = [
            "serve",
            "--data",
            &shown(data),
            "--listen",
            &address.to_string(),
            "--log",
            "warn",
            "--allow-hosts",
            "127.0.0.1",
        ];
        let words = words.map(str::to_owned);
        match by.split_first() {
            None => Process::start(&self.server, &words, address, ready),
            Some((program, first)) => {
                let all = [first, &[shown(&self.server)], &words].concat();
                Process::start(Path::new(program), &all, address, ready)
            }
        }
    }

    /// Publishes the workload's document. The demo needs none: it comes with a fresh workspace.
    fn publish(&self, workload: Workload, data: &Path, mock: Option<&Process>) -> Result<()> {
        workload.document().map_or(Ok(()), |name| self.apply(name, data, mock))
    }

    /// Publishes a document of the workloads.
    fn apply(&self, name: &str, data: &Path, mock: Option<&Process>) -> Result<()> {
        let source = project::root().join("tests/bench/workflows").join(name).with_extension("json");
        let mut text = fs::read_to_string(&source)?;
        if let Some(mock) = mock {
            text = text.replace("MOCK_PORT", &mock.address.port().to_string());
        }
        let folder = self.scratch.join("workflows");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("workflow.json"), text)?;
        let applied = Command::new(&self.server)
            .args(["apply", &shown(&folder), "--data", &shown(data)])
            .output()
            .context("the server binary could not be started")?;
        ensure!(applied.status.success(), "apply: {}", String::from_utf8_lossy(&applied.stderr));
        Ok(())
    }

    /// Completed and unfinished runs in the store.
    fn count(&self, data: &Path) -> Result<(u64, u64)> {
        let counted: Value = serde_json::from_slice(&self.ask_store("count", data)?)?;
        let of = |status: &str| counted[status].as_u64().unwrap_or(0);
        ensure!(of("failed") == 0, "runs failed: {counted}");
        Ok((of("completed"), of("running") + of("waiting")))
    }

    fn completed_ids(&self, data: &Path) -> Result<HashSet<String>> {
        let listed = self.ask_store("completed", data)?;
        Ok(String::from_utf8(listed)?.lines().map(str::to_owned).collect())
    }

    pub(super) fn ask_store(&self, question: &str, data: &Path) -> Result<Vec<u8>> {
        let answer = Command::new(&self.companion).args([question, "--data", &shown(data)]).output()?;
        ensure!(answer.status.success(), "{question}: {}", String::from_utf8_lossy(&answer.stderr));
        Ok(answer.stdout)
    }
}

/// Sends the event of w5 until it is accepted.
fn first_event(process: &Process) -> Result<()> {
    let began = Instant::now();
    let body = bodies::lead(0).to_string();
    let hook = || http::Connection::open(process.address)?.send("POST", Workload::W5.hook(), body.as_bytes());
    while !hook().is_ok_and(|answer| (200..300).contains(&answer.status)) {
        ensure!(began.elapsed() < SETTLE, "the webhook never answered");
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
