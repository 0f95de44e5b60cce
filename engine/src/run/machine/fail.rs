//! A step's failure: another attempt, its error branch, or the end of the item or the run.

use super::{Machine, Purpose};
use crate::compile::Node;
use crate::document::{ERROR, OUT, OnError};
use crate::failure::Failure;
use crate::kind::Done;
use crate::run::effect::{Effect, Verdict};
use crate::run::frame::{Place, Rounds};
use crate::run::record::StepStatus;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::sync::Arc;

impl Machine {
    pub(super) fn failed(&mut self, place: Place, failure: Failure) {
        let compiled = Arc::clone(&self.compiled);
        let node = &compiled.nodes[place.slot];
        let failures = self.frame(place.frame).fail(node.place);
        if let Some(at) = self.next_attempt(place, node, &failure, failures) {
            self.note(place, |record| {
                record.status = StepStatus::Waiting;
                record.waits_until = Some(at);
                record.failure = Some(failure);
            });
            let effect = Effect::Wake { key: self.key(place), at };
            return self.ask(place, Purpose::Retry, effect);
        }
        let now = self.now;
        self.note(place, |record| {
            record.status = StepStatus::Failed;
            record.failure = Some(failure.clone());
            record.finished_at = Some(now);
        });
        let port = match node.on_error {
            OnError::Continue => OUT,
            OnError::Branch => ERROR,
            OnError::Stop => return self.give_up(place, failure),
        };
        let why = format!("It failed, and the workflow goes on: {}.", failure.message);
        self.done(place, Done::by(port, json!({ "error": failure })).because(why));
    }

    fn give_up(&mut self, place: Place, failure: Failure) {
        let step = self.key(place).to_string();
        let Some(parent) = self.frame(place.frame).parent else {
            return self.finish(Verdict::Failed { step, failure });
        };
        let Some(state) = self.loops.get(&parent) else { return };
        match state.rounds {
            Rounds::Once => {
                self.close_frames_of(parent);
                self.loops.remove(&parent);
                let why = format!("{step} failed: {}.", failure.message);
                let output = json!({ "error": failure, "step": step });
                self.done(parent, Done::by(ERROR, output).because(why));
            }
            Rounds::Stretch { .. } if state.stop_on_error => self.finish(Verdict::Failed { step, failure }),
            _ if state.stop_on_error => {
                self.close_frames_of(parent);
                self.loops.remove(&parent);
                self.failed(parent, failure);
            }
            _ => {
                let index = self.close_frame(place.frame);
                self.item_over(parent, index, json!({ "error": failure }), true);
            }
        }
    }

    fn next_attempt(
        &self,
        place: Place,
        node: &Node,
        failure: &Failure,
        failures: u32,
    ) -> Option<DateTime<Utc>> {
        let retry = node.retry.as_ref()?;
        if !retry.covers(failure.kind) || failures > retry.times {
            return None;
        }
        let doubled = i64::from(retry.wait_seconds) << (failures - 1).min(20);
        let pause = TimeDelta::seconds(doubled.min(retry.most_seconds.into()));
        let spread = pause / 10 * i32::from(self.spread(place, failures)) / 255;
        let at = self.now + pause + spread;
        Some(failure.retry_at.map_or(at, |not_before| at.max(not_before)))
    }

    /// A number that looks random and is the same on every replay.
    fn spread(&self, place: Place, failures: u32) -> u8 {
        use sha2::{Digest, Sha256};
        Sha256::digest(format!("{}:{}:{failures}", self.facts.id, self.key(place)))[0]
    }
}
