//! The laws, and who judges: everything that was accepted, journaled and done outside, looked at once it is over.

use crate::server::{Delivery, End, REGISTRY, Stage, links};
use crate::uncut;
use crate::{books, failures, fate, hearing, leads, queues, rests, stretches, ticks, workflows};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use trunkline_engine::compile::Compiled;
use trunkline_engine::expression::RunFacts;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, RunId, StepRecord, StepStatus, Verdict};
use trunkline_store::ports::{RunStatus, Stored};
use uuid::Uuid;

/// The laws, and all of them in one place: each has to have a flaw that breaks it.
macro_rules! laws {
    ($($(#[$what:meta])* $law:ident,)+) => {
        /// A law.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Law {
            $($(#[$what])* $law,)+
        }

        impl Law {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$law),+];
        }
    };
}

laws! {
    /// An accepted event has one run, and exactly one.
    AcceptedRunsOnce,
    /// No effect is answered more often than it was asked for.
    JournaledOnce,
    /// Nothing happens twice outside, and what a run believes happened did.
    DoneOnce,
    /// No change begins outside before the turn that asks for it is written.
    WrittenFirst,
    /// A finished run ended as it would have without any trouble.
    SameAsUncut,
    /// Of runs about the same thing each begins when the one before it has ended, in the order of their events.
    InOrder,
    /// No more runs are under way than the workflow allows.
    WithinLimits,
    /// Everything ends.
    NothingWaitsForEver,
    /// Each item of a list that comes in stretches is worked off once.
    EachItemOnce,
    /// A run that somebody was told rests does, and begins nothing until it goes on.
    PausedRests,
    /// Every moment of a schedule is accounted for, and starts one run at most, when it may.
    TicksAccounted,
    /// The workflow that is told of failures is told of each once, and of nothing else.
    FailureToldOnce,
    /// Leads are what their runs did to them, each thing once, whoever else was at it.
    LeadsAgree,
    /// Rows and counters are what the runs that wrote them say, each write once.
    TablesAgree,
    /// Each thing that happens to a lead starts one run of each workflow that listens to it, in their order.
    EventsHeardOnce,
}

impl Law {
    /// That it was broken.
    pub(crate) fn broken(self, what: impl Into<String>) -> Breach {
        Breach { law: self, what: what.into() }
    }
}

/// A law that was broken.
#[derive(Debug, Clone)]
pub(crate) struct Breach {
    pub(crate) law: Law,
    pub(crate) what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.law, self.what)
    }
}

/// Everything that is wrong, and how many reads began before the turn that asks for them was written.
pub(crate) fn judge(stage: &Stage, end: End) -> (Vec<Breach>, usize) {
    let runs = stage.disk.runs().expect("the writer wrote it");
    let mut court = Court { stage, compiled: compiled(stage.universe.seed), breaches: Vec::new(), ahead: 0 };
    if end == End::Stuck {
        let open = runs.iter().filter(|run| !run.state.status.is_final());
        let open: Vec<String> =
            open.map(|run| format!("{} ({})", run.header.id, run.state.status.as_str())).collect();
        let unheard = stage.disk.unheard();
        let what = format!("still open: {}; events that started nothing: {unheard}", open.join(", "));
        court.note(Law::NothingWaitsForEver, what);
    }
    let deliveries = stage.deliveries.lock().unwrap().clone();
    for (at, delivery) in deliveries.iter().enumerate() {
        court.accepted(at, delivery, &runs);
    }
    for run in &runs {
        court.journaled(run);
        if run.state.status.is_final() {
            court.ended(run);
        }
    }
    court.outside();
    court.begun(&runs);
    court.called(&runs);
    let queues = queues::of(&stage.universe.commits(), &runs, |run| court.machine(run));
    court.breaches.extend(queues::judge(&queues, &court.compiled));
    for run in &runs {
        court.breaches.extend(rests::judge(run, court.machine(run), &stage.universe.pauses()));
    }
    court.breaches.extend(stretches::judge(&runs));
    court.breaches.extend(failures::judge(&runs, &court.compiled));
    if let Some(leads) = stage.universe.leads() {
        court.breaches.extend(leads::judge(&leads, &runs));
        court.breaches.extend(ticks::judge(&leads.ticks, &runs, &queues, &court.compiled));
        let commits = stage.universe.commits();
        court.breaches.extend(books::judge(&leads, &commits, &runs, |run| court.machine(run)));
        court.breaches.extend(hearing::judge(&leads, &runs, &queues, &court.compiled));
    }
    (court.breaches, court.ahead)
}

fn compiled(seed: u64) -> BTreeMap<Uuid, Arc<Compiled>> {
    let compile = |document| Compiled::new(document, &REGISTRY).expect("it was published");
    workflows::of(seed).into_iter().map(|(id, document)| (id, compile(document))).collect()
}

struct Court<'s> {
    stage: &'s Stage,
    compiled: BTreeMap<Uuid, Arc<Compiled>>,
    breaches: Vec<Breach>,
    ahead: usize,
}

impl Court<'_> {
    fn note(&mut self, law: Law, what: impl Into<String>) {
        self.breaches.push(Breach { law, what: what.into() });
    }

    fn machine(&self, run: &Stored) -> Machine {
        let compiled = &self.compiled[&run.header.workflow];
        let facts = RunFacts {
            id: run.header.id.to_string(),
            workflow: compiled.document().name.clone(),
            version: Some(1),
            started_at: run.header.started_at,
            callback_url: links().callback(run.header.id),
        };
        Machine::new(Arc::clone(compiled), facts).with_record()
    }

    fn accepted(&mut self, at: usize, delivery: &Delivery, runs: &[Stored]) {
        let is_of = |run: &&Stored| match &delivery.key {
            Some(key) => {
                run.header.workflow == delivery.workflow && run.header.event_key.as_ref() == Some(key)
            }
            None => {
                run.header.workflow == delivery.workflow && bodies(run).any(|body| *body == delivery.body)
            }
        };
        // Without a key nothing tells a repeat from another event, so here only the body does. An event that was taken
        // together with others is in the journal of their run.
        let has_it = |run: &&Stored| {
            run.header.workflow == delivery.workflow && bodies(run).any(|body| *body == delivery.body)
        };
        let having = runs.iter().filter(has_it).count();
        let settings = &self.compiled[&delivery.workflow].document().settings;
        let gathers = settings.debounce.is_some() || settings.dedupe.is_some();
        if having > 1 {
            self.note(Law::AcceptedRunsOnce, format!("event {at} has {having} runs"));
        }
        for answer in &delivery.answers {
            // Events that are gathered into one run all get its id.
            if !runs.iter().filter(|run| gathers || is_of(run)).any(|run| run.header.id == *answer) {
                self.note(
                    Law::AcceptedRunsOnce,
                    format!("event {at} was accepted as {answer}, which is not there"),
                );
            }
        }
    }

    fn journaled(&mut self, run: &Stored) {
        let mut machine = self.machine(run);
        let (mut asked, mut answered): (BTreeMap<EffectKey, i64>, BTreeMap<EffectKey, i64>) =
            (BTreeMap::new(), BTreeMap::new());
        for event in &run.events {
            if let Some(key) = event.key() {
                let count = answered.entry(key.clone()).or_default();
                *count += 1;
                if *count > asked.get(key).copied().unwrap_or(0) {
                    self.note(
                        Law::JournaledOnce,
                        format!("{}: {key} is answered {count} times: {event:?}", run.header.id),
                    );
                }
            }
            for effect in machine.apply(event) {
                if let Some(key) = effect.key().filter(|_| !matches!(effect, Effect::Abandon { .. })) {
                    *asked.entry(key.clone()).or_default() += 1;
                }
            }
        }
        let told = match machine.verdict() {
            None => None,
            Some(Verdict::Completed { .. }) => Some(RunStatus::Completed),
            Some(Verdict::Failed { .. }) => Some(RunStatus::Failed),
            Some(Verdict::Cancelled { .. }) => Some(RunStatus::Cancelled),
        };
        if told.is_some_and(|told| told != run.state.status)
            || (told.is_none() && run.state.status.is_final())
        {
            let (id, status) = (run.header.id, run.state.status);
            self.note(Law::JournaledOnce, format!("{id} stands as {status:?}, its journal says {told:?}"));
        }
    }

    fn ended(&mut self, run: &Stored) {
        let id = run.header.id;
        let mut cut = self.machine(run);
        run.events.iter().for_each(|event| drop(cut.apply(event)));
        if matches!(cut.verdict(), Some(Verdict::Cancelled { .. })) {
            return;
        }
        match uncut::run(self.machine(run), &run.events, self.stage.universe.seed) {
            Err(what) => self.note(Law::SameAsUncut, format!("{id}: {what}")),
            Ok(uncut) => {
                let difference = difference(&cut, &uncut);
                if let Some(what) = difference {
                    self.note(Law::SameAsUncut, format!("{id}: {what}"));
                }
            }
        }
        self.believed(run, &cut);
    }

    /// What the run believes to have written was written.
    fn believed(&mut self, run: &Stored, cut: &Machine) {
        let happened = self.stage.universe.happened();
        let Some(record) = cut.record() else { return };
        for step in record.steps.values() {
            let of = step.output.pointer("/body/of").and_then(Value::as_str);
            if let (StepStatus::Done, Some(of)) = (step.status, of)
                && step.input["method"] == "POST"
                && !happened.contains_key(of)
            {
                self.note(Law::DoneOnce, format!("{}: {of} never happened", run.header.id));
            }
        }
    }

    /// What callers were told is how the called runs ended.
    fn called(&mut self, runs: &[Stored]) {
        for caller in runs {
            for event in &caller.events {
                let Event::Returned { key, result: Ok(told), .. } = event else { continue };
                let child =
                    runs.iter().find(|run| run.header.parent == Some((caller.header.id, key.clone())));
                let Some(child) = child.filter(|_| told.get("run_id").is_none()) else { continue };
                let mut machine = self.machine(child);
                child.events.iter().for_each(|event| drop(machine.apply(event)));
                if !matches!(machine.verdict(), Some(Verdict::Completed { output }) if output == told) {
                    let what = format!("{key} of {} was told what its child did not say", caller.header.id);
                    self.note(Law::SameAsUncut, what);
                }
            }
        }
    }

    /// Of every write that was begun the turn that asks for it was written by then; reads may be ahead of it.
    fn begun(&mut self, runs: &[Stored]) {
        let mut asked: BTreeMap<String, usize> = BTreeMap::new();
        let mut machines: BTreeMap<RunId, Machine> =
            runs.iter().map(|run| (run.header.id, self.machine(run))).collect();
        for commit in self.stage.universe.commits() {
            let Some(machine) = machines.get_mut(&commit.run) else { continue };
            for effect in commit.events.iter().flat_map(|event| machine.apply(event)) {
                if let Effect::Perform { operation, .. } = effect {
                    asked.entry(fate::identity(&operation)).or_insert(commit.transaction);
                }
            }
        }
        for begun in self.stage.universe.begun() {
            if asked.get(&begun.identity).is_none_or(|written| *written > begun.transactions) {
                match begun.writes {
                    true => self.note(
                        Law::WrittenFirst,
                        format!("{} began before its turn was written", begun.identity),
                    ),
                    false => self.ahead += 1,
                }
            }
        }
    }

    fn outside(&mut self) {
        for (of, times) in self.stage.universe.happened() {
            if times.len() > 1 {
                let promise = times[0].promise;
                self.note(Law::DoneOnce, format!("{of} ({promise:?}) happened {} times", times.len()));
            }
        }
    }
}

/// What was sent with each event that a run took.
fn bodies(run: &Stored) -> impl Iterator<Item = &Value> {
    run.events.iter().filter_map(|event| match event {
        Event::Started { output, .. } | Event::Held { output, .. } => output.json().get("body"),
        _ => None,
    })
}

/// The first thing in which two ends differ, but for moments.
fn difference(cut: &Machine, uncut: &Machine) -> Option<String> {
    let (Some(ours), Some(theirs)) = (cut.record(), uncut.record()) else { return None };
    if kind(cut.verdict()) != kind(uncut.verdict()) {
        return Some(format!("it ended as {:?}, uncut as {:?}", cut.verdict(), uncut.verdict()));
    }
    for (key, step) in &theirs.steps {
        let Some(other) = ours.steps.get(key) else { return Some(format!("{key} was not reached")) };
        if shape(step) != shape(other) {
            return Some(format!("{key} left {:?}, uncut {:?}", shape(other), shape(step)));
        }
    }
    let more = ours.steps.keys().find(|key| !theirs.steps.contains_key(*key));
    more.map(|key| format!("{key} was reached")).or_else(|| {
        (ours.edges != theirs.edges).then(|| format!("edges {:?}, uncut {:?}", ours.edges, theirs.edges))
    })
}

fn kind(verdict: Option<&Verdict>) -> Option<(&'static str, String)> {
    Some(match verdict? {
        Verdict::Completed { .. } => ("completed", String::new()),
        Verdict::Failed { step, failure } => ("failed", format!("{step} {}", failure.code)),
        Verdict::Cancelled { .. } => ("cancelled", String::new()),
    })
}

fn shape(step: &StepRecord) -> (StepStatus, Option<String>, Value) {
    (step.status, step.port.clone(), timeless(&step.output))
}

/// `value` without what depends on when something was done, or is worded anew.
fn timeless(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| {
                !["waited_until", "received_at", "message", "action"].contains(&name.as_str())
            })
            .map(|(name, value)| (name.clone(), timeless(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(timeless).collect(),
        other => other.clone(),
    }
}
