//! How much a call of a plugin may take. An administrator may change each within what the host can hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Largest file of a plugin, in bytes.
pub const LARGEST_FILE: usize = 32 * 1024 * 1024;
/// Largest memory the host has places for, in MiB.
pub const LARGEST_MEMORY_MIB: u32 = 512;
/// Entries of tables that a call may have.
pub(crate) const TABLE_ENTRIES: usize = 20_000;
/// Longest line of a log, in bytes.
pub(crate) const LONGEST_LINE: usize = 2_000;
/// Most random bytes of one call.
pub(crate) const MOST_RANDOM: u32 = 64 * 1024;
/// Most calls to other systems in one call.
pub(crate) const MOST_REQUESTS: u32 = 100;
/// Most values that one call keeps.
pub(crate) const MOST_KEPT: usize = 100;
/// Longest name of a value that is kept, in bytes.
pub(crate) const LONGEST_KEY: usize = 200;
/// Longest value that is kept, in bytes.
pub(crate) const LONGEST_VALUE: usize = 64 * 1024;

/// How much a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Memory, in MiB (1 to 512).
    pub memory_mib: u32,
    /// Computing, in milliseconds (10 to 60,000). Waiting for other systems does not count.
    pub compute_ms: u32,
    /// The whole call, in milliseconds (100 to 300,000).
    pub whole_ms: u32,
    /// What it puts out, in KiB (1 to 16,384).
    pub output_kib: u32,
    /// Lines in the log (0 to 10,000).
    pub log_lines: u32,
    /// Calls under way at once (1 to 32).
    pub at_once: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mib: 64,
            compute_ms: 2_000,
            whole_ms: 60_000,
            output_kib: 1_024,
            log_lines: 200,
            at_once: 8,
        }
    }
}

impl Limits {
    /// Whether the host can hold them.
    ///
    /// # Errors
    /// The first that is out of bounds, in words.
    pub fn check(&self) -> Result<(), String> {
        let bounds = [
            ("memory_mib", self.memory_mib, 1, LARGEST_MEMORY_MIB),
            ("compute_ms", self.compute_ms, 10, 60_000),
            ("whole_ms", self.whole_ms, 100, 300_000),
            ("output_kib", self.output_kib, 1, 16 * 1024),
            ("log_lines", self.log_lines, 0, 10_000),
            ("at_once", self.at_once, 1, crate::host::PLACES),
        ];
        for (name, given, least, most) in bounds {
            if !(least..=most).contains(&given) {
                return Err(format!("`{name}` must be {least} to {most}"));
            }
        }
        Ok(())
    }
}
