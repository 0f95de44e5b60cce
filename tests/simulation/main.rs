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

mod chance;
mod clock;
mod failures;
mod fate;
mod flaws;
mod laws;
mod leads;
mod people;
mod play;
mod queues;
mod rests;
mod server;
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

fn catches(flaw: Flaw, laws: &[Law]) {
    let seeds: Vec<u64> = (0..CATCH_WITHIN).collect();
    let caught = play::all(&seeds, Some(flaw), laws, 1);
    let caught =
        caught.first().unwrap_or_else(|| panic!("{flaw:?} was not caught within {CATCH_WITHIN} seeds"));
    let breach = caught.breaches.iter().find(|breach| laws.contains(&breach.law)).expect("it counted");
    println!("{flaw:?}: seed {}: {breach}", caught.seed);
}

#[test]
fn an_early_acknowledgement_is_caught() {
    catches(Flaw::AcknowledgesEarly, &[Law::AcceptedRunsOnce, Law::DoneOnce]);
}

#[test]
fn a_forgotten_event_key_is_caught() {
    catches(Flaw::ForgetsEventKeys, &[Law::AcceptedRunsOnce]);
}

#[test]
fn two_writers_of_a_turn_are_caught() {
    catches(Flaw::LetsTwoWrite, &[Law::JournaledOnce]);
}

#[test]
fn a_forgotten_wake_is_caught() {
    catches(Flaw::ForgetsWakes, &[Law::NothingWaitsForEver]);
}

#[test]
fn a_lost_letter_is_caught() {
    catches(Flaw::LosesLetters, &[Law::NothingWaitsForEver]);
}

#[test]
fn a_forgotten_order_is_caught() {
    catches(Flaw::ForgetsOrder, &[Law::InOrder]);
}

#[test]
fn a_forgotten_limit_is_caught() {
    catches(Flaw::ForgetsLimits, &[Law::WithinLimits]);
}

#[test]
fn a_key_that_changes_with_the_attempt_is_caught() {
    catches(Flaw::NewKeyPerAttempt, &[Law::DoneOnce]);
}

#[test]
fn a_blind_repeat_is_caught() {
    catches(Flaw::RepeatsBlindly, &[Law::DoneOnce]);
}

#[test]
fn a_stretch_that_is_begun_again_is_caught() {
    catches(Flaw::RepeatsStretches, &[Law::EachItemOnce]);
}

#[test]
fn a_forgotten_pause_is_caught() {
    catches(Flaw::ForgetsPauses, &[Law::PausedRests]);
}

#[test]
fn a_forgotten_moment_is_caught() {
    catches(Flaw::ForgetsTicks, &[Law::TicksAccounted]);
}

#[test]
fn a_failure_that_is_kept_quiet_is_caught() {
    catches(Flaw::KeepsFailuresQuiet, &[Law::FailureToldOnce]);
}

#[test]
fn a_forgotten_repeat_is_caught() {
    catches(Flaw::ForgetsRepeats, &[Law::AcceptedRunsOnce]);
}

#[test]
fn a_change_that_is_made_twice_is_caught() {
    catches(Flaw::ChangesTwice, &[Law::LeadsAgree]);
}

#[test]
fn a_run_that_overtakes_is_caught() {
    catches(Flaw::Overtakes, &[Law::InOrder]);
}
