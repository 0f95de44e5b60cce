//! The machine: takes an event, moves every step that can move, and says which effects it needs.
//!
//! It never performs an effect, reads a clock or draws a random number; the pause before a retry is spread by a hash
//! of the run and the step. A panic in here is a bug, and the caller turns it into a failed run.

mod exchange;
mod fail;
mod frames;
mod loops;
mod notes;
mod start;
mod waits;

pub use loops::Progress;

use super::effect::{Effect, Verdict};
use super::event::{EffectKey, Event, Performed};
use super::frame::{Arrival, Frame, Loop, Place, Streaming};
use super::record::{Record, StepStatus};
use crate::compile::Compiled;
use crate::document::Join;
use crate::expression::{Datum, RunFacts};
use crate::failure::Failure;
use crate::kind::{Context, Done, Exchange, Operation, Outcome};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A run in progress.
#[derive(Debug)]
pub struct Machine {
    compiled: Arc<Compiled>,
    facts: Arc<RunFacts>,
    trigger: Arc<Datum>,
    frames: Vec<Option<Frame>>,
    free: Vec<usize>,
    loops: HashMap<Place, Loop>,
    streams: HashMap<Place, Streaming>,
    ready: VecDeque<Place>,
    asked: HashMap<EffectKey, Asked>,
    asked_count: u64,
    /// Callbacks that came before their step was reached.
    early: HashMap<EffectKey, (String, Value)>,
    /// An accepted event that has not begun.
    held: Option<(String, Arc<Datum>)>,
    paused: bool,
    now: DateTime<Utc>,
    output: Arc<Datum>,
    verdict: Option<Verdict>,
    record: Option<Box<Record>>,
    /// What the event at hand has called for so far.
    effects: Vec<Effect>,
}

/// An effect that has not been answered.
#[derive(Debug)]
struct Asked {
    order: u64,
    place: Place,
    purpose: Purpose,
    effect: Effect,
}

/// What the answer to an effect is for.
#[derive(Debug)]
enum Purpose {
    /// The step itself.
    Step,
    /// Another attempt.
    Retry,
    /// The end of the time the run may take.
    Deadline,
    /// The next stretch of a stream.
    Slice,
    /// People were told that their word is awaited; the number of the word.
    Word { number: u32 },
    /// It is time to remind them.
    Reminder { number: u32 },
    /// One of several effects of a step.
    Exchange { memo: Value },
    /// The pause before one of them.
    Pause { exchange: Box<Exchange> },
    /// A read that finds out whether a write happened.
    Look { sent: Box<Operation>, failure: Failure },
}

impl Machine {
    /// A run of `compiled` that has not begun.
    #[must_use]
    pub fn new(compiled: Arc<Compiled>, facts: RunFacts) -> Self {
        Self {
            now: facts.started_at,
            facts: Arc::new(facts),
            compiled,
            trigger: Datum::new(Value::Null),
            frames: Vec::new(),
            free: Vec::new(),
            loops: HashMap::new(),
            streams: HashMap::new(),
            ready: VecDeque::new(),
            asked: HashMap::new(),
            asked_count: 0,
            early: HashMap::new(),
            held: None,
            paused: false,
            output: Datum::new(Value::Null),
            verdict: None,
            record: None,
            effects: Vec::new(),
        }
    }

    /// Keeps a record of every step from now on.
    #[must_use]
    pub fn with_record(mut self) -> Self {
        self.record =
            Some(Box::new(Record { edges: vec![0; self.compiled.edges().len()], ..Record::default() }));
        self
    }

    /// The record, if one is kept.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.record.as_deref()
    }

    /// What it runs.
    #[must_use]
    pub fn compiled(&self) -> &Arc<Compiled> {
        &self.compiled
    }

    /// Facts of the run.
    #[must_use]
    pub fn facts(&self) -> &RunFacts {
        &self.facts
    }

    /// How the run ended, once it has.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// Whether a person paused it.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether its event was accepted and it has not begun.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Every effect asked for and not yet answered, in no particular order.
    pub fn waits_for(&self) -> impl Iterator<Item = &Effect> {
        self.asked.values().map(|asked| &asked.effect)
    }

    /// Every effect asked for and not yet answered, in the order they were asked.
    #[must_use]
    pub fn outstanding(&self) -> Vec<Effect> {
        let mut asked: Vec<&Asked> = self.asked.values().collect();
        asked.sort_unstable_by_key(|asked| asked.order);
        asked.into_iter().map(|asked| asked.effect.clone()).collect()
    }

    /// Takes `event` and gives the effects it calls for, in order. Events nobody waits for change nothing.
    pub fn apply(&mut self, event: &Event) -> Vec<Effect> {
        if self.verdict.is_some() {
            return Vec::new();
        }
        self.now = event.at();
        match event {
            Event::Started { trigger, output, .. } => self.start(trigger, Arc::clone(output)),
            Event::Held { trigger, output, .. } => self.held = Some((trigger.clone(), Arc::clone(output))),
            Event::Released { .. } => self.release(),
            Event::StartedFrom { trigger, output, from, given, .. } => {
                self.start_from(trigger, Arc::clone(output), from, given);
            }
            Event::Sliced { stretch, .. } => self.start_stretch(stretch),
            Event::Performed { key, result, .. } => self.performed(key, result.clone()),
            Event::Woke { key, .. } => self.woke(key),
            Event::Returned { key, result, .. } => self.returned(key, result.clone()),
            Event::Signalled { key, port, output, by, .. } => {
                self.signalled(key, port, output.clone(), by.as_deref());
            }
            Event::Paused { .. } => self.paused = true,
            Event::Resumed { .. } => self.paused = false,
            Event::Cancelled { by, .. } => self.finish(Verdict::Cancelled { by: by.clone() }),
        }
        while !self.paused
            && let Some(place) = self.ready.pop_front()
        {
            self.run_step(place);
        }
        self.effects.extend(self.verdict.clone().map(Effect::Finish));
        std::mem::take(&mut self.effects)
    }

    fn performed(&mut self, key: &EffectKey, result: Result<Performed, Failure>) {
        let Some(Asked { place, purpose, effect, .. }) = self.asked.remove(key) else { return };
        if let Purpose::Look { sent, failure } = purpose {
            return self.looked(place, *sent, failure, result);
        }
        if let Purpose::Exchange { memo } = purpose {
            return self.exchanged(place, key, &effect, &memo, result);
        }
        match result {
            Ok(performed) => {
                let compiled = Arc::clone(&self.compiled);
                let scope = self.scope(place.frame);
                let idempotency_key = self.idempotency_key(key);
                let context = Context { scope: &scope, now: self.now, idempotency_key };
                let outcome = compiled.nodes[place.slot].step.resume(&context, performed);
                drop(context);
                drop(scope);
                self.follow(place, outcome);
            }
            Err(failure) => {
                let sent =
                    if let Effect::Perform { operation, .. } = &effect { Some(operation) } else { None };
                if !sent.is_some_and(|sent| self.unknown(place, sent, &failure)) {
                    self.failed(place, failure);
                }
            }
        }
    }

    fn woke(&mut self, key: &EffectKey) {
        let Some(asked) = self.asked.remove(key) else { return };
        match (asked.purpose, asked.effect) {
            (Purpose::Retry, _) => self.ready.push_back(asked.place),
            (Purpose::Deadline, _) => self.deadline(),
            (Purpose::Pause { exchange }, _) => self.exchange(asked.place, *exchange),
            (Purpose::Reminder { number }, _) => self.remind(asked.place, number),
            (_, Effect::Await { .. }) => self.timed_out(asked.place),
            _ => {
                let output = json!({ "waited_until": self.now });
                self.done(asked.place, Done::out(output).because("The wait is over."));
            }
        }
    }

    fn returned(&mut self, key: &EffectKey, result: Result<Value, Failure>) {
        let Some(asked) = self.asked.remove(key) else { return };
        match (asked.purpose, result) {
            (Purpose::Slice, result) => self.slice_over(asked.place, result),
            (Purpose::Word { number }, _) => self.word_over(asked.place, number),
            (_, Ok(output)) => self.done(asked.place, Done::out(output)),
            (_, Err(failure)) => self.failed(asked.place, failure),
        }
    }

    fn run_step(&mut self, place: Place) {
        if self.streams.contains_key(&place) {
            return self.next_slice(place);
        }
        let compiled = Arc::clone(&self.compiled);
        let node = &compiled.nodes[place.slot];
        if let Some(port) = &node.passes_by {
            self.note_skipped(place);
            self.complete(place, Done::by(port, Value::Null), Datum::new(Value::Null));
            return;
        }
        self.note_begun(place);
        let scope = self.scope(place.frame);
        let idempotency_key = self.idempotency_key(&self.key(place));
        let context = Context { scope: &scope, now: self.now, idempotency_key };
        let outcome = node.step.start(&context);
        // The scope shares the frame's outputs; letting go of it first keeps them from being copied.
        drop(context);
        drop(scope);
        self.follow(place, outcome);
    }

    fn follow(&mut self, place: Place, outcome: Result<Outcome, Failure>) {
        match outcome {
            Err(failure) => self.failed(place, failure),
            Ok(Outcome::Done(done)) => self.done(place, done),
            Ok(Outcome::Perform(operation)) => {
                let timeout = self.compiled.nodes[place.slot].timeout;
                let effect =
                    Effect::Perform { key: self.key(place), operation: Arc::new(operation), timeout };
                self.ask(place, Purpose::Step, effect);
            }
            Ok(Outcome::Exchange(exchange)) => self.exchange(place, exchange),
            Ok(Outcome::WaitUntil(at)) => {
                self.note(place, |record| {
                    record.status = StepStatus::Waiting;
                    record.waits_until = Some(at);
                });
                let effect = Effect::Wake { key: self.key(place), at };
                self.ask(place, Purpose::Step, effect);
            }
            Ok(Outcome::Await(wait)) => self.open_wait(place, wait),
            Ok(Outcome::Loop(plan)) => self.open_loop(place, plan),
            Ok(Outcome::Repeat { most }) => self.open_rounds(place, most),
            Ok(Outcome::Try) => self.open_try(place),
            Ok(Outcome::Break) => self.break_out(place),
            Ok(Outcome::Call(call)) => {
                let effect = Effect::Call { key: self.key(place), call };
                self.ask(place, Purpose::Step, effect);
            }
            Ok(Outcome::Respond(reply)) => {
                let output = json!({ "status": reply.status, "body": reply.body });
                self.effects.push(Effect::Respond(reply));
                self.done(place, Done::out(output));
            }
            Ok(Outcome::Stop { failure, why }) => self.stop(place, failure, why),
        }
    }

    fn stop(&mut self, place: Place, failure: Option<Failure>, why: String) {
        let now = self.now;
        self.note(place, |record| {
            record.status = if failure.is_some() { StepStatus::Failed } else { StepStatus::Done };
            record.failure.clone_from(&failure);
            record.why = Some(why);
            record.finished_at = Some(now);
        });
        let verdict = match failure {
            Some(failure) => Verdict::Failed { step: self.key(place).to_string(), failure },
            None => Verdict::Completed { output: self.output.json().clone() },
        };
        self.finish(verdict);
    }

    fn ask(&mut self, place: Place, purpose: Purpose, effect: Effect) {
        self.ask_as(self.key(place), place, purpose, effect);
    }

    fn ask_as(&mut self, key: EffectKey, place: Place, purpose: Purpose, effect: Effect) {
        self.asked_count += 1;
        let asked = Asked { order: self.asked_count, place, purpose, effect: effect.clone() };
        self.asked.insert(key, asked);
        self.effects.push(effect);
    }

    fn done(&mut self, place: Place, mut done: Done) {
        let output = Datum::new(std::mem::take(&mut done.output));
        self.complete(place, done, output);
    }

    /// Ends a step well: keeps its output and follows its edges.
    fn complete(&mut self, place: Place, done: Done, output: Arc<Datum>) {
        let Place { frame, slot } = place;
        let at = self.compiled.nodes[slot].place;
        if self.record.is_some() {
            let (now, shown) = (self.now, output.json().clone());
            self.note(place, |record| {
                if record.status != StepStatus::Skipped && record.status != StepStatus::Failed {
                    record.status = StepStatus::Done;
                }
                record.finished_at = Some(now);
                record.output = shown;
                record.port = Some(done.port.clone());
                record.why = done.why;
                record.written = done.written;
            });
        }
        let state = self.frame(frame);
        Arc::make_mut(&mut state.outputs).set(slot, Arc::clone(&output));
        state.result = Arc::clone(&output);
        state.close(at);
        self.output = output;
        self.leave(place, Some(&done.port));
    }

    /// Follows the edges of a step that left by `port`, or was skipped, and of every step skipped thereby.
    fn leave(&mut self, place: Place, port: Option<&str>) {
        let compiled = Arc::clone(&self.compiled);
        let frame = place.frame;
        let mut skipped = vec![(place.slot, port)];
        while let Some((slot, port)) = skipped.pop() {
            for exit in &compiled.nodes[slot].exits {
                let arrived = port == Some(exit.port.as_str());
                if arrived && let Some(record) = &mut self.record {
                    record.edges[exit.edge] += 1;
                }
                let target = &compiled.nodes[exit.to];
                match self.frame(frame).arrive(target.place, arrived, target.arrivals, target.join) {
                    Arrival::Nothing => {}
                    Arrival::Ready => {
                        let ready = Place { frame, slot: exit.to };
                        self.ready.push_back(ready);
                        if target.join == Join::First {
                            self.cancel_losers(ready);
                        }
                    }
                    Arrival::Skipped => {
                        self.note_skipped(Place { frame, slot: exit.to });
                        skipped.push((exit.to, None));
                    }
                }
            }
        }
        if self.frame(frame).is_over() {
            self.frame_over(frame);
        }
    }

    fn frame_over(&mut self, frame: usize) {
        match self.frame(frame).parent {
            None => {
                let output = self.output.json().clone();
                self.finish(Verdict::Completed { output });
            }
            Some(parent) => {
                let result = self.frame(frame).result.json().clone();
                let index = self.close_frame(frame);
                self.item_over(parent, index, result, false);
            }
        }
    }

    fn finish(&mut self, verdict: Verdict) {
        self.ready.clear();
        self.asked.retain(|_, asked| !matches!(asked.purpose, Purpose::Deadline));
        if !self.asked.is_empty() {
            self.withdraw(|_| true);
        }
        self.loops.clear();
        self.streams.clear();
        if let Some(record) = &mut self.record {
            record.close(self.now);
        }
        self.verdict = Some(verdict);
    }
}
