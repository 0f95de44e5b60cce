//! What agreement and difference are worth, after Fellegi and Sunter, *A Theory for Record Linkage* (1969).
//!
//! For each role and level there are two likelihoods: `same`, how often two records of one person stand at that level
//! (m in the literature), and `other`, how often two records of different people do (u). The weight of a level is
//! log2(m / u) bits. Weights of independent roles add up; with the share of pairs that are one person as the prior, the
//! sum is the probability that this pair is.
//!
//! Where two values are the same, u is how common this very value is (Winkler's adjustment for relative frequency,
//! 2000): the same rare surname is worth more than the same common one.

use super::compare::{Level, Pattern};
use super::frequency::Commonness;
use super::person::Person;
use super::role::Role;
use super::taught::Corrections;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// No single role decides more than this, in bits.
const MOST_BITS: f64 = 14.0;
/// Nor speaks against more than this: people move, marry, and change their address.
const LEAST_BITS: f64 = -8.0;
/// People who share a mailbox, a telephone or a number without being one. Fewer are taken for one person.
const SHARED_BY: u32 = 12;

/// Likelihoods of the levels of one role, in the order of [`Level::ALL`]. That of [`Level::Missing`] is not used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Likelihoods {
    /// Among pairs that are one person (m).
    pub same: [f64; Level::COUNT],
    /// Among pairs that are two (u).
    pub other: [f64; Level::COUNT],
}

impl Likelihoods {
    /// The weight of `level` in bits.
    #[must_use]
    pub fn weight(&self, level: Level) -> f64 {
        if level == Level::Missing {
            return 0.0;
        }
        bits(self.same[level as usize], self.other[level as usize])
    }
}

/// What was learned, or assumed, of a set of records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Model {
    /// The share of all pairs that are one person.
    pub prior: f64,
    /// Likelihoods by role.
    pub roles: BTreeMap<Role, Likelihoods>,
    /// What people taught of it.
    #[serde(skip)]
    pub corrections: Corrections,
}

/// Weights of all levels by role, without a look at the values.
pub(super) struct Weights([[f64; Level::COUNT]; Role::COUNT]);

impl Weights {
    /// Makes the roles that `skip` names weigh nothing.
    pub(super) fn without(mut self, skip: impl Fn(Role) -> bool) -> Self {
        for role in Role::ALL.into_iter().filter(|role| skip(*role)) {
            self.0[role as usize] = [0.0; Level::COUNT];
        }
        self
    }

    /// The log-odds of a pattern.
    pub(super) fn bits_of(&self, pattern: Pattern, prior: f64) -> f64 {
        let weights = Role::ALL.into_iter().map(|role| self.0[role as usize][pattern.level(role) as usize]);
        log_odds(prior) + weights.sum::<f64>()
    }
}

/// Why two records are thought to be one person, or two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Which role.
    pub role: Role,
    /// How alike the values are.
    pub level: Level,
    /// What that is worth in bits; below zero speaks against.
    pub weight: f64,
}

impl Reason {
    /// `same e-mail +9.2`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {} {:+.1}", self.level.label(), self.role, self.weight)
    }

    /// As it is kept and shown, the weight to a tenth of a bit.
    #[must_use]
    pub fn record(&self) -> Value {
        let weight = (self.weight * 10.0).round() / 10.0;
        json!({ "role": self.role, "level": self.level, "weight": weight, "text": self.text() })
    }
}

/// How likely two records are one person, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The log-odds in bits, the prior included.
    pub bits: f64,
    /// The same without what people taught.
    pub untaught: f64,
    /// The weights that it is the sum of, roles without a say left out, the strongest first.
    pub reasons: Vec<Reason>,
}

impl Score {
    /// From 0 to 1.
    #[must_use]
    pub fn probability(&self) -> f64 {
        probability(self.bits)
    }
}

/// The probability of log-odds in bits.
pub(super) fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

/// log2(m / u), within bounds.
pub(super) fn bits(same: f64, other: f64) -> f64 {
    (same / other).log2().clamp(LEAST_BITS, MOST_BITS)
}

impl Model {
    /// What is assumed of records nobody has looked at: slips are rare, and strangers seldom agree.
    #[must_use]
    pub fn assumed() -> Self {
        let roles = Role::ALL.map(|role| {
            //           missing, different, near, close, swapped, same
            let (same, other) = match role {
                Role::Email => {
                    ([0.0, 0.12, 0.05, 0.11, 0.001, 0.72], [0.0, 0.995, 0.004, 0.0008, 1e-6, 0.0002])
                }
                Role::Phone | Role::Number => {
                    ([0.0, 0.1, 0.05, 0.1, 0.001, 0.75], [0.0, 0.9985, 0.0007, 0.0007, 1e-6, 0.0001])
                }
                Role::FirstName => {
                    ([0.0, 0.06, 0.04, 0.15, 0.03, 0.72], [0.0, 0.94, 0.03, 0.015, 0.002, 0.01])
                }
                Role::LastName => {
                    ([0.0, 0.07, 0.04, 0.12, 0.03, 0.74], [0.0, 0.95, 0.03, 0.01, 0.002, 0.005])
                }
                Role::BirthDate => {
                    ([0.0, 0.04, 0.06, 0.1, 0.001, 0.8], [0.0, 0.97, 0.025, 0.005, 1e-6, 0.0005])
                }
                Role::Street | Role::AddressLine => {
                    ([0.0, 0.12, 0.08, 0.15, 0.05, 0.6], [0.0, 0.93, 0.06, 0.005, 0.001, 0.002])
                }
                Role::StreetNumber => {
                    ([0.0, 0.15, 0.01, 0.12, 0.001, 0.72], [0.0, 0.87, 0.01, 0.1, 1e-6, 0.015])
                }
                Role::PostalCode => {
                    ([0.0, 0.12, 0.03, 0.1, 0.001, 0.75], [0.0, 0.96, 0.025, 0.01, 1e-6, 0.003])
                }
                Role::City => ([0.0, 0.15, 0.05, 0.1, 0.001, 0.7], [0.0, 0.94, 0.03, 0.005, 1e-6, 0.02]),
                Role::Region => ([0.0, 0.1, 0.01, 0.05, 0.001, 0.84], [0.0, 0.77, 0.01, 0.02, 1e-6, 0.2]),
                Role::Country => ([0.0, 0.03, 0.01, 0.02, 0.001, 0.94], [0.0, 0.6, 0.01, 0.01, 1e-6, 0.38]),
                Role::Company => {
                    ([0.0, 0.15, 0.07, 0.13, 0.001, 0.65], [0.0, 0.96, 0.03, 0.004, 1e-6, 0.002])
                }
                Role::JobTitle => ([0.0, 0.4, 0.01, 0.15, 0.001, 0.44], [0.0, 0.9, 0.01, 0.03, 1e-6, 0.06]),
            };
            (role, Likelihoods { same, other })
        });
        Self { prior: 1e-4, roles: roles.into_iter().collect(), corrections: Corrections::default() }
    }

    /// The weights of all levels, worked out once for many patterns.
    pub(super) fn weights(&self) -> Weights {
        let mut weights = [[0.0; Level::COUNT]; Role::COUNT];
        for (&role, known) in &self.roles {
            weights[role as usize] = Level::ALL.map(|level| known.weight(level));
        }
        Weights(weights)
    }

    /// The same with what people taught.
    #[must_use]
    pub fn corrected(self, corrections: Corrections) -> Self {
        Self { corrections, ..self }
    }

    /// How likely `a` and `b` are one person.
    #[must_use]
    pub fn score(&self, a: &Person, b: &Person, frequencies: &impl Commonness) -> Score {
        let pattern = Pattern::of(a, b);
        let mut taught = self.corrections.all;
        let mut reasons: Vec<Reason> = self
            .roles
            .iter()
            .filter_map(|(&role, known)| {
                let level = pattern.level(role);
                let weight = match (level, a.get(role)) {
                    (Level::Missing, _) => return None,
                    (Level::Same, Some(value)) => same_value(role, value, known, frequencies),
                    _ => known.weight(level),
                };
                let correction = self.corrections.of(role, level);
                taught += correction;
                Some(Reason { role, level, weight: weight + correction })
            })
            .collect();
        let sum = reasons.iter().map(|reason| reason.weight).sum::<f64>();
        let bits = log_odds(self.prior) + self.corrections.all + sum;
        reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.role.cmp(&b.role)));
        Score { bits, untaught: bits - taught, reasons }
    }
}

/// What the same value is worth, by how common it is.
fn same_value(role: Role, value: &str, known: &Likelihoods, frequencies: &impl Commonness) -> f64 {
    let (same, other) = (known.same[Level::Same as usize], known.other[Level::Same as usize]);
    let people = frequencies.people() as f64;
    let Some(count) = frequencies.holders(role, value).filter(|_| people >= 1.0) else {
        return bits(same, other);
    };
    // Two of those who hold it are the pair itself, which says nothing of chance; of what is personal, so are some more.
    let (own, chance) = if role.is_personal() { (SHARED_BY, 0.02) } else { (2, 0.5) };
    let assumed = frequencies.assumed();
    let seen = f64::from(count.at_least.saturating_sub(own)) + chance;
    let by_chance = (seen + assumed * other) / (people + assumed);
    bits(same, if count.is_all { by_chance } else { by_chance.max(other) })
}

pub(super) fn log_odds(share: f64) -> f64 {
    let share = share.clamp(1e-12, 1.0 - 1e-12);
    (share / (1.0 - share)).log2()
}

#[cfg(test)]
mod tests {
    use super::super::frequency::Frequencies;
    use super::*;

    fn person(values: &[(&str, &str)]) -> Person {
        Person::of_columns(values.iter().copied())
    }

    #[test]
    fn what_people_taught_is_part_of_the_reasons() {
        let (a, b) =
            (person(&[("phone", "+4420794609"), ("city", "Hull")]), person(&[("phone", "+4420794609")]));
        let levels = BTreeMap::from([(Level::Same, -2.5), (Level::Different, 1.0)]);
        let corrections = Corrections { all: 0.5, roles: BTreeMap::from([(Role::Phone, levels)]) };
        let before = Model::assumed().score(&a, &b, &Frequencies::new(0));
        let after = Model::assumed().corrected(corrections).score(&a, &b, &Frequencies::new(0));
        assert!((after.reasons[0].weight - before.reasons[0].weight + 2.5).abs() < 1e-9);
        assert!((after.bits - before.bits + 2.0).abs() < 1e-9);
        assert!((after.untaught - before.bits).abs() < 1e-9 && (before.untaught - before.bits).abs() < 1e-9);
    }

    #[test]
    fn the_score_is_the_sum_of_its_reasons() {
        let model = Model::assumed();
        let a = person(&[("first_name", "Robert"), ("surname", "Allen"), ("email", "r.allen@smith.net")]);
        let b = person(&[
            ("first_name", "Bob"),
            ("surname", "Allen"),
            ("email", "r.allen@smith.net"),
            ("city", "Hull"),
        ]);
        let score = model.score(&a, &b, &Frequencies::new(0));
        let sum: f64 = score.reasons.iter().map(|reason| reason.weight).sum();
        assert!((score.bits - sum - log_odds(model.prior)).abs() < 1e-9);
        assert!(score.probability() > 0.99);
        assert_eq!(score.reasons[0].text(), "same e-mail +11.8");
        assert!(score.reasons.iter().all(|reason| reason.role != Role::City), "one of them has no city");
    }

    #[test]
    fn a_rare_value_says_more_than_a_common_one() {
        let mut counts = Frequencies::new(1_000);
        for n in 0..1_000 {
            counts.add(&person(&[("surname", if n < 2 { "rarename" } else { "smith" })]));
        }
        let model = Model::assumed();
        let weigh = |name| {
            let one = person(&[("surname", name)]);
            model.score(&one, &one.clone(), &counts).bits
        };
        assert!(weigh("rarename") > weigh("smith") + 8.0);
    }

    #[test]
    fn a_mailbox_of_many_says_little() {
        let mut counts = Frequencies::new(1_000);
        for n in 0..1_000 {
            let own = format!("p{n}@example.com");
            counts.add(&person(&[("email", if n < 200 { "info@example.com" } else { own.as_str() })]));
        }
        let model = Model::assumed();
        let weigh = |address| {
            let one = person(&[("email", address)]);
            model.score(&one, &one.clone(), &counts).reasons[0].weight
        };
        assert!(weigh("p300@example.com") > 10.0);
        assert!(weigh("info@example.com") < 3.0);
    }
}
