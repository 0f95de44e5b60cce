//! A turn on its way to the disk, and the caller who waits for it.

use super::journal::Draft;
use crate::error::Error;
use crate::ports::{Done, RunHeader, RunState, RunStatus, Settled, Turn};
use chrono::{DateTime, SubsecRound, Utc};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use trunkline_engine::document::StepId;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Operation;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, RunId, Verdict};
use uuid::Uuid;

/// See the [module](self).
pub(super) struct Pending {
    pub(super) header: RunHeader,
    pub(super) machine: Machine,
    /// Events of the turn: those handed in, then those that lead operations added.
    pub(super) events: Vec<Event>,
    /// The events that the next commit makes durable.
    pub(super) draft: Draft,
    /// Lead operations not yet performed, in order.
    pub(super) todo: VecDeque<(EffectKey, Operation)>,
    /// Lead operations it may still have performed in this batch.
    pub(super) budget: usize,
    /// The lead its operations were about first.
    pub(super) lead: Option<Uuid>,
    /// The run that has its event key already.
    pub(super) duplicate_of: Option<RunId>,
    effects: Vec<Effect>,
    broken: Option<(StepId, Failure)>,
    /// How many events were handed in.
    given: usize,
    /// How many events are durable already, from earlier batches.
    durable: usize,
    /// How many effects, and which lead, were known when the batch began.
    known_effects: usize,
    known_lead: Option<Uuid>,
    room: OwnedSemaphorePermit,
    answer: oneshot::Sender<Result<Settled, Error>>,
}

impl Pending {
    pub(super) fn new(
        turn: Turn,
        draft: Draft,
        room: OwnedSemaphorePermit,
        answer: oneshot::Sender<Result<Settled, Error>>,
    ) -> Self {
        let mut pending = Self {
            header: turn.header,
            machine: turn.machine,
            given: turn.events.len(),
            events: turn.events,
            draft,
            todo: VecDeque::new(),
            budget: 0,
            lead: None,
            duplicate_of: None,
            effects: Vec::new(),
            broken: None,
            durable: 0,
            known_effects: 0,
            known_lead: None,
            room,
            answer,
        };
        pending.sort(turn.effects);
        pending.known_effects = pending.effects.len();
        pending
    }

    /// Whether this is the first turn of a run.
    pub(super) fn is_new(&self) -> bool {
        self.header.next_seq == 0
    }

    /// Whether the run was given up because our own code failed.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Whether lead operations are left for a later batch.
    pub(super) fn has_more(&self) -> bool {
        self.duplicate_of.is_none() && !self.todo.is_empty()
    }

    /// Whether there is anything to write.
    pub(super) fn is_moving(&self) -> bool {
        self.duplicate_of.is_none()
    }

    /// Takes in what happened and moves the machine on.
    pub(super) fn apply(&mut self, event: Event) -> Result<(), Error> {
        self.draft.push(&event)?;
        let machine = &mut self.machine;
        let step = step_of(&event).unwrap_or_default();
        match catch_unwind(AssertUnwindSafe(|| machine.apply(&event))) {
            Ok(effects) => self.sort(effects),
            Err(_) => self.break_off(step),
        }
        self.events.push(event);
        Ok(())
    }

    /// Gives the run up at `step`: our own code failed in it.
    pub(super) fn break_off(&mut self, step: StepId) {
        let failure = Failure::new(
            "RUN-0002",
            FailureKind::Fatal,
            "Trunkline itself failed while it ran this step",
            "Report this with the run's id; the event is kept, and the run can be started again after an update.",
        );
        self.todo.clear();
        self.effects.push(Effect::Finish(Verdict::Failed { step: step.clone(), failure: failure.clone() }));
        self.broken = Some((step, failure));
    }

    /// Goes back to how the turn stood before the batch, with a machine that was rebuilt that far.
    pub(super) fn restart(&mut self, machine: Machine) -> Result<(), Error> {
        let keep = if self.durable == 0 { self.given } else { self.durable };
        self.events.truncate(keep);
        self.draft = Draft::of(&self.events[self.durable..])?;
        self.effects.truncate(self.known_effects);
        self.lead = self.known_lead;
        self.broken = None;
        self.duplicate_of = None;
        self.todo.clear();
        let outstanding = machine.outstanding().into_iter().filter(is_internal).collect();
        self.machine = machine;
        self.sort(outstanding);
        Ok(())
    }

    /// Events handed in that no earlier batch made durable.
    pub(super) fn fresh_given(&self) -> &[Event] {
        if self.durable == 0 { &self.events[..self.given] } else { &[] }
    }

    /// Notes that everything so far is durable.
    pub(super) fn committed(&mut self) {
        if self.duplicate_of.is_none() && self.events.len() > self.durable {
            self.header.next_seq += 1;
        }
        self.durable = self.events.len();
        self.known_effects = self.effects.len();
        self.known_lead = self.lead;
    }

    /// How the run stands.
    pub(super) fn state(&self) -> RunState {
        let mut state = RunState {
            status: RunStatus::Running,
            lead: self.lead,
            finished_at: None,
            wake_at: None,
            resume: false,
            error: None,
        };
        let verdict = self.machine.verdict();
        let status = match (&self.broken, verdict) {
            (Some(_), _) | (None, Some(Verdict::Failed { .. })) => Some(RunStatus::Failed),
            (None, Some(Verdict::Completed { .. })) => Some(RunStatus::Completed),
            (None, Some(Verdict::Cancelled { .. })) => Some(RunStatus::Cancelled),
            (None, None) => None,
        };
        if let Some(status) = status {
            state.status = status;
            state.finished_at = Some(self.last_moment());
            state.error = match (&self.broken, verdict) {
                (Some(broken), _) => Some(broken.clone()),
                (None, Some(Verdict::Failed { step, failure })) => Some((step.clone(), failure.clone())),
                _ => None,
            };
            return state;
        }
        let mut moves = self.has_more();
        for effect in self.machine.waits_for() {
            match effect {
                Effect::Wake { at, .. } | Effect::Await { until: Some(at), .. } => {
                    let at = whole_micros(*at);
                    state.wake_at = Some(state.wake_at.map_or(at, |soonest| at.min(soonest)));
                }
                Effect::Await { until: None, .. } => {}
                // The run that was started ends some day, also while this one is out of memory.
                Effect::Call { .. } | Effect::Slice { .. } => state.resume = true,
                _ => moves = true,
            }
        }
        state.resume |= moves;
        if !moves {
            state.status = RunStatus::Waiting;
        }
        state
    }

    /// Answers the caller: it is durable.
    pub(super) fn settle(self) {
        let state = self.state();
        let Self { header, machine, events, effects, room, answer, duplicate_of, .. } = self;
        drop(room);
        let settled = match duplicate_of {
            Some(run) => Settled::Duplicate(run),
            None => Settled::Done(Box::new(Done { machine, effects, header, events, state })),
        };
        // A caller who went away, such as a closed connection, finds the run in the history.
        let _ = answer.send(Ok(settled));
    }

    /// Answers the caller: nothing of it is durable.
    pub(super) fn refuse(self, error: Error) {
        // As above.
        let _ = self.answer.send(Err(error));
    }

    fn last_moment(&self) -> DateTime<Utc> {
        whole_micros(self.events.last().map_or(self.header.started_at, Event::at))
    }

    /// Puts effects where they belong: lead operations to be performed here, everything else for the caller.
    fn sort(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Perform { key, operation, .. } if operation.performer.is_internal() => {
                    self.todo.push_back((key, operation));
                }
                Effect::Finish(_) => {
                    self.todo.clear();
                    self.effects.push(effect);
                }
                Effect::Abandon { key } => {
                    self.todo.retain(|(waiting, _)| *waiting != key);
                    self.effects.push(Effect::Abandon { key });
                }
                _ => self.effects.push(effect),
            }
        }
    }
}

/// A moment as its column will hold it, so that callers see the same before and after a restart.
fn whole_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

fn is_internal(effect: &Effect) -> bool {
    matches!(effect, Effect::Perform { operation, .. } if operation.performer.is_internal())
}

fn step_of(event: &Event) -> Option<StepId> {
    match event {
        Event::Started { trigger, .. } | Event::Held { trigger, .. } => Some(trigger.clone()),
        Event::StartedFrom { from, .. } => Some(from.clone()),
        Event::Sliced { stretch, .. } => Some(stretch.step.clone()),
        _ => event.key().map(|key| key.step.clone()),
    }
}
