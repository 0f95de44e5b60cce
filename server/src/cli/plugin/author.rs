//! `trunkline plugin new` and `build`: a plugin of one's own in JavaScript, from a folder with everything it needs.

use crate::cli::{Exit, print};
use anyhow::{Context, bail, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a new folder holds; NAME and TITLE stand for those of the plugin.
const FILES: [(&str, &str); 4] = [
    ("plugin.js", include_str!("../../../../plugins/sdk/js/template/plugin.js")),
    ("package.json", include_str!("../../../../plugins/sdk/js/template/package.json")),
    ("trunkline.js", include_str!("../../../../plugins/sdk/js/index.js")),
    ("wit/plugin.wit", include_str!("../../../../plugins/wit/1.0.0/plugin.wit")),
];

/// Makes the folder of a new plugin called `name`.
///
/// # Errors
/// When the name cannot be one, or the folder is there already.
pub(super) fn new(name: &str) -> anyhow::Result<Exit> {
    let is_name = (1..=40).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name.as_bytes()[0].is_ascii_lowercase()
        && !name.ends_with('-');
    if !is_name {
        bail!("PLUG-0003: \"{name}\" must be 1 to 40 small letters, digits and dashes");
    }
    let folder = Path::new(name);
    ensure!(!folder.exists(), "PLUG-0003: there is a folder called {name} already");
    for (path, text) in FILES {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        let text = text.replace("NAME", name).replace("TITLE", &title(name));
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    print(&format!("{name}/plugin.js is yours to write. Then:"))?;
    print(&format!("  trunkline plugin build {name}"))?;
    print(&format!("  trunkline plugin test {name}/{name}.wasm"))?;
    print(&format!("  trunkline plugin install {name}/{name}.wasm"))?;
    Ok(Exit::Done)
}

/// `lead-points` becomes `Lead points`.
fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Makes the component of the plugin in `folder`, with npm.
///
/// # Errors
/// When it holds no plugin, Node is missing, or the build fails.
pub(super) fn build(folder: &Path) -> anyhow::Result<Exit> {
    ensure!(
        folder.join("package.json").exists(),
        "PLUG-0001: {} holds no package.json; trunkline plugin new NAME makes a folder that does",
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
