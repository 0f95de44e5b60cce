//! How a run begins: at its trigger, later, in the middle, or as a stretch of another run's stream.

use super::{Machine, Purpose};
use crate::document::OUT;
use crate::expression::{Datum, Outputs};
use crate::kind::Done;
use crate::run::effect::Effect;
use crate::run::event::{EffectKey, Given, Stretch};
use crate::run::frame::{Frame, Place, Rounds};
use chrono::TimeDelta;
use indexmap::IndexMap;
use serde_json::Value;
use std::sync::Arc;

/// A level's steps are begun by number; the root is the first.
const ROOT: usize = 0;

impl Machine {
    pub(super) fn start(&mut self, trigger: &str, output: Arc<Datum>) {
        let Some((frame, fired)) = self.open_root(trigger, output) else { return };
        let compiled = Arc::clone(&self.compiled);
        for &slot in &compiled.graphs[ROOT].slots {
            if slot != fired && compiled.nodes[slot].arrivals == 0 {
                self.skip(Place { frame, slot });
            }
        }
        self.fire(Place { frame, slot: fired });
    }

    pub(super) fn release(&mut self) {
        if let Some((trigger, output)) = self.held.take() {
            self.start(&trigger, output);
        }
    }

    /// Begins at `from`. Steps that can be reached from it run; of the others those in `given` count as ended, with
    /// what they left behind, and the rest as skipped.
    pub(super) fn start_from(
        &mut self,
        trigger: &str,
        output: Arc<Datum>,
        from: &str,
        given: &IndexMap<String, Given>,
    ) {
        let compiled = Arc::clone(&self.compiled);
        let from = compiled.slot(from).filter(|slot| compiled.graphs[ROOT].slots.contains(slot));
        let Some(from) = from else { return self.start(trigger, output) };
        let Some((frame, fired)) = self.open_root(trigger, output) else { return };
        let reached = compiled.reached_from(from);
        // Held back until everything before has settled: an arrow from a given step must not begin it early or twice.
        self.frame(frame).begin(compiled.nodes[from].place);
        for slot in compiled.in_order(ROOT) {
            if reached.contains(&slot) {
                continue;
            }
            let place = Place { frame, slot };
            let node = &compiled.nodes[slot];
            if slot == fired {
                self.fire(place);
            } else if let Some(given) = given.get(&node.id) {
                self.take_over(place, given);
            } else if self.frame(frame).is_open(node.place) {
                self.skip(place);
            }
        }
        self.ready.retain(|place| reached.contains(&place.slot));
        self.ready.push_front(Place { frame, slot: from });
    }

    /// Begins with one stretch of a stream: only the loop's body runs, once per item.
    pub(super) fn start_stretch(&mut self, stretch: &Stretch) {
        let compiled = Arc::clone(&self.compiled);
        let Some(slot) = compiled.slot(&stretch.step) else { return };
        self.trigger = Datum::new(stretch.trigger.clone());
        let mut outputs = Outputs::new(Arc::clone(compiled.names()));
        for (step, output) in &stretch.outputs {
            if let Some(slot) = compiled.slot(step) {
                outputs.set(slot, Datum::new(output.clone()));
            }
        }
        let frame = self.open_frame(Frame::new(&compiled, ROOT, None, Vec::new(), None, Arc::new(outputs)));
        let place = Place { frame, slot };
        self.note_begun(place);
        self.open_stretch(place, stretch);
    }

    fn open_root(&mut self, trigger: &str, output: Arc<Datum>) -> Option<(usize, usize)> {
        let compiled = Arc::clone(&self.compiled);
        let fired = compiled.slot(trigger)?;
        self.trigger = output;
        let outputs = Arc::new(Outputs::new(Arc::clone(compiled.names())));
        let frame = self.open_frame(Frame::new(&compiled, ROOT, None, Vec::new(), None, outputs));
        if let Some(minutes) = compiled.document().settings.timeout_minutes {
            let at = self.now + TimeDelta::minutes(minutes.into());
            let key = EffectKey { step: String::new(), items: Vec::new() };
            let place = Place { frame, slot: fired };
            self.ask_as(key.clone(), place, Purpose::Deadline, Effect::Wake { key, at });
        }
        Some((frame, fired))
    }

    fn fire(&mut self, place: Place) {
        self.note_begun(place);
        let mut done = Done::out(Value::Null);
        done.why = Some("This is what started the run.".into());
        let output = Arc::clone(&self.trigger);
        self.complete(place, done, output);
    }

    fn skip(&mut self, place: Place) {
        let at = self.compiled.nodes[place.slot].place;
        self.frame(place.frame).close(at);
        self.note_skipped(place);
        self.leave(place, None);
    }

    fn take_over(&mut self, place: Place, given: &Given) {
        let at = self.compiled.nodes[place.slot].place;
        self.frame(place.frame).begin(at);
        self.note_begun(place);
        let port = if given.port.is_empty() { OUT } else { given.port.as_str() };
        let done = Done::by(port, Value::Null).because("Taken over from the earlier run.");
        self.complete(place, done, Datum::new(given.output.clone()));
    }

    fn open_stretch(&mut self, place: Place, stretch: &Stretch) {
        match self.stretch_plan(place) {
            Ok(mut plan) => {
                plan.rounds = Rounds::Stretch { next: stretch.next.clone(), total: stretch.total };
                plan.first = stretch.first;
                self.open_items(place, plan, stretch.items.clone());
            }
            Err(failure) => {
                let step = self.key(place).to_string();
                self.finish(crate::run::Verdict::Failed { step, failure });
            }
        }
    }
}
