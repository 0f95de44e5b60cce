//! From hours on the wall to stretches of real time.
//!
//! Within a part of a day in which the offset of the zone does not change, a span on the wall is one stretch of time. A
//! day on which clocks change has two such parts. Each span of it is cut along them, which yields what the wall shows:
//! a part that is skipped is nothing, and one that comes twice is there twice.

use super::{Hours, Span};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset, TimeDelta, Utc};
use chrono_tz::Tz;

/// Days looked ahead for work.
const HORIZON: u64 = 400;
/// No zone is further than this from UTC, in seconds.
const FURTHEST: i64 = 15 * 3600;
const DAY: i64 = 24 * 3600;

/// A stretch of time from its first second to just before its last.
type Stretch = (DateTime<Utc>, DateTime<Utc>);

impl Hours {
    /// Whether they are at work at `at`.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        if self.is_always() {
            return true;
        }
        let wall = at.with_timezone(&self.zone).naive_local();
        let second = wall.signed_duration_since(wall.date().and_time(NaiveTime::MIN)).num_seconds();
        self.spans(wall.date())
            .iter()
            .any(|span| (span.opens.seconds()..span.closes.seconds()).contains(&second))
    }

    /// The first moment at or after `at` at which they are at work; `None` when there is none for over a year.
    #[must_use]
    pub fn next_open(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(at) {
            return Some(at);
        }
        self.stretches(at).find(|(_, until)| *until > at).map(|(from, _)| from.max(at))
    }

    /// How long they work between `from` and `to`; nothing when `to` is not later.
    #[must_use]
    pub fn worked(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        if to <= from {
            return TimeDelta::zero();
        }
        if self.is_always() {
            return to - from;
        }
        let last = self.local_day(to);
        let mut day = self.local_day(from).pred_opt();
        let mut sum = TimeDelta::zero();
        while let Some(this) = day.filter(|this| *this <= last.succ_opt().unwrap_or(last)) {
            for (begins, ends) in self.stretches_of(this) {
                sum += (ends.min(to) - begins.max(from)).max(TimeDelta::zero());
            }
            day = this.succ_opt();
        }
        sum
    }

    /// The moment at which they will have worked for `work`, counted from `from`; `None` when that takes over a year.
    #[must_use]
    pub fn after(&self, from: DateTime<Utc>, work: TimeDelta) -> Option<DateTime<Utc>> {
        if self.is_always() {
            return from.checked_add_signed(work);
        }
        let mut left = work;
        for (begins, ends) in self.stretches(from) {
            let begins = begins.max(from);
            if ends <= begins {
                continue;
            }
            if left <= ends - begins {
                return Some(begins + left);
            }
            left -= ends - begins;
        }
        None
    }

    /// The last moment of the local day of `at`.
    #[must_use]
    pub fn end_of_day(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let next = self.local_day(at).checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
        let (parts, count) = parts(self.zone, next);
        let begins =
            parts[..count].iter().filter_map(|part| part.cut(next, 0, DAY)).map(|(from, _)| from).min();
        begins.unwrap_or(at) - TimeDelta::seconds(1)
    }

    /// The day on their wall at `at`.
    #[must_use]
    pub fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// Stretches of work from the day before that of `from` on, in their order.
    fn stretches(&self, from: DateTime<Utc>) -> impl Iterator<Item = Stretch> + '_ {
        let first = self.local_day(from).pred_opt().unwrap_or(NaiveDate::MIN);
        (0..HORIZON)
            .map_while(move |ahead| first.checked_add_days(Days::new(ahead)))
            .flat_map(|day| self.stretches_of(day))
    }

    /// Stretches of work that the wall shows as `day`, in their order.
    fn stretches_of(&self, day: NaiveDate) -> Vec<Stretch> {
        let spans = self.spans(day);
        if spans.is_empty() {
            return Vec::new();
        }
        let (parts, count) = parts(self.zone, day);
        let cut = |span: &Span| {
            let (opens, closes) = (span.opens.seconds(), span.closes.seconds());
            parts[..count].iter().filter_map(move |part| part.cut(day, opens, closes)).collect::<Vec<_>>()
        };
        let mut stretches: Vec<Stretch> = spans.iter().flat_map(cut).collect();
        stretches.sort();
        stretches
    }
}

/// A part of time in which a zone keeps its offset; seconds since 1970 and seconds east of UTC.
#[derive(Clone, Copy)]
struct Part {
    from: i64,
    until: i64,
    offset: i64,
}

impl Part {
    /// What of `day`, from the second `opens` to `closes` on the wall, lies in this part.
    fn cut(self, day: NaiveDate, opens: i64, closes: i64) -> Option<Stretch> {
        let midnight = day.and_time(NaiveTime::MIN).and_utc().timestamp() - self.offset;
        let (from, until) = ((midnight + opens).max(self.from), (midnight + closes).min(self.until));
        let moment = |second| DateTime::from_timestamp(second, 0);
        if from < until { moment(from).zip(moment(until)) } else { None }
    }
}

/// The parts of all time that can show as `day`, and how many they are: clocks change at most once around a day.
fn parts(zone: Tz, day: NaiveDate) -> ([Part; 2], usize) {
    let midnight = day.and_time(NaiveTime::MIN).and_utc().timestamp();
    let (mut low, mut high) = (midnight - FURTHEST, midnight + DAY + FURTHEST);
    let (from, until) = (low, high);
    let (before, after) = (offset(zone, low), offset(zone, high));
    let whole = Part { from, until, offset: before };
    if before == after {
        return ([whole, whole], 1);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset(zone, middle) == before { low = middle } else { high = middle }
    }
    ([Part { until: high, ..whole }, Part { from: high, until, offset: after }], 2)
}

fn offset(zone: Tz, second: i64) -> i64 {
    let at = DateTime::from_timestamp(second, 0).unwrap_or_default();
    i64::from(at.with_timezone(&zone).offset().fix().local_minus_utc())
}
