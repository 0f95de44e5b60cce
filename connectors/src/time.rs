//! Moments as apps write them.

use crate::manifest::trigger::Moment;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use serde_json::Value;

/// Numbers from here on are milliseconds: as seconds it would be the year 5138.
const MILLISECONDS: i64 = 100_000_000_000;

/// The moment that `value` says: seconds or milliseconds since 1970, or a date and time as text.
#[must_use]
pub fn moment_of(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(whole) => of_number(whole),
            None => of_fraction(number.as_f64()?),
        },
        Value::String(text) => of_text(text.trim()),
        _ => None,
    }
}

fn of_number(whole: i64) -> Option<DateTime<Utc>> {
    match whole.abs() < MILLISECONDS {
        true => DateTime::from_timestamp(whole, 0),
        false => DateTime::from_timestamp_millis(whole),
    }
}

/// Seconds with a fraction, as Slack and some others write them.
fn of_fraction(seconds: f64) -> Option<DateTime<Utc>> {
    let micros = seconds * 1_000_000.0;
    let is_usable = micros.is_finite() && micros.abs() < 9e15;
    is_usable.then(|| DateTime::from_timestamp_micros(micros.round() as i64)).flatten()
}

fn of_text(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(whole) = text.parse::<i64>() {
        return of_number(whole);
    }
    if let Some((whole, fraction)) = text.split_once('.')
        && !fraction.is_empty()
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return of_fraction(text.parse().ok()?);
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    // An offset without a colon, as Salesforce and Marketo write it.
    for layout in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z"] {
        if let Ok(moment) = DateTime::parse_from_str(text, layout) {
            return Some(moment.to_utc());
        }
    }
    let bare = text.trim_end_matches('Z').trim_end_matches(" UTC");
    for layout in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
        if let Ok(moment) = NaiveDateTime::parse_from_str(bare, layout) {
            return Some(moment.and_utc());
        }
    }
    if let Ok(moment) = DateTime::parse_from_rfc2822(text) {
        return Some(moment.to_utc());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN).and_utc())
}

/// `moment` as `how` says.
#[must_use]
pub fn written(moment: DateTime<Utc>, how: Moment) -> Value {
    match how {
        Moment::Rfc3339 => moment.to_rfc3339_opts(SecondsFormat::Millis, true).into(),
        Moment::Rfc3339Seconds => moment.to_rfc3339_opts(SecondsFormat::Secs, true).into(),
        Moment::Unix => moment.timestamp().into(),
        Moment::UnixMs => moment.timestamp_millis().into(),
        Moment::Date => moment.format("%Y-%m-%d").to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_are_read_however_apps_write_them() {
        let wanted: DateTime<Utc> = "2026-03-02T09:12:01.5Z".parse().unwrap();
        for text in [
            json!("2026-03-02T09:12:01.500Z"),
            json!("2026-03-02T10:12:01.5+01:00"),
            json!("2026-03-02T09:12:01.500+0000"),
            json!("2026-03-02 09:12:01.5"),
            json!("2026-03-02T09:12:01.500"),
            json!(1_772_442_721_500_i64),
            json!("1772442721500"),
            json!("1772442721.500000"),
            json!(1_772_442_721.5),
        ] {
            assert_eq!(moment_of(&text), Some(wanted), "{text}");
        }
        let whole = "2026-03-02T09:12:01Z".parse().ok();
        assert_eq!(moment_of(&json!(1_772_442_721)), whole);
        assert_eq!(moment_of(&json!("Mon, 02 Mar 2026 09:12:01 GMT")), whole);
        assert_eq!(moment_of(&json!("2026-03-02")), "2026-03-02T00:00:00Z".parse().ok());
        for none in [json!(null), json!("soon"), json!(""), json!({}), json!("1.5.2")] {
            assert_eq!(moment_of(&none), None, "{none}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let moment: DateTime<Utc> = "2026-03-02T09:12:01Z".parse().unwrap();
        for how in [Moment::Rfc3339, Moment::Rfc3339Seconds, Moment::Unix, Moment::UnixMs] {
            assert_eq!(moment_of(&written(moment, how)), Some(moment), "{how:?}");
        }
    }
}
