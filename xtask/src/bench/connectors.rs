//! What calls to apps cost: interpreting a manifest beyond HTTP, a call from a workflow beyond a bare client, connections
//! that are used again, limits that are kept.

use crate::project;
use anyhow::{Context as _, Result, ensure};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

/// What it is called on the command line.
pub(super) const NAME: &str = "connectors";

/// Prints one line per measure; with `json` as JSON.
pub(super) fn measure(json: bool) -> Result<()> {
    super::build()?;
    let mut interpreting = project::cargo();
    interpreting.args(["test", "--release", "-p", "trunkline-connectors", "--test", "cost"]).args([
        "--",
        "--ignored",
        "--nocapture",
    ]);
    tell(interpreting, json).context("interpreting a manifest costs more than it may")?;
    let built = project::target().join("release");
    let mut calling = Command::new(built.join("trunkline-bench"));
    calling.arg(NAME).env("TRUNKLINE_BIN", built.join("trunkline"));
    tell(calling, json).context("calls from a workflow could not be measured")
}

fn tell(mut command: Command, json: bool) -> Result<()> {
    let mut running = command.stdout(Stdio::piped()).spawn().context("it could not be started")?;
    let output = running.stdout.take().context("the measure's output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        // A test's own words stand around the measures.
        let Some(at) = line.find("{\"measure\"") else { continue };
        let measure: serde_json::Value = serde_json::from_str(&line[at..])?;
        if json {
            println!("{measure}");
        } else {
            println!("{:<72} {}", measure["measure"].as_str().unwrap_or_default(), measure["value"]);
        }
    }
    ensure!(running.wait()?.success(), "it failed");
    Ok(())
}
