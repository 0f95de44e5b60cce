//! One seed played to its end: lives of the server, one after the other, until everything is quiet.

use crate::chance::Chance;
use crate::flaws::Flaw;
use crate::laws::{self, Breach, Law};
use crate::server::{End, Stage, deliveries};
use crate::universe::{Platter, Universe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use trunkline_store::memory::Disk;

/// What came of a seed.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) seed: u64,
    pub(crate) breaches: Vec<Breach>,
    /// Tells one history from another.
    pub(crate) trace: String,
    /// The history, if `TRACE` is set.
    pub(crate) told: Option<Vec<String>>,
    /// How often the server was started.
    pub(crate) lives: usize,
    /// Reads that began before the turn that asks for them was written.
    pub(crate) ahead: usize,
}

/// Plays `seed` with `flaw`, if any.
pub(crate) fn play(seed: u64, flaw: Option<Flaw>) -> Played {
    let universe = Universe::new(seed, flaw == Some(Flaw::AcknowledgesEarly));
    let disk = Disk::new(Arc::new(Platter(Arc::clone(&universe))));
    let deliveries = Arc::new(Mutex::new(deliveries(seed)));
    let mut stage = Stage { universe: Arc::clone(&universe), disk, flaw, deliveries, second_after: None };
    let mut chance = Chance::of(seed, "lives");
    let crashes = chance.below(7);

    universe.begin_life(true, None);
    on_a_runtime(&universe, stage.set_up());
    let mut lives = 0;
    let end = loop {
        lives += 1;
        let fuse = (lives <= crashes).then(|| {
            let far = chance.percent(30);
            chance.below(if far { 600 } else { 60 })
        });
        // Two servers at once end with the death of both, so that the last life is one server's.
        let second = fuse.is_some() && chance.percent(25);
        stage.second_after = second.then(|| Duration::from_millis(chance.between(0, 90_000)));
        universe.begin_life(false, fuse);
        universe.tell(&format!("life {lives}"));
        let end = on_a_runtime(&universe, stage.live());
        stage.disk.lose_power();
        universe.clock.pass(Duration::from_millis(chance.between(1, 30_000)));
        if end != End::Died {
            break end;
        }
    };
    let (trace, told) = universe.trace();
    let lives = usize::try_from(lives).expect("a few");
    let (breaches, ahead) = laws::judge(&stage, end);
    Played { seed, breaches, trace, told, lives, ahead }
}

/// Runs `work` on a runtime of its own with a clock that jumps to the next thing to do. Whatever else was going on is
/// dropped with the runtime, wherever it stands: that is the crash.
fn on_a_runtime<T>(universe: &Universe, work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets needs nothing of the system");
    runtime.block_on(async {
        universe.clock.start();
        let done = work.await;
        universe.clock.stop();
        done
    })
}

/// Plays `seeds` on all cores, until `enough` have failed; gives those that failed, by seed. Only failures that break one
/// of `laws` count, if any are named.
pub(crate) fn all(seeds: &[u64], flaw: Option<Flaw>, laws: &[Law], enough: usize) -> Vec<Played> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let work = || {
        while let Some(&seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            if failed.lock().unwrap().len() >= enough {
                return;
            }
            let played = play(seed, flaw);
            let counts = |breach: &Breach| laws.is_empty() || laws.contains(&breach.law);
            if played.breaches.iter().any(counts) {
                failed.lock().unwrap().push(played);
            }
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        (0..cores).for_each(|_| drop(scope.spawn(work)));
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort_by_key(|played| played.seed);
    failed
}
