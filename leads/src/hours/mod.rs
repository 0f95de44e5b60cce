//! When people are at work: a time zone, hours for each day of the week, holidays and days off.
//!
//! Somebody is at work at a moment when the clock on their wall shows a time within their hours, on a day that is not
//! off. That one sentence is the whole rule, also on the days on which clocks change: an hour that comes twice is worked
//! twice, and one that is skipped is not worked. `stretch` finds such moments fast; its tests count minute by minute.

mod stretch;
#[cfg(test)]
mod tests;
mod wall_time;

pub use wall_time::WallTime;

use chrono::{Datelike, NaiveDate, Weekday};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most spans of work in one day.
pub const MAX_SPANS: usize = 6;
/// Most days off of one person, and most holidays of one calendar.
pub const MAX_DAYS_OFF: usize = 400;

/// A span of work within one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// When it begins, on the wall.
    pub opens: WallTime,
    /// When it ends; `24:00` is the end of the day. At or before `opens` is never open.
    pub closes: WallTime,
}

/// The spans of each day of the week; a day without spans is free.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    /// Monday.
    pub mon: Vec<Span>,
    /// Tuesday.
    pub tue: Vec<Span>,
    /// Wednesday.
    pub wed: Vec<Span>,
    /// Thursday.
    pub thu: Vec<Span>,
    /// Friday.
    pub fri: Vec<Span>,
    /// Saturday.
    pub sat: Vec<Span>,
    /// Sunday.
    pub sun: Vec<Span>,
}

impl Week {
    /// The same hours from Monday to Friday.
    #[must_use]
    pub fn weekdays(opens: WallTime, closes: WallTime) -> Self {
        let day = vec![Span { opens, closes }];
        Self {
            mon: day.clone(),
            tue: day.clone(),
            wed: day.clone(),
            thu: day.clone(),
            fri: day,
            ..Self::default()
        }
    }

    /// The spans of `day`.
    #[must_use]
    pub fn on(&self, day: Weekday) -> &[Span] {
        match day {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }

    fn days(&self) -> [(&'static str, &[Span]); 7] {
        [
            ("Monday", &self.mon),
            ("Tuesday", &self.tue),
            ("Wednesday", &self.wed),
            ("Thursday", &self.thu),
            ("Friday", &self.fri),
            ("Saturday", &self.sat),
            ("Sunday", &self.sun),
        ]
    }
}

/// Days on which somebody does not work, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysOff {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
    /// What for, such as `Summer holidays`.
    #[serde(default)]
    pub why: String,
}

/// A calendar of holidays, which many people share: a definition of kind `calendar`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Calendar {
    /// What people read about it.
    pub description: String,
    /// The days on which nobody works.
    pub days: Vec<DaysOff>,
}

impl Calendar {
    /// What has to be mended before it can be used, each with the JSON Pointer of what it is about.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        check_days_off(&self.days, "/days", &mut problems);
        problems
    }
}

/// How somebody works. Somebody without one is always at work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// Their time zone, by its IANA name.
    #[schemars(with = "String")]
    pub zone: Tz,
    /// Their hours.
    pub week: Week,
    /// Name of the calendar of holidays they keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Their own days off.
    #[serde(default)]
    pub days_off: Vec<DaysOff>,
    /// Most open leads they can take care of; without one there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// The team they belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

impl Work {
    /// When they are at work, given the calendar that `self.calendar` names, if there is one.
    #[must_use]
    pub fn hours(&self, calendar: Option<&Calendar>) -> Hours {
        let own = self.days_off.iter();
        let shared = calendar.into_iter().flat_map(|calendar| &calendar.days);
        let off = own.chain(shared).map(|days| (days.from, days.to)).collect();
        Hours { zone: self.zone, week: Some(self.week.clone()), off }
    }

    /// What has to be mended before it can be used, each with the JSON Pointer of what it is about.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for (day, spans) in self.week.days() {
            let at = format!("/week/{}", day[..3].to_lowercase());
            if spans.len() > MAX_SPANS {
                problems.push((at.clone(), format!("{day} has more than {MAX_SPANS} spans of work")));
            }
            let mut sorted = spans.to_vec();
            sorted.sort();
            if sorted.iter().any(|span| span.opens >= span.closes) {
                problems.push((at.clone(), format!("on {day} work ends before it begins")));
            }
            if sorted.windows(2).any(|two| two[1].opens < two[0].closes) {
                problems.push((at, format!("on {day} two spans of work overlap")));
            }
        }
        check_days_off(&self.days_off, "/days_off", &mut problems);
        problems
    }
}

fn check_days_off(days: &[DaysOff], at: &str, problems: &mut Vec<(String, String)>) {
    if days.len() > MAX_DAYS_OFF {
        problems.push((at.into(), format!("there are more than {MAX_DAYS_OFF} days off")));
    }
    for (place, off) in days.iter().enumerate() {
        if off.to < off.from {
            problems.push((format!("{at}/{place}"), "the last day off is before the first".into()));
        }
    }
}

/// When somebody is at work, with everything that decides it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// Their time zone.
    pub zone: Tz,
    /// Their hours; `None` for always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    week: Option<Week>,
    /// First and last days of absences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    off: Vec<(NaiveDate, NaiveDate)>,
}

impl Hours {
    /// Of somebody who is always at work.
    #[must_use]
    pub fn always() -> Self {
        Self { zone: Tz::UTC, week: None, off: Vec::new() }
    }

    /// Whether this is somebody who is always at work.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.week.is_none()
    }

    /// The spans worked on `day`, in their order.
    fn spans(&self, day: NaiveDate) -> &[Span] {
        let is_off = || self.off.iter().any(|(from, to)| (*from..=*to).contains(&day));
        match &self.week {
            Some(week) if !is_off() => week.on(day.weekday()),
            _ => &[],
        }
    }
}
