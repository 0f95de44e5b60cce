//! What a run view shows, noted while the machine moves; nothing of it decides anything.

use super::Machine;
use crate::expression::Dynamic;
use crate::run::frame::Place;
use crate::run::record::{StepRecord, StepStatus};
use serde_json::Value;

impl Machine {
    pub(super) fn note(&mut self, place: Place, change: impl FnOnce(&mut StepRecord)) {
        if self.record.is_some() {
            let key = self.key(place);
            if let Some(record) = &mut self.record {
                record.change(&key, change);
            }
        }
    }

    pub(super) fn note_begun(&mut self, place: Place) {
        if self.record.is_none() {
            return;
        }
        let (key, now) = (self.key(place), self.now);
        let input = self.shown_input(place);
        if let Some(record) = &mut self.record {
            record.begin(key, input, now);
        }
    }

    pub(super) fn note_skipped(&mut self, place: Place) {
        if self.record.is_some() {
            let (key, now) = (self.key(place), self.now);
            if let Some(record) = &mut self.record {
                record.skip(&key, now);
            }
        }
    }

    pub(super) fn note_done(&mut self, place: Place, output: &Value) {
        let now = self.now;
        self.note(place, |record| {
            record.status = StepStatus::Done;
            record.finished_at = Some(now);
            record.output = output.clone();
        });
    }

    pub(super) fn note_cancelled(&mut self, place: Place) {
        let now = self.now;
        self.note(place, |record| {
            record.status = StepStatus::Cancelled;
            record.finished_at = Some(now);
        });
    }

    /// The step's settings with every expression computed, for people to read; a broken one shows as `null`, and a
    /// secret one as dots.
    fn shown_input(&self, place: Place) -> Value {
        let node = &self.compiled.nodes[place.slot];
        let Some(config) = self.compiled.config(&node.id) else { return Value::Null };
        let mut config = config.clone();
        hide(&mut config, &node.secrets);
        let scope = self.scope(place.frame);
        match config {
            Value::Object(fields) => fields
                .into_iter()
                .map(|(name, field)| {
                    let value = Dynamic::compile(&field).ok().and_then(|field| field.value(&scope).ok());
                    (name, value.unwrap_or_default())
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other,
        }
    }
}

/// Replaces every field of `value` that is called like a secret.
fn hide(value: &mut Value, secrets: &[String]) {
    match value {
        Value::Object(fields) if !secrets.is_empty() => {
            for (name, field) in fields {
                if secrets.contains(name) && !field.is_null() {
                    *field = Value::String("••••••".into());
                } else {
                    hide(field, secrets);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secrets)),
        _ => {}
    }
}
