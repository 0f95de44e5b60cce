//! Looking through a whole store in stretches: every lead once, then every candidate once, in bounded memory.

use super::block::{Blocks, Pass};
use super::cluster::{Link, groups};
use super::compare::Pattern;
use super::estimate::{Evidence, PAIRS_PER_PASS, RANDOM_PAIRS, random_pairs};
use super::frequency::Frequencies;
use super::model::{Model, Score, log_odds};
use super::person::Person;
use super::taught::Corrections;
use uuid::Uuid;

/// Most pairs that are kept; the least probable go first.
pub const MOST_FOUND: usize = 100_000;
/// Candidates that the model is learned from.
const CANDIDATES_SEEN: usize = 200_000;

/// A search under way. Memory is about 400 bytes per lead.
#[derive(Debug)]
pub struct Survey {
    ids: Vec<Uuid>,
    people: Vec<Person>,
    blocks: Blocks,
    frequencies: Frequencies,
}

/// Every lead was seen; now candidates are scored.
#[derive(Debug)]
pub struct Scoring {
    survey: Survey,
    model: Model,
    candidates: Vec<(u32, u32)>,
    next: usize,
    threshold: f64,
    found: Vec<Link>,
}

/// Two leads that may be one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// The lead with the smaller id.
    pub left: Uuid,
    /// The lead with the larger id.
    pub right: Uuid,
    /// How likely, and why.
    pub score: Score,
    /// Whether all others of its group agree that the two belong together at the probability for merging.
    pub is_settled: bool,
}

impl Survey {
    /// A search among about `leads` leads.
    #[must_use]
    pub fn new(leads: usize) -> Self {
        Self {
            ids: Vec::new(),
            people: Vec::new(),
            blocks: Blocks::new(),
            frequencies: Frequencies::new(leads),
        }
    }

    /// Sees the next lead.
    pub fn see(&mut self, id: Uuid, person: Person) {
        self.frequencies.add(&person);
        self.blocks.add(&person);
        self.ids.push(id);
        self.people.push(person);
    }

    /// Learns from what was seen and begins to score with what people taught; pairs less probable than `probability` are
    /// forgotten.
    #[must_use]
    pub fn score(self, probability: f64, corrections: Corrections) -> Scoring {
        let people = &self.people;
        let pattern =
            |(left, right): (u32, u32)| Pattern::of(&people[left as usize], &people[right as usize]);
        let mut evidence = Evidence::new(people.len() as u64);
        for pair in random_pairs(u32::try_from(people.len()).unwrap_or(u32::MAX)).take(RANDOM_PAIRS) {
            evidence.see_random(pattern(pair));
        }
        for pass in 0..Pass::COUNT {
            let pairs = self.blocks.pairs_of(pass);
            let every = pairs.len().div_ceil(PAIRS_PER_PASS).max(1);
            for pair in pairs.into_iter().step_by(every) {
                evidence.see_of_pass(pass, pattern(pair));
            }
        }
        let candidates = self.blocks.candidates();
        let every = candidates.len().div_ceil(CANDIDATES_SEEN).max(1);
        for pair in candidates.iter().step_by(every) {
            evidence.see_candidate(pattern(*pair));
        }
        evidence.of_candidates(candidates.len() as u64);
        let model = evidence.learn().corrected(corrections);
        Scoring {
            survey: self,
            model,
            candidates,
            next: 0,
            threshold: log_odds(probability),
            found: Vec::new(),
        }
    }
}

impl Scoring {
    /// What it scores by.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The share of candidates that is scored, from 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.candidates.is_empty() { 1.0 } else { self.next as f64 / self.candidates.len() as f64 }
    }

    /// Scores at most `most` candidates; answers whether there are more.
    pub fn go_on(&mut self, most: usize) -> bool {
        let end = self.candidates.len().min(self.next.saturating_add(most));
        for &(left, right) in &self.candidates[self.next..end] {
            let bits = self.score(left, right).bits;
            if bits >= self.threshold {
                self.found.push(Link { left, right, bits });
            }
        }
        self.next = end;
        if self.found.len() > 2 * MOST_FOUND {
            self.keep_the_best();
        }
        end < self.candidates.len()
    }

    fn keep_the_best(&mut self) {
        self.found.sort_by(|a, b| b.bits.total_cmp(&a.bits).then((a.left, a.right).cmp(&(b.left, b.right))));
        self.found.truncate(MOST_FOUND);
    }

    fn score(&self, left: u32, right: u32) -> Score {
        let people = &self.survey.people;
        self.model.score(&people[left as usize], &people[right as usize], &self.survey.frequencies)
    }

    /// What was found, the most probable first; `merge` is the probability from which groups are settled.
    #[must_use]
    pub fn suspects(mut self, merge: Option<f64>) -> Vec<Suspect> {
        self.keep_the_best();
        let mut group_of = std::collections::HashMap::new();
        if let Some(merge) = merge {
            let settled = groups(&self.found, log_odds(merge), |left, right| self.score(left, right).bits);
            for (name, group) in settled.into_iter().enumerate() {
                group_of.extend(group.into_iter().map(|record| (record, name)));
            }
        }
        let suspect = |link: &Link| {
            let (one, other) = (self.survey.ids[link.left as usize], self.survey.ids[link.right as usize]);
            let group = group_of.get(&link.left);
            Suspect {
                left: one.min(other),
                right: one.max(other),
                score: self.score(link.left, link.right),
                is_settled: group.is_some() && group == group_of.get(&link.right),
            }
        };
        self.found.iter().map(suspect).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that is like no other: eight letters out of a mixed number (splitmix64).
    fn name(n: u128) -> String {
        let mut mixed = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 27;
        (0..8).map(|place| char::from(b'a' + ((mixed >> (place * 7)) % 26) as u8)).collect()
    }

    fn person(n: u128, host: &str) -> Person {
        let (first, last) = (name(2 * n), name(2 * n + 1));
        let email = format!("{first}.{last}@{host}");
        let columns = [("first_name", first), ("surname", last), ("email", email)];
        Person::of_columns(columns.iter().map(|(column, value)| (*column, value.as_str())))
    }

    #[test]
    fn a_store_in_stretches_gives_what_it_gives_at_once() {
        let mut survey = Survey::new(100);
        for n in 0..60_u128 {
            survey.see(Uuid::from_u128(n + 1), person(n, "a.example"));
        }
        for n in 0..20_u128 {
            survey.see(Uuid::from_u128(n + 1_001), person(n, "b.example"));
        }
        let mut scoring = survey.score(0.5, Corrections::default());
        while scoring.go_on(7) {}
        assert!((scoring.share() - 1.0).abs() < f64::EPSILON);
        let suspects = scoring.suspects(Some(0.9));
        let mut pairs: Vec<(u128, u128)> =
            suspects.iter().map(|suspect| (suspect.left.as_u128(), suspect.right.as_u128())).collect();
        pairs.sort_unstable();
        let expected: Vec<(u128, u128)> = (0..20).map(|n| (n + 1, n + 1_001)).collect();
        assert_eq!(pairs, expected);
        assert!(suspects.iter().all(|suspect| suspect.is_settled && suspect.score.probability() > 0.9));
        assert!(suspects.windows(2).all(|two| two[0].score.bits >= two[1].score.bits));
    }
}
