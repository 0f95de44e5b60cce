//! Reckoning with days, months and working days. Times here are what a clock on the wall of one time zone shows.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Most days that are walked through one by one; 270 years.
pub(super) const MAX_WALK: i64 = 100_000;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// A unit of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    Seconds,
    Minutes,
    Hours,
    #[default]
    Days,
    Weeks,
    Months,
    Quarters,
    Years,
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Period {
    #[default]
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Self {
        match day {
            Day::Monday => Self::Mon,
            Day::Tuesday => Self::Tue,
            Day::Wednesday => Self::Wed,
            Day::Thursday => Self::Thu,
            Day::Friday => Self::Fri,
            Day::Saturday => Self::Sat,
            Day::Sunday => Self::Sun,
        }
    }
}

impl Unit {
    /// Its length, when every one is as long as the other.
    pub(super) fn seconds(self) -> Option<f64> {
        match self {
            Self::Seconds => Some(1.0),
            Self::Minutes => Some(60.0),
            Self::Hours => Some(3_600.0),
            Self::Days | Self::Weeks | Self::Months | Self::Quarters | Self::Years => None,
        }
    }

    /// `wall` so many days, weeks, months, quarters or years later; at the last day of a month that is too short.
    pub(super) fn after(self, wall: NaiveDateTime, amount: i32) -> Option<NaiveDateTime> {
        let months = |each: u32| {
            let months = Months::new(amount.unsigned_abs().checked_mul(each)?);
            if amount < 0 { wall.checked_sub_months(months) } else { wall.checked_add_months(months) }
        };
        let days = |each: u64| {
            let days = Days::new(u64::from(amount.unsigned_abs()) * each);
            if amount < 0 { wall.checked_sub_days(days) } else { wall.checked_add_days(days) }
        };
        match self {
            Self::Seconds | Self::Minutes | Self::Hours => None,
            Self::Days => days(1),
            Self::Weeks => days(7),
            Self::Months => months(1),
            Self::Quarters => months(3),
            Self::Years => months(12),
        }
    }

    /// From `from` to `to` in days or weeks with a fraction, or in full months, quarters or years; negative when `to`
    /// is earlier.
    pub(super) fn between(self, from: NaiveDateTime, to: NaiveDateTime) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a calendar of 10,000 years has far fewer than 2^52 milliseconds"
        )]
        let days = (to - from).num_milliseconds() as f64 / 1_000.0 / SECONDS_PER_DAY;
        let months = || months_between(from, to);
        match self {
            Self::Seconds | Self::Minutes | Self::Hours | Self::Days => days,
            Self::Weeks => days / 7.0,
            Self::Months => f64::from(months()),
            Self::Quarters => f64::from(months() / 3),
            Self::Years => f64::from(months() / 12),
        }
    }
}

/// Full months from `from` to `to`.
fn months_between(from: NaiveDateTime, to: NaiveDateTime) -> i32 {
    if to < from {
        return -months_between(to, from);
    }
    let months = (to.year() - from.year()) * 12 + to.month().cast_signed() - from.month().cast_signed();
    let full = Unit::Months.after(from, months).is_some_and(|reached| reached <= to);
    if full { months } else { months - 1 }
}

impl Period {
    /// The first day of the stretch that `day` is in.
    pub(super) fn first(self, day: NaiveDate, week_starts: Weekday) -> Option<NaiveDate> {
        match self {
            Self::Day => Some(day),
            Self::Week => Some(day.week(week_starts).checked_first_day()?),
            Self::Month => day.with_day(1),
            Self::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
            Self::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
        }
    }

    /// The last second of the stretch that `day` is in.
    pub(super) fn end(self, day: NaiveDate, week_starts: Weekday) -> Option<NaiveDateTime> {
        let (unit, amount) = match self {
            Self::Day => (Unit::Days, 1),
            Self::Week => (Unit::Weeks, 1),
            Self::Month => (Unit::Months, 1),
            Self::Quarter => (Unit::Quarters, 1),
            Self::Year => (Unit::Years, 1),
        };
        let first = self.first(day, week_starts)?.and_time(NaiveTime::MIN);
        unit.after(first, amount)?.checked_sub_signed(TimeDelta::seconds(1))
    }
}

/// Which days are worked on.
#[derive(Debug)]
pub(super) struct Work {
    weekend: Vec<Weekday>,
    holidays: HashSet<NaiveDate>,
}

impl Work {
    /// Every day but those of the `weekend` and the `holidays`.
    pub(super) fn new(weekend: &[Day], holidays: HashSet<NaiveDate>) -> Self {
        Self { weekend: weekend.iter().map(|&day| day.into()).collect(), holidays }
    }

    fn is_worked(&self, day: NaiveDate) -> bool {
        !self.weekend.contains(&day.weekday()) && !self.holidays.contains(&day)
    }

    /// The working day that comes `count` working days after `day`, or before it when negative; `None` when it is more
    /// than [`MAX_WALK`] days away.
    pub(super) fn after(&self, day: NaiveDate, count: i32) -> Option<NaiveDate> {
        let (mut at, mut left) = (day, count.unsigned_abs());
        for _ in 0..MAX_WALK {
            if left == 0 {
                return Some(at);
            }
            at = if count < 0 { at.pred_opt()? } else { at.succ_opt()? };
            left -= u32::from(self.is_worked(at));
        }
        None
    }

    /// How many working days [`Work::after`] walks from `from` to `to`: those behind `from` up to `to`. `None` when
    /// that is more than [`MAX_WALK`] days.
    pub(super) fn between(&self, from: NaiveDate, to: NaiveDate) -> Option<i64> {
        let days = (to - from).num_days();
        if days.abs() > MAX_WALK {
            return None;
        }
        let worked =
            |range: &mut dyn Iterator<Item = NaiveDate>| range.filter(|&day| self.is_worked(day)).count();
        let count = if days < 0 {
            worked(&mut to.iter_days().take_while(|day| *day < from))
        } else {
            worked(&mut from.iter_days().skip(1).take_while(|day| *day <= to))
        };
        let count = i64::try_from(count).ok()?;
        Some(if days < 0 { -count } else { count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_full_months() {
        let at = |text: &str| day(text).and_time(NaiveTime::MIN);
        for (from, to, months) in [
            ("2026-01-31", "2026-02-28", 1),
            ("2026-01-31", "2026-02-27", 0),
            ("2026-03-05", "2026-03-05", 0),
            ("2024-02-29", "2025-02-28", 12),
            ("2026-05-10", "2026-02-11", -2),
        ] {
            assert_eq!(months_between(at(from), at(to)), months, "{from} {to}");
        }
        assert_eq!(Unit::Months.after(at("2026-01-31"), 1), Some(at("2026-02-28")));
        assert_eq!(Unit::Years.after(at("2024-02-29"), -1), Some(at("2023-02-28")));
    }

    #[test]
    fn stretches_begin_and_end_where_they_should() {
        let at = day("2026-05-14");
        for (period, first, end) in [
            (Period::Day, "2026-05-14", "2026-05-14"),
            (Period::Week, "2026-05-11", "2026-05-17"),
            (Period::Month, "2026-05-01", "2026-05-31"),
            (Period::Quarter, "2026-04-01", "2026-06-30"),
            (Period::Year, "2026-01-01", "2026-12-31"),
        ] {
            assert_eq!(period.first(at, Weekday::Mon), Some(day(first)));
            assert_eq!(period.end(at, Weekday::Mon), day(end).and_hms_opt(23, 59, 59));
        }
        assert_eq!(Period::Week.first(at, Weekday::Sun), Some(day("2026-05-10")));
    }

    #[test]
    fn weekends_and_holidays_are_not_worked_on() {
        let work = Work::new(&[Day::Saturday, Day::Sunday], HashSet::from([day("2026-12-25")]));
        // 24 December 2026 is a Thursday.
        assert_eq!(work.after(day("2026-12-24"), 1), Some(day("2026-12-28")));
        assert_eq!(work.after(day("2026-12-28"), -1), Some(day("2026-12-24")));
        assert_eq!(work.after(day("2026-12-26"), 0), Some(day("2026-12-26")));
        assert_eq!(work.between(day("2026-12-24"), day("2027-01-01")), Some(5));
        assert_eq!(work.between(day("1500-01-01"), day("2026-01-01")), None);
        let all = [
            Day::Monday,
            Day::Tuesday,
            Day::Wednesday,
            Day::Thursday,
            Day::Friday,
            Day::Saturday,
            Day::Sunday,
        ];
        assert_eq!(Work::new(&all, HashSet::new()).after(day("2026-01-01"), 1), None);
    }

    proptest! {
        #[test]
        fn walking_and_counting_agree(from in 0..4_000_u64, count in -300..300_i32, holidays in prop::collection::hash_set(0..4_000_u64, 0..50)) {
            let start = day("2020-01-01");
            let holidays = holidays.into_iter().map(|days| start + Days::new(days)).collect();
            let work = Work::new(&[Day::Saturday, Day::Sunday], holidays);
            let from = start + Days::new(from);
            let to = work.after(from, count).unwrap();
            prop_assert_eq!(work.between(from, to), Some(i64::from(count)));
        }

        #[test]
        fn a_day_is_within_its_stretch(days in 0..20_000_u64) {
            let at = day("1990-01-01") + Days::new(days);
            for period in [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year] {
                let first = period.first(at, Weekday::Mon).unwrap();
                let end = period.end(at, Weekday::Mon).unwrap();
                prop_assert!(first <= at && at <= end.date());
                prop_assert_eq!(period.first(first, Weekday::Mon), Some(first));
            }
        }
    }
}
