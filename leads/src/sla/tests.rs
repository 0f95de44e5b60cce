//! Clocks against a count minute by minute, and forecasts against a list gone through by hand.

use super::*;
use crate::hours::{Hours, WallTime, Week, Work};
use crate::routing::{ColumnKind, Criterion};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn office(zone: Tz) -> Hours {
    let time = |hour| WallTime::new(hour, 0).unwrap();
    let week = Week::weekdays(time(9), time(17));
    Work { zone, week, calendar: None, days_off: Vec::new(), capacity: None, team: None }.hours(None)
}

fn policy() -> SlaPolicy {
    SlaPolicy {
        respond: Some(Target { within: 60, warn_before: 15 }),
        remind_every: Some(10),
        reminders: 3,
        ..SlaPolicy::default()
    }
}

fn start(policy: &SlaPolicy, hours: &Hours, at: DateTime<Utc>) -> Clock {
    let start = Start {
        id: Uuid::from_u128(1),
        lead_id: Uuid::from_u128(2),
        owner_id: Uuid::from_u128(3),
        owner_name: "Ana",
        hours,
        at,
        pool: Some("AE"),
        team: Some("Field"),
        had_it: &[],
    };
    Clock::start("Hot leads", 1, policy, ClockKind::Respond, &start).unwrap()
}

#[test]
fn a_lead_of_friday_evening_is_due_on_monday() {
    let clock = start(&policy(), &office(Tz::Europe__Berlin), at("2026-11-27T15:30:00Z"));
    assert_eq!(clock.warn_at, Some(at("2026-11-30T08:15:00Z")));
    assert_eq!(clock.due_at, Some(at("2026-11-30T08:30:00Z")));
    let view = clock.view(at("2026-11-28T12:00:00Z"));
    assert_eq!((view.state, view.seconds_left), ("paused", Some(30 * 60)));
    assert_eq!(view.resumes_at, Some(at("2026-11-30T08:00:00Z")));
}

#[test]
fn it_warns_reminds_and_breaches_once_each_however_often_it_is_woken() {
    let mut clock = start(&policy(), &Hours::always(), at("2026-11-27T12:00:00Z"));
    let mut log = Vec::new();
    for minute in 0..200 {
        for _ in 0..2 {
            log.extend(
                clock
                    .wake(at("2026-11-27T12:00:00Z") + TimeDelta::minutes(minute))
                    .into_iter()
                    .map(|what| (minute, what)),
            );
        }
    }
    assert_eq!(
        log,
        [
            (45, Happening::Warned),
            (55, Happening::Reminded(1)),
            (60, Happening::Breached),
            (65, Happening::Reminded(2)),
            (75, Happening::Reminded(3)),
        ]
    );
    assert_eq!(clock.wake_at(), None);
}

#[test]
fn a_clock_that_is_woken_late_tells_the_breach_and_nothing_else() {
    let mut clock = start(&policy(), &Hours::always(), at("2026-11-27T12:00:00Z"));
    assert_eq!(clock.wake(at("2026-11-28T12:00:00Z")), [Happening::Breached]);
    assert_eq!(clock.wake(at("2026-11-28T12:00:00Z")), []);
    clock.meet(at("2026-11-28T12:05:00Z"));
    assert_eq!(clock.view(at("2026-11-28T13:00:00Z")).state, "late");
    assert_eq!(clock.wake_at(), None);
}

#[test]
fn an_answer_in_time_meets_it_and_another_owner_stops_it() {
    let begin = at("2026-11-27T12:00:00Z");
    let mut met = start(&policy(), &Hours::always(), begin);
    met.meet(begin + TimeDelta::minutes(20));
    assert_eq!((met.state, met.wake_at()), (ClockState::Met, None));
    assert_eq!(met.view(begin + TimeDelta::hours(5)).seconds_worked, 20 * 60);
    let mut late = start(&policy(), &Hours::always(), begin);
    late.meet(begin + TimeDelta::minutes(61));
    assert_eq!(late.state, ClockState::Breached);
    let mut stopped = start(&policy(), &Hours::always(), begin);
    stopped.stop(begin + TimeDelta::minutes(20));
    assert_eq!(stopped.state, ClockState::Stopped);
    stopped.meet(begin + TimeDelta::minutes(30));
    assert_eq!(stopped.state, ClockState::Stopped);
}

#[test]
fn the_first_policy_that_fits_counts_and_reads_as_a_document() {
    let mut hot = policy();
    hot.when = vec![Criterion { field: "score".into(), kind: ColumnKind::Number, is: "70+".into() }];
    hot.on_breach =
        OnBreach { reassign: Reassign::NextInPool, at_most: 2, escalate_to: Some("Head of sales".into()) };
    let other = SlaPolicy { rank: 1, ..policy() };
    let all = || [("Other", &other, 7), ("Hot", &hot, 3)].into_iter();
    assert_eq!(first_that_fits(all(), &json!({"score": 80})).unwrap().0, "Hot");
    assert_eq!(first_that_fits(all(), &json!({"score": 8})).unwrap().0, "Other");
    assert_eq!(
        hot.in_words(),
        [
            "It is about leads whose score is at least 70, from the moment they get an owner.",
            "The owner answers for the first time within 1 h of the owner's working time, and is warned 15 min before.",
            "After the warning the owner is reminded every 10 min, 3 times at most.",
            "At a breach the next in the pool it came from gets the lead, 2 times at most.",
            "At a breach Head of sales is told.",
        ]
    );
    let nothing = SlaPolicy { accept: Some(Target { within: 5, warn_before: 5 }), ..SlaPolicy::default() };
    assert_eq!(nothing.problems().len(), 1);
    assert_eq!(SlaPolicy::default().problems().len(), 1);
}

/// Walks minute by minute and counts those in which somebody in an office works.
fn slow_due(zone: Tz, from: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
    let mut left = minutes;
    let mut now = from;
    while left > 0 {
        let wall = now.with_timezone(&zone);
        let works = wall.weekday().number_from_monday() <= 5 && (9..17).contains(&wall.hour());
        left -= u32::from(works);
        now += TimeDelta::minutes(1);
    }
    now
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn due_warned_and_left_are_what_counting_minutes_gives(
        zone in proptest::sample::select(vec![Tz::Europe__Berlin, Tz::America__New_York, Tz::Asia__Kolkata, Tz::Australia__Sydney]),
        week in 0_i64..52, minute in 0_i64..60 * 24 * 7, within in 2_u32..900, before in 0_u32..900, later in 0_i64..3000,
    ) {
        let from = at("2026-01-05T00:00:00Z") + TimeDelta::minutes(week * 60 * 24 * 7 + minute);
        let before = before % within;
        let rules = SlaPolicy { respond: Some(Target { within, warn_before: before }), ..SlaPolicy::default() };
        let clock = start(&rules, &office(zone), from);
        let due = slow_due(zone, from, within);
        prop_assert_eq!(clock.due_at, Some(due));
        if before > 0 {
            prop_assert_eq!(clock.warn_at, Some(slow_due(zone, from, within - before)));
        }
        let now = from + TimeDelta::minutes(later);
        let worked = (0..later).filter(|minute| {
            let wall = (from + TimeDelta::minutes(*minute)).with_timezone(&zone);
            wall.weekday().number_from_monday() <= 5 && (9..17).contains(&wall.hour())
        });
        let left = i64::from(within) - worked.count() as i64;
        prop_assert_eq!(clock.view(now).seconds_left, Some(left * 60));
    }

    #[test]
    fn a_forecast_is_what_going_through_the_list_gives(
        starts in vec((0_i64..60 * 24 * 3, any::<bool>(), 0_u8..4), 0..40), met in 0_u64..9, breached in 0_u64..9,
    ) {
        let now = at("2026-11-26T14:00:00Z");
        let past = [PastRate { policy: "Hot leads".into(), kind: ClockKind::Respond, met, breached }];
        let clocks: Vec<Clock> = starts
            .iter()
            .map(|(ago, berlin, end)| {
                let zone = if *berlin { Tz::Europe__Berlin } else { Tz::America__New_York };
                let mut clock = start(&policy(), &office(zone), now - TimeDelta::minutes(*ago));
                if *end == 0 {
                    clock.meet(now);
                }
                clock.wake(now);
                clock
            })
            .collect();
        let told = forecast(&clocks, &past, now);
        let (mut due, mut running, mut open_breached) = (0_u64, 0_u64, 0_u64);
        for ((ago, berlin, end), _) in starts.iter().zip(&clocks) {
            if *end == 0 {
                continue;
            }
            let zone = if *berlin { Tz::Europe__Berlin } else { Tz::America__New_York };
            let moment = slow_due(zone, now - TimeDelta::minutes(*ago), 60);
            if moment <= now {
                open_breached += 1;
                continue;
            }
            running += 1;
            let day = |moment: DateTime<Utc>| moment.with_timezone(&zone).date_naive();
            due += u64::from(day(moment) == day(now));
        }
        prop_assert_eq!((told.due_today, told.running, told.breached), (due, running, open_breached));
        prop_assert_eq!(told.by_hour.iter().map(|hour| hour.due).sum::<u64>(), due);
        prop_assert_eq!(told.by_owner.iter().map(|owner| owner.due).sum::<u64>(), due);
        let share = if met + breached == 0 { 1.0 } else { breached as f64 / (met + breached) as f64 };
        prop_assert!((told.expected_today - share * due as f64).abs() < 1e-9);
    }
}
