//! How long it takes to find the candidates among a million leads, and how much memory that needs.
//!
//! The leads are made up, always the same: common and rare names, cities and companies in the proportions of real
//! lists, and one in ten is a slip-ridden copy of another.

use crate::measure::Measure;
use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;
use std::time::Instant;
use trunkline_leads::linkage::{Blocks, Person};

const LEADS: u64 = 1_000_000;
/// Every so many leads one is a copy of the lead before it by this many places.
const COPY_EVERY: u64 = 10;
const COPY_OF: u64 = 7;

pub(crate) fn measure(_: &Path) -> Result<Vec<Measure>> {
    let began = Instant::now();
    let mut blocks = Blocks::new();
    let mut making = 0.0;
    for number in 0..LEADS {
        let made = Instant::now();
        let lead = lead(number);
        making += made.elapsed().as_secs_f64();
        blocks.add(&lead);
    }
    let candidates = blocks.candidates();
    let seconds = began.elapsed().as_secs_f64() - making;
    let copies = (0..LEADS).filter(|number| is_copy(*number)).count();
    let found = candidates.iter().filter(|(left, right)| {
        is_copy(u64::from(*right)) && u64::from(*right) - u64::from(*left) == COPY_OF
    });
    Ok(vec![
        Measure::new("dedupe_candidates_1m_s", seconds),
        Measure::new("dedupe_candidates_1m_peak_mb", peak_mb()?),
        Measure::new("dedupe_candidates_1m_pairs", candidates.len() as f64),
        Measure::new("dedupe_candidates_1m_recall", found.count() as f64 / copies as f64),
    ])
}

fn is_copy(number: u64) -> bool {
    number % COPY_EVERY == COPY_EVERY - 1
}

fn lead(number: u64) -> Person {
    let original = if is_copy(number) { number - COPY_OF } else { number };
    let draw = |what: u64, of: u64| chance(original * 16 + what) % of;
    // The square of a chance: few names are common and many are rare.
    let skewed = |what: u64, of: u64| draw(what, of) * draw(what + 8, of) / of;
    let first = word(skewed(0, 4_000));
    let last = word(10_000 + skewed(1, 60_000));
    let company = word(200_000 + draw(2, 80_000));
    let mut values = [
        ("first_name", first.clone()),
        ("last_name", last.clone()),
        ("email", format!("{first}.{last}{}@{company}.example", draw(3, 50))),
        ("phone", format!("+4420{:08}", draw(4, 100_000_000))),
        ("company", company),
        ("city", word(500_000 + skewed(5, 3_000))),
        ("country", word(600_000 + draw(6, 40))),
    ];
    if is_copy(number) {
        // A new address and number in half of the copies, a slip in a name in all of them.
        if chance(number).is_multiple_of(2) {
            values[2].1 = format!("{first}@{}.example", word(700_000 + number % 90_000));
            values[3].1 = String::new();
        }
        let name = &mut values[usize::from(chance(number + 1).is_multiple_of(2))].1;
        name.insert(name.len() / 2, 'x');
    }
    Person::of_columns(values.iter().map(|(column, value)| (*column, value.as_str())))
}

/// A word of its own for every number.
fn word(mut number: u64) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "ler", "mon", "ti", "ska", "ver", "dun", "hol", "gre", "pi", "so", "lan", "mer", "kov", "ri",
        "tas", "wen", "bur", "ney", "fa",
    ];
    let mut word = String::new();
    loop {
        word.push_str(SYLLABLES[(number % 20) as usize]);
        number /= 20;
        if number == 0 {
            return word;
        }
    }
}

/// A chance that is the same on every machine (splitmix64, Steele, Lea and Flood 2014).
fn chance(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The most memory this process ever held.
fn peak_mb() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("memory is read from /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("status has a peak")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
