//! From wall-clock times to instants, across the days on which clocks change.
//!
//! Two rules. A *fixed* schedule ("at 02:30") is kept once a day: in the hour that is skipped it
//! moves to the first minute after it, in the hour that comes twice it runs the first time. An
//! *interval* schedule ("every 10 minutes") follows elapsed time: nothing runs in the skipped hour
//! and both passes of the repeated hour run. This file never looks at cron fields.

use super::Schedule;
use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// No clock change skips more than a day (Samoa skipped 30 December 2011).
const LONGEST_GAP_MINUTES: i64 = 25 * 60;

/// The next time a fixed schedule is due, strictly after `after`.
pub(super) fn next_fixed(schedule: &Schedule, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut wall = local(schedule.zone, after);
    // Each turn moves on the wall clock; a turn is wasted only on times that the first pass of a
    // repeated hour, or the end of a skipped one, has already used up.
    loop {
        wall = schedule.next_on_wall(wall, false)?;
        let due = first_instant(schedule.zone, wall)?;
        if due > after {
            return Some(due);
        }
    }
}

/// The next time an interval schedule is due, strictly after `after`.
pub(super) fn next_interval(schedule: &Schedule, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let zone = schedule.zone;
    let mut wall = local(zone, after);
    let second_pass = second_pass_start(zone, after);
    let ahead = loop {
        wall = schedule.next_on_wall(wall, false)?;
        let instants = match zone.from_local_datetime(&wall) {
            LocalResult::None => continue,
            LocalResult::Single(only) => [only, only],
            LocalResult::Ambiguous(first, second) => [first, second],
        };
        if let Some(due) = instants.into_iter().find(|instant| *instant > after) {
            break due.to_utc();
        }
    };
    // In the first pass of a repeated hour the second pass may come before the next wall time.
    let repeated = second_pass.and_then(|start| {
        let wall = schedule.next_on_wall(local(zone, start), true)?;
        zone.from_local_datetime(&wall).latest().map(|instant| instant.to_utc())
    });
    Some(repeated.map_or(ahead, |repeated| repeated.min(ahead)))
}

fn local(zone: Tz, instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&zone).naive_local()
}

/// The first instant that shows `wall`, or the end of the gap that swallowed it.
pub(crate) fn first_instant(zone: Tz, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    (0..=LONGEST_GAP_MINUTES).find_map(|minutes| {
        zone.from_local_datetime(&(wall + TimeDelta::minutes(minutes)))
            .earliest()
            .map(|instant| instant.to_utc())
    })
}

/// If `instant` lies in the first pass of a repeated stretch, the instant at which the clock goes
/// back and the second pass begins.
fn second_pass_start(zone: Tz, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let LocalResult::Ambiguous(first, second) = zone.from_local_datetime(&local(zone, instant)) else {
        return None;
    };
    if instant >= second {
        return None;
    }
    // One change lies between the two: halve until the second in which it happens is found.
    let before = first.offset().fix();
    let (mut low, mut high) = (first.timestamp(), second.timestamp());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let at = DateTime::from_timestamp(middle, 0)?;
        if at.with_timezone(&zone).offset().fix() == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    DateTime::from_timestamp(high, 0)
}

#[cfg(test)]
mod tests {
    use crate::schedule::Schedule;
    use chrono::{DateTime, SecondsFormat, Utc};

    fn due(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse_in(cron, zone).unwrap();
        let after: DateTime<Utc> = after.parse().unwrap();
        schedule
            .upcoming(after, count)
            .iter()
            .map(|at| at.with_timezone(&schedule.zone()).to_rfc3339_opts(SecondsFormat::Secs, true))
            .collect()
    }

    #[test]
    fn a_fixed_time_in_the_skipped_hour_moves_to_its_end() {
        let days = due("30 2 * * *", "America/New_York", "2027-03-13T12:00:00-05:00", 2);
        assert_eq!(days, ["2027-03-14T03:00:00-04:00", "2027-03-15T02:30:00-04:00"]);
    }

    #[test]
    fn two_fixed_times_that_meet_at_the_end_of_the_gap_are_one() {
        let times = due("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", 3);
        assert_eq!(
            times,
            ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00"]
        );
    }

    #[test]
    fn a_fixed_time_in_the_repeated_hour_runs_the_first_time_only() {
        let days = due("30 1 * * *", "America/New_York", "2027-11-06T12:00:00-04:00", 2);
        assert_eq!(days, ["2027-11-07T01:30:00-04:00", "2027-11-08T01:30:00-05:00"]);
        let later = due("30 1 * * *", "America/New_York", "2027-11-07T01:10:00-05:00", 1);
        assert_eq!(later, ["2027-11-08T01:30:00-05:00"]);
    }

    #[test]
    fn an_interval_runs_in_both_passes_and_not_in_the_gap() {
        let fold = due("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 5);
        assert_eq!(
            fold,
            [
                "2026-10-25T02:00:00+02:00",
                "2026-10-25T02:30:00+02:00",
                "2026-10-25T02:00:00+01:00",
                "2026-10-25T02:30:00+01:00",
                "2026-10-25T03:00:00+01:00"
            ]
        );
        let gap = due("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", 2);
        assert_eq!(gap, ["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"]);
    }

    #[test]
    fn half_hour_changes_and_a_skipped_day_are_understood() {
        // Lord Howe goes back by half an hour: 01:30 to 02:00 comes twice.
        let howe = due("15,45 * * * *", "Australia/Lord_Howe", "2026-04-05T01:20:00+11:00", 3);
        assert_eq!(
            howe,
            ["2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30", "2026-04-05T02:15:00+10:30"]
        );
        let samoa = due("0 12 30 12 *", "Pacific/Apia", "2011-12-29T20:00:00-10:00", 1);
        assert_eq!(samoa, ["2011-12-31T00:00:00+14:00"]);
    }
}
