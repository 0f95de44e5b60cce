//! The apps this build knows, and those an administrator added as files.

use crate::manifest::{Manifest, Refused};
use indexmap::IndexMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

include!(concat!(env!("OUT_DIR"), "/apps.rs"));

/// Most files that are read from an administrator's folder.
const MOST_FILES: usize = 500;

/// Apps by their id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    apps: IndexMap<String, Arc<Manifest>>,
}

/// Why an app cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The folder or a file in it cannot be read.
    #[error("CONN-0001: {path} cannot be read: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A manifest has problems.
    #[error("{path}: {refused}")]
    Refused {
        /// Which file.
        path: PathBuf,
        /// Its problems.
        refused: Refused,
    },
    /// There are more files than a folder may have.
    #[error("CONN-0001: {0} holds more than {MOST_FILES} manifests")]
    TooMany(PathBuf),
}

impl Catalog {
    /// The apps of this build.
    ///
    /// # Panics
    /// When one of them has problems, which a test rules out.
    #[must_use]
    pub fn built_in() -> Self {
        let mut catalog = Self::default();
        for (name, text) in BUILT_IN {
            let manifest = Manifest::read(text).unwrap_or_else(|refused| panic!("{name}: {refused}"));
            catalog.add(manifest);
        }
        catalog
    }

    /// This catalog and the manifests (`*.yaml`) in `folder`; one with the id of a known app takes its place.
    ///
    /// # Errors
    /// The first file that cannot be read or has problems.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, CatalogError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| CatalogError::Unreadable { path, source }
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
            let path = entry.map_err(unreadable(folder))?.path();
            if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                paths.push(path);
            }
            if paths.len() > MOST_FILES {
                return Err(CatalogError::TooMany(folder.to_owned()));
            }
        }
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
            match Manifest::read(&text) {
                Ok(manifest) => self.add(manifest),
                Err(refused) => return Err(CatalogError::Refused { path, refused }),
            }
        }
        Ok(self)
    }

    /// Adds an app, or puts it in the place of the one with its id.
    pub fn add(&mut self, manifest: Manifest) {
        self.apps.insert(manifest.id.clone(), Arc::new(manifest));
    }

    /// The app called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Manifest>> {
        self.apps.get(id)
    }

    /// All apps.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Manifest>> {
        self.apps.values()
    }

    /// The step kinds of all triggers, actions and loops over lists, and the step that keeps two apps in step, in the order of the apps.
    #[must_use]
    pub fn step_kinds(&self) -> Vec<trunkline_engine::kind::StepKind> {
        let kinds = |app| {
            let triggers = crate::trigger_step::kinds(app).into_iter();
            triggers.chain(crate::step::kinds(app, None)).chain(crate::loop_step::kinds(app))
        };
        self.iter().flat_map(kinds).chain([crate::sync::kind(self)]).collect()
    }
}
