//! What tests need beside this repository, brought here while others compile: it waits for the network, not for a core.
//!
//! What cannot be had is said here and fails the part that needs it, so that the others can still be told apart.

use crate::{guests, machine, project, task};
use anyhow::Result;
use std::process::Command;

/// Installs what `parts` need and is missing.
pub(super) fn install(parts: &[&str]) {
    let mut needed = Vec::new();
    let runs = |name| parts.contains(&name);
    if runs("browser tests") {
        needed.extend([&machine::BROWSER, &machine::LOAD]);
    }
    if runs("rust tests") {
        needed.extend([&machine::DATABASE, &machine::CLOCK, &machine::OTHER_DATABASE, &machine::SSH]);
    }
    say(machine::install_missing(&needed));
    if runs("rust tests") {
        say(servers_of_others());
    }
    if runs("rust tests") || runs("browser tests") {
        say(guests::environment().map(drop));
    }
}

fn say(outcome: Result<()>) {
    if let Err(error) = outcome {
        println!("  {error:#}");
    }
}

/// Installs the servers that connections are tested against: one that signs people in, one that stores objects. Where
/// their packages cannot be had, their tests say that they were skipped.
fn servers_of_others() -> Result<()> {
    machine::require_node()?;
    for name in ["tests/oauth", "tests/storage"] {
        let folder = project::root().join(name);
        if folder.join("node_modules").exists() {
            continue;
        }
        let mut install = Command::new("npm");
        install.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
        let outcome = task::run(&format!("npm ci in {name}"), &mut install)?;
        if !outcome.success {
            println!("  {name}: its packages could not be installed\n{}", outcome.tail());
        }
    }
    Ok(())
}
