//! What is to be expected of today: clocks that come due before their owner's day ends, by hour and by owner.

use super::clock::{Clock, ClockKind, ClockState};
use chrono::{DateTime, Timelike, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How clocks of one sort ended of late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRate {
    /// The policy.
    pub policy: String,
    /// What they waited for.
    pub kind: ClockKind,
    /// Clocks that were met.
    pub met: u64,
    /// Clocks that were breached.
    pub breached: u64,
}

/// What is to be expected of today.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// Open clocks that are not breached.
    pub running: u64,
    /// Of those, clocks that were warned of.
    pub at_risk: u64,
    /// Open clocks that are breached.
    pub breached: u64,
    /// Clocks that come due before their owner's day ends.
    pub due_today: u64,
    /// How many of those will be breached, if they go as clocks of the same policy did of late; clocks of a policy without
    /// a past count whole.
    pub expected_today: f64,
    /// By the hour in which they come due, in order; UTC.
    pub by_hour: Vec<HourLoad>,
    /// By owner, those with most clocks due today first.
    pub by_owner: Vec<OwnerRisk>,
}

/// Clocks that come due within one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HourLoad {
    /// When the hour begins.
    pub hour: DateTime<Utc>,
    /// Clocks.
    pub due: u64,
}

/// The clocks of one owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnerRisk {
    /// Who.
    pub owner_id: Uuid,
    /// Their name.
    pub name: String,
    /// Clocks that come due today.
    pub due: u64,
    /// Of those, clocks that were warned of.
    pub at_risk: u64,
    /// Open clocks that are breached.
    pub breached: u64,
}

/// The forecast at `now` for the open clocks among `clocks`.
#[must_use]
pub fn forecast(clocks: &[Clock], past: &[PastRate], now: DateTime<Utc>) -> Forecast {
    let mut sum = Forecast::default();
    let mut hours: BTreeMap<DateTime<Utc>, u64> = BTreeMap::new();
    let mut owners: BTreeMap<Uuid, OwnerRisk> = BTreeMap::new();
    for clock in clocks.iter().filter(|clock| clock.is_open()) {
        let owner = owners.entry(clock.owner_id).or_insert_with(|| OwnerRisk {
            owner_id: clock.owner_id,
            name: clock.owner_name.clone(),
            due: 0,
            at_risk: 0,
            breached: 0,
        });
        if clock.state == ClockState::Breached {
            sum.breached += 1;
            owner.breached += 1;
            continue;
        }
        sum.running += 1;
        let warned = u64::from(clock.state == ClockState::Warned);
        sum.at_risk += warned;
        let Some(due) = clock.due_at.filter(|due| *due <= clock.hours.end_of_day(now)) else {
            continue;
        };
        sum.due_today += 1;
        sum.expected_today += rate(past, clock);
        owner.due += 1;
        owner.at_risk += warned;
        *hours.entry(hour_of(due.max(now))).or_default() += 1;
    }
    sum.by_hour = hours.into_iter().map(|(hour, due)| HourLoad { hour, due }).collect();
    sum.by_owner = owners.into_values().filter(|owner| owner.due + owner.breached > 0).collect();
    sum.by_owner.sort_by(|a, b| {
        b.due.cmp(&a.due).then(b.breached.cmp(&a.breached)).then_with(|| a.name.cmp(&b.name))
    });
    sum
}

/// How likely it is that `clock` is breached.
fn rate(past: &[PastRate], clock: &Clock) -> f64 {
    let same = past.iter().find(|rate| rate.policy == clock.policy && rate.kind == clock.kind);
    match same.map(|rate| (rate.breached, rate.met + rate.breached)) {
        Some((breached, all)) if all > 0 => {
            #[expect(clippy::cast_precision_loss, reason = "counts of clocks are far below 2^52")]
            let share = breached as f64 / all as f64;
            share
        }
        _ => 1.0,
    }
}

fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_minute(0).and_then(|at| at.with_second(0)).and_then(|at| at.with_nanosecond(0)).unwrap_or(at)
}
