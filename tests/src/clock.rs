//! The clock of the machine, as one server sees it, set by a test.

use anyhow::Result;
use std::path::PathBuf;

/// Where distributions keep the library that shows a process another clock.
const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// A clock that can be set while the server runs. Only wall time is: pauses stay as long as they are.
#[derive(Debug)]
pub struct Clock {
    folder: tempfile::TempDir,
    library: PathBuf,
}

impl Clock {
    /// A clock that is right; `None`, with a word about it, where the library is missing.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn new() -> Result<Option<Self>> {
        let Some(library) = LIBRARIES.iter().map(PathBuf::from).find(|library| library.exists()) else {
            eprintln!("skipped: libfaketime is not installed (cargo xtask test installs it)");
            return Ok(None);
        };
        let clock = Self { folder: tempfile::tempdir()?, library };
        clock.set("+0h")?;
        Ok(Some(clock))
    }

    /// Sets it so far off as `offset` says, such as `+2h` or `-90m`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set(&self, offset: &str) -> Result<()> {
        // Renamed into place: the server must not read half a line.
        let path = self.path();
        std::fs::write(path.with_extension("new"), format!("{offset}\n"))?;
        Ok(std::fs::rename(path.with_extension("new"), path)?)
    }

    /// What the server needs in its environment to see it.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.path().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("offset")
    }
}
