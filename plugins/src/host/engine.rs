//! The machine guests run on: one engine, its places, the threads guests are polled on, and the clock that interrupts
//! them. Made when the first plugin is needed.

use crate::limits::LARGEST_MEMORY_MIB;
use parking_lot::{Condvar, Mutex};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::failure::Failure;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Guests that can be alive at once.
pub const PLACES: u32 = 32;
/// How often a guest that computes is interrupted, so that others get their turn.
const TICK: Duration = Duration::from_millis(1);
/// Bytes of a guest's memory that stay resident in its place for the next one.
const KEPT_WARM: usize = 256 * 1024;
/// Bytes of each of its tables.
const TABLE_KEPT_WARM: usize = 64 * 1024;
/// Core modules, and tables, of one guest. Every place has room for all of them: what interprets JavaScript has a dozen.
const PARTS: u32 = 16;
/// Memories of one guest: what interprets JavaScript has three, two of them small. All count towards its limit.
const MEMORIES: u32 = 4;
/// Places whose memory is kept at all while nothing runs.
const WARM_PLACES: u32 = 4;
/// Stack of a guest, in bytes; the rest of its fiber is for the host.
const STACK: usize = 512 * 1024;
const FIBER: usize = 1024 * 1024;
/// How far behind the server's own threads those of guests stand.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 10;

/// See the [module](self).
pub(super) struct Machine {
    pub(super) engine: Engine,
    /// Where guests are polled. Host calls leave for the server's own threads.
    threads: Option<tokio::runtime::Runtime>,
    ticker: Arc<Ticker>,
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.ticker.stop();
        // It may be dropped where nobody may wait.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

impl Machine {
    /// An engine with places for `places` guests.
    pub(super) fn new(places: u32) -> Result<Self, Failure> {
        let engine = engine(places)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores.div_ceil(2).clamp(1, 4))
            .thread_name("plugin")
            .event_interval(4)
            // Guests compute with what the server leaves.
            .on_thread_start(step_back)
            .build()
            .map_err(|error| crate::failures::not_compiled(&error.to_string()))?;
        let ticker = Ticker::start(engine.clone())
            .map_err(|error| crate::failures::not_compiled(&error.to_string()))?;
        Ok(Self { engine, threads: Some(threads), ticker })
    }

    /// The threads of guests.
    pub(super) fn threads(&self) -> &tokio::runtime::Handle {
        self.threads.as_ref().expect("they go with the machine").handle()
    }

    /// Lets the clock tick as long as what comes back is held.
    pub(super) fn ticking(&self) -> Ticking {
        self.ticker.begin();
        Ticking(Arc::clone(&self.ticker))
    }
}

/// Lets others go first; on this system that is said of a thread.
#[cfg(target_os = "linux")]
fn step_back() {
    if let Err(error) = rustix::process::nice(BEHIND) {
        tracing::debug!(%error, "the threads of plugins compete with the server's");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}

/// An engine as every process of this build makes it, so that code compiled by one runs in the other.
pub(super) fn engine(places: u32) -> Result<Engine, Failure> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(places)
        .total_core_instances(places.saturating_mul(PARTS))
        .total_memories(places.saturating_mul(MEMORIES))
        .total_tables(places.saturating_mul(PARTS))
        .total_stacks(places)
        .max_core_instances_per_component(PARTS)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(PARTS)
        .table_elements(crate::limits::TABLE_ENTRIES)
        .max_memory_size(LARGEST_MEMORY_MIB as usize * 1024 * 1024)
        .linear_memory_keep_resident(KEPT_WARM)
        .table_keep_resident(TABLE_KEPT_WARM)
        // Where the system can say which pages a guest wrote to, only those are put back as they were. Giving all of them
        // back and getting new ones took half of a call, and threads waited for one another over it.
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(WARM_PLACES);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        .async_stack_size(FIBER)
        // The same numbers on every machine, so that a replay gives what the run gave.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false);
    Engine::new(&config).map_err(|error| crate::failures::not_compiled(&format!("{error:#}")))
}

/// Names what code compiled for `engine` runs on.
pub(super) fn compatibility(engine: &Engine) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The clock: it ticks while guests are alive and sleeps otherwise.
struct Ticker {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    alive: usize,
    over: bool,
}

/// As long as this is held, the clock ticks.
pub(super) struct Ticking(Arc<Ticker>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.state.lock().alive -= 1;
    }
}

impl Ticker {
    fn start(engine: Engine) -> std::io::Result<Arc<Self>> {
        let ticker = Arc::new(Self { state: Mutex::default(), changed: Condvar::new() });
        let ours = Arc::clone(&ticker);
        std::thread::Builder::new().name("plugin-clock".into()).spawn(move || ours.tick(&engine))?;
        Ok(ticker)
    }

    fn tick(&self, engine: &Engine) {
        loop {
            let mut state = self.state.lock();
            while state.alive == 0 && !state.over {
                self.changed.wait(&mut state);
            }
            if state.over {
                return;
            }
            drop(state);
            std::thread::sleep(TICK);
            engine.increment_epoch();
        }
    }

    fn begin(&self) {
        self.state.lock().alive += 1;
        self.changed.notify_one();
    }

    fn stop(&self) {
        self.state.lock().over = true;
        self.changed.notify_one();
    }
}
