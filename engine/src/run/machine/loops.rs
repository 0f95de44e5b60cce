//! Steps that hold steps: a body is opened for each item, for each round, or once.
//!
//! Items run a few at a time, and their results are gathered in the order of the items unless the loop says otherwise.
//! A stream is never held: each stretch of it is a run of its own, and this run only keeps count.

use super::{Machine, Purpose};
use crate::expression::Datum;
use crate::failure::Failure;
use crate::kind::{Context, Done, LoopPlan, Outcome, Source, Stream};
use crate::run::effect::{Effect, Slice, Verdict};
use crate::run::event::EffectKey;
use crate::run::frame::{Frame, Loop, Place, Rounds, Streaming};
use crate::run::record::StepStatus;
use serde_json::{Value, json};
use std::sync::Arc;

/// Errors of a stream's items that its result tells of one by one; more are only counted.
const ERRORS_TOLD: usize = 100;

/// How far a loop has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The loop.
    pub key: EffectKey,
    /// Items that have ended, failed ones among them.
    pub done: u64,
    /// Items that failed.
    pub failed: u64,
    /// Items in all, when that is known.
    pub total: Option<u64>,
}

impl Machine {
    /// How far each loop in progress has come.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        let lists = self.loops.iter().filter(|(_, state)| matches!(state.rounds, Rounds::Items));
        let lists = lists.map(|(&place, state)| Progress {
            key: self.key(place),
            done: state.ended as u64,
            failed: state.failed as u64,
            total: Some(state.items.len() as u64),
        });
        let streams = self.streams.iter().map(|(&place, state)| Progress {
            key: self.key(place),
            done: state.done,
            failed: state.failed,
            total: state.total,
        });
        let mut all: Vec<_> = lists.chain(streams).collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        all
    }

    pub(super) fn open_loop(&mut self, place: Place, plan: LoopPlan) {
        let shape = Loop::of(&plan);
        match plan.source {
            Source::Items(items) => self.open_items(place, shape, items),
            Source::Stream(stream) => {
                self.streams.insert(place, Streaming::new(stream));
                self.next_slice(place);
            }
        }
    }

    /// The plan of a stream's loop, for one stretch of it.
    pub(super) fn stretch_plan(&mut self, place: Place) -> Result<Loop, Failure> {
        let compiled = Arc::clone(&self.compiled);
        let scope = self.scope(place.frame);
        let idempotency_key = self.idempotency_key(&self.key(place));
        let context = Context { scope: &scope, now: self.now, idempotency_key };
        match compiled.nodes[place.slot].step.start(&context)? {
            Outcome::Loop(plan) => Ok(Loop::of(&plan)),
            _ => Err(Failure::bad_input(
                "RUN-0017",
                "the step is not a loop any more",
                "Run the workflow again from the start with its present version.",
            )),
        }
    }

    pub(super) fn open_items(&mut self, place: Place, mut shape: Loop, items: Vec<Value>) {
        let total = items.len();
        let body = self.compiled.nodes[place.slot].body;
        let steps = body.map_or(0, |level| self.compiled.graphs[level].slots.len());
        if (total == 0 || steps == 0) && matches!(shape.rounds, Rounds::Items) {
            let output = json!({ "items": items, "count": total, "failed": 0 });
            return self.done(place, Done::out(output).because("There was nothing to repeat."));
        }
        shape.results = vec![Value::Null; if shape.keep_order { total } else { 0 }];
        shape.items = items;
        let empty = shape.items.is_empty() || steps == 0;
        self.loops.insert(place, shape);
        if empty {
            return self.loop_over(place);
        }
        self.next_items(place);
    }

    /// Opens a body that runs round after round.
    pub(super) fn open_rounds(&mut self, place: Place, most: u32) {
        if self.body_is_empty(place) {
            return self.done(
                place,
                Done::out(json!({ "result": null, "rounds": 0, "reached": false }))
                    .because("There was nothing to repeat."),
            );
        }
        self.loops.insert(place, Loop::of_rounds(Rounds::Until { most: most.max(1) }));
        self.next_items(place);
    }

    /// Opens a body that runs once and whose failure is caught.
    pub(super) fn open_try(&mut self, place: Place) {
        if self.body_is_empty(place) {
            return self
                .done(place, Done::out(json!({ "result": null })).because("There was nothing to try."));
        }
        self.loops.insert(place, Loop::of_rounds(Rounds::Once));
        self.next_items(place);
    }

    /// Ends the nearest loop around `place` after the items that are under way.
    pub(super) fn break_out(&mut self, place: Place) {
        let mut around = self.frame(place.frame).parent;
        while let Some(parent) = around {
            match self.loops.get_mut(&parent) {
                Some(state) if !matches!(state.rounds, Rounds::Once) => {
                    state.broken = true;
                    break;
                }
                _ => around = self.frame(parent.frame).parent,
            }
        }
        self.done(place, Done::out(Value::Null).because("The loop ends here."));
    }

    fn body_is_empty(&self, place: Place) -> bool {
        let body = self.compiled.nodes[place.slot].body;
        body.is_none_or(|level| self.compiled.graphs[level].slots.is_empty())
    }

    fn next_items(&mut self, place: Place) {
        while let Some(state) = self.loops.get_mut(&place) {
            if state.active >= state.parallel || state.broken || state.next >= state.items.len() {
                return;
            }
            let index = state.next;
            let item = Datum::new(std::mem::take(&mut state.items[index]));
            state.next += 1;
            state.active += 1;
            self.open_item(place, index, item);
        }
    }

    fn open_item(&mut self, place: Place, index: usize, item: Arc<Datum>) {
        let compiled = Arc::clone(&self.compiled);
        let level = compiled.nodes[place.slot].body.expect("a loop in progress has a body");
        let state = &self.loops[&place];
        let (first, once) = (state.first, matches!(state.rounds, Rounds::Once));
        let parent = self.frame(place.frame);
        let mut items = parent.items.clone();
        let item = if once {
            parent.item.clone()
        } else {
            let number = first + index as u64;
            items.push(u32::try_from(number).unwrap_or(u32::MAX));
            Some((usize::try_from(number).unwrap_or(usize::MAX), item))
        };
        let outputs = Arc::clone(&parent.outputs);
        let frame = Frame::new(&compiled, level, Some(place), items, item, outputs).numbered(index);
        let frame = self.open_frame(frame);
        for &slot in &compiled.graphs[level].slots {
            let node = &compiled.nodes[slot];
            if node.arrivals == 0 {
                self.frame(frame).begin(node.place);
                self.ready.push_back(Place { frame, slot });
            }
        }
    }

    /// Takes the result of an item, or of a round.
    pub(super) fn item_over(&mut self, place: Place, index: usize, result: Value, failed: bool) {
        let state = self.loops.get_mut(&place).expect("an item's loop is in progress");
        state.active -= 1;
        state.ended += 1;
        state.failed += usize::from(failed);
        if failed && state.errors.len() < ERRORS_TOLD {
            let number = state.first + index as u64;
            state.errors.push(json!({ "index": number, "error": result["error"] }));
        }
        match state.rounds {
            Rounds::Until { .. } => return self.round_over(place, result),
            Rounds::Once => {
                self.loops.remove(&place);
                return self.done(place, Done::out(json!({ "result": result })).because("It went through."));
            }
            Rounds::Items if state.keep_order => state.results[index] = result,
            Rounds::Items => state.results.push(result),
            Rounds::Stretch { .. } => {}
        }
        if state.active > 0 || (state.next < state.items.len() && !state.broken) {
            return self.next_items(place);
        }
        self.loop_over(place);
    }

    fn loop_over(&mut self, place: Place) {
        let state = self.loops.remove(&place).expect("only a loop in progress ends");
        let (count, failed, broken) = (state.ended, state.failed, state.broken);
        if let Rounds::Stretch { next, total } = state.rounds {
            let next = if broken { None } else { next };
            let output = json!({
                "count": count, "failed": failed, "errors": state.errors, "next": next, "total": total,
            });
            self.note_done(place, &output);
            return self.finish(Verdict::Completed { output });
        }
        let mut results = state.results;
        if broken {
            results.truncate(count);
        }
        let why = match failed {
            _ if broken => format!("It was ended after {count} items; {failed} failed."),
            0 => format!("All {count} items went through."),
            _ => format!("{} of {count} items went through; {failed} failed.", count - failed),
        };
        let output = json!({ "items": results, "count": count, "failed": failed });
        self.done(place, Done::out(output).because(why));
    }

    /// Decides whether a repeated body runs once more.
    fn round_over(&mut self, place: Place, result: Value) {
        let compiled = Arc::clone(&self.compiled);
        let state = &self.loops[&place];
        let Rounds::Until { most } = state.rounds else { return };
        let (round, broken) = (u32::try_from(state.ended).unwrap_or(u32::MAX), state.broken);
        let goes_on = {
            let scope = self.scope(place.frame).with_item(state.ended, &result);
            let idempotency_key = self.idempotency_key(&self.key(place));
            let context = Context { scope: &scope, now: self.now, idempotency_key };
            compiled.nodes[place.slot].step.goes_on(&context, round)
        };
        match goes_on {
            Err(failure) => {
                self.loops.remove(&place);
                self.failed(place, failure);
            }
            Ok(true) if round < most && !broken => {
                let state = self.loops.get_mut(&place).expect("looked up above");
                state.items.push(result);
                self.next_items(place);
            }
            Ok(goes_on) => {
                self.loops.remove(&place);
                let why = match (broken, goes_on) {
                    (true, _) => format!("It was ended in round {round}."),
                    (_, false) => format!("The condition held after round {round}."),
                    (_, true) => format!("It was given up after {round} rounds."),
                };
                let output = json!({ "result": result, "rounds": round, "reached": !goes_on });
                self.done(place, Done::out(output).because(why));
            }
        }
    }

    /// Asks for the next stretch of a stream.
    pub(super) fn next_slice(&mut self, place: Place) {
        let outputs = Arc::clone(&self.frame(place.frame).outputs);
        let mut key = self.key(place);
        let Some(state) = self.streams.get_mut(&place) else { return };
        let Stream { from, slice } = state.stream.clone();
        key.items.push(state.number);
        state.number += 1;
        let slice = Slice {
            from,
            cursor: state.cursor.take(),
            first: state.done,
            size: slice,
            trigger: Arc::clone(&self.trigger),
            outputs,
        };
        self.note(place, |record| record.status = StepStatus::Running);
        let effect = Effect::Slice { key: key.clone(), slice: Box::new(slice) };
        self.ask_as(key, place, Purpose::Slice, effect);
    }

    pub(super) fn slice_over(&mut self, place: Place, result: Result<Value, Failure>) {
        let Some(state) = self.streams.get_mut(&place) else { return };
        let report = match result {
            Ok(report) => report,
            Err(failure) => {
                self.streams.remove(&place);
                return self.failed(place, failure);
            }
        };
        let number = |name: &str| report.get(name).and_then(Value::as_u64);
        state.done += number("count").unwrap_or(0);
        state.failed += number("failed").unwrap_or(0);
        state.total = number("total").or(state.total);
        let errors = report.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
        let room = ERRORS_TOLD.saturating_sub(state.errors.len());
        state.errors.extend(errors.into_iter().take(room));
        state.cursor = report.get("next").and_then(Value::as_str).map(ToOwned::to_owned);
        if state.cursor.is_some() {
            // By way of the queue, so that a paused run does not begin it.
            return self.ready.push_back(place);
        }
        let state = self.streams.remove(&place).expect("looked up above");
        let (count, failed) = (state.done, state.failed);
        let why = match failed {
            0 => format!("All {count} items went through."),
            _ => format!("{} of {count} items went through; {failed} failed.", count - failed),
        };
        let output = json!({ "count": count, "failed": failed, "errors": state.errors });
        self.done(place, Done::out(output).because(why));
    }
}
