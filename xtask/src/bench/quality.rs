//! `cargo xtask bench quality`: how well people and companies are recognised, and how fast duplicates are looked for.
//! One JSON line per measure, whatever was asked for: these figures are compared by machines.

use crate::project;
use anyhow::{Context as _, Result, ensure};

/// The word that asks for it among the workloads.
pub(super) const NAME: &str = "quality";

/// Builds the measuring program alone (it needs neither server nor studio) and lets it print.
pub(super) fn measure() -> Result<()> {
    let measured = project::cargo()
        .args(["run", "--release", "--quiet", "-p", "trunkline-quality"])
        .status()
        .context("cargo could not be started")?;
    ensure!(measured.success(), "the quality could not be measured");
    Ok(())
}
