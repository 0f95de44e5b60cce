//! How quickly the leads page answers on a million leads: searching, filtering by a rule, sorting, opening one.
//!
//! The store's own contract test fills a store and measures; it fails when a search takes longer than it may.

use crate::project;
use anyhow::{Context as _, Result, ensure};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

/// What it is called on the command line.
pub(super) const NAME: &str = "leads";

/// Prints one line per measure; with `json` as JSON.
pub(super) fn measure(json: bool) -> Result<()> {
    let test = ["test", "--release", "-p", "trunkline-store", "--test", "contract", "a_million_leads"];
    let mut running = project::cargo()
        .args(test)
        .args(["--", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo could not be started")?;
    let output = running.stdout.take().context("the measure's output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        // The test's own words stand around the measures.
        let Some(at) = line.find("{\"measure\"") else { continue };
        let measure: serde_json::Value = serde_json::from_str(&line[at..])?;
        if json {
            println!("{measure}");
        } else {
            println!("{:<24} {}", measure["measure"].as_str().unwrap_or_default(), measure["value"]);
        }
    }
    ensure!(running.wait()?.success(), "the leads page is slower than it may be");
    Ok(())
}
