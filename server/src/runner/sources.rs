//! Where the runner takes time and ids from: the system, or a test that plays time and chance.
//!
//! Nothing else in this folder asks a clock or draws an id, so a run of the whole runner under tokio's paused clock
//! and a seeded source of ids happens the same way every time. Sleeping is tokio's.

use chrono::{DateTime, SubsecRound, Utc};
use std::fmt::Debug;
use trunkline_engine::run::RunId;

/// A clock and a source of ids.
pub trait Sources: Debug + Send + Sync {
    /// The moment it is, in whole microseconds: the store keeps no finer ones, and a replay must see the same moment.
    fn now(&self) -> DateTime<Utc>;

    /// An id nobody has; ids given later sort later.
    fn run_id(&self) -> RunId;
}

/// The system's clock, and ids of the current moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Sources for System {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn run_id(&self) -> RunId {
        RunId::now_v7()
    }
}
