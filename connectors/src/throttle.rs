//! How hard a connection is called: never more than so many calls within any stretch of so many seconds, and never more
//! than so many on one day. It only counts; who waits and for how long is the caller's matter.

use crate::manifest::limits::{Bucket, Limits};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::VecDeque;

/// Counts the calls of one connection.
#[derive(Debug)]
pub struct Throttle {
    bucket: Option<Bucket>,
    daily: Option<u64>,
    /// Moments of the newest calls, the oldest first; never more than the bucket holds, or held before it was changed.
    newest: VecDeque<DateTime<Utc>>,
    day: NaiveDate,
    today: u64,
    /// The app asked to be left alone until then.
    rest_until: Option<DateTime<Utc>>,
}

/// Seconds after midnight before which a day is not foretold from its own pace alone: five calls in the first minute are
/// not seven thousand a day.
const SHORTEST_PAST: i64 = 3_600;

/// How the calls of the day will last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Calls made today, counted by this server.
    pub used: u64,
    /// Calls allowed today.
    pub of: u64,
    /// Calls at midnight UTC if it goes on like this.
    pub expected: u64,
    /// When they will be used up, if that is today.
    pub used_up_at: Option<DateTime<Utc>>,
}

/// Whether a call may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may; it is counted.
    Now,
    /// Ask again then.
    At(DateTime<Utc>),
    /// The calls of the day are used up until then.
    UsedUp(DateTime<Utc>),
}

impl Throttle {
    /// Nothing counted yet, as of `now`.
    #[must_use]
    pub fn new(limits: &Limits, now: DateTime<Utc>) -> Self {
        Self {
            bucket: limits.bucket,
            daily: limits.daily,
            newest: VecDeque::new(),
            day: now.date_naive(),
            today: 0,
            rest_until: None,
        }
    }

    /// Keeps to other limits from now on; what was counted stays counted.
    pub fn limit(&mut self, limits: &Limits) {
        (self.bucket, self.daily) = (limits.bucket, limits.daily);
    }

    /// Counts calls of the day that were made before a restart.
    pub fn remember(&mut self, day: NaiveDate, calls: u64) {
        if day == self.day {
            self.today = self.today.max(calls);
        }
    }

    /// The day and its calls so far.
    #[must_use]
    pub fn counted(&self) -> (NaiveDate, u64) {
        (self.day, self.today)
    }

    /// Lets a call begin at `now`, or says when to ask again.
    pub fn admit(&mut self, now: DateTime<Utc>) -> Admission {
        if now.date_naive() > self.day {
            (self.day, self.today) = (now.date_naive(), 0);
        }
        if let Some(until) = self.rest_until.filter(|until| *until > now) {
            return Admission::At(until);
        }
        if self.daily.is_some_and(|daily| self.today >= daily) {
            return Admission::UsedUp(midnight_after(self.day));
        }
        if let Some(Bucket { calls, seconds }) = self.bucket {
            let span = TimeDelta::seconds(seconds.max(1).into());
            while self.newest.front().is_some_and(|at| *at + span <= now) {
                self.newest.pop_front();
            }
            let calls = calls.max(1) as usize;
            if self.newest.len() >= calls {
                // The limit may have been lowered meanwhile, so there can be more than it allows.
                return Admission::At(self.newest[self.newest.len() - calls] + span);
            }
            self.newest.push_back(now);
        }
        self.today += 1;
        Admission::Now
    }

    /// Notes that the app wants no calls before `until`.
    pub fn rest(&mut self, until: DateTime<Utc>) {
        self.rest_until = Some(self.rest_until.map_or(until, |known| known.max(until)));
    }

    /// How the calls of the day will last, as of `now`; `None` without a daily limit.
    #[must_use]
    pub fn forecast(&self, now: DateTime<Utc>) -> Option<Forecast> {
        let of = self.daily?;
        let used = if now.date_naive() == self.day { self.today } else { 0 };
        let begun = now.date_naive().and_time(NaiveTime::MIN).and_utc();
        let passed = (now - begun).num_seconds().max(SHORTEST_PAST);
        let expected =
            u64::try_from(u128::from(used) * 86_400 / passed.unsigned_abs() as u128).unwrap_or(u64::MAX);
        let used_up_at = (used > 0 && expected > of).then(|| {
            let seconds = u128::from(of) * passed.unsigned_abs() as u128 / u128::from(used);
            begun + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(86_400))
        });
        Some(Forecast { used, of, expected, used_up_at })
    }
}

fn midnight_after(day: NaiveDate) -> DateTime<Utc> {
    day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + milliseconds).unwrap()
    }

    proptest! {
        /// Whoever asks whenever: no stretch of the bucket's length holds more calls than the bucket, and whoever waits
        /// as long as they are told gets through.
        #[test]
        fn no_stretch_holds_more_than_the_bucket(
            calls in 1_u32..6, seconds in 1_u32..4, pauses in prop::collection::vec(0_i64..900, 1..80),
        ) {
            let limits = Limits { bucket: Some(Bucket { calls, seconds }), at_once: None, daily: None };
            let mut throttle = Throttle::new(&limits, at(0));
            let (mut now, mut made) = (at(0), Vec::new());
            for pause in pauses {
                now += TimeDelta::milliseconds(pause);
                if let Admission::At(later) = throttle.admit(now) {
                    prop_assert!(later > now);
                    now = later;
                    prop_assert_eq!(throttle.admit(now), Admission::Now);
                }
                made.push(now);
            }
            for begin in &made {
                let end = *begin + TimeDelta::seconds(seconds.into());
                let within = made.iter().filter(|moment| **moment >= *begin && **moment < end).count();
                prop_assert!(within <= calls as usize, "{} calls in {} s", within, seconds);
            }
        }
    }

    #[test]
    fn the_day_ends_at_midnight_and_is_foretold() {
        let limits = Limits { bucket: None, at_once: None, daily: Some(10) };
        let noon = "2027-03-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let mut throttle = Throttle::new(&limits, noon);
        for _ in 0..8 {
            assert_eq!(throttle.admit(noon), Admission::Now);
        }
        let forecast = throttle.forecast(noon).unwrap();
        assert_eq!((forecast.used, forecast.of, forecast.expected), (8, 10, 16));
        assert_eq!(forecast.used_up_at, Some("2027-03-01T15:00:00Z".parse().unwrap()));
        let early = "2027-03-01T00:01:00Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(throttle.forecast(early).unwrap().expected, 192, "as if an hour had passed");
        throttle.admit(noon);
        throttle.admit(noon);
        let midnight = "2027-03-02T00:00:00Z".parse().unwrap();
        assert_eq!(throttle.admit(noon), Admission::UsedUp(midnight));
        assert_eq!(throttle.admit(midnight), Admission::Now);
    }

    #[test]
    fn a_lower_limit_holds_for_what_was_called_before() {
        let bucket = |calls| Limits { bucket: Some(Bucket { calls, seconds: 1 }), ..Limits::default() };
        let mut throttle = Throttle::new(&bucket(4), at(0));
        for moment in [0, 100, 200, 300] {
            assert_eq!(throttle.admit(at(moment)), Admission::Now);
        }
        throttle.limit(&bucket(2));
        assert_eq!(
            throttle.admit(at(400)),
            Admission::At(at(1_200)),
            "two of them are in every second until then"
        );
        assert_eq!(throttle.admit(at(1_200)), Admission::Now);
    }

    #[test]
    fn an_app_that_asks_for_rest_gets_it() {
        let mut throttle = Throttle::new(&Limits::default(), at(0));
        throttle.rest(at(5_000));
        assert_eq!(throttle.admit(at(10)), Admission::At(at(5_000)));
        assert_eq!(throttle.admit(at(5_000)), Admission::Now);
    }
}
