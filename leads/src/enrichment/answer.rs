//! What a provider answers, and what is remembered of it.

use super::standing::{is_fresh, place};
use super::{Fill, Provider};
use crate::field::{self, Field, Reading};
use crate::place::Place;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use trunkline_engine::failure::Failure;
use uuid::Uuid;

/// Longest value of an own field that is taken, in bytes of JSON.
const MAX_VALUE: usize = 4 * 1024;
/// How long a question that is out keeps others from asking it, after the moment it was to leave.
const CLAIM: TimeDelta = TimeDelta::minutes(2);

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "came", rename_all = "snake_case")]
pub enum Answer {
    /// An answer, with a status of success or one of those that say that nobody is known.
    Back {
        /// The HTTP status.
        status: u16,
        /// The body.
        #[serde(default)]
        body: Value,
    },
    /// No answer that can be used.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// A rehearsal did not ask, because asking costs money.
    WouldAsk,
}

/// An answer that is kept, or a question that is out. Nothing but the values of mapped fields is kept of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    /// What the question was, as [`key_of`](super::request::key_of) makes it.
    pub key: String,
    /// Id of the waterfall.
    pub waterfall: Uuid,
    /// Id of the provider.
    pub provider: String,
    /// The lead it was asked for; its erasure takes the answer along.
    pub lead_id: Uuid,
    /// When it was asked or answered.
    pub at: DateTime<Utc>,
    /// From then on it is of no use to anybody.
    pub keep_until: DateTime<Utc>,
    /// How it stands.
    pub state: RememberedState,
}

/// How a question stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RememberedState {
    /// Somebody asks it at this moment.
    Asked {
        /// Which run; `None` for a trial.
        run_id: Option<Uuid>,
        /// After this moment nobody counts on it any more.
        until: DateTime<Utc>,
    },
    /// It was answered.
    Answered {
        /// The values, by field; what is missing was not known.
        values: BTreeMap<String, Value>,
    },
}

impl Remembered {
    /// The question of `key` that `run_id` asks and that leaves at `slot`.
    pub(super) fn asked(
        key: &str,
        waterfall: Uuid,
        provider: &Provider,
        lead_id: Uuid,
        run_id: Option<Uuid>,
        slot: DateTime<Utc>,
    ) -> Self {
        let until = slot + CLAIM;
        Self {
            key: key.to_owned(),
            waterfall,
            provider: provider.id.clone(),
            lead_id,
            at: slot,
            keep_until: until,
            state: RememberedState::Asked { run_id, until },
        }
    }

    /// The same, answered `at` with `values`.
    pub(super) fn answered(
        self,
        provider: &Provider,
        values: BTreeMap<String, Value>,
        at: DateTime<Utc>,
    ) -> Self {
        let days = provider.fills.iter().map(|fill| match fill.fresh_days {
            0 => super::document::MAX_DAYS,
            days => days,
        });
        let days = days.chain([provider.not_found_days]).max().unwrap_or_default();
        let state = RememberedState::Answered { values };
        Self { at, keep_until: at + TimeDelta::days(days.into()), state, ..self }
    }

    /// The same, which nobody asks any more.
    pub(super) fn given_up(self, at: DateTime<Utc>) -> Self {
        let state = RememberedState::Asked { run_id: None, until: at };
        Self { keep_until: at, state, ..self }
    }

    /// Until when somebody else than `run_id` asks it.
    pub(super) fn is_asked_by_another(
        &self,
        run_id: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        match &self.state {
            RememberedState::Asked { run_id: by, until } if *until > now => {
                (by.is_none() || *by != run_id).then_some(*until)
            }
            _ => None,
        }
    }

    /// What it says of `fill`, when that still counts: a value, or `None` for what was not known.
    pub(crate) fn says(
        &self,
        provider: &Provider,
        fill: &Fill,
        now: DateTime<Utc>,
    ) -> Option<Option<&Value>> {
        let RememberedState::Answered { values } = &self.state else { return None };
        match values.get(&fill.field) {
            Some(value) => is_fresh(self.at, fill.fresh_days, now).then_some(Some(value)),
            None => {
                let days = provider.not_found_days;
                (days > 0 && is_fresh(self.at, days, now)).then_some(None)
            }
        }
    }
}

/// What was answered before, by what was asked.
#[derive(Debug, Default)]
pub struct Answers {
    known: HashMap<String, Option<Remembered>>,
    touched: BTreeSet<String>,
}

impl Answers {
    /// Takes in what the store has under `key`. What is known already stays: it may be newer.
    pub fn supply(&mut self, key: String, remembered: Option<Remembered>) {
        self.known.entry(key).or_insert(remembered);
    }

    /// Whether it was looked for.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.known.contains_key(key)
    }

    /// What is remembered under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Remembered> {
        self.known.get(key)?.as_ref()
    }

    /// Every answer that was changed here.
    pub fn take_changed(&mut self) -> Vec<Remembered> {
        std::mem::take(&mut self.touched).iter().filter_map(|key| self.get(key).cloned()).collect()
    }

    pub(super) fn put(&mut self, remembered: Remembered) {
        self.touched.insert(remembered.key.clone());
        self.known.insert(remembered.key.clone(), Some(remembered));
    }
}

/// The values that `provider` gave for its fields, each of its field's type. Empty when it knew nothing.
pub(crate) fn values(provider: &Provider, status: u16, body: &Value) -> BTreeMap<String, Value> {
    let knows_nobody = provider.not_found_statuses.contains(&status)
        || !provider.found_at.trim().is_empty()
            && at(body, &provider.found_at).is_none_or(crate::field::is_blank);
    if knows_nobody {
        return BTreeMap::new();
    }
    let value = |fill: &Fill| Some((fill.field.clone(), usable(&fill.field, at(body, &fill.path)?)?));
    provider.fills.iter().filter_map(value).collect()
}

/// The value as the field holds it; `None` when it says nothing, or nothing the field could hold.
fn usable(name: &str, value: &Value) -> Option<Value> {
    if field::is_blank(value) {
        return None;
    }
    match place(name) {
        Place::Core(field) => match Field::read(field, value) {
            Ok(Reading::Value(value)) => Some(value),
            _ => None,
        },
        _ => (value.to_string().len() <= MAX_VALUE).then(|| value.clone()),
    }
}

/// What stands at `path` in `body`: names and numbers of items with dots between them; the whole for an empty path.
pub(super) fn at<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.trim().split('.').map(str::trim).filter(|part| !part.is_empty()).try_fold(body, |value, part| {
        match value {
            Value::Object(fields) => fields.get(part),
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            _ => None,
        }
    })
}
