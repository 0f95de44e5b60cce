//! The apps this build knows, and those an administrator added as files.

use crate::manifest::{Manifest, Refused};
use indexmap::IndexMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use trunkline_engine::kind::Registry;

include!(concat!(env!("OUT_DIR"), "/apps.rs"));

/// Most files that are read from an administrator's folder.
const MOST_FILES: usize = 500;

/// Apps by their id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    apps: IndexMap<String, Arc<App>>,
}

/// An app, read when it is first needed.
type App = LazyLock<Arc<Manifest>, Box<dyn FnOnce() -> Arc<Manifest> + Send + Sync>>;

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
    /// The apps of this build. Each is read when it is first asked for, which cannot fail: tests read them all.
    #[must_use]
    pub fn built_in() -> Self {
        let app = |(id, text): &(&'static str, &'static str)| {
            let (id, text) = (*id, *text);
            let read =
                move || Arc::new(Manifest::read(text).unwrap_or_else(|refused| panic!("{id}: {refused}")));
            (id.to_owned(), Arc::new(App::new(Box::new(read))))
        };
        Self { apps: BUILT_IN.iter().map(app).collect() }
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
        let id = manifest.id.clone();
        let manifest = Arc::new(manifest);
        self.apps.insert(id, Arc::new(App::new(Box::new(move || manifest))));
    }

    /// The app called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Manifest>> {
        self.apps.get(id).map(|app| &***app)
    }

    /// All apps.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Manifest>> {
        self.apps.values().map(|app| &***app)
    }

    /// `registry` and the step kinds of all triggers, actions and loops over lists, in the order of the apps, and the step
    /// that keeps two apps in step.
    #[must_use]
    pub fn beside(&self, registry: Registry) -> Registry {
        let registry = registry.with(vec![crate::sync::kind(self)]);
        self.apps.iter().fold(registry, |registry, (id, app)| {
            let app = Arc::clone(app);
            registry.with_app(id, move || {
                let triggers = crate::trigger_step::kinds(&app).into_iter();
                triggers.chain(crate::step::kinds(&app, None)).chain(crate::loop_step::kinds(&app)).collect()
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_app_of_the_build_is_called_as_its_file() {
        let catalog = Catalog::built_in();
        for (id, app) in &catalog.apps {
            assert_eq!(*id, app.id);
        }
        assert!(catalog.apps.len() > 20);
    }

    #[test]
    fn an_app_is_read_when_it_is_first_asked_for() {
        let read =
            |catalog: &Catalog| catalog.apps.values().filter(|app| LazyLock::get(app).is_some()).count();
        let catalog = Catalog::built_in();
        let registry = catalog.beside(Registry::core());
        assert!(registry.get("slack.nothing").is_none() && registry.get("manual").is_some());
        assert_eq!(read(&catalog), 1);
        assert!(registry.knows("hubspot") && !registry.knows("hub") && registry.knows("manual"));
        assert_eq!(read(&catalog), 1);
        let found = registry.iter().filter(|kind| kind.name() == "hubspot.find_contact");
        assert_eq!(found.count(), 1);
        assert_eq!(read(&catalog), catalog.apps.len());
    }
}
