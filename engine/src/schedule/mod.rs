//! When a schedule trigger is due: a five-field cron text read in a time zone.
//!
//! The `cron` crate finds matching times on the wall clock; this module puts around it what people
//! expect of cron and what the crate leaves out: five fields, Sunday as 0 or 7, "either day" when
//! both day fields are given, and clock changes (`wall`). It never asks what time it is now.

mod field;
pub(crate) mod wall;
mod words;

#[cfg(test)]
mod consensus;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use field::{Field, Place};

/// Short forms people know from crontab, with the five fields each stands for.
const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// Why a cron text or time zone cannot be a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The text does not have five fields.
    #[error(
        "a schedule has five fields (minute, hour, day of the month, month, weekday), this one has {found}"
    )]
    FieldCount {
        /// How many fields were found.
        found: usize,
    },
    /// One field cannot be read.
    #[error("the {field} field cannot be read: {reason}")]
    Field {
        /// The name of the field, as a person would say it.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The text is well formed, but names a day that no year has.
    #[error("this schedule names a day that never comes")]
    Never,
    /// The time zone is not in the IANA list.
    #[error("there is no time zone called \"{name}\"")]
    TimeZone {
        /// What was given.
        name: String,
    },
}

impl ScheduleError {
    /// The stable code under which this error is documented.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FieldCount { .. } => "SCH-0001",
            Self::Field { .. } => "SCH-0002",
            Self::Never => "SCH-0003",
            Self::TimeZone { .. } => "SCH-0004",
        }
    }

    /// What the person who wrote the schedule can do about it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::FieldCount { .. } => "Write five fields with spaces between them, for example: 0 8 * * 1-5",
            Self::Field { .. } => {
                "Use numbers, ranges (1-5), lists (1,15), steps (*/10) or the names JAN to DEC and MON to SUN."
            }
            Self::Never => "Choose a day that the chosen months have, for example 28 in February.",
            Self::TimeZone { .. } => "Choose a zone by region and city, for example Europe/Berlin.",
        }
    }
}

/// A cron text bound to a time zone. Cheap to clone and to ask; parse once, keep.
///
/// Times are found up to the end of the year 2100.
#[derive(Clone, Debug)]
pub struct Schedule {
    zone: Tz,
    fields: [Field; 5],
    /// One pattern, or two when both day fields are given and either may match.
    patterns: Vec<cron::Schedule>,
}

impl Schedule {
    /// Reads a five-field cron text (or a nickname such as `@daily`) in `zone`.
    ///
    /// # Errors
    /// A text without five readable fields, or one whose day never comes (30 February).
    pub fn parse(text: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let fields = parse_fields(text)?;
        let schedule = Self { zone, fields, patterns: patterns(&fields) };
        // The crate's last year bounds the search, so it ends for an impossible date as well.
        let early = NaiveDate::from_ymd_opt(2000, 1, 1)
            .and_then(|day| day.and_hms_opt(0, 0, 0))
            .expect("1 January 2000 exists");
        schedule.next_on_wall(early, true).ok_or(ScheduleError::Never)?;
        Ok(schedule)
    }

    /// As [`Schedule::parse`], with the zone by its IANA name (`Europe/Berlin`).
    ///
    /// # Errors
    /// As [`Schedule::parse`], and an unknown zone.
    pub fn parse_in(text: &str, zone: &str) -> Result<Self, ScheduleError> {
        let zone = zone
            .trim()
            .parse::<Tz>()
            .map_err(|_| ScheduleError::TimeZone { name: zone.trim().to_owned() })?;
        Self::parse(text, zone)
    }

    /// The time zone the fields are read in.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The first due time strictly after `after`, or `None` past the year 2100.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.repeats_by_the_clock() {
            wall::next_interval(self, after)
        } else {
            wall::next_fixed(self, after)
        }
    }

    /// The next `count` due times after `after`, in order.
    #[must_use]
    pub fn upcoming(&self, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        std::iter::successors(self.next_after(after), |last| self.next_after(*last)).take(count).collect()
    }

    /// The schedule in English, for example "At 08:00, Monday to Friday".
    #[must_use]
    pub fn in_words(&self) -> String {
        words::describe(&self.fields)
    }

    /// "Every 10 minutes" goes with elapsed time and runs in both passes of a repeated hour;
    /// "at 01:30" is an appointment and is kept once. Cron tells them apart by a leading `*`.
    fn repeats_by_the_clock(&self) -> bool {
        let [minute, hour, ..] = self.fields;
        minute.starred || hour.starred
    }

    /// The first matching wall-clock time after `from` (or at it, when `inclusive`).
    fn next_on_wall(&self, from: NaiveDateTime, inclusive: bool) -> Option<NaiveDateTime> {
        let from = if inclusive { from - chrono::TimeDelta::seconds(1) } else { from };
        // The crate is asked in UTC, where every wall time exists exactly once.
        self.patterns
            .iter()
            .filter_map(|pattern| pattern.after(&from.and_utc()).next())
            .map(|found| found.naive_utc())
            .min()
    }
}

fn parse_fields(text: &str) -> Result<[Field; 5], ScheduleError> {
    let text = text.trim();
    let text =
        NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map_or(text, |(_, fields)| fields);
    let parts: Vec<&str> = text.split_ascii_whitespace().collect();
    if parts.len() != Place::ALL.len() {
        return Err(ScheduleError::FieldCount { found: parts.len() });
    }
    let field = |place: usize| Field::parse(Place::ALL[place], parts[place]);
    Ok([field(0)?, field(1)?, field(2)?, field(3)?, field(4)?])
}

/// When both day fields are restricted, a day that meets either is meant, and the crate knows only
/// "both": so one pattern for each, of which the earlier match counts.
fn patterns(fields: &[Field; 5]) -> Vec<cron::Schedule> {
    let [minute, hour, day, month, weekday] = fields.map(Field::for_cron_crate);
    let compile = |day: &str, weekday: &str| {
        format!("0 {minute} {hour} {day} {month} {weekday}")
            .parse::<cron::Schedule>()
            .expect("numbers within bounds are what the crate reads")
    };
    if either_day(fields) {
        vec![compile(&day, "*"), compile("*", &weekday)]
    } else {
        vec![compile(&day, &weekday)]
    }
}

/// Whether both day fields are restricted without a leading `*`.
fn either_day(fields: &[Field; 5]) -> bool {
    let [_, _, day, _, weekday] = fields;
    !day.starred && !weekday.starred
}
