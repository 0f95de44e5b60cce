//! Probabilistic linkage: which records are one person although no key says so.
//!
//! Records become [`Person`]s (one normalised value per [`Role`]), [`Blocks`] say which pairs are worth a look, a
//! [`Pattern`] tells how alike a pair is, a [`Model`] what that is worth, [`Evidence`] where the model comes from, and
//! [`groups`] who belongs together. [`link`] does all of it for a set that fits in memory; a store goes through the
//! parts by stretches ([`Survey`]), and looks for those like one record by its words ([`Probe`]). What people answer
//! corrects a model ([`learn`]).
//!
//! What it must never do: merge anything (that is an operation of the book), read a label, or give another answer for
//! the same records in the same order.

mod block;
mod cluster;
mod compare;
mod estimate;
mod frequency;
mod lookup;
mod model;
mod nicknames;
mod normal;
mod person;
mod role;
mod settings;
mod survey;
mod taught;

pub use block::{BYTES_PER_RECORD, Blocks, PAIRS_PER_RECORD, Pass, keys, passes};
pub use cluster::{LARGEST_GROUP, Link, groups};
pub use compare::{Level, Pattern};
pub use estimate::{Evidence, PAIRS_PER_PASS, RANDOM_PAIRS, in_words, random_pairs};
pub use frequency::{Commonness, Frequencies, Holders};
pub(crate) use lookup::Seen;
pub use lookup::{Alike, Look, MOST_ALIKE, Probe, Sought, rank, words};
pub use model::{Likelihoods, Model, Reason, Score};
pub use person::Person;
pub use role::Role;
pub use settings::{DuplicateSettings, LOWEST};
pub use survey::{MOST_FOUND, Scoring, Survey, Suspect};
pub use taught::{
    Answered, Corrections, FEWEST_ANSWERS, FEWEST_OF_EACH, Lesson, MOST_ANSWERS, Tally, Taught, learn,
};

/// Sets of at most this many records are compared in full: what hides from every pass is found as well.
const COMPARED_IN_FULL: usize = 1_500;

/// What [`link`] found.
#[derive(Debug, Clone)]
pub struct Linked {
    /// What was learned.
    pub model: Model,
    /// How common values are.
    pub frequencies: Frequencies,
    /// Every pair that was compared, with its log-odds.
    pub links: Vec<Link>,
    /// Records that are one person, by number.
    pub groups: Vec<Vec<u32>>,
}

/// Links a set of records that fits in memory: learns from it and groups what is more likely one person than two, at
/// least with `probability`.
#[must_use]
pub fn link(people: &[Person], probability: f64) -> Linked {
    let mut frequencies = Frequencies::new(people.len());
    let mut blocks = Blocks::new();
    for person in people {
        frequencies.add(person);
        blocks.add(person);
    }
    let pattern = |(left, right): (u32, u32)| Pattern::of(&people[left as usize], &people[right as usize]);
    let mut evidence = Evidence::new(people.len() as u64);
    for pair in random_pairs(u32::try_from(people.len()).unwrap_or(u32::MAX)) {
        evidence.see_random(pattern(pair));
    }
    for pass in 0..Pass::COUNT {
        for pair in blocks.pairs_of(pass).into_iter().take(PAIRS_PER_PASS) {
            evidence.see_of_pass(pass, pattern(pair));
        }
    }
    let candidates =
        if people.len() <= COMPARED_IN_FULL { everybody(people.len()) } else { blocks.candidates() };
    for &pair in &candidates {
        evidence.see_candidate(pattern(pair));
    }
    let model = evidence.learn();
    let score = |left: u32, right: u32| {
        model.score(&people[left as usize], &people[right as usize], &frequencies).bits
    };
    let links: Vec<Link> =
        candidates.into_iter().map(|(left, right)| Link { left, right, bits: score(left, right) }).collect();
    let groups = groups(&links, model::log_odds(probability), score);
    Linked { model, frequencies, links, groups }
}

/// All pairs of so many records.
fn everybody(people: usize) -> Vec<(u32, u32)> {
    let people = u32::try_from(people).expect("few enough to be compared in full");
    (0..people).flat_map(|left| (left + 1..people).map(move |right| (left, right))).collect()
}
