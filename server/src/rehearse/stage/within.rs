//! Rehearsals within a rehearsal: called workflows, and the first items of a stream.

use super::{DEEPEST, MOST_ITEMS, Play, Scene, Stage};
use crate::intake::payload;
use crate::rehearse::act::{Act, How, Matter, NotKnown};
use crate::rehearse::dry_run::DryRun;
use crate::rehearse::failures;
use crate::rehearse::past::Question;
use crate::runner::versions::Version;
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::expression::{Datum, RunFacts};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::Call;
use trunkline_engine::run::{EffectKey, Event, Slice, Stretch, Verdict};
use trunkline_engine::trigger::Trigger;
use uuid::Uuid;

impl Stage {
    pub(super) fn call(&mut self, key: EffectKey, call: &Call) {
        // Word to the people who are waited for.
        if key.step.contains('!') {
            return self.answer(Event::Returned { key, result: Ok(Value::Null), at: self.clock });
        }
        let result = match &self.scene {
            Scene::BackTest(_) => {
                let same = |asked: &Question| matches!(asked, Question::Call { call: old } if old == call);
                match self.remembered(&key, same) {
                    Some(Event::Returned { result, .. }) => {
                        self.note_call(&key, call, &result, How::Journal, None);
                        result
                    }
                    _ if call.wait => {
                        let failure = failures::not_known("what the called workflow would have answered");
                        let title = self.title(&key.step);
                        self.not_known.extend(NotKnown::of(&key, &title, &failure));
                        Err(failure)
                    }
                    _ => {
                        let result = Ok(json!({ "run_id": null }));
                        self.note_call(&key, call, &result, How::Assumed, None);
                        result
                    }
                }
            }
            Scene::DryRun(dry) => {
                let dry = Arc::clone(dry);
                self.call_live(&key, call, &dry)
            }
        };
        self.answer(Event::Returned { key, result, at: self.clock });
    }

    fn call_live(&mut self, key: &EffectKey, call: &Call, dry: &DryRun) -> Result<Value, Failure> {
        let Some(version) = (self.callees.find)(&call.workflow) else {
            return Err(Failure::bad_input(
                "RUN-0013",
                format!("there is no published workflow with the id \"{}\"", call.workflow),
                "Choose a published workflow in the settings of this step.",
            ));
        };
        let name = Some(version.name.clone());
        if !call.wait || self.depth >= DEEPEST {
            let result =
                Ok(if call.wait { self.scene.samples_output(&key.step) } else { json!({ "run_id": null }) });
            self.note_call(key, call, &result, How::Assumed, name);
            return result;
        }
        let manual = version.compiled.triggers().into_iter().find(|(_, trigger)| *trigger == Trigger::Manual);
        let Some((trigger, _)) = manual else {
            return Err(Failure::bad_input(
                "RUN-0014",
                format!("the workflow \"{}\" has no manual trigger to be called by", version.name),
                "Add a manual trigger to the called workflow and publish it.",
            ));
        };
        let facts = self.callees.runner.facts(&version, Uuid::now_v7(), self.clock);
        let output = Datum::new(payload::body_output(call.input.clone(), self.clock));
        let first = Event::Started { trigger, output, at: self.clock };
        let scene = Scene::DryRun(Arc::new(dry.of(version.compiled.document())));
        self.note_call(key, call, &Ok(Value::Null), How::Computed, name);
        self.inner(version, facts, first, scene)
    }

    fn note_call(
        &mut self,
        key: &EffectKey,
        call: &Call,
        result: &Result<Value, Failure>,
        how: How,
        name: Option<String>,
    ) {
        let matter = Matter::Call { call: call.clone(), result: result.clone(), name };
        let title = self.title(&key.step);
        self.acts.push(Act { key: key.clone(), title, matter, how, lead: None, sends: None });
    }

    /// Rehearses another run within this one, and gives what it puts out.
    fn inner(
        &mut self,
        version: Arc<Version>,
        facts: RunFacts,
        first: Event,
        scene: Scene,
    ) -> Result<Value, Failure> {
        let (callees, stop) = (self.callees.clone(), self.stop.clone());
        let play = Play { version, facts, first, scene, callees, stop };
        let inner = Self::of(play, self.handle.clone(), self.limits, self.depth + 1).run();
        let used: usize = inner.acts.len();
        self.limits.steps = self.limits.steps.saturating_sub(used).max(1);
        self.acts.extend(inner.acts);
        self.assumptions.extend(inner.assumptions);
        self.not_known.extend(inner.not_known);
        match (inner.broken_off, inner.machine.verdict()) {
            (Some(failure), _) => Err(failure),
            (None, Some(Verdict::Completed { output })) => Ok(output.clone()),
            (None, Some(Verdict::Failed { step, failure })) => {
                let message = format!("the called workflow failed at {step}: {}", failure.message);
                Err(Failure { message, ..failure.clone() })
            }
            (None, _) => Err(failures::too_much("the called workflow does not come to an end")),
        }
    }

    pub(super) fn stretch(&mut self, key: EffectKey, mut slice: Slice) {
        if let Scene::BackTest(_) = self.scene {
            let result = match self.remembered(&key, |asked| matches!(asked, Question::Stretch)) {
                Some(Event::Returned { result, .. }) => result,
                _ => {
                    let failure = failures::not_known("what was done with the items of the stream");
                    let title = self.title(&key.step);
                    self.not_known.extend(NotKnown::of(&key, &title, &failure));
                    Err(failure)
                }
            };
            return self.answer(Event::Returned { key, result, at: self.clock });
        }
        slice.size = slice.size.min(MOST_ITEMS);
        let runner = self.callees.runner.clone();
        let workspace = self.version.workspace;
        let piece = match self.handle.block_on(runner.read_stretch(workspace, &slice)) {
            Ok(piece) => piece,
            Err(failure) => {
                return self.answer(Event::Returned { key, result: Err(failure), at: self.clock });
            }
        };
        if piece.next.is_some() {
            self.assume(&key, format!("Only the first {} items were rehearsed.", piece.items.len()));
        }
        let outputs =
            slice.outputs.iter().map(|(step, output)| (step.to_owned(), output.json().clone())).collect();
        let stretch = Stretch {
            step: key.step.clone(),
            first: slice.first,
            items: piece.items,
            trigger: slice.trigger.json().clone(),
            outputs,
            next: None,
            total: piece.total,
        };
        let first = Event::Sliced { stretch: Box::new(stretch), at: self.clock };
        let (version, facts, scene) =
            (Arc::clone(&self.version), self.machine.facts().clone(), self.scene.clone());
        let result = self.inner(version, facts, first, scene);
        self.answer(Event::Returned { key, result, at: self.clock });
    }
}
