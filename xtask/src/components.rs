//! Our own components: what runs the step Code, and the example plugins that tests install. Each is built from source when
//! something of it changed.

use crate::{guests, machine, project, studio, task};
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The component that runs the step Code; it lies where the server carries it from.
pub(crate) const CODE: &str = "plugins/dist/code.wasm";
/// Where the examples lie once they are built.
const EXAMPLES: &str = "target/plugins";
/// The tools that make a component of JavaScript.
const TOOLS: &str = "plugins/sdk/js";
/// The examples in JavaScript.
const IN_JAVASCRIPT: [&str; 3] = ["text-cleaner", "territories", "enrichment"];
/// The examples in Rust, and the tools they are written with.
const IN_RUST: [&str; 1] = ["scoring"];
const RUST_TOOLS: &str = "plugins/sdk/rust";

/// Builds what the server carries, if something of it changed since.
pub(crate) fn build() -> Result<()> {
    javascript("plugins/code/code.js", Path::new(CODE))
}

/// Builds the example plugins, those that changed, with the server's program at `server`; answers where they lie.
pub(crate) fn examples(server: &Path) -> Result<Vec<PathBuf>> {
    let place = |name: &str| Path::new(EXAMPLES).join(format!("{name}.wasm"));
    for name in IN_JAVASCRIPT {
        javascript(&format!("plugins/examples/{name}/plugin.js"), &place(name))?;
    }
    let environment = guests::environment()?;
    for name in IN_RUST {
        rust(&format!("plugins/examples/{name}"), &place(name), server, &environment)?;
    }
    Ok(IN_JAVASCRIPT.into_iter().chain(IN_RUST).map(|name| project::root().join(place(name))).collect())
}

/// What a component is made of, and where that is noted: nothing is left to do when both agree.
struct Sources {
    stamp: PathBuf,
    state: String,
}

impl Sources {
    /// All files below `folders`, for `component`.
    fn of(folders: &[&str], component: &Path) -> Result<Self> {
        let files: Vec<PathBuf> = project::files()?
            .into_iter()
            .filter(|file| folders.iter().any(|folder| file.starts_with(&format!("{folder}/"))))
            .map(|file| project::root().join(file))
            .collect();
        Ok(Self { stamp: component.with_extension("sources"), state: studio::fingerprint(&files)? })
    }

    fn is_made(&self, component: &Path) -> bool {
        component.exists() && studio::is_fresh(&self.stamp, &self.state)
    }

    fn note(&self) -> Result<()> {
        Ok(fs::write(&self.stamp, &self.state)?)
    }
}

/// Makes `component` of the package in `folder`, as people do: with `trunkline plugin build`.
fn rust(folder: &str, component: &Path, server: &Path, environment: &[(String, String)]) -> Result<()> {
    let component = project::root().join(component);
    let sources = Sources::of(&[folder, "plugins/wit", RUST_TOOLS], &component)?;
    if sources.is_made(&component) {
        return Ok(());
    }
    println!("  {folder}: making a component");
    let name = component.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut build = Command::new(server);
    build.args(["plugin", "build", folder]).current_dir(project::root());
    build.env("CARGO_TARGET_DIR", project::target().join("guests"));
    build.envs(environment.iter().map(|(name, value)| (name, value)));
    let outcome = task::run(&format!("component {name}"), &mut build)?;
    ensure!(outcome.success, "{folder} could not be made a component\n{}", outcome.tail());
    fs::rename(project::root().join(folder).join(format!("{name}.wasm")), &component)?;
    sources.note()
}

/// Makes `component` of the module at `source`, which may import what lies below `plugins`.
fn javascript(source: &str, component: &Path) -> Result<()> {
    let folder = Path::new(source).parent().unwrap_or(Path::new("")).to_string_lossy().into_owned();
    let component = project::root().join(component);
    let sources = Sources::of(&[folder.as_str(), "plugins/wit", TOOLS], &component)?;
    if sources.is_made(&component) {
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
    sources.note()
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
