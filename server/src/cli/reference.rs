//! `trunkline reference DIR`: the generated part of the documentation, as this build would have it.
//!
//! Needs no data folder and no server, and writes the same bytes every time, so that a check can compare them.

use super::Exit;
use crate::http::openapi;
use crate::serve::registry_with;
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use trunkline_connectors::Catalog;
use trunkline_connectors::page::{app_index, app_page};
use trunkline_engine::kind::Descriptor;
use trunkline_engine::{document, expression, reference};

/// Where to write.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder for the pages; made if it is not there
    folder: PathBuf,
}

/// Writes every generated file below the folder; steps that are gone lose their page.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let folder = &arguments.folder;
    let steps = folder.join("steps");
    if steps.exists() {
        fs::remove_dir_all(&steps).with_context(|| format!("cannot renew {}", steps.display()))?;
    }
    fs::create_dir_all(&steps).with_context(|| format!("cannot make {}", steps.display()))?;
    let catalog = Catalog::built_in();
    // The actions of apps are steps, too; they stand on the pages of their apps.
    let registry = registry_with(&Catalog::default());
    let offered = registry.iter().filter(|kind| !trunkline_leads::steps::is_internal(kind.name()));
    let kinds: Vec<&Descriptor> = offered.map(|kind| &**kind.descriptor).collect();
    for about in &kinds {
        write(&steps.join(format!("{}.md", about.kind)), &reference::step_page(about))?;
    }
    write(&steps.join("README.md"), &reference::step_index(&kinds))?;
    let apps = folder.join("apps");
    if apps.exists() {
        fs::remove_dir_all(&apps).with_context(|| format!("cannot renew {}", apps.display()))?;
    }
    fs::create_dir_all(&apps).with_context(|| format!("cannot make {}", apps.display()))?;
    for manifest in catalog.iter() {
        write(&apps.join(format!("{}.md", manifest.id)), &app_page(manifest))?;
    }
    write(&apps.join("README.md"), &app_index(catalog.iter().map(AsRef::as_ref)))?;
    write(&folder.join("filters.md"), &expression::filters::page())?;
    write(&folder.join("openapi.json"), &format!("{}\n", openapi::text()))?;
    let manifest = trunkline_connectors::manifest::json_schema();
    write(&folder.join("manifest.schema.json"), &format!("{manifest:#}\n"))?;
    let plugin = trunkline_plugins::description::json_schema();
    write(&folder.join("plugin.schema.json"), &format!("{plugin:#}\n"))?;
    write(&folder.join("workflow.schema.json"), &format!("{:#}\n", document::json_schema()))?;
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
