//! Files that the code generates and the repository keeps: written by `cargo xtask reference`, checked
//! fresh by `cargo xtask test`.
//!
//! The server binary writes the reference; the studio's typed client follows from its API description.

use crate::{project, studio, task};
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const REFERENCE: &str = "docs/reference";
const CLIENT: &str = "studio/src/api/schema.d.ts";

/// Writes every generated file.
pub(crate) fn write() -> Result<()> {
    project::build_server()?;
    studio::install()?;
    generate(&project::root().join(REFERENCE), &project::root().join(CLIENT))
}

/// The generated files that differ from what the code generates now.
pub(crate) fn verify() -> Result<Vec<String>> {
    studio::install()?;
    let fresh = project::target().join("xtask/generated");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let (reference, client) = (fresh.join("reference"), fresh.join("schema.d.ts"));
    fs::create_dir_all(&reference)?;
    generate(&reference, &client)?;
    let mut stale = differences(&contents(&reference)?, &contents(&project::root().join(REFERENCE))?);
    for file in &mut stale {
        file.insert_str(0, &format!("{REFERENCE}/"));
    }
    if fs::read(&client)? != fs::read(project::root().join(CLIENT)).unwrap_or_default() {
        stale.push(CLIENT.to_owned());
    }
    Ok(stale)
}

fn generate(reference: &Path, client: &Path) -> Result<()> {
    let mut write = Command::new(project::server_binary());
    let outcome = task::run("reference", write.arg("reference").arg(reference))?;
    ensure!(outcome.success, "trunkline reference failed\n{}", outcome.tail());
    let description = reference.join("openapi.json");
    // The flag is the one of the studio's own `api` script: a default does not make a field certain.
    let flags = ["exec", "--", "openapi-typescript", "--default-non-nullable=false"];
    let words = [flags.as_slice(), &[path(&description)?, "-o", path(client)?]].concat();
    let outcome = task::run("typed client", &mut studio::npm(&words))?;
    ensure!(outcome.success, "the typed client was not generated\n{}", outcome.tail());
    Ok(())
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path is not UTF-8")
}

/// Files below `folder` by their path within it.
fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(place) = waiting.pop() {
        if !place.exists() {
            continue;
        }
        for entry in fs::read_dir(&place)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_owned();
                found.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

fn differences(fresh: &BTreeMap<PathBuf, Vec<u8>>, kept: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let names: std::collections::BTreeSet<&PathBuf> = fresh.keys().chain(kept.keys()).collect();
    names
        .into_iter()
        .filter(|name| fresh.get(*name) != kept.get(*name))
        .map(|name| name.display().to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_missing_and_leftover_files_differ() {
        let side = |files: &[(&str, &str)]| -> BTreeMap<PathBuf, Vec<u8>> {
            files.iter().map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec())).collect()
        };
        let fresh = side(&[("same", "a"), ("changed", "b"), ("new", "c")]);
        let kept = side(&[("same", "a"), ("changed", "x"), ("gone", "d")]);
        assert_eq!(differences(&fresh, &kept), ["changed", "gone", "new"]);
    }
}
