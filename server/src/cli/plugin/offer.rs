//! `trunkline plugin index FOLDER`: writes down what the plugins and the manifests of connectors in a folder say of
//! themselves, so that servers can offer them.

use crate::cli::{Exit, print};
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use trunkline_connectors::manifest::Manifest;
use trunkline_plugins::host::{Host, Settings, Terms, fingerprint};
use trunkline_plugins::index::{Entry, FILE, FORMAT, Index, Kind};
use trunkline_plugins::signature::Signature;
use trunkline_plugins::{Capabilities, Limits};

/// Runs the command.
///
/// # Errors
/// When the folder cannot be read or written, or a file in it is no plugin.
pub(super) async fn run(folder: &Path) -> anyhow::Result<Exit> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<(Kind, PathBuf)> = paths.filter_map(|path| Some((kind(&path)?, path))).collect();
    files.sort_by(|(_, one), (_, other)| one.cmp(other));
    let host = Host::new(Settings::default());
    let mut plugins = Vec::new();
    for (kind, path) in &files {
        plugins.push(entry(&host, *kind, path).await.with_context(|| path.display().to_string())?);
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

/// What a file is by its name; nothing when it is neither.
fn kind(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()? {
        "wasm" => Some(Kind::Plugin),
        "yaml" | "yml" => Some(Kind::Connector),
        _ => None,
    }
}

async fn entry(host: &Host, kind: Kind, path: &Path) -> anyhow::Result<Entry> {
    let bytes = std::fs::read(path)?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (name, title, version, summary) = match kind {
        Kind::Plugin => {
            let terms = Terms {
                name: file.clone(),
                capabilities: Capabilities::default(),
                limits: Limits::default(),
            };
            let said = async { host.describe(&host.load(&bytes, terms).await?).await };
            let about =
                said.await.map_err(|failure| anyhow::anyhow!("{}: {}", failure.code, failure.message))?;
            (about.name, about.title, about.version, about.summary)
        }
        Kind::Connector => {
            let about = Manifest::read(std::str::from_utf8(&bytes)?)?;
            (about.id, about.name, about.version, about.summary)
        }
    };
    let beside = PathBuf::from(format!("{}.sig", path.display()));
    let signature = match std::fs::read_to_string(&beside) {
        Ok(text) => {
            Some(serde_json::from_str::<Signature>(&text).with_context(|| beside.display().to_string())?)
        }
        Err(_) => None,
    };
    Ok(Entry {
        kind,
        name,
        title,
        version,
        summary,
        file,
        sha256: hex::encode(fingerprint(&bytes)),
        signature,
    })
}
