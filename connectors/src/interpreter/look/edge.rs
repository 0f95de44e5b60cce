//! From which mark on questions ask, and what that means for the records that are met.

use super::{Look, Position};
use crate::manifest::trigger::{Cursor, Moment};
use crate::time::{moment_of, written};
use chrono::{DateTime, TimeDelta};
use serde_json::Value;

impl Look {
    /// From where the question asks: the newest that was seen, less what it reaches back.
    pub(super) fn edge(&self) -> Option<i64> {
        let from = self.position.within.as_ref().and_then(|within| within.from);
        self.edge_from(from)
    }

    pub(super) fn edge_from(&self, from: Option<i64>) -> Option<i64> {
        let since = self.position.mark();
        Some(match &self.poll().cursor {
            Cursor::Time { overlap, write, exclusive, .. } => {
                let begin = from.or_else(|| Some(since? - i64::from(*overlap) * 1_000_000))?;
                begin - if *exclusive { unit(*write) } else { 0 }
            }
            Cursor::Number { overlap, .. } => from.or_else(|| Some(since? - i64::from(*overlap)))?,
            Cursor::Token { .. } | Cursor::Nothing { .. } => return None,
        })
    }

    /// What templates see as `since`.
    pub(super) fn since(&self) -> Value {
        self.shown(self.edge())
    }

    pub(super) fn shown(&self, edge: Option<i64>) -> Value {
        match &self.poll().cursor {
            Cursor::Time { write, .. } => {
                let edge = edge.unwrap_or_default().max(0);
                written(DateTime::from_timestamp_micros(edge).unwrap_or_default(), *write)
            }
            Cursor::Number { .. } => edge.map_or(Value::Null, Value::from),
            Cursor::Token { .. } => self.position.since.clone().unwrap_or_default(),
            Cursor::Nothing { .. } => Value::Null,
        }
    }

    /// What lies before it was dealt with by an earlier look, whatever precision the app asks with.
    pub(super) fn oldest_wanted(&self, position: &Position) -> Option<i64> {
        self.reached_back(position.mark()?)
    }

    /// The oldest that a look from `since` on asks for.
    pub(super) fn reached_back(&self, since: i64) -> Option<i64> {
        match &self.poll().cursor {
            Cursor::Time { overlap, write, exclusive, .. } => {
                let reach = i64::from(*overlap) * 1_000_000 + if *exclusive { unit(*write) } else { 0 };
                as_written(since - reach, *write)
            }
            Cursor::Number { overlap, .. } => Some(since - i64::from(*overlap)),
            Cursor::Token { .. } | Cursor::Nothing { .. } => None,
        }
    }

    /// Whether a question from `mark` on is the one that was asked.
    pub(super) fn is_at_edge(&self, mark: i64) -> bool {
        let is_further = self.edge().is_none_or(|edge| mark > edge);
        !is_further || self.shown(self.edge_from(Some(mark))) == self.since()
    }

    /// Whether no later look asks for what was asked for now, however far this one, which began then, may come.
    pub(super) fn is_left_behind(&self, began: i64) -> bool {
        self.asked_from(self.edge()) < self.reached_back(began)
    }

    /// What is asked for when the question begins at `edge`: moments are written with less precision.
    pub(super) fn asked_from(&self, edge: Option<i64>) -> Option<i64> {
        match &self.poll().cursor {
            Cursor::Time { write, .. } => edge.and_then(|edge| as_written(edge, *write)),
            _ => edge,
        }
    }

    /// No further than the moment at which the look began: what changed later may have stood where it had passed.
    pub(super) fn as_of(&self, newest: i64, began: i64) -> i64 {
        match &self.poll().cursor {
            Cursor::Time { .. } => newest.min(began),
            Cursor::Number { .. } | Cursor::Token { .. } | Cursor::Nothing { .. } => newest,
        }
    }
}

/// What is asked when `edge` is written: with less precision, from further back.
fn as_written(edge: i64, how: Moment) -> Option<i64> {
    let edge = DateTime::from_timestamp_micros(edge.max(0))?;
    moment_of(&written(edge, how)).map(|edge| edge.timestamp_micros())
}

/// The smallest step of a way to write moments, in microseconds.
fn unit(how: Moment) -> i64 {
    let unit = match how {
        Moment::Rfc3339 | Moment::UnixMs => TimeDelta::milliseconds(1),
        Moment::Rfc3339Seconds | Moment::Unix => TimeDelta::seconds(1),
        Moment::Date => TimeDelta::days(1),
    };
    unit.num_microseconds().unwrap_or(1)
}
