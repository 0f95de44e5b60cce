//! Closed-loop load by wrk.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// What wrk saw.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    pub(super) requests: u64,
    pub(super) duration_us: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    /// Answers that were not 2xx, and requests without an answer.
    pub(super) errors: u64,
}

/// Sends the lines of a file in turn.
pub(super) const IN_TURN: &str = r#"
local bodies = {}
for line in io.lines(BODIES) do bodies[#bodies + 1] = wrk.format("POST", PATH, {["content-type"] = "application/json"}, line) end
local at = 0
request = function()
  at = at % #bodies + 1
  return bodies[at]
end
"#;

/// Sends the first line of a file with `MARK` replaced by a number no other request has.
pub(super) const MARKED: &str = r#"
local threads = 0
setup = function(thread) thread:set("number", threads); threads = threads + 1 end
local file = io.open(BODIES); local template = file:read("*l"); file:close()
local before, between, after = template:match("^(.-)MARK(.-)MARK(.*)$")
local headers = {["content-type"] = "application/json"}
local at = 0
request = function()
  at = at + 1
  local mark = RUN .. "x" .. number .. "x" .. at
  return wrk.format("POST", PATH, headers, before .. mark .. between .. mark .. after)
end
"#;

const DONE: &str = r#"
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\nSEEN {"requests":%d,"duration_us":%d,"p50_us":%.1f,"p99_us":%.1f,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), e.status + e.connect + e.read + e.write + e.timeout))
end
"#;

/// What to send where.
pub(super) struct Load<'a> {
    pub(super) address: SocketAddr,
    pub(super) path: &'a str,
    pub(super) script: &'a str,
    pub(super) bodies: &'a Path,
    pub(super) connections: u32,
    pub(super) seconds: u32,
}

impl Load<'_> {
    /// Runs wrk with two threads.
    pub(super) fn run(&self) -> Result<Seen> {
        let script = self.bodies.with_extension("lua");
        let head = format!(
            "BODIES = \"{}\"\nPATH = \"{}\"\nRUN = \"{}\"\n",
            self.bodies.display(),
            self.path,
            std::process::id()
        );
        fs::write(&script, format!("{head}{}{DONE}", self.script))?;
        let output = Command::new("wrk")
            .args([
                "-t2",
                "--timeout",
                "60s",
                &format!("-c{}", self.connections),
                &format!("-d{}s", self.seconds),
            ])
            .arg("-s")
            .arg(&script)
            .arg(format!("http://{}{}", self.address, self.path))
            .output()
            .context("wrk could not be started")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("SEEN "));
        let line = line.with_context(|| {
            format!("wrk gave no summary: {text}{}", String::from_utf8_lossy(&output.stderr))
        })?;
        let seen: Seen = serde_json::from_str(line)?;
        ensure!(seen.errors == 0, "{} requests were refused or got no answer", seen.errors);
        Ok(seen)
    }
}
