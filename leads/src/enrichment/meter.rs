//! What has been spent, and when a provider may be asked again.

use super::{Budget, Money, Provider, Waterfall};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Under this name stands what all providers of a waterfall together have cost.
pub const WHOLE: &str = "";

/// What a provider has cost, and when its next turn is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// Id of the provider, or [`WHOLE`].
    pub provider: String,
    /// The next call may not leave before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<DateTime<Utc>>,
    /// The day it was last asked.
    pub day: Tally,
    /// The month it was last asked.
    pub month: Tally,
}

/// What was spent in a day or a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Which, such as `2026-03-31` or `2026-03`.
    pub period: String,
    /// Calls.
    pub calls: u64,
    /// Calls that found something.
    pub hits: u64,
    /// Money, with what is reserved for calls under way.
    pub spent: Money,
}

impl Tally {
    /// This tally as of `period`: empty when it is of another.
    fn of(&self, period: &str) -> Self {
        if self.period == period {
            return self.clone();
        }
        Self { period: period.to_owned(), ..Self::default() }
    }

    fn add(&mut self, price: Money) {
        self.calls += 1;
        self.spent = self.spent.and(price);
    }
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

fn month(at: DateTime<Utc>) -> String {
    at.format("%Y-%m").to_string()
}

impl Meter {
    /// What was spent on the day of `at`.
    #[must_use]
    pub fn on_day(&self, at: DateTime<Utc>) -> Tally {
        self.day.of(&day(at))
    }

    /// What was spent in the month of `at`.
    #[must_use]
    pub fn in_month(&self, at: DateTime<Utc>) -> Tally {
        self.month.of(&month(at))
    }

    /// Why a call for `price` may not be made at `at`; `None` when it may.
    fn refusal(&self, budget: &Budget, price: Money, at: DateTime<Utc>) -> Option<&'static str> {
        let (day, month) = (self.on_day(at), self.in_month(at));
        let used_up = |most: Option<u64>, tally: &Tally| most.is_some_and(|most| tally.calls >= most);
        let too_dear =
            |most: Option<Money>, tally: &Tally| most.is_some_and(|most| tally.spent.and(price) > most);
        if used_up(budget.calls_per_day, &day) {
            Some("the calls of the day are used up")
        } else if used_up(budget.calls_per_month, &month) {
            Some("the calls of the month are used up")
        } else if too_dear(budget.money_per_day, &day) {
            Some("the money of the day is used up")
        } else if too_dear(budget.money_per_month, &month) {
            Some("the money of the month is used up")
        } else {
            None
        }
    }

    fn add(&mut self, price: Money, at: DateTime<Utc>) {
        (self.day, self.month) = (self.on_day(at), self.in_month(at));
        self.day.add(price);
        self.month.add(price);
    }

    /// Settles a call that was reserved at `at`: `back` was not spent after all. What a later day or month has counted
    /// since is not touched.
    fn settle(&mut self, back: Money, is_hit: bool, at: DateTime<Utc>) {
        for (tally, period) in [(&mut self.day, day(at)), (&mut self.month, month(at))] {
            if tally.period == period {
                tally.spent = tally.spent.without(back);
                tally.hits += u64::from(is_hit);
            }
        }
    }
}

/// What one waterfall has spent.
#[derive(Debug, Clone, Default)]
pub struct Till {
    meters: BTreeMap<String, Meter>,
    touched: BTreeSet<String>,
}

impl Till {
    /// What is known of it.
    #[must_use]
    pub fn new(meters: Vec<Meter>) -> Self {
        let meters = meters.into_iter().map(|meter| (meter.provider.clone(), meter)).collect();
        Self { meters, touched: BTreeSet::new() }
    }

    /// The meter of a provider, or of the [`WHOLE`].
    #[must_use]
    pub fn meter(&self, provider: &str) -> Meter {
        let empty = || Meter { provider: provider.to_owned(), ..Meter::default() };
        self.meters.get(provider).cloned().unwrap_or_else(empty)
    }

    /// Every meter that was changed here.
    pub fn take_changed(&mut self) -> Vec<Meter> {
        std::mem::take(&mut self.touched).iter().filter_map(|id| self.meters.get(id).cloned()).collect()
    }

    fn change(&mut self, provider: &str) -> &mut Meter {
        self.touched.insert(provider.to_owned());
        let empty = || Meter { provider: provider.to_owned(), ..Meter::default() };
        self.meters.entry(provider.to_owned()).or_insert_with(empty)
    }

    /// Why `provider` may not be asked at `at` for want of budget.
    pub(super) fn refusal(
        &self,
        waterfall: &Waterfall,
        provider: &Provider,
        at: DateTime<Utc>,
    ) -> Option<String> {
        let price = provider.price();
        let own = self.meter(&provider.id).refusal(&provider.budget, price, at).map(str::to_owned);
        let whole = || self.meter(WHOLE).refusal(&waterfall.budget, price, at);
        own.or_else(|| whole().map(|why| format!("{why} for all providers together")))
    }

    /// When a call to `provider` may leave that is asked for at `at`.
    pub(super) fn slot(&self, provider: &Provider, at: DateTime<Utc>) -> DateTime<Utc> {
        self.meter(&provider.id).next_at.map_or(at, |next| next.max(at))
    }

    /// Reserves a call that leaves at `slot`.
    pub(super) fn reserve(&mut self, provider: &Provider, slot: DateTime<Utc>) {
        let price = provider.price();
        let meter = self.change(&provider.id);
        meter.add(price, slot);
        if let Some(per_minute) = provider.per_minute.filter(|count| *count > 0) {
            // Rounded up, so that not one call too many falls into a minute.
            let apart = TimeDelta::microseconds(60_000_000_i64.div_euclid(per_minute.into()) + 1);
            meter.next_at = Some(slot + apart);
        }
        self.change(WHOLE).add(price, slot);
    }

    /// Notes how the call ended that was reserved for `slot`: what of its price was not spent, and whether it found
    /// something.
    pub(super) fn settle(&mut self, provider: &str, back: Money, is_hit: bool, slot: DateTime<Utc>) {
        self.change(provider).settle(back, is_hit, slot);
        self.change(WHOLE).settle(back, is_hit, slot);
    }

    /// The provider wants to be left alone until `until`.
    pub(super) fn rest(&mut self, provider: &str, until: DateTime<Utc>) {
        let meter = self.change(provider);
        meter.next_at = Some(meter.next_at.map_or(until, |next| next.max(until)));
    }
}
