//! A turn on its way to the disk, and the caller who waits for it.

use super::journal::Draft;
use crate::error::Error;
use crate::ports::{Begin, Done, DueTick, Letter, Rules, RunHeader, RunState, RunStatus, Settled, Turn};
use chrono::{DateTime, SubsecRound, Utc};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use trunkline_engine::document::StepId;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Operation;
use trunkline_engine::run::{Effect, EffectKey, Event, HeldFor, Machine, RunId, Verdict};
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
    pub(super) todo: VecDeque<(EffectKey, Arc<Operation>)>,
    /// Lead operations it may still have performed in this batch.
    pub(super) budget: usize,
    /// The lead its operations were about first.
    pub(super) lead: Option<Uuid>,
    /// Why nothing of it is written.
    pub(super) aside: Option<Aside>,
    /// The event on which the run's rules decide; gone once the decision is durable.
    pub(super) undecided: Option<Undecided>,
    /// Letters that it takes in.
    pub(super) taken: Vec<i64>,
    /// The moment of a schedule for which it begins a run.
    pub(super) tick: Option<DueTick>,
    /// Letters that it caused.
    pub(super) letters: Vec<Letter>,
    ruling: Option<Ruling>,
    effects: Vec<Effect>,
    broken: Option<(StepId, Failure)>,
    /// How many events were handed in.
    given: usize,
    /// How many events are durable already, from earlier batches.
    durable: usize,
    /// How many effects, and which lead, were known when the batch began.
    known_effects: usize,
    known_lead: Option<Uuid>,
    known_letters: usize,
    /// When it ends because it cannot be read any more.
    lost_at: Option<DateTime<Utc>>,
    room: OwnedSemaphorePermit,
    answer: oneshot::Sender<Result<Settled, Error>>,
}

/// Why nothing of a turn is written.
#[derive(Debug, Clone)]
pub(super) enum Aside {
    /// This run has the event already.
    Duplicate(RunId),
    /// It is too late, or too early.
    Refused(Error),
}

/// An event on which the rules of its run decide.
pub(super) struct Undecided {
    event: Event,
    /// How it is written when it counts.
    draft: Draft,
    /// The rules as they were handed in.
    rules: Rules,
}

/// What the rules said in this batch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ruling {
    Begins,
    Held(HeldFor),
}

impl Pending {
    pub(super) fn new(
        mut turn: Turn,
        mut draft: Draft,
        room: OwnedSemaphorePermit,
        answer: oneshot::Sender<Result<Settled, Error>>,
    ) -> Self {
        keep_plain(&mut turn.header.rules);
        let undecided = match turn.begin {
            Begin::Now | Begin::Never(_) => None,
            Begin::IfAllowed => turn.events.pop().map(|event| Undecided {
                event,
                draft: std::mem::take(&mut draft),
                rules: turn.header.rules.clone(),
            }),
        };
        let mut pending = Self {
            header: turn.header,
            machine: turn.machine,
            given: turn.events.len(),
            events: turn.events,
            draft,
            todo: VecDeque::new(),
            budget: 0,
            lead: None,
            aside: None,
            undecided,
            taken: turn.letters,
            tick: turn.tick,
            letters: Vec::new(),
            ruling: None,
            effects: Vec::new(),
            broken: None,
            durable: 0,
            known_effects: 0,
            known_lead: None,
            known_letters: 0,
            lost_at: None,
            room,
            answer,
        };
        pending.sort(turn.effects);
        pending.known_effects = pending.effects.len();
        if let Begin::Never(at) = turn.begin {
            pending.lost_at = Some(at);
            pending.give_up();
        }
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

    /// Whether it has lead operations to be performed.
    pub(super) fn has_operations(&self) -> bool {
        !self.todo.is_empty()
    }

    /// Whether lead operations are left for a later batch.
    pub(super) fn has_more(&self) -> bool {
        self.aside.is_none() && self.has_operations()
    }

    /// Whether there is anything to write.
    pub(super) fn is_moving(&self) -> bool {
        self.aside.is_none()
    }

    /// When the event on which the rules decide happened.
    pub(super) fn asked_at(&self) -> DateTime<Utc> {
        self.undecided.as_ref().map_or(self.header.started_at, |asked| asked.event.at())
    }

    /// Lets the run begin.
    pub(super) fn let_begin(&mut self) -> Result<(), Error> {
        let Some(Undecided { event, draft, .. }) = &self.undecided else { return Ok(()) };
        let event = event.clone();
        self.draft = draft.clone();
        self.ruling = Some(Ruling::Begins);
        self.header.rules.debounce = None;
        self.take_in(event);
        Ok(())
    }

    /// Keeps the run for later. One that begins in the middle cannot be kept, so it begins.
    pub(super) fn hold(&mut self, why: HeldFor) -> Result<(), Error> {
        if self.is_new() {
            let Some(event) = self.as_held(why) else { return self.let_begin() };
            self.apply(event)?;
        }
        self.ruling = Some(Ruling::Held(why));
        if why != HeldFor::Burst {
            self.header.rules.debounce = None;
        }
        Ok(())
    }

    /// The event that begins the run, as one that is kept for later.
    pub(super) fn as_held(&self, why: HeldFor) -> Option<Event> {
        match &self.undecided.as_ref()?.event {
            Event::Started { trigger, output, at } => {
                Some(Event::Held { trigger: trigger.clone(), output: output.clone(), why, at: *at })
            }
            _ => None,
        }
    }

    /// Takes another event of the burst that this run waits out.
    pub(super) fn prolong(&mut self, until: DateTime<Utc>, event: Option<Event>) -> Result<(), Error> {
        if let Some(debounce) = &mut self.header.rules.debounce {
            debounce.until = until;
        }
        event.map_or(Ok(()), |event| self.apply(event))
    }

    /// Why a new run is held.
    pub(super) fn held(&self) -> Option<HeldFor> {
        match self.ruling {
            Some(Ruling::Held(why)) => Some(why),
            Some(Ruling::Begins) | None => None,
        }
    }

    /// What the rules said in this batch, if they were asked.
    pub(super) fn ruling(&self) -> Option<Ruling> {
        self.ruling
    }

    /// What the run waits for from outside.
    pub(super) fn open_waits(&self) -> Vec<Effect> {
        if self.broken.is_some() || self.machine.verdict().is_some() {
            return Vec::new();
        }
        let is_wait = |effect: &&Effect| matches!(effect, Effect::Await { .. });
        if !self.machine.waits_for().any(|effect| is_wait(&effect)) {
            return Vec::new();
        }
        self.machine.outstanding().into_iter().filter(|effect| is_wait(&effect)).collect()
    }

    /// Takes in what happened and moves the machine on.
    pub(super) fn apply(&mut self, event: Event) -> Result<(), Error> {
        self.draft.push(&event)?;
        self.take_in(event);
        Ok(())
    }

    /// Moves the machine on by an event that is in the draft.
    fn take_in(&mut self, event: Event) {
        let machine = &mut self.machine;
        let step = step_of(&event).unwrap_or_default();
        match catch_unwind(AssertUnwindSafe(|| machine.apply(&event))) {
            Ok(effects) => self.sort(effects),
            Err(_) => self.break_off(step),
        }
        self.events.push(event);
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

    /// Whether the run cannot be read any more, and ends for that.
    pub(super) fn is_lost(&self) -> bool {
        self.lost_at.is_some()
    }

    /// Ends the run: part of it is lost.
    fn give_up(&mut self) {
        let failure = Failure::new(
            "STORE-0016",
            FailureKind::Fatal,
            "part of this run lay in a file that is missing or damaged",
            "Start it again with the same event, if you still have that.",
        );
        let step = self.header.trigger_kind.clone();
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
        self.aside = None;
        self.ruling = None;
        self.letters.truncate(self.known_letters);
        if let Some(undecided) = &self.undecided {
            self.header.rules = undecided.rules.clone();
        }
        self.todo.clear();
        let outstanding = machine.outstanding().into_iter().filter(is_internal).collect();
        self.machine = machine;
        self.sort(outstanding);
        if self.is_lost() {
            self.give_up();
        }
        Ok(())
    }

    /// Events handed in that no earlier batch made durable.
    pub(super) fn fresh_given(&self) -> &[Event] {
        if self.durable == 0 { &self.events[..self.given] } else { &[] }
    }

    /// Notes that everything so far is durable.
    pub(super) fn committed(&mut self) {
        if self.aside.is_none() {
            self.header.next_seq += i64::from(self.events.len() > self.durable);
            self.header.waits = u32::try_from(self.open_waits().len()).unwrap_or(u32::MAX);
            self.undecided = None;
            self.ruling = None;
            self.taken.clear();
        }
        self.durable = self.events.len();
        self.known_effects = self.effects.len();
        self.known_lead = self.lead;
        self.known_letters = self.letters.len();
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
        if self.machine.is_held() {
            state.status = RunStatus::Queued;
            // Until it has been quiet for long enough; all else that it may be held for ends with a letter.
            state.wake_at = self.header.rules.debounce.as_ref().map(|debounce| whole_micros(debounce.until));
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
        if self.machine.is_paused() {
            state.status = RunStatus::Paused;
        } else if !moves {
            state.status = RunStatus::Waiting;
        }
        state
    }

    /// Answers the caller: it is durable.
    pub(super) fn settle(self) {
        let state = self.state();
        let Self { header, machine, events, effects, room, answer, aside, letters, .. } = self;
        drop(room);
        let settled = match aside {
            Some(Aside::Duplicate(run)) => Ok(Settled::Duplicate(run)),
            Some(Aside::Refused(error)) => Err(error),
            None => Ok(Settled::Done(Box::new(Done { machine, effects, header, events, state, letters }))),
        };
        // A caller who went away, such as a closed connection, finds the run in the history.
        let _ = answer.send(settled);
    }

    /// Answers the caller: nothing of it is durable.
    pub(super) fn refuse(self, error: Error) {
        // As above.
        let _ = self.answer.send(Err(error));
    }

    /// When the last thing happened to it.
    pub(super) fn last_moment(&self) -> DateTime<Utc> {
        let last = self.events.last().map_or(self.header.started_at, Event::at);
        whole_micros(self.lost_at.unwrap_or(last))
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

/// Rules as columns can hold them: PostgreSQL refuses NUL, and an event that brings one must not fail for it.
fn keep_plain(rules: &mut Rules) {
    let order = rules.order.iter_mut().flat_map(|order| [&mut order.space, &mut order.key]);
    let texts = order.chain(rules.debounce.iter_mut().map(|debounce| &mut debounce.key));
    for text in texts.filter(|text| text.contains('\0')) {
        *text = text.replace('\0', "\u{fffd}");
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
