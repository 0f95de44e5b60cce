//! When people are at work: days, hours, a time zone and days off.

use crate::schedule::wall::first_instant;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Days looked ahead for one on which people work.
const HORIZON: u64 = 400;

/// Which days of the week people work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum WorkDays {
    /// Monday to Friday.
    #[default]
    MondayToFriday,
    /// Monday to Saturday.
    MondayToSaturday,
    /// Sunday to Thursday.
    SundayToThursday,
    /// All days.
    EveryDay,
}

impl WorkDays {
    fn has(self, day: Weekday) -> bool {
        match self {
            Self::MondayToFriday => !matches!(day, Weekday::Sat | Weekday::Sun),
            Self::MondayToSaturday => day != Weekday::Sun,
            Self::SundayToThursday => !matches!(day, Weekday::Fri | Weekday::Sat),
            Self::EveryDay => true,
        }
    }
}

/// When people are at work. A closing time at or before the opening time is never open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hours {
    pub(super) days: WorkDays,
    pub(super) opens: NaiveTime,
    pub(super) closes: NaiveTime,
    pub(super) zone: Tz,
    pub(super) days_off: Vec<NaiveDate>,
}

impl Hours {
    /// The first moment at or after `now` at which people are at work; `None` when there is none for over a year.
    pub(super) fn next_open(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&self.zone).date_naive();
        (0..HORIZON).find_map(|ahead| {
            let day = today.checked_add_days(Days::new(ahead))?;
            if !self.days.has(day.weekday()) || self.days_off.contains(&day) {
                return None;
            }
            let opens = first_instant(self.zone, day.and_time(self.opens))?;
            let closes = first_instant(self.zone, day.and_time(self.closes))?;
            (now < closes && opens < closes).then(|| now.max(opens))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(hours: &Hours, now: &str) -> String {
        hours.next_open(now.parse().unwrap()).unwrap().to_rfc3339()
    }

    #[test]
    fn nights_weekends_and_days_off_are_waited_out() {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let mut hours = Hours {
            days: WorkDays::MondayToFriday,
            opens: time(9),
            closes: time(17),
            zone: chrono_tz::Europe::Berlin,
            days_off: vec![NaiveDate::from_ymd_opt(2026, 12, 25).unwrap()],
        };
        // A Monday within the hours, before them, and after them.
        assert_eq!(next(&hours, "2026-11-23T10:00:00Z"), "2026-11-23T10:00:00+00:00");
        assert_eq!(next(&hours, "2026-11-23T05:00:00Z"), "2026-11-23T08:00:00+00:00");
        assert_eq!(next(&hours, "2026-11-23T16:00:00Z"), "2026-11-24T08:00:00+00:00");
        // Thursday evening before a day off, then the weekend.
        assert_eq!(next(&hours, "2026-12-24T20:00:00Z"), "2026-12-28T08:00:00+00:00");
        // Summer time began in the night before this Monday.
        assert_eq!(next(&hours, "2027-03-27T12:00:00Z"), "2027-03-29T07:00:00+00:00");
        hours.closes = time(9);
        assert_eq!(hours.next_open("2026-11-23T10:00:00Z".parse().unwrap()), None);
    }
}
