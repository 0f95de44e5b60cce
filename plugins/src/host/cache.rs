//! Machine code that was compiled before, on disk: named by what it was compiled from and for, and sealed, because
//! loading it means running it. What the seal does not fit is compiled again.

use super::engine::compatibility;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::path::{Path, PathBuf};
use trunkline_engine::failure::Failure;
use wasmtime::Engine;
use wasmtime::component::Component;

/// What is sealed begins with this, so that a seal means nothing elsewhere.
const ABOUT: &[u8] = b"trunkline machine code 1\n";
/// Bytes of a seal; they stand before the code.
const SEAL: usize = 32;
/// What the names of files end with.
const ENDING: &str = "code";

/// Where compiled code lies.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    key: [u8; 32],
}

impl Cache {
    /// Files below `folder` under `key`; without a folder nothing is kept.
    pub(super) fn new(folder: Option<PathBuf>, key: [u8; 32]) -> Self {
        Self { folder, key }
    }

    /// The component with this hash, if it was compiled before and nobody touched it since.
    pub(super) fn load(&self, engine: &Engine, sha256: &[u8; 32]) -> Option<Component> {
        let path = self.path(engine, sha256)?;
        let file = std::fs::read(&path).ok()?;
        match self.unsealed(engine, sha256, &file).and_then(|code| deserialize(engine, code).ok()) {
            Some(component) => Some(component),
            None => {
                tracing::warn!(path = %path.display(), "compiled code was changed on disk; it is compiled again");
                None
            }
        }
    }

    /// Keeps `code`, which was compiled from the component with this hash, and loads it.
    pub(super) fn keep(&self, engine: &Engine, sha256: &[u8; 32], code: &[u8]) -> Result<Component, Failure> {
        if let Some(path) = self.path(engine, sha256)
            && let Err(error) = self.write(&path, engine, sha256, code)
        {
            // It costs a compilation at the next start, and nothing else.
            tracing::warn!(%error, path = %path.display(), "compiled code could not be kept");
        }
        deserialize(engine, code).map_err(|error| {
            crate::failures::not_compiled(&format!("the compiled code does not fit this server: {error:#}"))
        })
    }

    /// Removes what was compiled from anything but `wanted`.
    pub(super) fn sweep(&self, wanted: &[[u8; 32]]) {
        let Some(entries) = self.folder.as_ref().and_then(|folder| std::fs::read_dir(folder).ok()) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_wanted = wanted.iter().any(|sha| name.starts_with(&hex::encode(sha)));
            if name.ends_with(ENDING) && !is_wanted {
                let _ = std::fs::remove_file(path);
            }
        }
    }

    fn path(&self, engine: &Engine, sha256: &[u8; 32]) -> Option<PathBuf> {
        let name = format!("{}-{}.{ENDING}", hex::encode(sha256), compatibility(engine));
        Some(self.folder.as_ref()?.join(name))
    }

    fn write(&self, path: &Path, engine: &Engine, sha256: &[u8; 32], code: &[u8]) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        // Written beside and renamed, so that there is never half a file.
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        let mut file = self.mac(engine, sha256, code).finalize().into_bytes().to_vec();
        file.extend_from_slice(code);
        std::fs::write(&beside, file)?;
        std::fs::rename(&beside, path)
    }

    fn unsealed<'f>(&self, engine: &Engine, sha256: &[u8; 32], file: &'f [u8]) -> Option<&'f [u8]> {
        let (seal, code) = file.split_at_checked(SEAL)?;
        self.mac(engine, sha256, code).verify_slice(seal).ok()?;
        Some(code)
    }

    fn mac(&self, engine: &Engine, sha256: &[u8; 32], code: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length will do");
        mac.update(ABOUT);
        mac.update(sha256);
        mac.update(compatibility(engine).as_bytes());
        mac.update(code);
        mac
    }
}

#[expect(
    unsafe_code,
    reason = "the bytes are what our own compiler put out: they come from it, or their seal was checked a moment ago"
)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: see above; the bytes are copied, so that nothing on disk can change them afterwards.
    unsafe { Component::deserialize(engine, code) }
}
