//! Filters for dates, and how moments are read from text. None of them knows what time it is now.

use super::{FilterDoc, or_null, text_of, wrong};
use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, Value as View};
use serde_json::Value;
use std::fmt::Write;

/// Longest text that is read as a date.
const MAX_DATE_TEXT: usize = 64;
/// Longest format a date is written in.
const MAX_FORMAT: usize = 200;
/// Unix times from here on are in milliseconds; in seconds this would be the year 5138.
const FIRST_MILLISECOND: i64 = 100_000_000_000;
/// Smaller numbers are not taken for Unix times: they are more likely a count, a year or a day of the month.
const FIRST_SECOND: i64 = 100_000_000;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("date", date);
    environment.add_filter("date_format", date_format);
    environment.add_filter("add_days", add_days);
    environment.add_filter("days_since", days_since);
    environment.add_filter("days_between", days_between);
    environment.add_filter("weekday", weekday);
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    let doc = |name, summary, example, result: Value| FilterDoc::new("date", name, summary, example, result);
    vec![
        doc(
            "date",
            "Reads a date in most common shapes. Without a format it yields a moment other steps understand; with one, \
             text. `day_first=true` reads 3/5 as 3 May; `timezone='Europe/Berlin'` says where a time without zone is \
             meant. Nothing when it is not a date.",
            "{{ 'March 5, 2026 2:30 PM'|date }}",
            "2026-03-05T14:30:00Z".into(),
        ),
        doc(
            "date_format",
            "Writes a date in a format (%d day, %m month, %Y year, %H:%M time, %A weekday), in a time zone if one is \
             named.",
            "{{ '2026-03-05T23:30:00Z'|date_format('%d.%m.%Y %H:%M', 'Europe/Berlin') }}",
            "06.03.2026 00:30".into(),
        ),
        doc(
            "add_days",
            "The date so many days later, or earlier.",
            "{{ '2026-02-27'|add_days(3) }}",
            "2026-03-02T00:00:00Z".into(),
        ),
        doc(
            "days_since",
            "Full days from the date to another moment, usually `run.now`.",
            "{{ '2026-03-01'|days_since('2026-03-05T12:00:00Z') }}",
            4.into(),
        ),
        doc(
            "days_between",
            "Calendar days from the date to another date; negative when the other is earlier.",
            "{{ '2026-03-05'|days_between('2026-03-01') }}",
            (-4).into(),
        ),
        doc("weekday", "The name of the day of the week.", "{{ '2026-03-05'|weekday }}", "Thursday".into()),
    ]
}

/// The moment in `value`: text in one of the shapes that are read, or a Unix time in seconds or milliseconds.
///
/// A time without zone is taken as UTC; of `3/5/2026` the month comes first.
pub(crate) fn moment(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => parse(text, Reading::default()),
        Value::Number(number) => unix(number.as_i64()?),
        _ => None,
    }
}

/// As [`moment`], for text whose writer is known: in which time zone a time without one is meant, and whether the day or
/// the month comes first in `3/5/2026`.
pub(crate) fn moment_in(value: &Value, day_first: bool, zone: Tz) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => parse(text, Reading { day_first, zone }),
        other => moment(other),
    }
}

/// How text that could be read in two ways is read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    day_first: bool,
    zone: Tz,
}

impl Default for Reading {
    fn default() -> Self {
        Self { day_first: false, zone: Tz::UTC }
    }
}

fn parse(text: &str, reading: Reading) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.len() < 6 || text.len() > MAX_DATE_TEXT {
        return None;
    }
    if let Ok(exact) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(exact.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%#z"] {
        if let Ok(exact) = DateTime::parse_from_str(text, format) {
            return Some(exact.to_utc());
        }
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return match text.len() {
            8 => in_zone(
                NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_time(NaiveTime::MIN),
                reading.zone,
            ),
            _ => unix(text.parse().ok()?),
        };
    }
    in_zone(wall(text, reading.day_first)?, reading.zone)
}

fn unix(number: i64) -> Option<DateTime<Utc>> {
    match number {
        FIRST_MILLISECOND.. => DateTime::from_timestamp_millis(number),
        FIRST_SECOND.. => DateTime::from_timestamp(number, 0),
        _ => None,
    }
}

/// The moment at which clocks in `zone` show `wall`; the earlier one when they show it twice, and the first moment
/// after when they skip it.
pub(crate) fn in_zone(wall: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let earliest = |wall: NaiveDateTime| zone.from_local_datetime(&wall).earliest();
    earliest(wall)
        .or_else(|| earliest(wall.checked_add_signed(TimeDelta::hours(1))?))
        .map(|local| local.to_utc())
}

/// Date and, if there is one, time of day, as a clock on the wall would show them.
fn wall(text: &str, day_first: bool) -> Option<NaiveDateTime> {
    (0..=text.len()).rev().filter(|&at| text.is_char_boundary(at)).find_map(|at| {
        // The longest beginning that is a date; what follows must be a time of day.
        let (day, rest) = text.split_at(at);
        let boundary = rest.is_empty() || rest.starts_with([' ', 'T', ',']);
        let day = boundary.then(|| calendar_day(day.trim(), day_first)).flatten()?;
        Some(day.and_time(time_of_day(rest.trim_start_matches([' ', 'T', ',']))?))
    })
}

fn calendar_day(text: &str, day_first: bool) -> Option<NaiveDate> {
    const CERTAIN: [&str; 8] =
        ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%d-%B-%Y"];
    const MONTH_FIRST: [&str; 2] = ["%m/%d/%Y", "%m-%d-%Y"];
    const DAY_FIRST: [&str; 2] = ["%d/%m/%Y", "%d-%m-%Y"];
    let (first, second) = if day_first { (DAY_FIRST, MONTH_FIRST) } else { (MONTH_FIRST, DAY_FIRST) };
    let day = CERTAIN
        .into_iter()
        .chain(first)
        .chain(second)
        .find_map(|format| NaiveDate::parse_from_str(text, format).ok())?;
    // Two-digit years parse as years of the first century, which no lead was born in.
    (1000..=9999).contains(&day.year()).then_some(day)
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let text = text.trim().trim_end_matches("UTC").trim_end();
    if text.is_empty() {
        return Some(NaiveTime::MIN);
    }
    ["%H:%M:%S%.f", "%H:%M", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p"]
        .into_iter()
        .find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

/// The moment in a filter's input.
fn read(value: &View, reading: Reading) -> Result<Option<DateTime<Utc>>, Error> {
    match value.kind() {
        ValueKind::Number => Ok(value.as_i64().and_then(unix)),
        _ => Ok(text_of(value)?.and_then(|text| parse(&text, reading))),
    }
}

fn zone(name: &str) -> Result<Tz, Error> {
    name.trim()
        .parse()
        .map_err(|_| wrong(format!("there is no time zone called \"{name}\"; write it like Europe/Berlin")))
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn write(at: DateTime<Utc>, format: &str, zone: Tz) -> Result<String, Error> {
    let mut text = String::new();
    if format.len() > MAX_FORMAT || write!(text, "{}", at.with_timezone(&zone).format(format)).is_err() {
        return Err(wrong(format!("\"{format}\" is not a date format; an example is %d.%m.%Y")));
    }
    Ok(text)
}

#[expect(clippy::needless_pass_by_value, reason = "MiniJinja hands its arguments over by value")]
fn date(value: &View, format: Option<&str>, options: Kwargs) -> Result<View, Error> {
    let name = options.get::<Option<&str>>("timezone")?;
    let day_first = options.get::<Option<bool>>("day_first")?.unwrap_or_default();
    options.assert_all_used()?;
    let zone = name.map_or(Ok(Tz::UTC), zone)?;
    let Some(at) = read(value, Reading { day_first, zone })? else { return Ok(View::from(())) };
    Ok(View::from(match format {
        Some(format) => write(at, format, zone)?,
        None => stamp(at),
    }))
}

fn date_format(value: &View, format: &str, timezone: Option<&str>) -> Result<View, Error> {
    let zone = timezone.map_or(Ok(Tz::UTC), zone)?;
    match read(value, Reading::default())? {
        Some(at) => write(at, format, zone).map(View::from),
        None => Ok(View::from(())),
    }
}

fn add_days(value: &View, days: Option<f64>) -> Result<View, Error> {
    let Some((at, days)) = read(value, Reading::default())?.zip(days) else { return Ok(View::from(())) };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float too large saturates, and the sum is checked"
    )]
    let seconds = (days * 86_400.0) as i64;
    TimeDelta::try_seconds(seconds)
        .and_then(|span| at.checked_add_signed(span))
        .filter(|at| (0..=9999).contains(&at.year()))
        .map(|at| View::from(stamp(at)))
        .ok_or_else(|| wrong("the date is out of range"))
}

fn days_since(value: &View, now: &View) -> Result<View, Error> {
    let pair = read(value, Reading::default())?.zip(read(now, Reading::default())?);
    Ok(or_null(pair.map(|(at, now)| (now - at).num_days())))
}

fn days_between(value: &View, other: &View) -> Result<View, Error> {
    let pair = read(value, Reading::default())?.zip(read(other, Reading::default())?);
    Ok(or_null(pair.map(|(at, other)| (other.date_naive() - at.date_naive()).num_days())))
}

fn weekday(value: &View) -> Result<View, Error> {
    Ok(or_null(read(value, Reading::default())?.map(|at| at.format("%A").to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2026-03-05", "2026-03-05T00:00:00Z"),
            ("2026-03-05T10:00:00+02:00", "2026-03-05T08:00:00Z"),
            ("2026-03-05T10:00:00.5+0200", "2026-03-05T08:00:00.500Z"),
            ("2026-03-05 10:00", "2026-03-05T10:00:00Z"),
            ("2026-03-05 10:00:00 UTC", "2026-03-05T10:00:00Z"),
            ("2026/03/05", "2026-03-05T00:00:00Z"),
            ("05.03.2026", "2026-03-05T00:00:00Z"),
            ("3/5/2026", "2026-03-05T00:00:00Z"),
            ("25/12/2026 08:15", "2026-12-25T08:15:00Z"),
            ("5 March 2026", "2026-03-05T00:00:00Z"),
            ("Mar 5, 2026, 2:30 pm", "2026-03-05T14:30:00Z"),
            ("Thu, 05 Mar 2026 10:00:00 GMT", "2026-03-05T10:00:00Z"),
            ("20260305", "2026-03-05T00:00:00Z"),
            ("1772668800", "2026-03-05T00:00:00Z"),
            ("1772668800000", "2026-03-05T00:00:00Z"),
        ] {
            assert_eq!(moment(&json!(text)).map(stamp).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_nothing() {
        for text in ["", "soon", "3/5/26", "2026-02-30", "12", "31.31.2026", "2026-03-05 lunch", "1,234.5"] {
            assert_eq!(moment(&json!(text)), None, "{text}");
        }
        assert_eq!(moment(&json!(2026)), None);
    }

    #[test]
    fn a_zone_and_the_day_first_are_respected() {
        let reading = Reading { day_first: true, zone: Tz::Europe__Berlin };
        assert_eq!(parse("3/5/2026 12:00", reading).map(stamp).as_deref(), Some("2026-05-03T10:00:00Z"));
        // Clocks jump from 02:00 to 03:00 that night.
        assert_eq!(parse("2026-03-29 02:30", reading).map(stamp).as_deref(), Some("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn a_bad_format_is_an_error_and_no_panic() {
        assert!(write(DateTime::UNIX_EPOCH, "%Q %", Tz::UTC).is_err());
    }
}
