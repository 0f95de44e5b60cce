//! The machine: takes an event, moves every step that can move, and says which effects it needs.
//!
//! It never performs an effect, reads a clock or draws a random number; the pause before a retry is spread by a hash
//! of the run and the step. A panic in here is a bug, and the caller turns it into a failed run.

mod loops;

use super::effect::{Effect, Verdict};
use super::event::{EffectKey, Event, Performed};
use super::frame::{Arrival, Frame, Loop, Place};
use super::record::{Record, StepStatus};
use crate::compile::{Compiled, Node};
use crate::document::{ERROR, OUT, OnError};
use crate::expression::{Datum, Dynamic, Outputs, RunFacts, Scope};
use crate::failure::Failure;
use crate::kind::{Context, Done, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Longest pause before a retry.
const MAX_PAUSE: TimeDelta = TimeDelta::days(1);

/// A run in progress.
#[derive(Debug)]
pub struct Machine {
    compiled: Arc<Compiled>,
    facts: Arc<RunFacts>,
    trigger: Arc<Datum>,
    frames: Vec<Option<Frame>>,
    free: Vec<usize>,
    loops: HashMap<Place, Loop>,
    ready: VecDeque<Place>,
    asked: HashMap<EffectKey, Asked>,
    asked_count: u64,
    now: DateTime<Utc>,
    output: Arc<Datum>,
    verdict: Option<Verdict>,
    record: Option<Box<Record>>,
}

/// An effect that has not been answered.
#[derive(Debug)]
struct Asked {
    order: u64,
    place: Place,
    retry: bool,
    effect: Effect,
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
            ready: VecDeque::new(),
            asked: HashMap::new(),
            asked_count: 0,
            output: Datum::new(Value::Null),
            verdict: None,
            record: None,
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

    /// Every effect asked for and not yet answered, in the order they were asked.
    #[must_use]
    pub fn outstanding(&self) -> Vec<Effect> {
        let mut asked: Vec<&Asked> = self.asked.values().collect();
        asked.sort_unstable_by_key(|asked| asked.order);
        asked.into_iter().map(|asked| asked.effect.clone()).collect()
    }

    /// Takes `event` and gives the effects it calls for, in order. Events nobody waits for change nothing.
    pub fn apply(&mut self, event: &Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.verdict.is_some() {
            return effects;
        }
        self.now = event.at();
        match event {
            Event::Started { trigger, output, .. } => self.start(trigger, output.clone()),
            Event::Performed { key, result, .. } => self.performed(key, result.clone(), &mut effects),
            Event::Woke { key, .. } => self.woke(key),
            Event::Returned { key, result, .. } => self.returned(key, result.clone(), &mut effects),
            Event::Cancelled { by, .. } => self.finish(Verdict::Cancelled { by: by.clone() }),
        }
        while let Some(place) = self.ready.pop_front() {
            self.run_step(place, &mut effects);
        }
        effects.extend(self.verdict.clone().map(Effect::Finish));
        effects
    }

    fn start(&mut self, trigger: &str, output: Value) {
        let compiled = Arc::clone(&self.compiled);
        let Some(fired) = compiled.slot(trigger) else { return };
        self.trigger = Datum::new(output);
        let outputs = Arc::new(Outputs::new(Arc::clone(compiled.names())));
        let frame = self.open_frame(Frame::new(&compiled, 0, None, Vec::new(), None, outputs));
        for &slot in &compiled.graphs[0].slots {
            let node = &compiled.nodes[slot];
            if slot != fired && node.arrivals == 0 {
                self.frame(frame).close(node.place);
                self.note_skipped(Place { frame, slot });
                self.leave(Place { frame, slot }, None);
            }
        }
        let place = Place { frame, slot: fired };
        self.note_begun(place);
        let mut done = Done::out(Value::Null);
        done.why = Some("This is what started the run.".into());
        let output = Arc::clone(&self.trigger);
        self.complete(place, done, output);
    }

    fn performed(&mut self, key: &EffectKey, result: Result<Performed, Failure>, effects: &mut Vec<Effect>) {
        let Some(asked) = self.asked.remove(key) else { return };
        let Place { frame, slot } = asked.place;
        let compiled = Arc::clone(&self.compiled);
        match result {
            Ok(performed) => {
                let scope = self.scope(frame);
                let idempotency_key = self.idempotency_key(key);
                let context = Context { scope: &scope, now: self.now, idempotency_key };
                let outcome = compiled.nodes[slot].step.resume(&context, performed);
                drop(context);
                drop(scope);
                self.follow(asked.place, outcome, effects);
            }
            Err(failure) => self.failed(asked.place, failure, effects),
        }
    }

    fn woke(&mut self, key: &EffectKey) {
        let Some(asked) = self.asked.remove(key) else { return };
        if asked.retry {
            self.ready.push_back(asked.place);
        } else {
            let output = json!({ "waited_until": self.now });
            self.done(asked.place, Done::out(output).because("The wait is over."));
        }
    }

    fn returned(&mut self, key: &EffectKey, result: Result<Value, Failure>, effects: &mut Vec<Effect>) {
        let Some(asked) = self.asked.remove(key) else { return };
        match result {
            Ok(output) => self.done(asked.place, Done::out(output)),
            Err(failure) => self.failed(asked.place, failure, effects),
        }
    }

    fn run_step(&mut self, place: Place, effects: &mut Vec<Effect>) {
        let compiled = Arc::clone(&self.compiled);
        let node = &compiled.nodes[place.slot];
        if node.disabled {
            self.note_skipped(place);
            self.complete(place, Done::out(Value::Null), Datum::new(Value::Null));
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
        self.follow(place, outcome, effects);
    }

    fn follow(&mut self, place: Place, outcome: Result<Outcome, Failure>, effects: &mut Vec<Effect>) {
        match outcome {
            Err(failure) => self.failed(place, failure, effects),
            Ok(Outcome::Done(done)) => self.done(place, done),
            Ok(Outcome::Perform(operation)) => {
                let timeout = self.compiled.nodes[place.slot].timeout;
                let effect = Effect::Perform { key: self.key(place), operation, timeout };
                self.ask(place, false, effect, effects);
            }
            Ok(Outcome::WaitUntil(at)) => {
                self.note(place, |record| {
                    record.status = StepStatus::Waiting;
                    record.waits_until = Some(at);
                });
                let effect = Effect::Wake { key: self.key(place), at };
                self.ask(place, false, effect, effects);
            }
            Ok(Outcome::Loop(plan)) => self.open_loop(place, plan),
            Ok(Outcome::Call(call)) => {
                let effect = Effect::Call { key: self.key(place), call };
                self.ask(place, false, effect, effects);
            }
            Ok(Outcome::Respond(reply)) => {
                let output = json!({ "status": reply.status, "body": reply.body });
                effects.push(Effect::Respond(reply));
                self.done(place, Done::out(output));
            }
            Ok(Outcome::Stop { failure, why }) => {
                self.note(place, |record| {
                    record.status = if failure.is_some() { StepStatus::Failed } else { StepStatus::Done };
                    record.failure.clone_from(&failure);
                    record.why = Some(why);
                });
                let verdict = match failure {
                    Some(failure) => Verdict::Failed { step: self.key(place).to_string(), failure },
                    None => Verdict::Completed { output: self.output.json().clone() },
                };
                let now = self.now;
                self.note(place, |record| record.finished_at = Some(now));
                self.finish(verdict);
            }
        }
    }

    fn ask(&mut self, place: Place, retry: bool, effect: Effect, effects: &mut Vec<Effect>) {
        self.asked_count += 1;
        let asked = Asked { order: self.asked_count, place, retry, effect: effect.clone() };
        self.asked.insert(self.key(place), asked);
        effects.push(effect);
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
                    Arrival::Ready => self.ready.push_back(Place { frame, slot: exit.to }),
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

    /// Handles a step's failure: another attempt, its error branch, or the end of the item or the run.
    fn failed(&mut self, place: Place, failure: Failure, effects: &mut Vec<Effect>) {
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
            self.ask(place, true, effect, effects);
            return;
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
            OnError::Stop => return self.give_up(place, failure, effects),
        };
        let why = format!("It failed, and the workflow goes on: {}.", failure.message);
        self.done(place, Done::by(port, json!({ "error": failure })).because(why));
    }

    fn give_up(&mut self, place: Place, failure: Failure, effects: &mut Vec<Effect>) {
        let Some(parent) = self.frame(place.frame).parent else {
            let step = self.key(place).to_string();
            return self.finish(Verdict::Failed { step, failure });
        };
        let stop = self.loops.get(&parent).is_some_and(|state| state.stop_on_error);
        if stop {
            self.close_frames_of(parent);
            self.loops.remove(&parent);
            self.failed(parent, failure, effects);
        } else {
            let index = self.close_frame(place.frame);
            self.item_over(parent, index, json!({ "error": failure }), true);
        }
    }

    fn next_attempt(
        &self,
        place: Place,
        node: &Node,
        failure: &Failure,
        failures: u32,
    ) -> Option<DateTime<Utc>> {
        let retry = node.retry?;
        if !failure.kind.may_pass() || failures > retry.times {
            return None;
        }
        let doubled = i64::from(retry.wait_seconds) << (failures - 1).min(20);
        let pause = TimeDelta::seconds(doubled).min(MAX_PAUSE);
        let spread = pause / 10 * i32::from(self.spread(place, failures)) / 255;
        let at = self.now + pause + spread;
        Some(failure.retry_at.map_or(at, |not_before| at.max(not_before)))
    }

    /// A number that looks random and is the same on every replay.
    fn spread(&self, place: Place, failures: u32) -> u8 {
        use sha2::{Digest, Sha256};
        Sha256::digest(format!("{}:{}:{failures}", self.facts.id, self.key(place)))[0]
    }

    fn finish(&mut self, verdict: Verdict) {
        self.ready.clear();
        self.asked.clear();
        self.loops.clear();
        if let Some(record) = &mut self.record {
            record.close(self.now);
        }
        self.verdict = Some(verdict);
    }

    fn open_frame(&mut self, frame: Frame) -> usize {
        if let Some(at) = self.free.pop() {
            self.frames[at] = Some(frame);
            return at;
        }
        self.frames.push(Some(frame));
        self.frames.len() - 1
    }

    /// Closes an item's frame with everything it still waits for; gives the item's index.
    fn close_frame(&mut self, frame: usize) -> usize {
        let closed = self.frames[frame].take().expect("closed once");
        self.free.push(frame);
        self.ready.retain(|place| place.frame != frame);
        if !self.asked.is_empty() {
            self.asked.retain(|_, asked| asked.place.frame != frame);
        }
        let inner: Vec<Place> = self.loops.keys().filter(|place| place.frame == frame).copied().collect();
        for place in inner {
            self.loops.remove(&place);
            self.close_frames_of(place);
        }
        closed.item.map_or(0, |(index, _)| index)
    }

    fn close_frames_of(&mut self, parent: Place) {
        for frame in 0..self.frames.len() {
            if self.frames[frame].as_ref().is_some_and(|open| open.parent == Some(parent)) {
                self.close_frame(frame);
            }
        }
    }

    fn frame(&mut self, frame: usize) -> &mut Frame {
        self.frames[frame].as_mut().expect("places name open frames")
    }

    fn scope(&self, frame: usize) -> Scope {
        let frame = self.frames[frame].as_ref().expect("places name open frames");
        Scope::new(
            Arc::clone(&self.trigger),
            Arc::clone(&frame.outputs),
            frame.item.clone(),
            Arc::clone(self.compiled.vars()),
            Arc::clone(&self.facts),
            self.now,
        )
    }

    fn key(&self, place: Place) -> EffectKey {
        let frame = self.frames[place.frame].as_ref().expect("places name open frames");
        EffectKey { step: self.compiled.nodes[place.slot].id.clone(), items: frame.items.clone() }
    }

    fn idempotency_key(&self, key: &EffectKey) -> String {
        format!("{}:{key}", self.facts.id)
    }

    fn note(&mut self, place: Place, change: impl FnOnce(&mut super::record::StepRecord)) {
        if self.record.is_some() {
            let key = self.key(place);
            if let Some(record) = &mut self.record {
                record.change(&key, change);
            }
        }
    }

    fn note_begun(&mut self, place: Place) {
        if self.record.is_none() {
            return;
        }
        let (key, now) = (self.key(place), self.now);
        let input = self.shown_input(place);
        if let Some(record) = &mut self.record {
            record.begin(key, input, now);
        }
    }

    fn note_skipped(&mut self, place: Place) {
        if self.record.is_some() {
            let (key, now) = (self.key(place), self.now);
            if let Some(record) = &mut self.record {
                record.skip(&key, now);
            }
        }
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
