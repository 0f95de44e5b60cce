//! How a run begins: its first turn, and who is told what it brought.

use super::slots;
use super::under_way::UnderWay;
use super::versions::Version;
use super::{Runner, calls, drive::Drive, subject};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::oneshot;
use trunkline_engine::document;
use trunkline_engine::expression::Datum;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, Reply, RunId, Verdict};
use trunkline_store::ports::{
    Begin, Debounce, Dedupe, Done, DueTick, Keep, OrderKey, Priority, Rules, RunHeader, Settled, Turn,
};

/// What starts a run.
#[derive(Debug)]
pub struct NewRun {
    /// The trigger step.
    pub trigger: String,
    /// Kind of the trigger, such as `webhook`.
    pub kind: &'static str,
    /// What expressions see as `trigger`.
    pub output: Value,
    /// The sender's key of the event.
    pub key: Option<String>,
    /// The run and effect that called it.
    pub parent: Option<(RunId, EffectKey)>,
    /// When it came in.
    pub at: DateTime<Utc>,
}

/// What the one who starts a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Await {
    /// That the event is safe.
    Nothing,
    /// The answer of a respond step, or the end without one.
    Reply,
    /// The end.
    End,
}

/// What the one who started a run is told.
#[derive(Debug)]
pub enum Answer {
    /// A respond step answered.
    Reply(Reply),
    /// The run ended.
    Ended(Verdict),
}

/// A run whose event is safe.
#[derive(Debug)]
pub struct Started {
    /// Its id; for a duplicate, that of the run that has the event already.
    pub id: RunId,
    /// Whether the event had been accepted before.
    pub duplicate: bool,
    /// What was waited for, when the first turn brought it.
    pub answer: Option<Answer>,
    /// Brings it later.
    pub later: Option<oneshot::Receiver<Answer>>,
}

/// Someone who waits for an answer.
#[derive(Debug)]
pub(super) struct Waiting {
    what: Await,
    to: oneshot::Sender<Answer>,
}

/// Where a run comes from.
#[derive(Debug, Default)]
pub struct Origin {
    /// What started it, such as `webhook` or `slice`.
    pub kind: &'static str,
    /// The sender's key of the event.
    pub key: Option<String>,
    /// The run and effect that called it.
    pub parent: Option<(RunId, EffectKey)>,
    /// The moment of a schedule that it is for.
    pub tick: Option<DueTick>,
}

impl Runner {
    /// Starts a run of `version`; durable when this returns.
    ///
    /// # Errors
    /// The store's; nothing was kept then.
    pub async fn start(
        &self,
        version: &Version,
        new: NewRun,
        wait: Await,
    ) -> Result<Started, trunkline_store::Error> {
        let NewRun { trigger, kind, output, key, parent, at } = new;
        let output = Datum::new(output);
        let origin = Origin { kind, key, parent, tick: None };
        self.begin(version, Event::Started { trigger, output, at }, origin, wait).await
    }

    /// Begins a run of `version` with `first`, which may also be a beginning in the middle or a stretch of a stream;
    /// durable when this returns.
    ///
    /// # Errors
    /// The store's; nothing was kept then.
    pub async fn begin(
        &self,
        version: &Version,
        first: Event,
        origin: Origin,
        wait: Await,
    ) -> Result<Started, trunkline_store::Error> {
        let id = self.inner.sources.run_id();
        let Origin { kind, key, parent, tick } = origin;
        let rules = match kind {
            _ if parent.is_some() => Rules::default(),
            // What undoes a run does not wait for the run it undoes.
            "undo" => Rules::default(),
            // Asked for by a person, it is no repeat and no part of a burst.
            "again" => Rules { debounce: None, dedupe: None, ..rules(version, &first) },
            _ => rules(version, &first),
        };
        let header = RunHeader {
            id,
            workspace: version.workspace,
            workflow: version.workflow,
            version: version.id,
            subject: trigger_output(&first).and_then(subject::of),
            trigger_kind: kind.into(),
            started_at: first.at(),
            event_key: key,
            parent,
            next_seq: 0,
            rules,
            waits: 0,
        };
        let depth = trigger_output(&first).map_or(0, calls::depth);
        let mut machine = Machine::new(Arc::clone(&version.compiled), self.facts(version, id, first.at()));
        // What may have to wait is for the store to say, in the transaction that makes it durable.
        let begin = if header.rules.must_ask() { Begin::IfAllowed } else { Begin::Now };
        let effects = if begin == Begin::Now { machine.apply(&first) } else { Vec::new() };
        // A run that may go on must be reachable before anyone can read its id in a list.
        let inbox = version.outlives_turn.then(|| self.inner.slots.claim(id)).flatten();
        let turn = Turn { header, machine, events: vec![first], effects, begin, letters: Vec::new(), tick };
        let mut under_way = UnderWay::default();
        let done = match self.turn_and_read(turn, &mut under_way).await {
            Ok(Settled::Done(done)) => done,
            other => {
                if inbox.is_some() {
                    self.inner.slots.release(id);
                }
                let Settled::Duplicate(id) = other? else { unreachable!("the other case is matched above") };
                metrics::counter!("trunkline_events_duplicate_total").increment(1);
                return Ok(Started { id, duplicate: true, answer: None, later: None });
            }
        };
        metrics::counter!("trunkline_runs_started_total", "trigger" => kind).increment(1);
        Ok(self.follow(*done, under_way, inbox, depth, wait))
    }

    /// Goes on after the first turn: ends the run, or leaves it to a task.
    fn follow(
        &self,
        mut done: Done,
        under_way: UnderWay,
        inbox: Option<slots::Inbox>,
        depth: u32,
        wait: Await,
    ) -> Started {
        let id = done.header.id;
        let mut answer = None;
        let mut ended = None;
        done.effects.retain_mut(|effect| match effect {
            Effect::Respond(reply) if wait == Await::Reply && answer.is_none() => {
                answer = Some(Answer::Reply(reply.clone()));
                false
            }
            Effect::Respond(_) => false,
            Effect::Finish(verdict) => {
                ended = Some(verdict.clone());
                false
            }
            _ => true,
        });
        if let Some(verdict) = ended {
            if inbox.is_some() {
                self.inner.slots.release(id);
            }
            self.ended(&verdict);
            if answer.is_none() && wait != Await::Nothing {
                answer = Some(Answer::Ended(verdict));
            }
            return Started { id, duplicate: false, answer, later: None };
        }
        let later = (wait != Await::Nothing && answer.is_none()).then(|| {
            let (to, from) = oneshot::channel();
            self.inner.waiting.lock().insert(id, Waiting { what: wait, to });
            from
        });
        if let Some(inbox) = inbox.or_else(|| self.inner.slots.claim(id)) {
            let drive = Drive::new(self.clone(), done.header, done.machine, inbox, depth);
            self.inner.tasks.spawn(drive.with_under_way(under_way).run(done.effects));
        }
        Started { id, duplicate: false, answer, later }
    }

    /// Tells whoever waits for this of `run`.
    pub(super) fn answer(&self, run: RunId, answer: Answer) {
        let mut waiting = self.inner.waiting.lock();
        let fits = |waiting: &Waiting| matches!(answer, Answer::Ended(_)) || waiting.what == Await::Reply;
        if waiting.get(&run).is_some_and(fits)
            && let Some(one) = waiting.remove(&run)
        {
            // An error means that the caller has gone, which changes nothing for the run.
            let _ = one.to.send(answer);
        }
    }

    /// Waits no longer for the answer of `run`.
    pub fn give_up_waiting(&self, run: RunId) {
        self.inner.waiting.lock().remove(&run);
    }
}

/// What expressions see as `trigger` in a run that begins with `first`.
pub(super) fn trigger_output(first: &Event) -> Option<&Value> {
    match first {
        Event::Started { output, .. } | Event::Held { output, .. } | Event::StartedFrom { output, .. } => {
            Some(output.json())
        }
        Event::Sliced { stretch, .. } => Some(&stretch.trigger),
        _ => None,
    }
}

/// What a run that begins with `first` keeps to. Called runs keep to nothing: their caller waits in its own order, and
/// one that waited for its caller would wait for ever.
fn rules(version: &Version, first: &Event) -> Rules {
    let settings = &version.compiled.document().settings;
    let Event::Started { output, at, .. } = first else { return Rules::default() };
    let keys = version.compiled.event_keys(output.json(), *at).unwrap_or_else(|failure| {
        tracing::warn!(%failure.message, workflow = version.name, "the keys of an event cannot be computed; it is not ordered");
        Default::default()
    });
    Rules {
        order: keys.order.map(|order| OrderKey {
            space: if order.space.is_empty() { version.workflow.to_string() } else { order.space },
            key: order.key,
        }),
        most_at_once: settings.most_at_once,
        priority: match settings.priority {
            document::Priority::High => Priority::High,
            document::Priority::Normal => Priority::Normal,
            document::Priority::Low => Priority::Low,
        },
        debounce: keys.burst.map(|burst| Debounce {
            key: burst.key,
            until: *at + burst.quiet,
            keep: match burst.keep {
                document::KeepEvent::First => Keep::First,
                document::KeepEvent::Last => Keep::Last,
            },
        }),
        dedupe: keys.repeat.map(|repeat| Dedupe { key: repeat.key, since: *at - repeat.within }),
    }
}
