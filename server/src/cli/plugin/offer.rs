//! `trunkline plugin index FOLDER`: writes down what the plugins in a folder say of themselves, so that servers can offer
//! them.

use crate::cli::{Exit, print};
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use trunkline_plugins::host::{Host, Settings, Terms, fingerprint};
use trunkline_plugins::index::{Entry, FILE, FORMAT, Index};
use trunkline_plugins::signature::Signature;
use trunkline_plugins::{Capabilities, Limits};

/// Runs the command.
///
/// # Errors
/// When the folder cannot be read or written, or a file in it is no plugin.
pub(super) async fn run(folder: &Path) -> anyhow::Result<Exit> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "wasm")).collect();
    files.sort();
    let host = Host::new(Settings::default());
    let mut plugins = Vec::new();
    for path in &files {
        plugins.push(entry(&host, path).await.with_context(|| path.display().to_string())?);
    }
    let index = Index { format: FORMAT, plugins };
    let text = serde_json::to_string_pretty(&index)?;
    // What servers will not read is not written.
    let read = Index::read(text.as_bytes());
    ensure!(read.is_ok(), "PLUG-0023: {}", read.err().unwrap_or_default());
    let path = folder.join(FILE);
    std::fs::write(&path, format!("{text}\n")).with_context(|| path.display().to_string())?;
    print(&format!("{} names {} plugins", path.display(), files.len()))?;
    Ok(Exit::Done)
}

async fn entry(host: &Host, path: &Path) -> anyhow::Result<Entry> {
    let bytes = std::fs::read(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let terms =
        Terms { name: name.clone(), capabilities: Capabilities::default(), limits: Limits::default() };
    let said = async { host.describe(&host.load(&bytes, terms).await?).await };
    let about = said.await.map_err(|failure| anyhow::anyhow!("{}: {}", failure.code, failure.message))?;
    let beside = PathBuf::from(format!("{}.sig", path.display()));
    let signature = match std::fs::read_to_string(&beside) {
        Ok(text) => {
            Some(serde_json::from_str::<Signature>(&text).with_context(|| beside.display().to_string())?)
        }
        Err(_) => None,
    };
    Ok(Entry {
        name: about.name,
        title: about.title,
        version: about.version,
        summary: about.summary,
        file: name,
        sha256: hex::encode(fingerprint(&bytes)),
        signature,
    })
}
