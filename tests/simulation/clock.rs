//! Simulated time, and ids that follow it.

use crate::universe::Universe;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use trunkline_engine::run::RunId;
use trunkline_server::runner::sources::Sources;
use uuid::Uuid;

/// When the simulated world begins.
pub(crate) const BEGINNING: DateTime<Utc> =
    DateTime::from_timestamp(1_800_000_000, 0).expect("a moment of this century");

/// A clock that goes on from one life of the server to the next. Within a life it is tokio's paused clock.
#[derive(Debug)]
pub(crate) struct Clock {
    life: Mutex<Life>,
    ids: AtomicU64,
}

#[derive(Debug)]
struct Life {
    /// The moment it began, in simulated time.
    at: DateTime<Utc>,
    /// The same moment on tokio's clock; nothing between two lives.
    began: Option<Instant>,
}

impl Clock {
    /// A clock at the beginning of the simulated world.
    pub(crate) fn new() -> Self {
        Self { life: Mutex::new(Life { at: BEGINNING, began: None }), ids: AtomicU64::new(0) }
    }

    /// Begins a life, within its runtime.
    pub(crate) fn start(&self) {
        self.life.lock().unwrap().began = Some(Instant::now());
    }

    /// Ends a life, within its runtime.
    pub(crate) fn stop(&self) {
        let now = self.now();
        *self.life.lock().unwrap() = Life { at: now, began: None };
    }

    /// Lets time pass between two lives.
    pub(crate) fn pass(&self, time: Duration) {
        self.life.lock().unwrap().at += TimeDelta::from_std(time).expect("a short time");
    }

    /// The moment it is.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let life = self.life.lock().unwrap();
        let gone = life.began.map_or(Duration::ZERO, |began| began.elapsed());
        (life.at + TimeDelta::from_std(gone).expect("a short time")).trunc_subsecs(6)
    }

    /// An id in the shape of a UUIDv7: the moment, then a count.
    pub(crate) fn id(&self) -> Uuid {
        let millis = u128::from(self.now().timestamp_millis().unsigned_abs());
        let count = u128::from(self.ids.fetch_add(1, Ordering::Relaxed));
        Uuid::from_u128((millis << 80) | (0x7 << 76) | (0x2 << 62) | count)
    }
}

/// The clock of a universe, as the server is handed it.
#[derive(Debug)]
pub(crate) struct Shared(pub(crate) Arc<Universe>);

impl Sources for Shared {
    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    fn run_id(&self) -> RunId {
        self.0.clock.id()
    }
}
