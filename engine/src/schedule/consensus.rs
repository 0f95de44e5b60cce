//! Whole-schedule tests: recorded answers of several cron implementations where they agree, and a
//! minute-by-minute search that must find the same times.

use super::{Place, Schedule, ScheduleError};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use std::path::PathBuf;

/// The vectors lie beside the repository, or in the folder that `TRUNKLINE_SHARED` names.
#[expect(clippy::disallowed_methods, reason = "a test may read files")]
fn vectors() -> Option<String> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = std::env::var_os("TRUNKLINE_SHARED").map_or(beside, PathBuf::from);
    std::fs::read_to_string(folder.join("cron/consensus.jsonl")).ok()
}

#[test]
fn agrees_with_every_recorded_vector() {
    let Some(vectors) = vectors() else {
        eprintln!("skipped: no cron vectors beside the repository (TRUNKLINE_SHARED names their folder)");
        return;
    };
    let mut checked = 0;
    for line in vectors.lines().filter(|line| !line.trim().is_empty()) {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let cron = vector["expr"].as_str().unwrap();
        let schedule = Schedule::parse_in(cron, vector["tz"].as_str().unwrap()).unwrap();
        let from: DateTime<Utc> = vector["from"].as_str().unwrap().parse().unwrap();
        let expected: Vec<DateTime<Utc>> = vector["expected_utc"]
            .as_array()
            .unwrap()
            .iter()
            .map(|at| at.as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(schedule.upcoming(from, expected.len()), expected, "{cron} from {from}");
        assert!(!schedule.in_words().is_empty());
        checked += 1;
    }
    assert!(checked > 0, "the vector file is empty");
}

/// Whether the wall clock shows a matching time at this instant: cron's rule, said directly.
fn matches(schedule: &Schedule, at: DateTime<Utc>) -> bool {
    let local = at.with_timezone(&schedule.zone);
    let [minute, hour, day, month, weekday] = schedule.fields;
    let day_fits = day.contains(local.day());
    let weekday_fits = weekday.contains(local.weekday().num_days_from_sunday());
    let either = !day.starred && !weekday.starred;
    minute.contains(local.minute())
        && hour.contains(local.hour())
        && month.contains(local.month())
        && if either { day_fits || weekday_fits } else { day_fits && weekday_fits }
}

#[test]
fn finds_the_same_times_as_a_search_minute_by_minute() {
    let crons = [
        "*/7 * * * *",
        "* */5 * * 1-5",
        "13 */2 31 * *",
        "0 */3 1,15 * 3",
        "*/20 1-3 * 2,3,10,11 *",
        "59 * 28-31 * *",
        "*/30 0 */2 * 1",
    ];
    let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
    let starts =
        ["2026-03-07T00:00:00Z", "2026-03-28T00:00:00Z", "2026-10-24T00:00:00Z", "2028-02-27T00:00:00Z"];
    for cron in crons {
        for zone in zones {
            let schedule = Schedule::parse_in(cron, zone).unwrap();
            for start in starts {
                let start: DateTime<Utc> = start.parse().unwrap();
                let end = start + TimeDelta::days(9);
                let searched: Vec<_> = (1..=9 * 24 * 60)
                    .map(|minute| start + TimeDelta::minutes(minute))
                    .filter(|at| matches(&schedule, *at))
                    .collect();
                let found: Vec<_> =
                    std::iter::successors(schedule.next_after(start), |last| schedule.next_after(*last))
                        .take_while(|at| *at <= end)
                        .collect();
                assert_eq!(found, searched, "{cron} in {zone} from {start}");
            }
        }
    }
}

#[test]
fn a_day_that_never_comes_is_refused_and_a_rare_one_is_found() {
    for cron in ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "* * 31 2 *"] {
        assert_eq!(Schedule::parse_in(cron, "UTC").unwrap_err(), ScheduleError::Never, "{cron}");
    }
    let leap = Schedule::parse_in("0 0 29 2 *", "Europe/Berlin").unwrap();
    let after = "2096-03-01T00:00:00Z".parse().unwrap();
    assert_eq!(leap.next_after(after), None, "2100 has no leap day and the search ends there");
}

#[test]
fn errors_carry_a_code_and_an_action() {
    let bad = [
        ("", "UTC", "SCH-0001"),
        ("* * * *", "UTC", "SCH-0001"),
        ("0 0 8 * * 1", "UTC", "SCH-0001"),
        ("61 * * * *", "UTC", "SCH-0002"),
        ("0 0 30 2 *", "UTC", "SCH-0003"),
        ("0 8 * * *", "Mars/Olympus", "SCH-0004"),
    ];
    for (cron, zone, code) in bad {
        let error = Schedule::parse_in(cron, zone).unwrap_err();
        assert_eq!(error.code(), code, "{cron}");
        assert!(!error.action().is_empty());
    }
    assert_eq!(Place::ALL.len(), 5);
}
