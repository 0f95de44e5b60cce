//! A schedule said in English, for people who do not read cron.
//!
//! Every sentence is computed from the values the fields allow, so two texts that mean the same
//! times read the same. This file never computes a date.

use super::either_day;
use super::field::Field;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 8] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// More clock times than this are said as a rule, not listed one by one.
const MOST_LISTED_TIMES: usize = 6;

/// "At 08:00, Monday to Friday".
pub(super) fn describe(fields: &[Field; 5]) -> String {
    let [minute, hour, ..] = fields;
    let time = time_of_day(*minute, *hour);
    let days = days(fields);
    if days.is_empty() {
        // "Every 5 minutes" says it all; "At 08:00" needs its "every day".
        if time.starts_with("Every") { time } else { format!("{time}, every day") }
    } else {
        format!("{time}, {days}")
    }
}

fn time_of_day(minute: Field, hour: Field) -> String {
    let (minutes, hours) = (minute.values(), hour.values());
    if minutes.len() * hours.len() <= MOST_LISTED_TIMES {
        let times = hours
            .iter()
            .flat_map(|hour| minutes.iter().map(move |minute| clock(*hour, *minute)))
            .collect::<Vec<_>>();
        return format!("At {}", listed(&times));
    }
    let pace = match (minutes.as_slice(), even_step(&minutes, 60), even_step(&hours, 24)) {
        (_, Some(1), _) => Some("Every minute".to_owned()),
        (_, Some(step), _) if step < 60 => Some(format!("Every {step} minutes")),
        ([at], _, Some(step)) => Some(every_hours(*at, step)),
        _ => None,
    };
    let (first, last) = (hours[0], *hours.last().expect("a field allows at least one value"));
    let contiguous = usize::try_from(last - first).is_ok_and(|span| span + 1 == hours.len());
    let last_minute = *minutes.last().expect("a field allows at least one value");
    let between = format!("from {} to {}", clock(first, minutes[0]), clock(last, last_minute));
    match pace {
        Some(pace) if hour.is_all() || minutes.len() == 1 => pace,
        Some(pace) if contiguous => format!("{pace} {between}"),
        Some(pace) => format!("{pace} of the hours {}", listed(&numbers(&hours))),
        None if minutes.len() == 1 && contiguous => format!("Every hour {between}"),
        None if hour.is_all() => format!("Every hour at minutes {}", listed(&numbers(&minutes))),
        None => {
            format!("At minutes {} of the hours {}", listed(&numbers(&minutes)), listed(&numbers(&hours)))
        }
    }
}

fn every_hours(minute: u32, step: u32) -> String {
    let pace = if step == 1 { "Every hour".to_owned() } else { format!("Every {step} hours") };
    match minute {
        0 => pace,
        1 => format!("{pace} at 1 minute past"),
        _ => format!("{pace} at {minute} minutes past"),
    }
}

fn days(fields: &[Field; 5]) -> String {
    let [_, _, day, month, weekday] = *fields;
    let of_month = (!day.is_all()).then(|| days_of_month(day, month));
    let of_week = (!weekday.is_all()).then(|| weekdays(weekday));
    // A day of the month already says its months.
    let in_months = (!month.is_all() && of_month.is_none()).then(|| format!("in {}", months(month)));
    let said = match (of_month, of_week) {
        (Some(date), Some(week)) if either_day(fields) => {
            let months = if month.is_all() { String::new() } else { format!(" in {}", months(month)) };
            format!("{date} and also {week}{months}")
        }
        (Some(date), Some(week)) => {
            format!("{date}, if that is {}", week.trim_start_matches("every "))
        }
        (Some(date), None) => date,
        (None, Some(week)) => week,
        (None, None) => String::new(),
    };
    match in_months {
        Some(months) if said.is_empty() => format!("every day {months}"),
        Some(months) => format!("{said}, {months}"),
        None => said,
    }
}

fn weekdays(field: Field) -> String {
    // The week is said from Monday, so Sunday comes last.
    let mut days: Vec<u32> = field.values().iter().map(|day| (day + 6) % 7 + 1).collect();
    days.sort_unstable();
    if let [only] = days[..] {
        return format!("every {}", weekday_name(only));
    }
    listed(&runs(&days, weekday_name))
}

fn weekday_name(day: u32) -> String {
    WEEKDAYS[day as usize].to_owned()
}

fn days_of_month(day: Field, month: Field) -> String {
    let values = day.values();
    if let Some(step) = step_from_the_first(&values) {
        let of = if month.is_all() { "each month".to_owned() } else { months(month) };
        return format!("every {} day from the 1st of {of}", ordinal(step));
    }
    if month.is_all() {
        return format!("on the {} of the month", listed(&runs(&values, ordinal)));
    }
    if let [only] = values[..] {
        let dates: Vec<String> =
            month.values().iter().map(|month| format!("{only} {}", month_name(*month))).collect();
        return format!("on {}", listed(&dates));
    }
    format!("on the {} of {}", listed(&runs(&values, ordinal)), months(month))
}

/// The step, if the days are the 1st and then every so many days to the end of the month.
fn step_from_the_first(days: &[u32]) -> Option<u32> {
    let [1, second, _, ..] = *days else { return None };
    let step = second - 1;
    (step > 1 && (1..=31).step_by(step as usize).eq(days.iter().copied())).then_some(step)
}

fn months(field: Field) -> String {
    listed(&runs(&field.values(), month_name))
}

fn month_name(month: u32) -> String {
    MONTHS[month as usize - 1].to_owned()
}

fn ordinal(day: u32) -> String {
    let ending = match (day % 10, day) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

fn clock(hour: u32, minute: u32) -> String {
    format!("{hour:02}:{minute:02}")
}

fn numbers(values: &[u32]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// The step, if the values are 0, step, 2 x step and so on through the whole of `span` evenly.
fn even_step(values: &[u32], span: u32) -> Option<u32> {
    let count = u32::try_from(values.len()).expect("at most 60 values");
    let step = span / count;
    let even = span.is_multiple_of(count) && (0..count).map(|turn| turn * step).eq(values.iter().copied());
    even.then_some(step)
}

/// Three or more values in a row become "first to last".
fn runs(values: &[u32], name: impl Fn(u32) -> String) -> Vec<String> {
    let mut said = Vec::new();
    for run in values.chunk_by(|left, right| left + 1 == *right) {
        match run {
            [first, _, .., last] => said.push(format!("{} to {}", name(*first), name(*last))),
            few => said.extend(few.iter().map(|value| name(*value))),
        }
    }
    said
}

/// "a", "a and b", "a, b and c".
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::schedule::Schedule;

    #[test]
    fn says_common_schedules_as_a_person_would() {
        let said = [
            ("0 8 * * 1-5", "At 08:00, Monday to Friday"),
            ("30 8 * * MON", "At 08:30, every Monday"),
            ("0 9 * * 6,0", "At 09:00, Saturday and Sunday"),
            ("0 0 * * *", "At 00:00, every day"),
            ("5 13,19 * * *", "At 13:05 and 19:05, every day"),
            ("10-50/20 4 * * *", "At 04:10, 04:30 and 04:50, every day"),
            ("* * * * *", "Every minute"),
            ("*/5 * * * *", "Every 5 minutes"),
            ("0 * * * *", "Every hour"),
            ("11 */1 * * *", "Every hour at 11 minutes past"),
            ("0 0-23/3 * * *", "Every 3 hours"),
            ("30 */2 * * *", "Every 2 hours at 30 minutes past"),
            ("*/5 8-16 * * 1-5", "Every 5 minutes from 08:00 to 16:55, Monday to Friday"),
            ("0 8-18 * * *", "Every hour from 08:00 to 18:00"),
            ("0 0 1 * *", "At 00:00, on the 1st of the month"),
            ("0 0 1,15 * *", "At 00:00, on the 1st and 15th of the month"),
            ("0 9 1-7 * *", "At 09:00, on the 1st to 7th of the month"),
            ("0 0 1 1 *", "At 00:00, on 1 January"),
            ("0 0 * JAN,jul *", "At 00:00, every day in January and July"),
            ("0 0 13 * 5", "At 00:00, on the 13th of the month and also every Friday"),
            ("0 12 */2 * MON", "At 12:00, every 2nd day from the 1st of each month, if that is Monday"),
            ("0 6 */5 * *", "At 06:00, every 5th day from the 1st of each month"),
            ("* */6 * * *", "Every minute of the hours 0, 6, 12 and 18"),
            ("7,9,11 1-7/3,9 * * *", "At minutes 7, 9 and 11 of the hours 1, 4, 7 and 9, every day"),
            ("@weekly", "At 00:00, every Sunday"),
        ];
        for (cron, words) in said {
            assert_eq!(Schedule::parse_in(cron, "UTC").unwrap().in_words(), words, "{cron}");
        }
    }
}
