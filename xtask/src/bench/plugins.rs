//! `cargo xtask bench plugins`: what a call of a plugin costs, in the sandbox of a server and with a release build. One line
//! per step: a fresh instance for each call, one after the other and 32 at once. The step Code is measured as well.

use crate::{components, project};
use anyhow::{Context as _, Result, ensure};
use std::process::Command;

/// The word that asks for it among the workloads.
pub(super) const NAME: &str = "plugins";
/// Calls of a step.
const CALLS: &str = "2000";

/// Builds what is measured and lets the server's own program measure.
pub(super) fn measure(json: bool) -> Result<()> {
    components::build()?;
    let examples = components::examples()?;
    let built = project::cargo()
        .args(["build", "--release", "-p", "trunkline-server", "--bins"])
        .status()
        .context("cargo could not be started")?;
    ensure!(built.success(), "the release build failed");
    for component in examples {
        let mut measure = Command::new(project::root().join("target/release/trunkline"));
        measure.args(["plugin", "test", "--measure", CALLS]).arg(&component);
        if json {
            measure.arg("--json");
        }
        let measured = measure.status().context("the server's program could not be started")?;
        ensure!(measured.success(), "{} could not be measured", component.display());
    }
    Ok(())
}
