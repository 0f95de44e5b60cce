//! A program under measurement: started on a free port, watched through /proc, stopped when dropped.

use super::http;
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Clock ticks of /proc/PID/stat per second; fixed by the kernel's interface.
const TICKS_PER_SECOND: f64 = 100.0;

pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
    pub(super) started_in: Duration,
}

/// An address nobody listens on.
pub(super) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Process {
    /// Starts `program` and waits until `path` answers.
    pub(super) fn start(program: &Path, words: &[String], address: SocketAddr, path: &str) -> Result<Self> {
        let began = Instant::now();
        let child = Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let mut process = Self { child, address, started_in: Duration::ZERO };
        while http::get(address, path).is_err() {
            if let Some(status) = process.child.try_wait()? {
                bail!("{} ended at start: {status}", program.display());
            }
            if began.elapsed() > Duration::from_secs(30) {
                bail!("{} did not answer within 30 s", program.display());
            }
            thread::sleep(Duration::from_millis(2));
        }
        process.started_in = began.elapsed();
        Ok(process)
    }

    /// Processor time used so far, in milliseconds.
    pub(super) fn cpu_ms(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit_once(')').context("stat names the program")?.1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks =
            |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).context("stat has times");
        Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND * 1000.0)
    }

    /// Largest resident memory so far, in megabytes.
    pub(super) fn peak_mb(&self) -> Result<f64> {
        self.status_mb("VmHWM:")
    }

    /// Resident memory now, in megabytes.
    pub(super) fn rest_mb(&self) -> Result<f64> {
        self.status_mb("VmRSS:")
    }

    fn status_mb(&self, field: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line =
            status.lines().find_map(|line| line.strip_prefix(field)).context("status has the field")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Ends it without warning, as a power cut would.
    pub(super) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end and waits.
    pub(super) fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        if asked.success() {
            self.child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already in the usual case; then both say so and there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
