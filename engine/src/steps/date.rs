//! Date: reads, moves, compares and writes dates.

mod calendar;

use super::aggregate::{is_empty, number};
use super::{blank, problem};
use crate::expression::filters::{in_zone, moment_in, number_in};
use crate::expression::{Dynamic, Scope};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use calendar::{Day, MAX_WALK, Period, Unit, Work};
use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashSet;

/// Largest amount of days, weeks, months or years.
const MAX_AMOUNT: f64 = 4_000_000.0;
/// Largest amount of milliseconds; more than the calendar has.
const MAX_MILLISECONDS: f64 = 4e14;
/// Most working days to walk.
const MAX_BUSINESS_DAYS: f64 = 10_000.0;
/// Most holidays.
const MAX_HOLIDAYS: usize = 1_000;
/// Longest format, and longest text read by a pattern, in bytes.
const MAX_TEXT: usize = 100;

/// Settings of `date`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Date {
    /// What to do with the date.
    #[serde(default)]
    #[schemars(
        title = "Do this",
        extend("x-labels" = {
            "read": "Read and write it", "add": "Add or subtract time", "difference": "Time between two dates",
            "start_of": "Start of a day, week, month …", "end_of": "End of a day, week, month …",
            "add_business_days": "Add or subtract working days",
            "business_days_between": "Working days between two dates"
        })
    )]
    operation: Operation,
    /// The date: a field of the data, a date you write, or `{{ run.now }}` for the moment of the run.
    #[schemars(title = "Date", extend("x-placeholder" = "{{ run.now }}"))]
    date: Dynamic,
    /// The date it is compared with. When it is the later one, the result is positive.
    #[serde(default)]
    #[schemars(title = "To this date", extend("x-when" = {"operation": ["difference", "business_days_between"]}))]
    other: Dynamic,
    /// How much to add. A negative number goes back.
    #[serde(default)]
    #[schemars(title = "How much", extend("x-when" = {"operation": ["add", "add_business_days"]}, "x-placeholder" = "14"))]
    amount: Dynamic,
    /// What the number counts.
    #[serde(default)]
    #[schemars(title = "Unit", extend("x-when" = {"operation": ["add", "difference"]}))]
    unit: Unit,
    /// Of which stretch the start or the end is wanted.
    #[serde(default)]
    #[schemars(title = "Of the", extend("x-when" = {"operation": ["start_of", "end_of"]}))]
    period: Period,
    /// Days of the week that are not worked on.
    #[serde(default = "weekend")]
    #[schemars(title = "Weekend", extend("x-when" = {"operation": ["add_business_days", "business_days_between"]}))]
    weekend: Vec<Day>,
    /// Further days that are not worked on: dates, or an expression that yields a list of dates, such as
    /// `{{ vars.holidays }}`.
    #[serde(default)]
    #[schemars(
        title = "Holidays",
        extend("x-when" = {"operation": ["add_business_days", "business_days_between"]}, "x-placeholder" = "2026-12-25")
    )]
    holidays: Vec<Dynamic>,
    /// The time zone in which days begin, and in which a date without a zone is meant.
    #[serde(default)]
    #[schemars(title = "Time zone")]
    timezone: Zone,
    /// How the result is written in `text`: %d day, %m month, %Y year, %H:%M time, %A weekday, %B name of the month.
    #[serde(default)]
    #[schemars(
        title = "Write it as",
        extend(
            "x-when" = {"operation": ["read", "add", "start_of", "end_of", "add_business_days"]},
            "x-placeholder" = "%d.%m.%Y"
        )
    )]
    format: Format,
    /// How dates like 3/5/2026 are meant that could be read in two ways, or the exact pattern of the dates.
    #[serde(default)]
    #[schemars(
        title = "Dates are written",
        extend("x-advanced" = true, "x-labels" = {
            "month_first": "Month first (3/5 is March 5)", "day_first": "Day first (3/5 is 3 May)", "pattern": "As a pattern says"
        })
    )]
    reading: Reading,
    /// How the dates are written: %d day, %m month, %y year of two digits, %Y year, %H:%M time.
    #[serde(default)]
    #[schemars(
        title = "Pattern",
        extend("x-advanced" = true, "x-when" = {"reading": "pattern"}, "x-placeholder" = "%d.%m.%y %H:%M")
    )]
    pattern: Format,
    /// On which day a week begins.
    #[serde(default)]
    #[schemars(
        title = "Weeks begin on",
        extend("x-advanced" = true, "x-when" = {"operation": ["start_of", "end_of"]})
    )]
    week_starts: WeekStart,
}

/// What to do with a date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Operation {
    #[default]
    Read,
    Add,
    Difference,
    StartOf,
    EndOf,
    AddBusinessDays,
    BusinessDaysBetween,
}

/// How dates that could be read in two ways are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Reading {
    #[default]
    MonthFirst,
    DayFirst,
    Pattern,
}

/// The first day of a week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WeekStart {
    #[default]
    Monday,
    Sunday,
}

/// A time zone of the world's list.
#[derive(Debug, Clone, Copy)]
struct Zone(Tz);

impl Default for Zone {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        let unknown = |_| {
            D::Error::custom(format_args!(
                "there is no time zone called \"{name}\"; write it like Europe/Berlin"
            ))
        };
        if name.trim().is_empty() {
            Ok(Self::default())
        } else {
            name.trim().parse().map(Self).map_err(unknown)
        }
    }
}

/// How a date is written; empty for none.
#[derive(Debug, Default)]
struct Format(String);

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        if text.len() > MAX_TEXT || StrftimeItems::new(&text).any(|item| item == Item::Error) {
            let why = format!("\"{text}\" is not a date format; an example is %d.%m.%Y");
            return Err(D::Error::custom(why));
        }
        Ok(Self(text))
    }
}

macro_rules! text_schema {
    ($($name:ident),*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string" })
            }
        }
    )*};
}

text_schema!(Zone, Format);

fn weekend() -> Vec<Day> {
    vec![Day::Saturday, Day::Sunday]
}

pub(super) fn kind() -> StepKind {
    let output = json!({
        "date": "2026-03-19T14:30:00Z",
        "local": "2026-03-19T15:30:00+01:00",
        "text": "Thursday, 19.03.2026",
        "day": "2026-03-19",
        "time": "15:30",
        "weekday": "Thursday",
        "year": 2026,
        "month": 3,
        "day_of_month": 19,
        "week": 12,
        "quarter": 1,
        "unix": 1_773_930_600,
    });
    StepKind::new::<Date>(About {
        kind: "date",
        title: "Date and time",
        summary: "Reads, moves, compares and writes dates, with time zones and working days.",
        help: HELP,
        icon: "clock",
        category: Category::Data,
        keywords: &[
            "date",
            "time",
            "formatter",
            "add days",
            "difference",
            "business days",
            "working days",
            "deadline",
            "timezone",
            "parse date",
        ],
        default_config: json!({
            "operation": "read", "date": "{{ run.now }}", "timezone": "UTC", "format": "%Y-%m-%d",
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "operation": "add",
                "date": "{{ trigger.body.signed_at }}",
                "amount": 2,
                "unit": "weeks",
                "timezone": "Europe/Berlin",
                "format": "%A, %d.%m.%Y",
            }),
            context: json!({ "trigger": { "body": { "signed_at": "March 5, 2026 3:30 PM" } } }),
            output: Some(output.clone()),
            port: "out".into(),
        },
        output_sample: output,
        summary_template: "{operation} · {date}",
    })
}

const HELP: &str = r"
The output of most operations is one moment in several forms: `date` (exact, for other steps), `local` (with the offset of
the time zone), `text` (in your format), `day`, `time`, `weekday`, `year`, `month`, `day_of_month`, `week` (ISO), `quarter`
and `unix` (seconds). The two comparisons put out the `difference`, its `whole` part and the `unit`.

Worked example: a contract is signed on `March 5, 2026 3:30 PM` in Berlin. Two weeks later is `2026-03-19T14:30:00Z`, written
as `Thursday, 19.03.2026`.

- **Reading.** Most shapes of dates are understood, and Unix times in seconds or milliseconds. Of `3/5/2026` the month comes
  first, unless you say otherwise under *More settings*; an unusual shape needs a pattern. What is no date fails the step.
- **Adding.** Days, weeks, months and years keep the time of day, also over a change of the clocks. A month later than
  31 January is the last day of February. Seconds, minutes and hours are exact and may have a fraction.
- **Comparing.** Days and weeks count by the calendar and have a fraction; months, quarters and years are full ones.
- **Working days** leave out the weekend and the holidays you name. One working day after Friday is Monday. Between two
  dates, those behind the first date up to the second one are counted, so adding that many leads from one to the other.
";

impl Step for Date {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let scope = context.scope;
        let at = self.read(&self.date.value(scope)?)?;
        let moved = match self.operation {
            Operation::Read => Some(at),
            Operation::Add => self.later(at, &self.amount.value(scope)?),
            Operation::StartOf => {
                let first = self.period.first(self.wall(at).date(), self.week_starts.into());
                first.and_then(|day| self.moment(day.and_time(NaiveTime::MIN)))
            }
            Operation::EndOf => {
                let end = self.period.end(self.wall(at).date(), self.week_starts.into());
                end.and_then(|end| self.moment(end))
            }
            Operation::AddBusinessDays => return self.working_days_later(scope, at),
            Operation::Difference => {
                let to = self.read(&self.other.value(scope)?)?;
                return Ok(self.difference(at, to));
            }
            Operation::BusinessDaysBetween => return self.working_days_between(scope, at),
        };
        self.written(moved.ok_or_else(out_of_range)?)
    }

    fn check(&self) -> Vec<ConfigProblem> {
        use Operation::{Add, AddBusinessDays, BusinessDaysBetween, Difference};
        let mut problems = Vec::new();
        let unset = |value: &Dynamic| matches!(value, Dynamic::Literal(value) if is_empty(value));
        if unset(&self.date) {
            let action = "Pick a field, or write {{ run.now }} for the moment of the run.";
            problems.push(blank("/date", "there is no date", action));
        }
        if matches!(self.operation, Difference | BusinessDaysBetween) && unset(&self.other) {
            problems.push(blank("/other", "there is no second date", "Pick the field it comes from."));
        }
        if matches!(self.operation, Add | AddBusinessDays) && unset(&self.amount) {
            problems.push(blank("/amount", "it is not said how much", "Write a number, such as 14."));
        }
        if self.reading == Reading::Pattern && self.pattern.0.trim().is_empty() {
            let action = "Write how the dates look, such as %d.%m.%y.";
            problems.push(blank("/pattern", "there is no pattern", action));
        }
        let works = matches!(self.operation, AddBusinessDays | BusinessDaysBetween);
        if works && self.weekend.iter().collect::<HashSet<_>>().len() == 7 {
            let action = "Leave at least one day of the week to work on.";
            problems.push(problem("DOC-0032", "/weekend", "every day of the week is free", action));
        }
        for (row, holiday) in self.holidays.iter().enumerate().filter(|_| works) {
            if let Dynamic::Literal(day) = holiday
                && !is_empty(day)
                && self.parse(day).is_none()
            {
                let message = format!("{day} is not a date");
                let action = "Write it like 2026-12-25.";
                problems.push(problem("DOC-0032", format!("/holidays/{row}"), message, action));
            }
        }
        problems
    }
}

impl Date {
    fn parse(&self, value: &Value) -> Option<DateTime<Utc>> {
        let zone = self.timezone.0;
        match self.reading {
            Reading::MonthFirst => moment_in(value, false, zone),
            Reading::DayFirst => moment_in(value, true, zone),
            // Dates of other steps are read in any case.
            Reading::Pattern => by_pattern(value, &self.pattern.0, zone).or_else(|| exact(value)),
        }
    }

    fn read(&self, value: &Value) -> Result<DateTime<Utc>, Failure> {
        self.parse(value).ok_or_else(|| {
            let shown: String = value.to_string().chars().take(60).collect();
            let message = match is_empty(value) {
                true => "the date is missing".to_owned(),
                false => format!("{shown} cannot be read as a date"),
            };
            let action = "Look at the field it comes from; More settings say how dates are written.";
            Failure::bad_input("RUN-0115", message, action)
        })
    }

    fn wall(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.timezone.0).naive_local()
    }

    fn moment(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        in_zone(wall, self.timezone.0)
    }

    /// `at` so much later; `None` when the amount cannot be used or leads out of the calendar.
    fn later(&self, at: DateTime<Utc>, amount: &Value) -> Option<DateTime<Utc>> {
        let amount = number_in(amount)?;
        if let Some(seconds) = self.unit.seconds() {
            let milliseconds = amount * seconds * 1_000.0;
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
            let span = (milliseconds.abs() <= MAX_MILLISECONDS)
                .then(|| TimeDelta::milliseconds(milliseconds.round() as i64));
            return at.checked_add_signed(span?);
        }
        let amount = whole(amount, MAX_AMOUNT)?;
        if amount == 0 {
            return Some(at);
        }
        self.moment(self.unit.after(self.wall(at), amount)?)
    }

    fn difference(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Outcome {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a calendar of 10,000 years has far fewer than 2^52 milliseconds"
        )]
        let exact = |seconds: f64| (to - from).num_milliseconds() as f64 / 1_000.0 / seconds;
        let difference =
            self.unit.seconds().map_or_else(|| self.unit.between(self.wall(from), self.wall(to)), exact);
        let unit = format!("{:?}", self.unit).to_lowercase();
        Done::out(
            json!({ "difference": number(difference), "whole": number(difference.trunc()), "unit": unit }),
        )
        .into()
    }

    fn working_days_later(&self, scope: &Scope, at: DateTime<Utc>) -> Result<Outcome, Failure> {
        let amount =
            number_in(&self.amount.value(scope)?).and_then(|amount| whole(amount, MAX_BUSINESS_DAYS));
        let Some(amount) = amount else {
            let message = "the number of working days is not a whole number, or is more than 10,000";
            let action = "Look at the field the number comes from, or write a number.";
            return Err(Failure::bad_input("RUN-0116", message, action));
        };
        let wall = self.wall(at);
        let day = self.work(scope)?.after(wall.date(), amount).ok_or_else(too_far)?;
        self.written(self.moment(day.and_time(wall.time())).ok_or_else(out_of_range)?)
    }

    fn working_days_between(&self, scope: &Scope, at: DateTime<Utc>) -> Result<Outcome, Failure> {
        let to = self.read(&self.other.value(scope)?)?;
        let days =
            self.work(scope)?.between(self.wall(at).date(), self.wall(to).date()).ok_or_else(too_far)?;
        Ok(Done::out(json!({ "difference": days, "whole": days, "unit": "business_days" })).into())
    }

    fn work(&self, scope: &Scope) -> Result<Work, Failure> {
        let mut holidays = HashSet::new();
        for row in &self.holidays {
            let days = match row.value(scope)? {
                Value::Array(days) => days,
                day => vec![day],
            };
            if days.len() > MAX_HOLIDAYS || holidays.len() > MAX_HOLIDAYS {
                let message = format!("there are more than {MAX_HOLIDAYS} holidays");
                let action = "Name the holidays of the years that matter.";
                return Err(Failure::bad_input("RUN-0117", message, action));
            }
            for day in days.iter().filter(|day| !is_empty(day)) {
                holidays.insert(self.wall(self.read(day)?).date());
            }
        }
        Ok(Work::new(&self.weekend, holidays))
    }

    /// The moment in all its forms.
    fn written(&self, at: DateTime<Utc>) -> Result<Outcome, Failure> {
        let local = at.with_timezone(&self.timezone.0);
        if !(1..=9999).contains(&local.year()) || !(1..=9999).contains(&at.year()) {
            return Err(out_of_range());
        }
        let format = if self.format.0.trim().is_empty() { "%Y-%m-%d" } else { &self.format.0 };
        let output = json!({
            "date": at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            "local": local.to_rfc3339_opts(SecondsFormat::AutoSi, false),
            "text": local.format(format).to_string(),
            "day": local.format("%Y-%m-%d").to_string(),
            "time": local.format("%H:%M").to_string(),
            "weekday": local.format("%A").to_string(),
            "year": local.year(),
            "month": local.month(),
            "day_of_month": local.day(),
            "week": local.iso_week().week(),
            "quarter": local.month0() / 3 + 1,
            "unix": at.timestamp(),
        });
        Ok(Done::out(output).into())
    }
}

impl From<WeekStart> for chrono::Weekday {
    fn from(start: WeekStart) -> Self {
        match start {
            WeekStart::Monday => Self::Mon,
            WeekStart::Sunday => Self::Sun,
        }
    }
}

/// The moment in text written as `pattern` says: with an offset, with a time, or as a day alone.
fn by_pattern(value: &Value, pattern: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = value.as_str()?.trim();
    if text.len() > MAX_TEXT {
        return None;
    }
    if let Ok(at) = DateTime::parse_from_str(text, pattern) {
        return Some(at.to_utc());
    }
    let day = || NaiveDate::parse_from_str(text, pattern).ok().map(|day| day.and_time(NaiveTime::MIN));
    in_zone(NaiveDateTime::parse_from_str(text, pattern).ok().or_else(day)?, zone)
}

fn exact(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?.trim()).ok().map(|at| at.to_utc())
}

/// `amount` as a whole number of at most `most`.
fn whole(amount: f64, most: f64) -> Option<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "whole and within the range of an i32")]
    (amount.fract() == 0.0 && amount.abs() <= most).then_some(amount as i32)
}

fn out_of_range() -> Failure {
    Failure::bad_input(
        "RUN-0116",
        "the amount is not a whole number, or leads out of the calendar (years 1 to 9999)",
        "Look at the field the amount comes from; only seconds, minutes and hours may have a fraction.",
    )
}

fn too_far() -> Failure {
    Failure::bad_input(
        "RUN-0117",
        format!("the working days span more than {MAX_WALK} days"),
        "Look at the dates and at the weekend; one of them is not what was meant.",
    )
}

#[cfg(test)]
mod tests;
