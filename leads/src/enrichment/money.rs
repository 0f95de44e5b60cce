//! Amounts of money: whole millionths of a unit of currency, so that sums of small prices are exact.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Millionths in one unit.
const UNIT: f64 = 1_000_000.0;
/// The largest amount in units: a thousand million.
pub(super) const MAX_UNITS: f64 = 1_000_000_000.0;

/// An amount in the currency of its waterfall. JSON holds it as a number of units, such as `0.05`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(u64);

impl Money {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// `units` of the currency, to the nearest millionth; nothing for what is below zero or no number.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held between 0 and 10^15")]
    pub fn units(units: f64) -> Self {
        if units.is_nan() { Self::NONE } else { Self((units.clamp(0.0, MAX_UNITS) * UNIT).round() as u64) }
    }

    /// The amount in units.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "amounts stay below 2^53 millionths")]
    pub fn as_units(self) -> f64 {
        self.0 as f64 / UNIT
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left without `other`; nothing when that is more.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let rest = format!("{rest:06}");
        let shown = rest.trim_end_matches('0');
        write!(f, "{whole}.{shown:0<2}")
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_units())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let units = f64::deserialize(deserializer)?;
        if (0.0..=MAX_UNITS).contains(&units) {
            Ok(Self::units(units))
        } else {
            Err(serde::de::Error::custom(format!("an amount is between 0 and {MAX_UNITS}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_read_back() {
        let cent = Money::units(0.01);
        let sum = (0..1_000).fold(Money::NONE, |sum, _| sum.and(cent));
        assert_eq!(sum, Money::units(10.0));
        assert_eq!(sum.to_string(), "10.00");
        assert_eq!(Money::units(0.0125).to_string(), "0.0125");
        assert_eq!(Money::units(-3.0), Money::NONE);
        let read: Money = serde_json::from_str(&serde_json::to_string(&Money::units(0.07)).unwrap()).unwrap();
        assert_eq!(read, Money::units(0.07));
        assert!(serde_json::from_str::<Money>("-1").is_err());
    }
}
