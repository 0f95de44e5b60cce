//! Our own components: what runs the step Code, and the example plugins that tests install. Each is built from source when
//! something of it changed.

use crate::{machine, project, studio, task};
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where components lie that the server carries.
const CARRIED: &str = "plugins/dist";
/// Where the examples lie once they are built.
const EXAMPLES: &str = "target/plugins";
/// The tools that make a component of JavaScript.
const TOOLS: &str = "plugins/sdk/js";
/// The examples in JavaScript.
const IN_JAVASCRIPT: [&str; 3] = ["text-cleaner", "territories", "enrichment"];

/// Builds what the server carries, if something of it changed since.
pub(crate) fn build() -> Result<()> {
    javascript("plugins/code/code.js", &Path::new(CARRIED).join("code.wasm"))
}

/// Builds the example plugins, those that changed; answers where they lie.
pub(crate) fn examples() -> Result<Vec<PathBuf>> {
    let example = |name: &str| {
        let component = Path::new(EXAMPLES).join(format!("{name}.wasm"));
        javascript(&format!("plugins/examples/{name}/plugin.js"), &component)?;
        Ok(project::root().join(component))
    };
    IN_JAVASCRIPT.iter().map(|name| example(name)).collect()
}

/// Makes `component` of the module at `source`, which may import what lies below `plugins`.
fn javascript(source: &str, component: &Path) -> Result<()> {
    let folder = Path::new(source).parent().unwrap_or(Path::new("")).to_string_lossy().into_owned();
    let of_it = [folder.as_str(), "plugins/wit", TOOLS];
    let sources: Vec<PathBuf> = project::files()?
        .into_iter()
        .filter(|file| of_it.iter().any(|folder| file.starts_with(&format!("{folder}/"))))
        .map(|file| project::root().join(file))
        .collect();
    let state = studio::fingerprint(&sources)?;
    let component = project::root().join(component);
    let stamp = component.with_extension("sources");
    if component.exists() && studio::is_fresh(&stamp, &state) {
        return Ok(());
    }
    install_tools()?;
    let name = component.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    println!("  {source}: making a component");
    if let Some(folder) = component.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut build = Command::new("node");
    build
        .arg(project::root().join(TOOLS).join("node_modules/componentize-qjs/bin/componentize-qjs"))
        .args(["--wit", "plugins/wit/1.0.0", "--world", "plugin", "--sync", "--stub-wasi"])
        .args(["--module-root", "plugins", "--js", source, "-o"])
        .arg(&component)
        .current_dir(project::root());
    let outcome = task::run(&format!("component {name}"), &mut build)?;
    ensure!(outcome.success, "{source} could not be made a component\n{}", outcome.tail());
    fs::write(stamp, state)?;
    Ok(())
}

fn install_tools() -> Result<()> {
    machine::require_node()?;
    let folder = project::root().join(TOOLS);
    if folder.join("node_modules/componentize-qjs").exists() {
        return Ok(());
    }
    println!("  {TOOLS}: installing packages");
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).env("CI", "1");
    let outcome = task::run("npm ci in plugins/sdk/js", &mut install)?;
    ensure!(
        outcome.success,
        "the tools for plugins in JavaScript could not be installed\n{}",
        outcome.tail()
    );
    Ok(())
}
