//! Hours of work against a count minute by minute.

use super::*;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use proptest::collection::vec;
use proptest::prelude::*;

const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::America__Santiago,
];

fn time(hour: u16, minute: u16) -> WallTime {
    WallTime::new(hour, minute).unwrap()
}

/// The rule itself, for one minute.
fn works(hours: &Hours, week: &Week, at: DateTime<Utc>) -> bool {
    let wall = at.with_timezone(&hours.zone);
    let minute = i64::from(wall.hour() * 60 + wall.minute()) * 60;
    let off = hours.off.iter().any(|(from, to)| *from <= wall.date_naive() && wall.date_naive() <= *to);
    !off && week
        .on(wall.weekday())
        .iter()
        .any(|span| span.opens.seconds() <= minute && minute < span.closes.seconds())
}

fn slow_worked(hours: &Hours, week: &Week, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    let minutes = (to - from).num_minutes();
    (0..minutes).filter(|minute| works(hours, week, from + TimeDelta::minutes(*minute))).count() as i64
}

fn slow_after(hours: &Hours, week: &Week, from: DateTime<Utc>, work: i64) -> Option<DateTime<Utc>> {
    let mut left = work;
    (0..60 * 24 * 40).find_map(|minute| {
        let at = from + TimeDelta::minutes(minute);
        left -= i64::from(works(hours, week, at));
        (left == 0).then(|| at + TimeDelta::minutes(1))
    })
}

prop_compose! {
    fn spans()(cuts in vec(0_u16..=48, 0..=4)) -> Vec<Span> {
        let mut cuts: Vec<WallTime> = cuts.into_iter().map(|half| WallTime::new(half / 2, half % 2 * 30).unwrap()).collect();
        cuts.sort();
        cuts.dedup();
        cuts.chunks_exact(2).map(|two| Span { opens: two[0], closes: two[1] }).collect()
    }
}

prop_compose! {
    fn weeks()(days in vec(spans(), 7)) -> Week {
        let [mon, tue, wed, thu, fri, sat, sun] = days.try_into().unwrap();
        Week { mon, tue, wed, thu, fri, sat, sun }
    }
}

/// Minutes around the changes of clocks of 2026 and 2027, and anywhere.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    let near = prop_oneof![
        Just("2026-03-28T00:00:00Z"),
        Just("2026-10-24T00:00:00Z"),
        Just("2027-03-13T00:00:00Z"),
        Just("2026-11-01T00:00:00Z"),
        Just("2026-04-04T00:00:00Z"),
        Just("2026-09-05T00:00:00Z"),
        Just("2026-06-10T00:00:00Z"),
    ];
    (near, 0_i64..60 * 72)
        .prop_map(|(near, minutes)| near.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn work_is_what_counting_minutes_gives(
        week in weeks(), zone in 0..ZONES.len(), from in moments(), length in 0_i64..60 * 24 * 5, off in 0_u64..9,
    ) {
        let first = from.date_naive() + chrono::Days::new(off);
        let hours = Hours { zone: ZONES[zone], week: Some(week.clone()), off: vec![(first, first)] };
        let to = from + TimeDelta::minutes(length);
        prop_assert_eq!(hours.worked(from, to).num_minutes(), slow_worked(&hours, &week, from, to));
        prop_assert_eq!(hours.is_open(from), works(&hours, &week, from));
        let opens = (0..60 * 24 * 30).map(|minute| from + TimeDelta::minutes(minute)).find(|at| works(&hours, &week, *at));
        if let Some(opens) = opens {
            prop_assert_eq!(hours.next_open(from), Some(opens));
        }
    }

    #[test]
    fn a_deadline_is_where_counting_minutes_ends(
        week in weeks(), zone in 0..ZONES.len(), from in moments(), work in 1_i64..60 * 20,
    ) {
        let hours = Hours { zone: ZONES[zone], week: Some(week.clone()), off: Vec::new() };
        if let Some(slow) = slow_after(&hours, &week, from, work) {
            prop_assert_eq!(hours.after(from, TimeDelta::minutes(work)), Some(slow));
            prop_assert_eq!(hours.worked(from, slow), TimeDelta::minutes(work));
        }
    }
}

#[test]
fn a_friday_evening_ends_on_monday_and_holidays_are_left_out() {
    let work = Work {
        zone: Tz::Europe__Berlin,
        week: Week::weekdays(time(9, 0), time(17, 0)),
        calendar: Some("Germany".into()),
        days_off: Vec::new(),
        capacity: None,
        team: None,
    };
    let christmas = Calendar {
        days: vec![DaysOff {
            from: NaiveDate::from_ymd_opt(2026, 12, 25).unwrap(),
            to: NaiveDate::from_ymd_opt(2026, 12, 26).unwrap(),
            why: "Christmas".into(),
        }],
        ..Calendar::default()
    };
    let hours = work.hours(Some(&christmas));
    let from: DateTime<Utc> = "2026-12-24T15:30:00Z".parse().unwrap();
    let due = hours.after(from, TimeDelta::hours(1)).unwrap();
    assert_eq!(due.to_rfc3339(), "2026-12-28T08:30:00+00:00");
    assert_eq!(
        work.hours(None).after(from, TimeDelta::hours(1)).unwrap().to_rfc3339(),
        "2026-12-25T08:30:00+00:00"
    );
    assert_eq!(hours.end_of_day(from).to_rfc3339(), "2026-12-24T22:59:59+00:00");
}

#[test]
fn somebody_without_hours_always_works_and_somebody_without_work_never_does() {
    let from: DateTime<Utc> = "2026-11-28T03:00:00Z".parse().unwrap();
    assert_eq!(Hours::always().after(from, TimeDelta::minutes(5)), Some(from + TimeDelta::minutes(5)));
    assert!(Hours::always().is_open(from));
    let never = Hours { zone: Tz::UTC, week: Some(Week::default()), off: Vec::new() };
    assert_eq!(never.next_open(from), None);
    assert_eq!(never.after(from, TimeDelta::minutes(5)), None);
}

#[test]
fn hours_that_cannot_be_are_told() {
    let mut work = Work {
        zone: Tz::UTC,
        week: Week::weekdays(time(17, 0), time(9, 0)),
        calendar: None,
        days_off: Vec::new(),
        capacity: None,
        team: None,
    };
    assert_eq!(work.problems().len(), 5);
    work.week = Week {
        mon: vec![
            Span { opens: time(9, 0), closes: time(13, 0) },
            Span { opens: time(12, 0), closes: time(17, 0) },
        ],
        ..Week::default()
    };
    assert_eq!(work.problems(), [("/week/mon".to_owned(), "on Monday two spans of work overlap".to_owned())]);
    let text = serde_json::to_string(&work).unwrap();
    assert_eq!(serde_json::from_str::<Work>(&text).unwrap(), work);
}
