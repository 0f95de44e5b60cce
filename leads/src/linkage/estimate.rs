//! Learning from the records themselves what agreement is worth, without anybody saying who is the same.
//!
//! - How often strangers agree (u) is counted over pairs drawn without looking, each by the chance that it is two people.
//! - How often one person's records agree (m) is found by expectation and maximisation (Dempster, Laird and Rubin 1977,
//!   for record linkage Winkler 1988) within the pairs of one blocking pass, for the roles that the pass does not sort
//!   by: its own roles agree by construction. Passes speak for a role by the number of matches they are thought to hold.
//! - The share of pairs that are one person is then what the candidates add up to.
//!
//! Where there is little to learn from, what [`Model::assumed`] says stays. The same records give the same model.

use super::block::{Pass, mix, passes};
use super::compare::{Level, Pattern};
use super::model::{Likelihoods, Model, log_odds, probability};
use super::role::Role;
use std::collections::BTreeMap;

/// Pairs drawn without looking that are enough.
pub const RANDOM_PAIRS: usize = 200_000;
/// Pairs of one pass that are enough.
pub const PAIRS_PER_PASS: usize = 100_000;
/// Turns of learning: each looks at strangers with what the one before found of matches.
const TURNS: usize = 4;
/// Steps of expectation and maximisation within a turn.
const STEPS: usize = 60;
/// What is assumed counts like this many pairs beside what is seen.
const ASSUMED_PAIRS: f64 = 20.0;
/// Fewer pairs of a pass teach nothing.
const FEWEST_PAIRS: u64 = 20;

type Counts = BTreeMap<Pattern, u64>;

/// What was seen of pairs. Of each pair only its pattern is kept, so that its size does not depend on their number.
#[derive(Debug, Clone)]
pub struct Evidence {
    people: u64,
    random: Counts,
    passes: [Counts; Pass::COUNT],
    candidates: Counts,
    /// How many candidates each one seen stands for.
    candidate_scale: f64,
}

impl Evidence {
    /// Nothing seen yet of `people` records.
    #[must_use]
    pub fn new(people: u64) -> Self {
        Self {
            people,
            random: Counts::new(),
            passes: std::array::from_fn(|_| Counts::new()),
            candidates: Counts::new(),
            candidate_scale: 1.0,
        }
    }

    /// A pair drawn without looking.
    pub fn see_random(&mut self, pattern: Pattern) {
        *self.random.entry(pattern).or_default() += 1;
    }

    /// A pair of the pass.
    pub fn see_of_pass(&mut self, pass: usize, pattern: Pattern) {
        *self.passes[pass].entry(pattern).or_default() += 1;
    }

    /// A candidate of any pass, each once.
    pub fn see_candidate(&mut self, pattern: Pattern) {
        *self.candidates.entry(pattern).or_default() += 1;
    }

    /// Says that only a part of `candidates` candidates was seen.
    pub fn of_candidates(&mut self, candidates: u64) {
        let seen: u64 = self.candidates.values().sum();
        self.candidate_scale = candidates as f64 / seen.max(1) as f64;
    }

    /// What the evidence says.
    #[must_use]
    pub fn learn(&self) -> Model {
        let assumed = Model::assumed();
        let mut model = assumed.clone();
        for _ in 0..TURNS {
            model.prior = self.prior(&model);
            let other = self.strangers(&model);
            for (role, known) in &mut model.roles {
                known.other = settled(&other[*role as usize], &assumed.roles[role].other);
            }
            let same = self.matches(&model);
            for (role, known) in &mut model.roles {
                known.same = settled(&same[*role as usize], &assumed.roles[role].same);
            }
        }
        model.prior = self.prior(&model);
        model
    }

    /// Counts of levels among strangers.
    fn strangers(&self, model: &Model) -> [[f64; Level::COUNT]; Role::COUNT] {
        let mut counts = [[0.0; Level::COUNT]; Role::COUNT];
        let weights = model.weights();
        for (&pattern, &times) in &self.random {
            let chance = 1.0 - probability(weights.bits_of(pattern, model.prior));
            count(&mut counts, pattern, times as f64 * chance);
        }
        counts
    }

    /// Counts of levels among matches, from every pass for the roles it does not sort by.
    fn matches(&self, model: &Model) -> [[f64; Level::COUNT]; Role::COUNT] {
        let mut all = [[0.0; Level::COUNT]; Role::COUNT];
        for (pass, patterns) in passes().into_iter().zip(&self.passes) {
            if patterns.values().sum::<u64>() < FEWEST_PAIRS {
                continue;
            }
            let found = within_pass(pass, patterns, model);
            for role in Role::ALL.into_iter().filter(|role| !pass.uses(*role)) {
                for (sum, of_pass) in all[role as usize].iter_mut().zip(found[role as usize]) {
                    *sum += of_pass;
                }
            }
        }
        all
    }

    /// The share of all pairs that are one person: what the candidates add up to.
    fn prior(&self, model: &Model) -> f64 {
        let pairs = (self.people as f64 * (self.people as f64 - 1.0) / 2.0).max(1.0);
        let mut prior = model.prior;
        let weights = model.weights();
        for _ in 0..STEPS {
            let chances = self
                .candidates
                .iter()
                .map(|(&pattern, &times)| times as f64 * probability(weights.bits_of(pattern, prior)));
            let found: f64 = chances.sum();
            // Never nothing: a store without a duplicate may get one.
            prior = (found.max(0.5) * self.candidate_scale / pairs).clamp(1e-12, 0.5);
        }
        prior
    }
}

/// Expectation and maximisation over the pairs of one pass.
fn within_pass(pass: Pass, patterns: &Counts, model: &Model) -> [[f64; Level::COUNT]; Role::COUNT] {
    let mut local = model.clone();
    local.prior = 0.3;
    let total = patterns.values().sum::<u64>() as f64;
    let mut counts = [[0.0; Level::COUNT]; Role::COUNT];
    for _ in 0..STEPS {
        counts = [[0.0; Level::COUNT]; Role::COUNT];
        let mut found = 0.0;
        let weights = local.weights().without(|role| pass.uses(role));
        for (&pattern, &times) in patterns {
            let chance = probability(weights.bits_of(pattern, local.prior));
            found += times as f64 * chance;
            count(&mut counts, pattern, times as f64 * chance);
        }
        let moved = (found / total - local.prior).abs();
        local.prior = (found / total).clamp(1e-6, 1.0 - 1e-6);
        for (role, known) in &mut local.roles {
            known.same = settled(&counts[*role as usize], &model.roles[role].same);
        }
        if moved < 1e-6 {
            break;
        }
    }
    counts
}

fn count(counts: &mut [[f64; Level::COUNT]; Role::COUNT], pattern: Pattern, times: f64) {
    for role in Role::ALL {
        counts[role as usize][pattern.level(role) as usize] += times;
    }
}

/// Likelihoods out of counts, with what is assumed beside them. Missing values have no say.
fn settled(counts: &[f64; Level::COUNT], assumed: &[f64; Level::COUNT]) -> [f64; Level::COUNT] {
    let total: f64 = counts[1..].iter().sum::<f64>() + ASSUMED_PAIRS;
    let mut settled = [0.0; Level::COUNT];
    for level in 1..Level::COUNT {
        let seen = counts[level] + ASSUMED_PAIRS * assumed[level];
        settled[level] = (seen / total).max(1e-9);
    }
    settled
}

/// Pairs of `people` records drawn without looking: all of them when they are few, else `RANDOM_PAIRS` of them, always the same.
pub fn random_pairs(people: u32) -> Box<dyn Iterator<Item = (u32, u32)>> {
    let count = u64::from(people);
    if count < 2 {
        return Box::new(std::iter::empty());
    }
    if count * (count - 1) / 2 <= RANDOM_PAIRS as u64 {
        return Box::new(
            (0..people).flat_map(move |left| (left + 1..people).map(move |right| (left, right))),
        );
    }
    let draw = move |seed: u64| u32::try_from(mix(seed) % count).expect("smaller than a 32-bit count");
    let pairs = (0..RANDOM_PAIRS as u64).map(move |turn| (draw(2 * turn), draw(2 * turn + 1)));
    Box::new(pairs.filter(|(left, right)| left != right))
}

/// The likelihoods of `role` in words for people who look at the model: how often one person's records agree, and strangers'.
#[must_use]
pub fn in_words(role: Role, known: &Likelihoods) -> String {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let same = known.same[Level::Same as usize];
    let other = known.other[Level::Same as usize];
    format!(
        "The {role} is the same in {} of duplicates and in {} of strangers ({:+.1} bits).",
        percent(same),
        percent(other),
        log_odds(same) - log_odds(other)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkage::Person;

    /// Two hundred people and a copy of each; every fourth copy has another e-mail address.
    fn people() -> Vec<Person> {
        let person = |n: u64, host: &str| {
            let (first, last) = (format!("f{}", mix(n) % 900), format!("l{}", mix(n + 7) % 900));
            let email = format!("{}@{host}", mix(n));
            let columns = [("first_name", first), ("surname", last), ("email", email)];
            Person::of_columns(columns.iter().map(|(column, value)| (*column, value.as_str())))
        };
        let copies = (0..200).map(|n| person(n, if n % 4 == 0 { "other.example" } else { "a.example" }));
        (0..200).map(|n| person(n, "a.example")).chain(copies).collect()
    }

    #[test]
    fn what_was_put_in_is_learned_without_being_told() {
        let linked = crate::linkage::link(&people(), 0.5);
        let email = linked.model.roles[&Role::Email];
        assert!((email.same[Level::Same as usize] - 0.75).abs() < 0.05, "{:?}", email.same);
        assert!(email.other[Level::Different as usize] > 0.99);
        let pairs = 400.0 * 399.0 / 2.0;
        assert!((linked.model.prior * pairs - 200.0).abs() < 10.0, "{}", linked.model.prior * pairs);
        let expected: Vec<Vec<u32>> = (0..200).map(|n| vec![n, n + 200]).collect();
        assert_eq!(linked.groups, expected);
    }

    #[test]
    fn the_same_records_give_the_same_model() {
        let people = people();
        assert_eq!(crate::linkage::link(&people, 0.5).model, crate::linkage::link(&people, 0.5).model);
    }

    #[test]
    fn nothing_seen_leaves_what_is_assumed() {
        let model = Evidence::new(10).learn();
        let assumed = Model::assumed();
        for (role, known) in &model.roles {
            for level in 1..Level::COUNT {
                let before = assumed.roles[role].same[level];
                assert!((known.same[level] - before).abs() < 0.03, "{role}");
            }
        }
        assert!(in_words(Role::Email, &model.roles[&Role::Email]).starts_with("The e-mail is the same in 7"));
    }

    #[test]
    fn few_records_are_drawn_in_full_and_many_by_chance() {
        assert_eq!(random_pairs(0).count(), 0);
        assert_eq!(random_pairs(4).collect::<Vec<_>>(), [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]);
        let drawn: Vec<_> = random_pairs(1_000_000).collect();
        assert!(drawn.len() > RANDOM_PAIRS * 99 / 100 && drawn.len() <= RANDOM_PAIRS);
        assert!(drawn.iter().all(|(left, right)| left != right && *left < 1_000_000 && *right < 1_000_000));
    }
}
