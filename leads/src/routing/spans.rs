//! Spans of numbers, as cells write them, kept in order and without overlaps.

use super::cell::CellError;
use std::cmp::Ordering;

/// One end of a span: the number and whether it belongs to the span.
type End = (f64, bool);

/// A span of numbers; without an end it goes on for ever.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    low: Option<End>,
    high: Option<End>,
}

/// Spans in order, none of which touches another.
#[derive(Debug, Clone, PartialEq)]
pub struct Spans(Vec<Span>);

/// Reads `200`, `50-199`, `1000+`, `<50`, `<=50`, `>5` or `>=5`.
pub(super) fn number(text: &str) -> Result<Span, CellError> {
    let read = |part: &str| {
        let plain: String = part.trim().chars().filter(|c| !matches!(c, '_' | '\u{a0}' | ' ')).collect();
        let number = plain.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| CellError::NoNumber(text.into()))
    };
    for (sign, is_low, closed) in
        [(">=", true, true), ("<=", false, true), (">", true, false), ("<", false, false)]
    {
        if let Some(rest) = text.strip_prefix(sign) {
            let end = Some((read(rest)?, closed));
            return Ok(if is_low { Span { low: end, high: None } } else { Span { low: None, high: end } });
        }
    }
    if let Some(from) = text.strip_suffix('+') {
        return Ok(Span { low: Some((read(from)?, true)), high: None });
    }
    let dash = text
        .char_indices()
        .skip(1)
        .find(|(_, c)| matches!(c, '-' | '–'))
        .map(|(at, c)| (at, at + c.len_utf8()));
    let (low, high) = match dash {
        Some((end, begin)) => (read(&text[..end])?, read(&text[begin..])?),
        None => {
            let only = read(text)?;
            (only, only)
        }
    };
    if high < low {
        return Err(CellError::Backwards(text.into()));
    }
    Ok(Span { low: Some((low, true)), high: Some((high, true)) })
}

impl Span {
    fn has(&self, number: f64) -> bool {
        self.low.is_none_or(|(low, closed)| low < number || (closed && low == number))
            && self.high.is_none_or(|(high, closed)| number < high || (closed && high == number))
    }

    /// Whether `other` begins within this or where it ends.
    fn touches(&self, other: &Self) -> bool {
        match (self.high, other.low) {
            (Some((high, ends)), Some((low, begins))) => low < high || (low == high && (ends || begins)),
            _ => true,
        }
    }
}

fn by_low(a: Option<End>, b: Option<End>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Less,
        (_, None) => Ordering::Greater,
        (Some((a, a_closed)), Some((b, b_closed))) => a.total_cmp(&b).then(b_closed.cmp(&a_closed)),
    }
}

fn by_high(a: Option<End>, b: Option<End>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        (Some((a, a_closed)), Some((b, b_closed))) => a.total_cmp(&b).then(a_closed.cmp(&b_closed)),
    }
}

impl Spans {
    /// `spans`, in order and joined where they touch.
    pub(super) fn of(mut spans: Vec<Span>) -> Self {
        spans.sort_by(|a, b| by_low(a.low, b.low));
        let mut joined: Vec<Span> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(last) if last.touches(&span) => {
                    if by_high(last.high, span.high).is_lt() {
                        last.high = span.high;
                    }
                }
                _ => joined.push(span),
            }
        }
        Self(joined)
    }

    /// All spans of several cells together.
    pub(super) fn together<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        Self::of(all.flat_map(|spans| spans.0.iter().copied()).collect())
    }

    /// Whether `number` is in one of them.
    pub(super) fn has(&self, number: f64) -> bool {
        self.0.iter().any(|span| span.has(number))
    }

    /// Whether all of `other` is in these.
    pub(super) fn cover(&self, other: &Self) -> bool {
        let within = |inner: &Span, outer: &Span| {
            by_low(outer.low, inner.low).is_le() && by_high(inner.high, outer.high).is_le()
        };
        other.0.iter().all(|inner| self.0.iter().any(|outer| within(inner, outer)))
    }

    /// Whether some number is in both.
    pub(super) fn meet(&self, other: &Self) -> bool {
        let share = |a: &Span, b: &Span| {
            let low = if by_low(a.low, b.low).is_ge() { a.low } else { b.low };
            let high = if by_high(a.high, b.high).is_le() { a.high } else { b.high };
            match (low, high) {
                (Some((low, begins)), Some((high, ends))) => low < high || (low == high && begins && ends),
                _ => true,
            }
        };
        self.0.iter().any(|a| other.0.iter().any(|b| share(a, b)))
    }

    /// Holes between them in which a whole number lies, as the first and the last whole number.
    pub(super) fn holes(&self) -> Vec<(f64, f64)> {
        let hole = |two: &[Span]| {
            let ((high, ends), (low, begins)) = two[0].high.zip(two[1].low)?;
            let first = if ends { high.floor() + 1.0 } else { high.ceil() };
            let last = if begins { low.ceil() - 1.0 } else { low.floor() };
            (first <= last).then_some((first, last))
        };
        self.0.windows(2).filter_map(hole).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(list: &str) -> Spans {
        Spans::of(list.split(',').map(|part| number(part.trim()).unwrap()).collect())
    }

    #[test]
    fn spans_that_touch_are_one_and_holes_hold_whole_numbers() {
        assert_eq!(spans("1-5, 3-9, 20+").0.len(), 2);
        assert_eq!(spans("1-49, 50-199, 201-999, 1000+").holes(), [(200.0, 200.0)]);
        assert!(spans("<50, >=50").holes().is_empty());
        assert_eq!(spans("<50, >50").holes(), [(50.0, 50.0)]);
        assert!(spans("-5--1").has(-3.0));
    }

    #[test]
    fn covering_and_meeting_follow_the_ends() {
        assert!(spans("1-100").cover(&spans("2-5, 100")));
        assert!(!spans("<100").cover(&spans("100")));
        assert!(!spans("<5").meet(&spans("5+")));
        assert!(spans("<=5").meet(&spans("5+")));
    }
}
