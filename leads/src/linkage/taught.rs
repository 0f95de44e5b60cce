//! What people's answers teach: how much more or less a level is worth than was learned from the records alone.
//!
//! People look at pairs and say whether they are one person. Their answers correct the weights of a [`Model`]: to the
//! log-odds of each pair a correction per role and level is added, such that the answers become likely (logistic
//! regression with the model's own log-odds as its offset). Corrections are drawn towards zero as if each were a normal
//! value of [`DEVIATION`] bits, so that few answers move little. People only ever see pairs that look alike; how likely
//! the answer is *given* how a pair looks does not depend on which pairs they see, which is why the weights are
//! corrected and not counted anew.
//!
//! What it must never do: learn from fewer answers than [`FEWEST_ANSWERS`], keep corrections that judge pairs worse that
//! they did not see, or give another result for the same answers in another order.

use super::block::mix;
use super::compare::{Level, Pattern};
use super::role::Role;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::f64::consts::LN_2;
use uuid::Uuid;

/// Fewest answers that anything is learned from.
pub const FEWEST_ANSWERS: u32 = 40;
/// Fewest answers of each sort: from merges alone nobody can tell what speaks against one.
pub const FEWEST_OF_EACH: u32 = 10;
/// Most answers that are looked at, the latest.
pub const MOST_ANSWERS: u32 = 20_000;
/// How far a correction may be expected from zero, in bits.
const DEVIATION: f64 = 1.5;
/// The same of what is added to every pair.
const DEVIATION_OF_ALL: f64 = 3.0;
/// No correction is larger, in bits.
const MOST_BITS: f64 = 4.0;
/// Log-odds beyond these say no more than that it is certain.
const CERTAIN: f64 = 15.0;
/// Rounds of descent; it stands still long before.
const ROUNDS: usize = 200;
/// How much less surprising an answer has to become on average, in nats; less is what certainty gains by itself.
const LEAST_GAIN: f64 = 0.01;
/// Parts that are held back in turn, to see whether what was learned from the others judges them better.
const PARTS: u64 = 5;

/// A pair and what a person said of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answered {
    /// Names the pair.
    pub pair: Uuid,
    /// How alike the two were.
    pub pattern: Pattern,
    /// The log-odds in bits when they were looked at, without corrections.
    pub bits: f64,
    /// Whether they are one person.
    pub is_one: bool,
}

/// What is added to weights, in bits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Corrections {
    /// To the log-odds of every pair.
    pub all: f64,
    /// To the weight of a level, by role. What is not named stays as it is.
    pub roles: BTreeMap<Role, BTreeMap<Level, f64>>,
}

impl Corrections {
    /// What is added to the weight of `level` of `role`.
    #[must_use]
    pub fn of(&self, role: Role, level: Level) -> f64 {
        self.roles.get(&role).and_then(|levels| levels.get(&level)).copied().unwrap_or(0.0)
    }

    /// What is added to the log-odds of a pair.
    fn bits_of(&self, pattern: Pattern) -> f64 {
        self.all + Role::ALL.into_iter().map(|role| self.of(role, pattern.level(role))).sum::<f64>()
    }
}

/// Corrections, and what they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Taught {
    /// Answers that two leads are one person.
    pub merged: u32,
    /// Answers that they are two.
    pub different: u32,
    /// The share of answers that the weights alone would have given.
    pub right_before: f64,
    /// The share of answers that are given with corrections learned from the others.
    pub right_after: f64,
    /// When it was learned.
    pub at: DateTime<Utc>,
    /// The corrections.
    pub corrections: Corrections,
}

/// What came of learning.
#[derive(Debug, Clone, PartialEq)]
pub enum Lesson {
    /// Corrections that judge better.
    Taught(Box<Taught>),
    /// There are too few answers, or too few of one sort.
    TooFew,
    /// The weights alone judge as well: they stay.
    NoBetter,
}

/// How many answers there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// That two leads are one person.
    pub merged: u32,
    /// That they are two.
    pub different: u32,
}

impl Tally {
    /// Of these answers.
    #[must_use]
    pub fn of(answers: &[Answered]) -> Self {
        let merged = answers.iter().filter(|answer| answer.is_one).count();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self { merged: count(merged), different: count(answers.len() - merged) }
    }

    /// Whether something may be learned from them.
    #[must_use]
    pub fn is_enough(self) -> bool {
        self.merged + self.different >= FEWEST_ANSWERS && self.merged.min(self.different) >= FEWEST_OF_EACH
    }
}

/// Learns from `answers`, whatever their order.
#[must_use]
pub fn learn(answers: &[Answered], at: DateTime<Utc>) -> Lesson {
    let tally = Tally::of(answers);
    if !tally.is_enough() {
        return Lesson::TooFew;
    }
    let mut answers = answers.to_vec();
    answers.sort_by_key(|answer| answer.pair);
    let (mut before, mut after) = (Judged::default(), Judged::default());
    for part in 0..PARTS {
        let (held, others): (Vec<Answered>, Vec<Answered>) =
            answers.iter().copied().partition(|answer| part_of(answer.pair) == part);
        let corrections = fit(&others);
        for answer in &held {
            before.see(answer, 0.0);
            after.see(answer, corrections.bits_of(answer.pattern));
        }
    }
    let gain = (before.surprise - after.surprise) / answers.len() as f64;
    if gain < LEAST_GAIN || after.right < before.right {
        return Lesson::NoBetter;
    }
    let share = |judged: &Judged| f64::from(judged.right) / answers.len() as f64;
    Lesson::Taught(Box::new(Taught {
        merged: tally.merged,
        different: tally.different,
        right_before: share(&before),
        right_after: share(&after),
        at,
        corrections: fit(&answers),
    }))
}

/// Which part a pair belongs to, the same in every store.
fn part_of(pair: Uuid) -> u64 {
    let (high, low) = pair.as_u64_pair();
    mix(high ^ mix(low)) % PARTS
}

/// How well answers are foretold.
#[derive(Default)]
struct Judged {
    right: u32,
    /// The sum of the logarithms of how likely the other answer was thought.
    surprise: f64,
}

impl Judged {
    fn see(&mut self, answer: &Answered, correction: f64) {
        let bits = answer.bits.clamp(-CERTAIN, CERTAIN) + correction;
        self.right += u32::from((bits >= 0.0) == answer.is_one);
        let towards = if answer.is_one { bits } else { -bits };
        self.surprise += (1.0 + (-towards).exp2()).ln();
    }
}

/// A correction while it is looked for: which answers it is added to, and its value.
struct Term {
    at: Option<(Role, Level)>,
    answers: Vec<usize>,
    value: f64,
    deviation: f64,
}

/// The corrections under which `answers` are most likely. One after another is moved to where it fits best while the
/// others stay, by Newton's rule; the sum that is made small has one lowest point, so this ends there.
fn fit(answers: &[Answered]) -> Corrections {
    let all =
        Term { at: None, answers: (0..answers.len()).collect(), value: 0.0, deviation: DEVIATION_OF_ALL };
    let mut terms = vec![all];
    for role in Role::ALL {
        for level in Level::ALL.into_iter().filter(|level| *level != Level::Missing) {
            let has = |at: &usize| answers[*at].pattern.level(role) == level;
            let with: Vec<usize> = (0..answers.len()).filter(has).collect();
            if !with.is_empty() {
                terms.push(Term { at: Some((role, level)), answers: with, value: 0.0, deviation: DEVIATION });
            }
        }
    }
    let mut bits: Vec<f64> = answers.iter().map(|answer| answer.bits.clamp(-CERTAIN, CERTAIN)).collect();
    for _ in 0..ROUNDS {
        let mut moved = 0.0_f64;
        for term in &mut terms {
            let pull = 1.0 / (term.deviation * term.deviation);
            let (mut slope, mut bend) = (pull * term.value, pull);
            for &at in &term.answers {
                let chance = super::model::probability(bits[at]);
                slope += LN_2 * (chance - f64::from(u8::from(answers[at].is_one)));
                bend += LN_2 * LN_2 * chance * (1.0 - chance);
            }
            // No step further than the measure of bend holds.
            let next = (term.value - (slope / bend).clamp(-1.0, 1.0)).clamp(-MOST_BITS, MOST_BITS);
            let step = next - term.value;
            term.value = next;
            term.answers.iter().for_each(|&at| bits[at] += step);
            moved = moved.max(step.abs());
        }
        if moved < 1e-6 {
            break;
        }
    }
    let mut corrections = Corrections::default();
    for term in terms {
        // As it is shown and kept: a thousandth of a bit.
        let value = (term.value * 1_000.0).round() / 1_000.0;
        match term.at {
            None => corrections.all = value,
            Some(_) if value == 0.0 => {}
            Some((role, level)) => {
                corrections.roles.entry(role).or_default().insert(level, value);
            }
        }
    }
    corrections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(levels: &[(Role, Level)]) -> Pattern {
        Pattern::of_levels(levels.iter().copied())
    }

    /// Answers of somebody who goes by the phone alone, on pairs whose weights say that the company decides.
    fn by_phone(count: u32) -> Vec<Answered> {
        let answer = |n: u32| {
            let same_phone = n.is_multiple_of(2);
            let same_company = n.is_multiple_of(3);
            let level = |same| if same { Level::Same } else { Level::Different };
            Answered {
                pair: Uuid::from_u128(u128::from(n) + 1),
                pattern: pattern(&[
                    (Role::Phone, level(same_phone)),
                    (Role::Company, level(same_company)),
                    (Role::LastName, Level::Close),
                ]),
                bits: if same_company { 2.0 } else { -1.0 },
                is_one: same_phone,
            }
        };
        (0..count).map(answer).collect()
    }

    fn taught(lesson: Lesson) -> Taught {
        match lesson {
            Lesson::Taught(taught) => *taught,
            other => panic!("nothing learned: {other:?}"),
        }
    }

    #[test]
    fn weights_move_to_where_the_answers_are() {
        let answers = by_phone(200);
        let taught = taught(learn(&answers, DateTime::UNIX_EPOCH));
        assert_eq!((taught.merged, taught.different), (100, 100));
        assert!(taught.right_before < 0.6, "{}", taught.right_before);
        assert!((taught.right_after - 1.0).abs() < f64::EPSILON, "{}", taught.right_after);
        let of = |role, level| taught.corrections.of(role, level);
        assert!(of(Role::Phone, Level::Same) > 1.0 && of(Role::Phone, Level::Different) < -1.0);
        assert!(of(Role::Company, Level::Same) < 0.0, "it was worth too much");
        assert!((of(Role::Email, Level::Same)).abs() < f64::EPSILON, "nothing was seen of it");
    }

    #[test]
    fn nothing_is_learned_from_too_few_or_from_one_sort_of_answer() {
        assert_eq!(learn(&by_phone(FEWEST_ANSWERS - 1), DateTime::UNIX_EPOCH), Lesson::TooFew);
        assert!(matches!(learn(&by_phone(FEWEST_ANSWERS), DateTime::UNIX_EPOCH), Lesson::Taught(_)));
        let mut merges = by_phone(200);
        merges.iter_mut().skip(9).for_each(|answer| answer.is_one = true);
        assert_eq!(learn(&merges, DateTime::UNIX_EPOCH), Lesson::TooFew);
    }

    #[test]
    fn answers_that_the_weights_foretell_or_that_follow_nothing_change_nothing() {
        let mut known = by_phone(200);
        for answer in &mut known {
            answer.bits = if answer.is_one { 14.0 } else { -14.0 };
        }
        assert_eq!(learn(&known, DateTime::UNIX_EPOCH), Lesson::NoBetter);
        let mut at_random = by_phone(400);
        for answer in &mut at_random {
            answer.bits = 0.0;
            answer.is_one = mix(answer.pair.as_u128() as u64).is_multiple_of(2);
        }
        assert_eq!(learn(&at_random, DateTime::UNIX_EPOCH), Lesson::NoBetter);
    }

    #[test]
    fn the_order_of_answers_does_not_matter() {
        let answers = by_phone(90);
        let mut other = answers.clone();
        other.reverse();
        other.swap(3, 40);
        assert_eq!(learn(&answers, DateTime::UNIX_EPOCH), learn(&other, DateTime::UNIX_EPOCH));
    }

    #[test]
    fn few_answers_move_little_and_none_moves_far() {
        let few = fit(&by_phone(12));
        let many = fit(&by_phone(1_200));
        let phone = |corrections: &Corrections| corrections.of(Role::Phone, Level::Same);
        assert!(phone(&few) < phone(&many), "{} and {}", phone(&few), phone(&many));
        let values = many.roles.values().flat_map(BTreeMap::values);
        assert!(values.into_iter().all(|value| value.abs() <= MOST_BITS));
    }

    #[test]
    fn what_was_taught_reads_back() {
        let taught = taught(learn(&by_phone(60), DateTime::UNIX_EPOCH));
        let text = serde_json::to_string(&taught).unwrap();
        assert_eq!(serde_json::from_str::<Taught>(&text).unwrap(), taught);
    }
}
