//! `trunkline plugin new` and `build`: a plugin of one's own, from a folder with everything it needs.

use crate::cli::{Exit, print};
use anyhow::{Context, bail, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The languages that a new folder can be made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// JavaScript, built with Node
    #[default]
    Js,
    /// Rust, built with Cargo
    Rust,
}

/// A file of a new folder: where it lies, and what stands in it.
type File = (&'static str, &'static str);

const WIT: &str = include_str!("../../../../plugins/wit/1.0.0/plugin.wit");

/// Files that are the author's; NAME and TITLE stand for those of the plugin.
const JAVASCRIPT: [File; 3] = [
    ("plugin.js", include_str!("../../../../plugins/sdk/js/template/plugin.js")),
    ("package.json", include_str!("../../../../plugins/sdk/js/template/package.json")),
    (".gitignore", "node_modules\n"),
];
const RUST: [File; 3] = [
    ("src/lib.rs", include_str!("../../../../plugins/sdk/rust/template/src/lib.rs")),
    ("Cargo.toml", include_str!("../../../../plugins/sdk/rust/template/Cargo.toml")),
    (".gitignore", "target\n"),
];

/// Files that come along as they are.
const WITH_JAVASCRIPT: [File; 3] = [
    ("trunkline.js", include_str!("../../../../plugins/sdk/js/index.js")),
    ("trunkline.d.ts", include_str!("../../../../plugins/sdk/js/index.d.ts")),
    ("wit/plugin.wit", WIT),
];
const WITH_RUST: [File; 6] = [
    ("trunkline-plugin/Cargo.toml", include_str!("../../../../plugins/sdk/rust/Cargo.toml")),
    ("trunkline-plugin/src/lib.rs", include_str!("../../../../plugins/sdk/rust/src/lib.rs")),
    ("trunkline-plugin/src/http.rs", include_str!("../../../../plugins/sdk/rust/src/http.rs")),
    ("trunkline-plugin/src/log.rs", include_str!("../../../../plugins/sdk/rust/src/log.rs")),
    ("trunkline-plugin/src/state.rs", include_str!("../../../../plugins/sdk/rust/src/state.rs")),
    ("trunkline-plugin/wit/plugin.wit", WIT),
];

/// Where the interface lies in this repository, as the tools for Rust name it, and where it lies in a new folder.
const WIT_HERE: &str = "../../wit/1.0.0";
const WIT_THERE: &str = "wit";

/// What Cargo builds for.
const TARGET: &str = "wasm32-unknown-unknown";

/// Makes the folder of a new plugin called `name`.
///
/// # Errors
/// When the name cannot be one, or the folder is there already.
pub(super) fn new(name: &str, language: Language) -> anyhow::Result<Exit> {
    let is_name = (1..=40).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name.as_bytes()[0].is_ascii_lowercase()
        && !name.ends_with('-');
    if !is_name {
        bail!("PLUG-0003: \"{name}\" must be 1 to 40 small letters, digits and dashes");
    }
    let folder = Path::new(name);
    ensure!(!folder.exists(), "PLUG-0003: there is a folder called {name} already");
    let (own, along) = match language {
        Language::Js => (&JAVASCRIPT[..], &WITH_JAVASCRIPT[..]),
        Language::Rust => (&RUST[..], &WITH_RUST[..]),
    };
    for (path, text) in own {
        write(&folder.join(path), &text.replace("NAME", name).replace("TITLE", &title(name)))?;
    }
    for (path, text) in along {
        write(&folder.join(path), &text.replace(WIT_HERE, WIT_THERE))?;
    }
    print(&format!("{name}/{} is yours to write. Then:", own[0].0))?;
    print(&format!("  trunkline plugin build {name}"))?;
    print(&format!("  trunkline plugin test {name}/{name}.wasm"))?;
    print(&format!("  trunkline plugin install {name}/{name}.wasm"))?;
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    }
    fs::write(path, text).with_context(|| path.display().to_string())
}

/// `lead-points` becomes `Lead points`.
fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Makes the component of the plugin in `folder`, with npm or Cargo.
///
/// # Errors
/// When it holds no plugin, the tools are missing, or the build fails.
pub(super) fn build(folder: &Path) -> anyhow::Result<Exit> {
    if folder.join("Cargo.toml").exists() {
        return rust(folder);
    }
    ensure!(
        folder.join("package.json").exists(),
        "PLUG-0001: {} holds neither package.json nor Cargo.toml; trunkline plugin new NAME makes a folder that does",
        folder.display()
    );
    if !folder.join("node_modules/componentize-qjs").exists() {
        npm(folder, &["install", "--no-audit", "--no-fund"])?;
    }
    npm(folder, &["run", "--silent", "build"])?;
    Ok(Exit::Done)
}

fn npm(folder: &Path, words: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("npm").args(words).current_dir(folder).status();
    let status = status.context("PLUG-0004: npm could not be started; install Node.js 20 or newer")?;
    ensure!(status.success(), "PLUG-0004: npm {} failed; its words stand above", words.join(" "));
    Ok(())
}

/// Cargo gives a module; the component around it is made here, so that nothing else has to be installed.
fn rust(folder: &Path) -> anyhow::Result<Exit> {
    let built = Command::new("cargo")
        .args(["build", "--release", "--target", TARGET, "--message-format", "json-render-diagnostics"])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .context("PLUG-0004: cargo could not be started; install Rust from rustup.rs")?;
    ensure!(
        built.status.success(),
        "PLUG-0004: cargo build failed; its words stand above. If the target is missing: rustup target add {TARGET}"
    );
    let module = module_of(&String::from_utf8_lossy(&built.stdout));
    let module = module.with_context(|| {
        format!(
            "PLUG-0001: {} builds no module; its Cargo.toml needs crate-type = [\"cdylib\"]",
            folder.display()
        )
    })?;
    let name = module.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-");
    let module = fs::read(&module).with_context(|| module.display().to_string())?;
    let component = trunkline_plugins::component::of_module(&module)
        .map_err(|wrong| anyhow::anyhow!("PLUG-0001: {wrong}"))?;
    let path = folder.join(format!("{name}.wasm"));
    fs::write(&path, &component).with_context(|| path.display().to_string())?;
    print(&format!("{} ({} KiB)", path.display(), component.len().div_ceil(1024)))?;
    Ok(Exit::Done)
}

/// The module among what Cargo says it made.
fn module_of(said: &str) -> Option<PathBuf> {
    let made = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let made = made.filter(|line| line["reason"] == "compiler-artifact");
    let files = made.flat_map(|line| line["filenames"].as_array().cloned().unwrap_or_default());
    let files = files.filter_map(|file| file.as_str().map(PathBuf::from));
    // Cargo names it after everything it is made of.
    files.rev().find(|file| file.extension().is_some_and(|ending| ending == "wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_the_last_that_cargo_made() {
        let said = r#"{"reason":"compiler-artifact","filenames":["/t/libserde.rlib"]}
noise
{"reason":"compiler-artifact","filenames":["/t/lead_points.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(module_of(said), Some(PathBuf::from("/t/lead_points.wasm")));
        assert_eq!(module_of("{}"), None);
    }

    #[test]
    fn the_interface_lies_where_the_tools_for_rust_look_for_it() {
        let (_, lib) = WITH_RUST[1];
        assert_eq!(lib.matches(WIT_HERE).count(), 1);
    }
}
