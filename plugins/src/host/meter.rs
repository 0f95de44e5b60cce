//! What a call takes, and the point at which it is too much.

use crate::limits::{Limits, TABLE_ENTRIES};
use wasmtime::{ResourceLimiter, bail};

/// Why the host stopped a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It computed too long.
    Work,
    /// It wanted too much memory.
    Memory,
    /// It wanted too large tables.
    Tables,
    /// It wrote too many lines.
    Words,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Meter {
    limits: Limits,
    memory: usize,
    table: usize,
    /// Most memory it had.
    pub(super) peak: usize,
    /// Ticks it met while it computed.
    pub(super) ticks: u32,
    lines: u32,
    /// Why it was stopped, if it was.
    pub(super) stop: Option<Stop>,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, memory: 0, table: 0, peak: 0, ticks: 0, lines: 0, stop: None }
    }

    /// Counts a tick of computing; false when there may be no more.
    pub(super) fn tick(&mut self) -> bool {
        self.ticks += 1;
        let goes_on = self.ticks <= self.limits.compute_ms;
        if !goes_on {
            self.stop = Some(Stop::Work);
        }
        goes_on
    }

    /// Counts a line of the log; false when there may be no more.
    pub(super) fn line(&mut self) -> bool {
        self.lines += 1;
        let goes_on = self.lines <= self.limits.log_lines;
        if !goes_on {
            self.stop = Some(Stop::Words);
        }
        goes_on
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, now: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        // All memories of the component together.
        let memory = self.memory + (wanted - now);
        if memory > self.limits.memory_mib as usize * 1024 * 1024 {
            self.stop = Some(Stop::Memory);
            bail!("more memory than the limit");
        }
        self.memory = memory;
        self.peak = self.peak.max(memory);
        Ok(true)
    }

    fn table_growing(&mut self, now: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let table = self.table + (wanted - now);
        if table > TABLE_ENTRIES {
            self.stop = Some(Stop::Tables);
            bail!("larger tables than the limit");
        }
        self.table = table;
        Ok(true)
    }

    fn instances(&self) -> usize {
        32
    }

    fn tables(&self) -> usize {
        32
    }

    fn memories(&self) -> usize {
        4
    }
}
