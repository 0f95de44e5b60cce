//! A step that asks for several effects, one after the other, and goes on whatever came of each.

use super::{Machine, Purpose};
use crate::failure::Failure;
use crate::kind::{Context, Exchange};
use crate::run::effect::Effect;
use crate::run::event::{EffectKey, Performed};
use crate::run::frame::Place;
use crate::run::record::StepStatus;
use serde_json::Value;
use std::sync::Arc;

impl Machine {
    /// Asks for the effect, or for the moment it may be asked for.
    pub(super) fn exchange(&mut self, place: Place, exchange: Exchange) {
        if let Some(at) = exchange.not_before.filter(|at| *at > self.now) {
            self.note(place, |record| {
                record.status = StepStatus::Waiting;
                record.waits_until = Some(at);
            });
            let effect = Effect::Wake { key: self.key(place), at };
            return self.ask(place, Purpose::Pause { exchange: Box::new(exchange) }, effect);
        }
        self.note(place, |record| {
            record.status = StepStatus::Running;
            record.waits_until = None;
        });
        let timeout = self.compiled.nodes[place.slot].timeout;
        let Exchange { operation, memo, .. } = exchange;
        let effect = Effect::Perform { key: self.key(place), operation: Arc::new(operation), timeout };
        self.ask(place, Purpose::Exchange { memo }, effect);
    }

    /// Tells the step what came of it. A write whose answer was lost is nothing a step may go on from: its promise
    /// decides, as for every other.
    pub(super) fn exchanged(
        &mut self,
        place: Place,
        key: &EffectKey,
        effect: &Effect,
        memo: &Value,
        result: Result<Performed, Failure>,
    ) {
        if let (Err(failure), Effect::Perform { operation, .. }) = (&result, effect)
            && self.unknown(place, operation, failure)
        {
            return;
        }
        let compiled = Arc::clone(&self.compiled);
        let scope = self.scope(place.frame);
        let idempotency_key = self.idempotency_key(key);
        let context = Context { scope: &scope, now: self.now, idempotency_key };
        let outcome = compiled.nodes[place.slot].step.answered(&context, memo, result);
        drop(context);
        drop(scope);
        self.follow(place, outcome);
    }
}
