//! `cargo xtask bench`: the workloads that performance claims are made from, always with the baseline in the same run.
//!
//! A release build, the load generator beside the server, a fresh data folder per repeat. What counts as completed is
//! read from the store, never from HTTP answers.

mod bodies;
mod chart;
mod connectors;
mod crash;
mod history;
mod http;
mod import;
mod leads;
mod load;
mod paced;
mod plugins;
mod process;
mod quality;
mod report;
mod startup;
mod waiting;
mod workload;

use crate::{machine, project, studio};
use anyhow::{Context as _, Result, bail, ensure};
pub(crate) use startup::write as write_startup_order;
use std::process::ExitCode;
use workload::Workload;

/// What to measure and how.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which workloads, such as `w1 w4`, `quality`, `leads`, `connectors` or `plugins`; all workloads without
    workloads: Vec<String>,
    /// Print one JSON line per workload instead of a table
    #[arg(long)]
    json: bool,
    /// Seconds of load per repeat
    #[arg(long, default_value_t = 15)]
    seconds: u32,
    /// Repeats; the median is reported
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    /// Finished runs in the store of w9
    #[arg(long, default_value_t = 5_000_000)]
    history: u64,
    /// Draw the throughput beside the peers' into this SVG file
    #[arg(long)]
    chart: Option<std::path::PathBuf>,
}

/// Measures and reports.
pub(crate) fn measure(options: &Options) -> Result<ExitCode> {
    let apart = [quality::NAME, leads::NAME, connectors::NAME, plugins::NAME];
    let is_apart = |name: &String| apart.contains(&name.as_str());
    let (apart, workloads): (Vec<String>, Vec<String>) =
        options.workloads.iter().cloned().partition(is_apart);
    let chosen = choose(&workloads)?;
    for name in &apart {
        match name.as_str() {
            leads::NAME => leads::measure(options.json)?,
            connectors::NAME => connectors::measure(options.json)?,
            plugins::NAME => plugins::measure(options.json, options.seconds)?,
            _ => quality::measure()?,
        }
    }
    if !apart.is_empty() && workloads.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    machine::install_missing(&[&machine::LOAD])?;
    build()?;
    let bench = workload::Bench::new(options.seconds, options.history)?;
    let mut report = report::Report::new(options.json);
    let baseline = repeat(options.repeats, || bench.baseline())?;
    report.add(baseline.clone(), None);
    for workload in chosen {
        let repeats = if workload.once() { 1 } else { options.repeats };
        let figures = repeat(repeats, || bench.run(workload))?;
        report.add(figures, baseline.throughput_per_s);
    }
    report.finish();
    if let Some(file) = &options.chart {
        std::fs::write(file, chart::throughput(report.rows()))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn choose(names: &[String]) -> Result<Vec<Workload>> {
    if names.is_empty() {
        return Ok(Workload::ALL.to_vec());
    }
    let find = |name: &String| Workload::ALL.iter().copied().find(|workload| workload.name() == name);
    names
        .iter()
        .map(|name| {
            let known = Workload::ALL.map(Workload::name).join(", ");
            find(name).with_context(|| format!("there is no workload {name}; there are {known}"))
        })
        .collect()
}

fn build() -> Result<()> {
    studio::build()?;
    crate::components::build()?;
    let built = project::cargo()
        .args(["build", "--release", "--workspace", "--bins"])
        .status()
        .context("cargo could not be started")?;
    ensure!(built.success(), "the release build failed");
    Ok(())
}

/// The repeat with the median throughput, or the median time where throughput does not apply.
fn repeat(times: usize, mut measure: impl FnMut() -> Result<report::Figures>) -> Result<report::Figures> {
    let mut all = (0..times.max(1)).map(|_| measure()).collect::<Result<Vec<_>>>()?;
    if let Some(wrong) = all.iter().find(|figures| figures.is_wrong()) {
        bail!("{} lost or doubled work: {wrong:?}", wrong.workload);
    }
    all.sort_by(|a, b| a.rank().total_cmp(&b.rank()));
    Ok(all.swap_remove(all.len() / 2))
}
