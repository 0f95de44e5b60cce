//! Dates as people and spreadsheets write them, as `2026-03-05`, with a time as `2026-03-05T14:30:00`.

use chrono::{Duration, NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What comes first in `03/05/2026`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Only dates that can be read in one way are read.
    #[default]
    Auto,
    /// The day.
    Day,
    /// The month.
    Month,
}

/// Years that a date without a century may mean: 1930 to 2029.
const PIVOT: i32 = 30;
/// Days of a spreadsheet that are taken for a date: 1955 to 2119. Smaller numbers are numbers.
const SERIAL: std::ops::Range<i64> = 20_000..80_000;
/// Names of months in the languages lists come in, by their first letters.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fév", "fev"],
    &["mar", "mär", "mrz", "maa"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag", "mei"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott", "out"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

/// The date in `text`; `None` when it is none, or when it could be two and `order` does not say which.
#[must_use]
pub fn date(text: &str, order: DateOrder) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 40 {
        return None;
    }
    if let Some(day) = serial(text) {
        return Some(day.to_string());
    }
    let (day, rest) = calendar_day(text, order)?;
    let rest = rest.trim_start_matches([',', ' ', 'T']).trim();
    if rest.is_empty() {
        return Some(day.to_string());
    }
    let (time, zone) = time_of_day(rest)?;
    if time == NaiveTime::MIN && zone.is_empty() {
        return Some(day.to_string());
    }
    Some(format!("{}{zone}", day.and_time(time).format("%Y-%m-%dT%H:%M:%S")))
}

/// The number of a day as spreadsheets count them.
fn serial(text: &str) -> Option<NaiveDate> {
    let whole = text
        .split_once('.')
        .map_or(text, |(whole, part)| if part.bytes().all(|b| b == b'0') { whole } else { text });
    let days: i64 = whole.parse().ok()?;
    if text.len() == 8 && !text.contains('.') {
        // 20260305.
        let (year, month, day) = (text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
        return NaiveDate::from_ymd_opt(year, month, day).filter(|_| (1900..2100).contains(&year));
    }
    let start = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    SERIAL.contains(&days).then(|| start.checked_add_signed(Duration::days(days)))?
}

/// The day at the beginning of `text`, and what follows.
fn calendar_day(text: &str, order: DateOrder) -> Option<(NaiveDate, &str)> {
    let text = without_weekday(text);
    let mut parts = Vec::with_capacity(3);
    let mut rest = text;
    while parts.len() < 3 {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        // "5th", "1er" and "2026T10:00" end where their digits end.
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()).min(end);
        let (part, after) =
            if digits > 0 { (&rest[..digits], &rest[digits..]) } else { (&rest[..end], &rest[end..]) };
        if part.is_empty() {
            return None;
        }
        parts.push(part);
        rest = if parts.len() < 3 { after_divider(after)? } else { after };
    }
    let number = |part: &str| part.parse::<u32>().ok();
    let is_year = |part: &str| part.len() == 4 && number(part).is_some();
    let [first, second, third] = parts[..] else { return None };
    let (year, month, day) = match (month_named(first), month_named(second)) {
        (Some(month), _) => (year(third)?, month, number(second)?),
        (_, Some(month)) if is_year(first) => (year(first)?, month, number(third)?),
        (_, Some(month)) => (year(third)?, month, number(first)?),
        _ if is_year(first) => (year(first)?, number(second)?, number(third)?),
        _ => {
            let (one, two) = (number(first)?, number(second)?);
            let dotted = text.as_bytes().get(first.len()) == Some(&b'.');
            let (month, day) = match order {
                _ if one > 12 => (two, one),
                _ if two > 12 || one == two => (one, two),
                DateOrder::Month => (one, two),
                DateOrder::Day => (two, one),
                // Dots are written where the day comes first.
                DateOrder::Auto if dotted => (two, one),
                DateOrder::Auto => return None,
            };
            (year(third)?, month, day)
        }
    };
    NaiveDate::from_ymd_opt(year, month, day).map(|day| (day, rest))
}

/// What stands behind the divider between two parts of a date, endings such as "th" included.
fn after_divider(after: &str) -> Option<&str> {
    let after = ["st", "nd", "rd", "th", "er", "º"]
        .iter()
        .find_map(|ending| after.strip_prefix(ending))
        .unwrap_or(after);
    let rest = after.trim_start_matches([' ', '.', '/', '-', ',', '\'', '’']);
    let rest = ["de ", "of "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    (rest.len() < after.len() || rest.starts_with(char::is_alphabetic)).then_some(rest)
}

fn without_weekday(text: &str) -> &str {
    match text.split_once([',', ' ']) {
        Some((word, rest)) if word.chars().all(char::is_alphabetic) && month_named(word).is_none() => {
            rest.trim_start()
        }
        _ => text,
    }
}

fn month_named(word: &str) -> Option<u32> {
    let small = word.to_lowercase();
    if small.len() < 3 || small.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // "juin" and "juil" both begin like June in English, so longer beginnings come first.
    let found = |letters: usize| {
        MONTHS.iter().zip(1..).find(|(names, _)| {
            names.iter().any(|name| name.chars().count() == letters && small.starts_with(name))
        })
    };
    found(4).or_else(|| found(3)).map(|(_, month)| month)
}

fn year(part: &str) -> Option<i32> {
    let year: i32 = part.parse().ok()?;
    match part.len() {
        4 => Some(year),
        2 if year < PIVOT => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

/// The time, and its distance from UTC as it was written.
fn time_of_day(text: &str) -> Option<(NaiveTime, String)> {
    let (clock, zone) = match text.find(['Z', 'z', '+']).or_else(|| text.rfind('-')) {
        Some(at) => (&text[..at], text[at..].trim().to_uppercase()),
        None => (
            text.trim_end_matches("UTC").trim_end(),
            if text.ends_with("UTC") { "Z".into() } else { String::new() },
        ),
    };
    if !zone.is_empty() && zone != "Z" && !zone[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
    {
        return None;
    }
    let upper = clock.trim().to_uppercase();
    let (clock, half) = match upper
        .strip_suffix("AM")
        .map(|rest| (rest, 0))
        .or_else(|| upper.strip_suffix("PM").map(|rest| (rest, 12)))
    {
        Some((rest, half)) => (rest.trim_end().to_owned(), Some(half)),
        None => (upper, None),
    };
    let mut parts = clock.split(':');
    let mut next =
        |or: u32| parts.next().map_or(Some(or), |part| part.split('.').next()?.trim().parse().ok());
    let (hour, minute, second) = (next(99)?, next(0)?, next(0)?);
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    if parts.next().is_some() || (half.is_none() && !clock.contains(':')) {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second).map(|time| (time, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_many_forms() {
        for (text, iso) in [
            ("2026-03-05", "2026-03-05"),
            ("2026/3/5", "2026-03-05"),
            ("05.03.2026", "2026-03-05"),
            ("5.3.26", "2026-03-05"),
            ("25/12/2025", "2025-12-25"),
            ("12/25/2025", "2025-12-25"),
            ("03/03/2026", "2026-03-03"),
            ("5 March 2026", "2026-03-05"),
            ("Mar 5, 2026", "2026-03-05"),
            ("March 5th, 2026", "2026-03-05"),
            ("Thursday, 5 March 2026", "2026-03-05"),
            ("5. März 2026", "2026-03-05"),
            ("5 de março de 2026", "2026-03-05"),
            ("1er juillet 2026", "2026-07-01"),
            ("5-Mar-26", "2026-03-05"),
            ("20260305", "2026-03-05"),
            ("46086", "2026-03-05"),
            ("46086.0", "2026-03-05"),
            ("2026-03-05T14:30:00Z", "2026-03-05T14:30:00Z"),
            ("2026-03-05 14:30", "2026-03-05T14:30:00"),
            ("2026-03-05 00:00:00", "2026-03-05"),
            ("3/25/2026 2:30 PM", "2026-03-25T14:30:00"),
            ("2026-03-05T14:30:00.123+01:00", "2026-03-05T14:30:00+01:00"),
        ] {
            assert_eq!(date(text, DateOrder::Auto).as_deref(), Some(iso), "{text}");
        }
        for text in
            ["03/05/2026", "", "soon", "31.02.2026", "2026-13-01", "12", "250", "+44 20", "2026-03-05 25:00"]
        {
            assert_eq!(date(text, DateOrder::Auto), None, "{text}");
        }
        assert_eq!(date("03/05/2026", DateOrder::Day).as_deref(), Some("2026-05-03"));
        assert_eq!(date("03/05/2026", DateOrder::Month).as_deref(), Some("2026-03-05"));
    }

    #[test]
    fn a_date_that_was_read_reads_the_same_again() {
        for text in ["5 March 2026", "3/25/2026 2:30 PM", "2026-03-05T14:30:00.123+01:00"] {
            let once = date(text, DateOrder::Auto).unwrap();
            assert_eq!(date(&once, DateOrder::Auto).as_deref(), Some(once.as_str()));
        }
    }
}
