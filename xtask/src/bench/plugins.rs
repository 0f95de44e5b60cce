//! `cargo xtask bench plugins`: what a call of a plugin costs, in the sandbox of a server and with a release build. One line
//! per step: a fresh instance for each call, one after the other and 32 at once; the step Code is among them. Then what
//! plugins take while they rest, and what is left to the server while 64 of them compute without an end.

use super::workload::{Bench, Workload};
use crate::{components, machine, project};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::process::Command;

/// The word that asks for it among the workloads.
pub(super) const NAME: &str = "plugins";
/// Calls of a step.
const CALLS: &str = "2000";

/// What is asked of the figures: a name, whether it has to be at most or at least so much, and how much.
const ASKED: [(&str, Bound, f64); 6] = [
    ("scoring.score p50_us", Bound::Most, 60.0),
    ("code.run p50_us", Bound::Most, 500.0),
    ("code.run per_second", Bound::Least, 2_000.0),
    ("idle_mb", Bound::Most, 5.0),
    ("timer_late_ms", Bound::Most, 20.0),
    ("w1_kept", Bound::Least, 0.7),
];

#[derive(Clone, Copy)]
enum Bound {
    Most,
    Least,
}

/// Builds what is measured, measures, and says what is not as it should be.
pub(super) fn measure(json: bool, seconds: u32) -> Result<()> {
    machine::install_missing(&[&machine::LOAD])?;
    super::build()?;
    let built = project::target().join("release");
    let server = built.join("trunkline");
    let mut files = components::examples(&server)?;
    files.push(project::root().join(components::CODE));
    let mut figures = Vec::new();
    for component in &files {
        for line in
            said(Command::new(&server).args(["plugin", "test", "--json", "--measure", CALLS]).arg(component))?
        {
            for name in ["p50_us", "p99_us", "per_second", "memory_kib"] {
                let of = format!(
                    "{}.{}",
                    line["plugin"].as_str().unwrap_or(""),
                    line["step"].as_str().unwrap_or("")
                );
                figures.push((format!("{of} {name}"), line[name].clone()));
            }
        }
    }
    let companion = built.join("trunkline-bench");
    for line in said(Command::new(companion).arg("plugins").arg("--server").arg(&server))? {
        let fields = line.as_object().into_iter().flatten();
        figures.extend(fields.map(|(name, value)| (name.clone(), value.clone())));
    }
    figures.extend(beside_loops(seconds)?);
    let mut wrong = Vec::new();
    for (name, value) in &figures {
        let asked = ASKED.iter().find(|(of, ..)| of == name);
        let number = value.as_f64().unwrap_or(f64::NAN);
        let holds = asked.is_none_or(|(_, bound, limit)| match bound {
            Bound::Most => number <= *limit,
            Bound::Least => number >= *limit,
        });
        if !holds {
            wrong.push(name.as_str());
        }
        if json {
            println!("{}", json!({ "measure": name, "value": value, "holds": holds }));
        } else {
            let limit = asked.map_or_else(String::new, |(_, bound, limit)| match bound {
                Bound::Most => format!("  (at most {limit})"),
                Bound::Least => format!("  (at least {limit})"),
            });
            println!("{name:<36} {value}{limit}");
        }
    }
    let missing: Vec<_> = ASKED
        .iter()
        .map(|(name, ..)| *name)
        .filter(|name| figures.iter().all(|(of, _)| of != name))
        .collect();
    ensure!(missing.is_empty(), "not measured: {}", missing.join(", "));
    ensure!(wrong.is_empty(), "not as it should be: {}", wrong.join(", "));
    Ok(())
}

/// The JSON lines that a program prints.
fn said(command: &mut Command) -> Result<Vec<Value>> {
    let output = command.output().context("a program that measures could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// Webhooks alone, and beside runs whose code never ends.
fn beside_loops(seconds: u32) -> Result<Vec<(String, Value)>> {
    let bench = Bench::new(seconds, 0)?;
    let alone = bench.run(Workload::W1)?.throughput_per_s.context("w1 has a throughput")?;
    let beside = bench.beside_loops()?;
    Ok(vec![
        ("w1_alone_per_s".into(), json!(alone.round())),
        ("w1_beside_64_loops_per_s".into(), json!(beside.round())),
        ("w1_kept".into(), json!((beside / alone * 1000.0).round() / 1000.0)),
    ])
}
