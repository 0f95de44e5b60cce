//! A row of the behaviour table: something a lead did, what it counts, and how that fades.

use super::reason;
use crate::criteria::{Did, Facts};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// How many times a row that counts every time does so when its document does not say.
const MOST_TIMES: u32 = 10;

/// Something a lead did, and its points.
#[derive(Debug, Clone)]
pub struct BehaviourRow {
    /// What has to be done for the row to count.
    pub did: Did,
    /// What it counts; below zero takes away.
    pub points: i64,
    /// What the reason says instead of the activity in words.
    pub label: String,
    /// Whether each of the newest activities counts, up to this many; otherwise the row counts once.
    pub every_time: Option<u32>,
}

/// What a row counts at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Count {
    /// Whole points.
    pub(super) points: i64,
    /// The next moment at which it counts something else by the passing of time alone.
    pub(super) next_change: Option<DateTime<Utc>>,
}

impl BehaviourRow {
    /// What the reason says.
    #[must_use]
    pub fn reason(&self) -> String {
        reason(&self.label, || self.did.in_words())
    }

    /// What it counts at the moment of `facts`.
    ///
    /// With `points` p, half-life h (in days) and the ages a of the activities that count (in days, never below 0), it
    /// is p × 0.5^(a/h) of the newest, or the sum of that over the newest `every_time` ones, rounded to whole points,
    /// halves away from zero. Without a half-life each factor is 1. What was *not* done has no age and does not fade.
    pub(super) fn count(&self, facts: &Facts<'_>, half_life_days: Option<f64>) -> Count {
        let edge = self.did_edge(facts);
        if !self.did.holds(facts) {
            return Count { points: 0, next_change: edge };
        }
        if self.did.not {
            return Count { points: self.points, next_change: edge };
        }
        let moments = self.did.moments(facts);
        let counted = &moments[..moments.len().min(self.every_time.unwrap_or(1) as usize)];
        let Some(half_life) = half_life_days.filter(|days| *days > 0.0) else {
            let times = i64::try_from(counted.len()).unwrap_or(i64::MAX);
            return Count { points: self.points * times, next_change: edge };
        };
        let weight: f64 = counted.iter().map(|at| (-age_in_days(*at, facts.at()) / half_life).exp2()).sum();
        #[allow(clippy::cast_precision_loss, reason = "points are small whole numbers")]
        let faded = self.points as f64 * weight;
        let rounded = faded.round();
        #[allow(clippy::cast_possible_truncation, reason = "bounded by points and times")]
        let points = rounded as i64;
        // All of it fades at one rate, so that the sum loses its next point when it has shrunk to the half below.
        let fades = (points != 0)
            .then(|| half_life * (faded.abs() / (rounded.abs() - 0.5)).log2())
            .and_then(|days| facts.at().checked_add_signed(days_and_a_second(days)));
        Count { points, next_change: [edge, fades].into_iter().flatten().min() }
    }

    /// When one of the activities that count becomes too old.
    fn did_edge(&self, facts: &Facts<'_>) -> Option<DateTime<Utc>> {
        let window = self.did.window()?;
        let moments = self.did.moments(facts);
        let deciding = moments.get(self.did.at_least as usize - 1)?;
        let counted = self.every_time.map_or(1, |times| times as usize).min(moments.len());
        let oldest = if self.every_time.is_some() { moments[counted - 1] } else { moments[0] };
        Some((*deciding).min(oldest) + window)
    }
}

fn age_in_days(at: DateTime<Utc>, now: DateTime<Utc>) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "ages in milliseconds stay far below 2^52")]
    let millis = (now - at).num_milliseconds().max(0) as f64;
    millis / 86_400_000.0
}

/// A stretch of days and a second, so that it ends just after what it leads to.
fn days_and_a_second(days: f64) -> TimeDelta {
    #[allow(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
    let seconds = (days.clamp(0.0, 36_500.0) * 86_400.0).ceil() as i64;
    TimeDelta::seconds(seconds + 1)
}

impl<'de> Deserialize<'de> for BehaviourRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut settings = Map::<String, Value>::deserialize(deserializer)?;
        let points = match settings.remove("points") {
            Some(points) => {
                points.as_i64().ok_or_else(|| D::Error::custom("the points are a whole number"))?
            }
            None => return Err(D::Error::missing_field("points")),
        };
        let label = match settings.remove("label") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(label)) => label,
            Some(_) => return Err(D::Error::custom("the label of a row is text")),
        };
        let every_time = match settings.remove("every_time") {
            None | Some(Value::Null | Value::Bool(false)) => None,
            Some(Value::Bool(true)) => Some(MOST_TIMES),
            Some(times) => {
                let times = times.as_u64().and_then(|times| u32::try_from(times).ok());
                Some(
                    times
                        .ok_or_else(|| D::Error::custom("\"every_time\" is yes, no or a number of times"))?,
                )
            }
        };
        let did = Did::deserialize(Value::Object(settings)).map_err(D::Error::custom)?;
        Ok(Self { did, points, label, every_time })
    }
}

impl JsonSchema for BehaviourRow {
    fn schema_name() -> Cow<'static, str> {
        "BehaviourRow".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "did": { "type": "string", "description": "What sort of activity." },
                "did_not": { "type": "string", "description": "What sort of activity, for leads that did not." },
                "named": { "type": "string", "description": "Only activities called so." },
                "within_days": { "type": "integer", "minimum": 1, "description": "Only those of the last days." },
                "at_least": { "type": "integer", "minimum": 1, "description": "How many times at least." },
                "every_time": {
                    "description": "Whether each activity counts, and at most how many of the newest.",
                    "anyOf": [{ "type": "boolean" }, { "type": "integer", "minimum": 1 }]
                },
                "points": { "type": "integer", "description": "What the row counts; below zero takes away." },
                "label": { "type": "string", "description": "What the reason says." }
            },
            "required": ["points"],
            "additionalProperties": false
        })
    }
}
