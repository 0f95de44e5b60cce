//! How often each value occurs: a rare surname that agrees says more than a common one.
//!
//! Counts are kept in two rows of counters per role (a count-min sketch, Cormode and Muthukrishnan 2005): memory is
//! bounded whatever the number of values, and a count is never told too low.

use super::block::{fingerprint, mix};
use super::person::Person;
use super::role::Role;

/// Fewest and most counters in a row, as powers of two.
const ROWS: std::ops::RangeInclusive<u32> = 10..=19;

/// Whoever knows how common values are.
pub trait Commonness {
    /// How many records were counted.
    fn people(&self) -> u64;

    /// How many of them hold `value`; `None` when nobody counted it.
    fn holders(&self, role: Role, value: &str) -> Option<Holders>;

    /// As how many records what is known of the role counts beside these. Few records say little of how common a value is.
    fn assumed(&self) -> f64 {
        0.0
    }
}

/// How many records hold a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holders {
    /// At least so many.
    pub at_least: u32,
    /// Whether these are all.
    pub is_all: bool,
}

impl Commonness for Frequencies {
    fn people(&self) -> u64 {
        self.people
    }

    fn holders(&self, role: Role, value: &str) -> Option<Holders> {
        let at_least = self.count(role, value);
        (at_least > 0).then_some(Holders { at_least, is_all: true })
    }
}

/// Counts of values by role.
#[derive(Debug, Clone)]
pub struct Frequencies {
    people: u64,
    mask: u64,
    counters: Vec<u32>,
}

impl Frequencies {
    /// Empty counts fit for about `people` records.
    #[must_use]
    pub fn new(people: usize) -> Self {
        let bits = (people.max(1) as u64).ilog2() + 2;
        let width = 1_u64 << bits.clamp(*ROWS.start(), *ROWS.end());
        let counters = usize::try_from(width).expect("rows are bounded") * 2 * Role::COUNT;
        Self { people: 0, mask: width - 1, counters: vec![0; counters] }
    }

    /// Counts one record.
    pub fn add(&mut self, person: &Person) {
        self.people += 1;
        for role in Role::ALL {
            if let Some(value) = person.get(role) {
                for place in self.places(role, value) {
                    self.counters[place] = self.counters[place].saturating_add(1);
                }
            }
        }
    }

    /// How many records were counted.
    #[must_use]
    pub fn people(&self) -> u64 {
        self.people
    }

    /// How many of them hold `value`; sometimes told too high, never too low.
    #[must_use]
    pub fn count(&self, role: Role, value: &str) -> u32 {
        self.places(role, value).map(|place| self.counters[place]).into_iter().min().unwrap_or(0)
    }

    fn places(&self, role: Role, value: &str) -> [usize; 2] {
        let first = fingerprint(value);
        let row = |at: u64, hash: u64| {
            let start = (role as u64 * 2 + at) * (self.mask + 1);
            usize::try_from(start + (hash & self.mask)).expect("rows are bounded")
        };
        [row(0, first), row(1, mix(first ^ 0x9e37_79b9_7f4a_7c15))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_right_for_few_and_never_too_low_for_many() {
        let mut counts = Frequencies::new(3_000);
        for n in 0..3_000 {
            let name = if n % 3 == 0 { "smith".to_owned() } else { format!("name{n}") };
            counts.add(&Person::of_columns([("surname", name.as_str())]));
        }
        assert_eq!(counts.people(), 3_000);
        assert!((1_000..1_003).contains(&counts.count(Role::LastName, "smith")));
        assert!(
            (0..3_000).filter(|n| n % 3 != 0).all(|n| counts.count(Role::LastName, &format!("name{n}")) >= 1)
        );
        assert_eq!(counts.count(Role::FirstName, "smith"), 0);
    }
}
