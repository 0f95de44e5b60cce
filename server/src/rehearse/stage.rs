//! Driving a machine through a rehearsal.
//!
//! What is asked is answered at once, one thing after the other; waits come last and in the order of their moments, so
//! that a branch that sleeps for days does not make another one late.

mod within;

use super::act::{Act, Matter, NotKnown, Passed};
use super::back_test::BackTest;
use super::dry_run::DryRun;
use super::failures;
use super::past::Question;
use crate::runner::Runner;
use crate::runner::gate::Gate;
use crate::runner::versions::Version;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use trunkline_engine::document::Steps;
use trunkline_engine::expression::RunFacts;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{Access, Awaited, Operation, SKIP};
use trunkline_engine::run::{Effect, EffectKey, Event, Machine};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most questions that one rehearsal answers.
const MOST_STEPS: usize = 50_000;
/// Longest time one rehearsal may take.
const LONGEST: Duration = Duration::from_secs(120);
/// Most bytes of answers that one rehearsal holds, roughly.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// How deep called workflows are rehearsed too.
const DEEPEST: u32 = 3;
/// Most items of a stream that are rehearsed.
const MOST_ITEMS: u32 = 100;

/// Which mode the gate is in.
#[derive(Debug, Clone)]
pub enum Scene {
    /// Reads live.
    DryRun(Arc<DryRun>),
    /// Reads what an old run was told.
    BackTest(Arc<BackTest>),
}

impl Scene {
    fn gate(&self) -> Gate {
        match self {
            Self::DryRun(dry) => Gate::DryRun(Arc::clone(dry)),
            Self::BackTest(test) => Gate::BackTest(Arc::clone(test)),
        }
    }

    async fn lead_name(&self, id: Uuid) -> Option<String> {
        let ledger = match self {
            Self::DryRun(dry) => dry.ledger(),
            Self::BackTest(test) => test.ledger(),
        };
        ledger.lock().await.name(id)
    }

    fn samples_output(&self, step: &str) -> Value {
        match self {
            Self::DryRun(dry) => dry.samples().output(step),
            Self::BackTest(test) => test.samples().output(step),
        }
    }
}

type Find = dyn Fn(&str) -> Option<Arc<Version>> + Send + Sync;

/// Finds the published version of a workflow by its id.
#[derive(Clone)]
pub struct Callees {
    pub(super) runner: Runner,
    find: Arc<Find>,
}

impl std::fmt::Debug for Callees {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callees")
    }
}

impl Callees {
    /// What `find` gives; streams are read through `runner`.
    pub fn new(runner: Runner, find: impl Fn(&str) -> Option<Arc<Version>> + Send + Sync + 'static) -> Self {
        Self { runner, find: Arc::new(find) }
    }
}

/// A rehearsal to be made.
#[derive(Debug)]
pub struct Play {
    /// What is rehearsed.
    pub version: Arc<Version>,
    /// What expressions see of the run.
    pub facts: RunFacts,
    /// What begins it.
    pub first: Event,
    /// How the gate answers.
    pub scene: Scene,
    /// Workflows that can be called.
    pub callees: Callees,
    /// Stops it.
    pub stop: CancellationToken,
}

/// What a rehearsal brought.
#[derive(Debug)]
pub struct Rehearsed {
    /// The machine at the end, with its record.
    pub machine: Machine,
    /// What it did to the world, reads that went well apart.
    pub acts: Vec<Act>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// What nobody knows.
    pub not_known: Vec<NotKnown>,
    /// Why it was stopped before its end.
    pub broken_off: Option<Failure>,
}

/// Something that a rehearsal takes for granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assumption {
    /// The step.
    pub step: String,
    /// What people call it.
    pub step_title: String,
    /// What is taken for granted, in a sentence.
    pub what: String,
}

/// Makes a rehearsal on a thread of its own kind; a panic in it is a failure.
///
/// # Errors
/// `RUN-0002` when our own code failed.
pub async fn rehearse(play: Play) -> Result<Rehearsed, Failure> {
    let handle = Handle::current();
    let task = tokio::task::spawn_blocking(move || {
        let limits = Limits { until: Instant::now() + LONGEST, steps: MOST_STEPS, bytes: MOST_BYTES };
        Stage::of(play, handle, limits, 0).run()
    });
    task.await.map_err(|_| {
        Failure::new(
            "RUN-0002",
            FailureKind::Fatal,
            "Trunkline itself failed while it rehearsed this run",
            "Please report it with the id of the run.",
        )
    })
}

/// What is left of what a rehearsal may use.
#[derive(Debug, Clone, Copy)]
struct Limits {
    until: Instant,
    steps: usize,
    bytes: usize,
}

struct Stage {
    machine: Machine,
    first: Option<Event>,
    version: Arc<Version>,
    scene: Scene,
    gate: Gate,
    callees: Callees,
    stop: CancellationToken,
    handle: Handle,
    limits: Limits,
    depth: u32,
    clock: DateTime<Utc>,
    titles: HashMap<String, String>,
    open: VecDeque<Effect>,
    wakes: Vec<(DateTime<Utc>, EffectKey)>,
    acts: Vec<Act>,
    assumptions: Vec<Assumption>,
    not_known: Vec<NotKnown>,
}

impl Stage {
    fn of(play: Play, handle: Handle, limits: Limits, depth: u32) -> Self {
        let Play { version, facts, first, scene, callees, stop } = play;
        let titles = titles(&version.compiled.document().steps);
        Self {
            machine: Machine::new(Arc::clone(&version.compiled), facts).with_record(),
            clock: first.at(),
            first: Some(first),
            gate: scene.gate(),
            version,
            scene,
            callees,
            stop,
            handle,
            limits,
            depth,
            titles,
            open: VecDeque::new(),
            wakes: Vec::new(),
            acts: Vec::new(),
            assumptions: Vec::new(),
            not_known: Vec::new(),
        }
    }

    fn run(mut self) -> Rehearsed {
        let first = self.first.take().expect("a stage runs once");
        self.apply(&first);
        let broken_off = loop {
            if let Some(failure) = self.is_too_much() {
                break Some(failure);
            }
            let Some(effect) = self.open.pop_front() else {
                let Some((at, key)) = self.next_wake() else { break None };
                self.answer(Event::Woke { key, at });
                continue;
            };
            self.limits.steps -= 1;
            if !self.take(effect) {
                break None;
            }
        };
        let Self { machine, acts, assumptions, not_known, .. } = self;
        Rehearsed { machine, acts, assumptions, not_known, broken_off }
    }

    fn is_too_much(&self) -> Option<Failure> {
        if self.stop.is_cancelled() {
            Some(failures::too_much("somebody stopped it"))
        } else if self.limits.steps == 0 {
            Some(failures::too_much(&format!("it asks for more than {MOST_STEPS} things")))
        } else if Instant::now() > self.limits.until {
            Some(failures::too_much(&format!("it takes longer than {} seconds", LONGEST.as_secs())))
        } else if self.limits.bytes == 0 {
            Some(failures::too_much("its data does not fit into the memory that a rehearsal may use"))
        } else {
            None
        }
    }

    fn apply(&mut self, event: &Event) {
        let effects = self.machine.apply(event);
        self.open.extend(effects);
    }

    /// Hands `event` in, not before the moment it is.
    fn answer(&mut self, mut event: Event) {
        self.clock = self.clock.max(event.at());
        let now = self.clock;
        match &mut event {
            Event::Performed { at, .. }
            | Event::Woke { at, .. }
            | Event::Returned { at, .. }
            | Event::Signalled { at, .. } => {
                *at = now;
            }
            _ => {}
        }
        self.apply(&event);
    }

    /// Answers one effect; false when it was the end.
    fn take(&mut self, effect: Effect) -> bool {
        match effect {
            Effect::Perform { key, operation, timeout } => self.perform(key, &operation, timeout),
            Effect::Wake { key, at } => self.wait(key, at),
            Effect::Await { key, what, until } => self.hear(key, &what, until),
            Effect::Call { key, call } => self.call(key, &call),
            Effect::Slice { key, slice } => self.stretch(key, *slice),
            Effect::Abandon { key } => {
                self.wakes.retain(|(_, waiting)| *waiting != key);
                self.open
                    .retain(|effect| effect.key() != Some(&key) || matches!(effect, Effect::Abandon { .. }));
            }
            Effect::Respond(_) => {}
            Effect::Finish(_) => return false,
        }
        true
    }

    fn perform(&mut self, key: EffectKey, operation: &Operation, timeout: Duration) {
        let (gate, now) = (self.gate.clone(), self.clock);
        let passed =
            self.handle.block_on(gate.pass(Some(self.version.workspace), &key, operation, timeout, now));
        if let Ok(done) = &passed.result {
            self.limits.bytes =
                self.limits.bytes.saturating_sub(weight(&done.output) + weight(&operation.input));
        }
        self.note(&key, operation, &passed);
        let at = passed.at.unwrap_or(now);
        self.answer(Event::Performed { key, result: passed.result, at });
    }

    fn note(&mut self, key: &EffectKey, operation: &Operation, passed: &Passed) {
        let title = self.title(&key.step);
        if let Err(failure) = &passed.result {
            self.not_known.extend(NotKnown::of(key, &title, failure));
        }
        if operation.access == Access::Read {
            return;
        }
        let matter = Matter::Operation { operation: operation.clone(), result: passed.result.clone() };
        let sends = passed.sends.clone();
        let mut act = Act { key: key.clone(), title, matter, how: passed.how, lead: None, sends };
        if let Some(id) = act.lead_id() {
            act.lead = self.handle.block_on(self.scene.lead_name(id));
        }
        self.acts.push(act);
    }

    /// A moment is waited for: it comes once nothing else is left to do.
    fn wait(&mut self, key: EffectKey, at: DateTime<Utc>) {
        // The end of the time the run may take never comes in a rehearsal.
        if key.step.is_empty() {
            return;
        }
        let mut at = at;
        if let Some(Event::Woke { at: then, .. }) =
            self.remembered(&key, |asked| matches!(asked, Question::Wake))
        {
            at = then;
        } else if !key.step.contains('!') && at > self.clock {
            self.assume(&key, format!("It would wait until {}.", at.format("%-d %B %Y, %H:%M UTC")));
        }
        self.wakes.push((at, key));
    }

    fn next_wake(&mut self) -> Option<(DateTime<Utc>, EffectKey)> {
        let first = self.wakes.iter().enumerate().min_by_key(|(_, (at, _))| *at)?.0;
        Some(self.wakes.remove(first))
    }

    /// A word from outside is waited for.
    fn hear(&mut self, key: EffectKey, what: &Awaited, until: Option<DateTime<Utc>>) {
        if let Scene::BackTest(_) = self.scene {
            match self.remembered(&key, |asked| matches!(asked, Question::Word { .. })) {
                Some(event) => self.answer(event),
                None => self.unknown(&key, "what people or other systems would have answered"),
            }
            return;
        }
        let sample = self.scene.samples_output(&key.step);
        let (port, output, said) = match what {
            Awaited::Approval { title, options, .. } => match options.first() {
                Some(option) => {
                    let label = if option.label.is_empty() { &option.id } else { &option.label };
                    let said =
                        format!("\"{title}\" would wait for a person; \"{label}\" was taken as the answer.");
                    (option.id.clone(), sample, said)
                }
                None => {
                    return self
                        .unknown(&key, "what a person would choose, for there is nothing to choose from");
                }
            },
            Awaited::Callback => (
                "out".into(),
                sample,
                "It would wait for a call from outside; a sample stands for what came.".into(),
            ),
            Awaited::LeadEvent { event, .. } => {
                let said = format!("It would wait until the lead is {}.", event.as_str().replace('_', " "));
                ("out".into(), sample, said)
            }
            Awaited::Decision { .. } => (SKIP.into(), Value::Null, "A person would decide.".into()),
        };
        let said = match until {
            Some(until) => format!("{said} At most until {}.", until.format("%-d %B %Y, %H:%M UTC")),
            None => said,
        };
        self.assume(&key, said);
        let by = Some("rehearsal".to_owned());
        self.answer(Event::Signalled { key, port, output, by, at: self.clock });
    }

    /// What the old run was told at `key`, in a back-test.
    fn remembered(&self, key: &EffectKey, fits: impl Fn(&Question) -> bool) -> Option<Event> {
        let Scene::BackTest(test) = &self.scene else { return None };
        test.past().lock().word(key, fits)
    }

    fn unknown(&mut self, key: &EffectKey, what: &str) {
        let step_title = self.title(&key.step);
        self.not_known.push(NotKnown { step: key.step.clone(), step_title, what: what.to_owned() });
    }

    fn assume(&mut self, key: &EffectKey, what: String) {
        let assumption = Assumption { step: key.step.clone(), step_title: self.title(&key.step), what };
        if !self.assumptions.contains(&assumption) {
            self.assumptions.push(assumption);
        }
    }

    fn title(&self, step: &str) -> String {
        self.titles.get(step).cloned().unwrap_or_else(|| step.to_owned())
    }
}

/// What people call each step, those in bodies included.
#[must_use]
pub(super) fn titles(steps: &Steps) -> HashMap<String, String> {
    fn collect(steps: &Steps, into: &mut HashMap<String, String>) {
        for (id, step) in steps {
            let title = if step.title.trim().is_empty() { id } else { &step.title };
            into.insert(id.clone(), title.clone());
            if let Some(body) = &step.body {
                collect(&body.steps, into);
            }
        }
    }
    let mut all = HashMap::new();
    collect(steps, &mut all);
    all
}

/// Roughly the bytes of `value` in memory.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 32,
        Value::String(text) => 32 + text.len(),
        Value::Array(items) => 32 + items.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => {
            32 + fields.iter().map(|(name, value)| 32 + name.len() + weight(value)).sum::<usize>()
        }
    }
}
