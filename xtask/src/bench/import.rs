//! w10: a list of a million rows through the import: read, cleaned, recognised, given owners by a pool, stored.

use super::process::Process;
use super::report::Figures;
use super::workload::Bench;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Rows of the list.
const ROWS: u64 = 1_000_000;
/// One row in so many repeats the lead of the row before it.
const REPEATED: u64 = 20;

const FIRST: [&str; 8] = ["ADA", "grace", "Alan", "margaret", "DENNIS", "Barbara", "radia", "Frances"];
const LAST: [&str; 8] =
    ["lovelace", "HOPPER", "Turing", "o'brien", "mcdonald", "VAN DER BERG", "Perlman", "Allen"];
const COMPANIES: [&str; 6] =
    ["Acme, inc", "Globex gmbh", "Initech LLC", "Umbrella ltd", "Hooli", "Stark s.a."];
const COUNTRIES: [&str; 4] = ["United States", "USA", "Vereinigte Staaten", "n/a"];

impl Bench {
    pub(super) fn import(&self, process: Process, data: &Path) -> Result<Figures> {
        let list = self.scratch().join("list.csv");
        write(&list)?;
        let cpu_before = process.cpu_ms()?;
        let began = Instant::now();
        let done = Command::new(self.server())
            .args(["import", "leads", "--pool", "Account executives", "--json", "--data"])
            .arg(data)
            .arg(&list)
            .output()?;
        let seconds = began.elapsed().as_secs_f64();
        ensure!(done.status.success(), "the import failed: {}", String::from_utf8_lossy(&done.stderr));
        let said: Value = serde_json::from_slice(&done.stdout).context("the import said no JSON")?;
        let count = |fate: &str| said["counts"][fate].as_u64().unwrap_or(0);
        ensure!(count("duplicate") == ROWS / REPEATED, "the import counted {said}");
        let mut figures = Figures::new("w10");
        figures.throughput_per_s = Some(ROWS as f64 / seconds);
        figures.cpu_ms_per_run = Some((process.cpu_ms()? - cpu_before) / ROWS as f64);
        figures.peak_rss_mb = Some(process.peak_mb()?);
        figures.completed = Some(count("created") + count("duplicate"));
        figures.lost = Some(ROWS - figures.completed.unwrap_or(0));
        process.stop()?;
        Ok(figures)
    }
}

fn write(path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "E-mail;First name;Last name;Company;Phone;Country;Employees;Job title;Source")?;
    for row in 0..ROWS {
        let lead = if row % REPEATED == REPEATED - 1 { row - 1 } else { row };
        let pick = |from: &[&'static str]| from[usize::try_from(lead).unwrap_or(0) % from.len()];
        // Numbers of twenty area codes that exist.
        let (area, number) = (201 + lead / 50_000, 2_000_000 + lead % 50_000 * 37);
        writeln!(
            file,
            "Lead.{lead}@Company{}.example;{};{};{};({area}) {:03}-{:04};{};{};Head of {};Fair",
            lead % 50_000,
            pick(&FIRST),
            pick(&LAST),
            pick(&COMPANIES),
            number / 10_000,
            number % 10_000,
            pick(&COUNTRIES),
            lead % 2_000,
            lead % 17
        )?;
    }
    file.flush()?;
    Ok(())
}
