//! The whole engine under simulated time, in a world made from one seed: machine, runner, timer, recovery and the
//! group-commit writer are the real ones; the disk, the world outside, the senders and time are simulated. The world
//! crashes between any two effects, delays, reorders, fails, loses answers and delivers twice; a checker holds the laws.
//!
//! `SEED=n` replays one seed and prints its history when it fails; `SEEDS=n` plays that many; `TRACE=1` keeps the
//! history. See `docs/simulation.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a failed test may panic and print"
)]

mod books;
mod chance;
mod clock;
mod failures;
mod fate;
mod flaws;
mod hearing;
mod laws;
mod leads;
mod people;
mod play;
mod queues;
mod rests;
mod server;
mod sketch;
mod stretches;
mod ticks;
mod uncut;
mod universe;
mod workflows;

use flaws::Flaw;
use laws::Law;
use play::play;
use std::time::Instant;

/// Seeds of a usual run.
const SEEDS: u64 = 400;
/// Seeds of a long run.
const MANY_SEEDS: u64 = 30_000;
/// Seeds within which every flaw must be caught.
const CATCH_WITHIN: u64 = 120;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn the_laws_hold() {
    let long = std::env::var_os("TRUNKLINE_LONG").is_some();
    let seeds = number("SEEDS").unwrap_or(if long { MANY_SEEDS } else { SEEDS });
    let seeds: Vec<u64> = number("SEED").map_or_else(|| (0..seeds).collect(), |seed| vec![seed]);
    let began = Instant::now();
    let failed = play::all(&seeds, None, &[], usize::MAX);
    let rate = seeds.len() as f64 * 60.0 / began.elapsed().as_secs_f64();
    println!("{} seeds in {:.1} s: {rate:.0} a minute", seeds.len(), began.elapsed().as_secs_f64());
    for played in &failed {
        println!("SEED={} fails:", played.seed);
        played.breaches.iter().for_each(|breach| println!("  {breach}"));
        played.told.iter().flatten().for_each(|line| print!("    {line}"));
    }
    let seeds: Vec<u64> = failed.iter().map(|played| played.seed).collect();
    assert!(failed.is_empty(), "laws were broken with the seeds {seeds:?}; SEED=n TRACE=1 replays one");
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..12 {
        let (first, second) = (play(seed, None), play(seed, None));
        let lines = first.told.iter().flatten().zip(second.told.iter().flatten());
        let parted = lines.into_iter().find(|(one, other)| one != other);
        assert!(first.trace == second.trace, "seed {seed} went another way the second time: {parted:#?}");
        assert_eq!(first.lives, second.lives);
    }
}

#[test]
fn reads_begin_while_their_turn_is_written() {
    assert!((0..12).any(|seed| play(seed, None).ahead > 0), "no read began ahead of its turn");
}

fn catches(flaw: Flaw, laws: &[Law]) {
    let seeds: Vec<u64> = (0..CATCH_WITHIN).collect();
    let caught = play::all(&seeds, Some(flaw), laws, 1);
    let caught =
        caught.first().unwrap_or_else(|| panic!("{flaw:?} was not caught within {CATCH_WITHIN} seeds"));
    let breach = caught.breaches.iter().find(|breach| laws.contains(&breach.law)).expect("it counted");
    println!("{flaw:?}: seed {}: {breach}", caught.seed);
}

/// A test for each flaw: the checker has to notice that it breaks these laws.
macro_rules! flaws {
    ($($test:ident: $flaw:ident breaks $($law:ident),+;)+) => {
        const FLAWS: &[(Flaw, &[Law])] = &[$((Flaw::$flaw, &[$(Law::$law),+])),+];

        $(
            #[test]
            fn $test() {
                catches(Flaw::$flaw, &[$(Law::$law),+]);
            }
        )+
    };
}

flaws! {
    an_early_acknowledgement_is_caught: AcknowledgesEarly breaks AcceptedRunsOnce, DoneOnce;
    a_forgotten_event_key_is_caught: ForgetsEventKeys breaks AcceptedRunsOnce;
    two_writers_of_a_turn_are_caught: LetsTwoWrite breaks JournaledOnce;
    a_forgotten_wake_is_caught: ForgetsWakes breaks NothingWaitsForEver;
    a_lost_letter_is_caught: LosesLetters breaks NothingWaitsForEver;
    a_forgotten_order_is_caught: ForgetsOrder breaks InOrder;
    a_forgotten_limit_is_caught: ForgetsLimits breaks WithinLimits;
    a_write_that_begins_while_its_turn_is_written_is_caught: WritesAhead breaks WrittenFirst;
    a_key_that_changes_with_the_attempt_is_caught: NewKeyPerAttempt breaks DoneOnce;
    a_blind_repeat_is_caught: RepeatsBlindly breaks DoneOnce;
    a_stretch_that_is_begun_again_is_caught: RepeatsStretches breaks EachItemOnce;
    a_forgotten_pause_is_caught: ForgetsPauses breaks PausedRests;
    a_forgotten_moment_is_caught: ForgetsTicks breaks TicksAccounted;
    a_failure_that_is_kept_quiet_is_caught: KeepsFailuresQuiet breaks FailureToldOnce;
    a_forgotten_repeat_is_caught: ForgetsRepeats breaks AcceptedRunsOnce;
    a_change_that_is_made_twice_is_caught: ChangesTwice breaks LeadsAgree;
    a_run_that_overtakes_is_caught: Overtakes breaks InOrder;
    an_answer_that_is_not_kept_is_caught: ForgetsAnswers breaks SameAsUncut;
    a_table_that_is_written_apart_is_caught: WritesApart breaks TablesAgree;
    a_write_that_was_decided_beforehand_is_caught: DecidesBeforehand breaks TablesAgree;
    a_forgotten_event_of_a_lead_is_caught: ForgetsEvents breaks EventsHeardOnce;
    an_event_of_a_lead_that_is_heard_twice_is_caught: HearsTwice breaks EventsHeardOnce;
    events_of_a_lead_out_of_order_are_caught: HearsBackwards breaks EventsHeardOnce;
}

#[test]
fn every_law_has_a_flaw_that_breaks_it_alone() {
    let is_shown = |law: &&Law| FLAWS.iter().any(|(_, laws)| *laws == [**law]);
    let unproven: Vec<&Law> = Law::ALL.iter().filter(|law| !is_shown(law)).collect();
    assert!(unproven.is_empty(), "no flaw shows that the checker holds {unproven:?}");
}
