//! Taking runs up again: from their journal, after a restart or a sleep.
//!
//! Replaying never performs anything. What was asked and not answered is asked again, except for writes whose outcome
//! nobody knows: those fail with `RUN-0009` instead of happening twice.

use super::drive::Drive;
use super::slots::Inbox;
use super::{Runner, calls, facts};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::HashSet;
use std::sync::Arc;
use trunkline_engine::run::{Effect, Event, Machine};
use trunkline_store::ports::{Settled, Stored, Turn};

/// Runs read from the store at a time.
const SLICE: u32 = 256;
/// Runs taken up at once.
const AT_ONCE: usize = 64;

impl Runner {
    /// Takes up every run that was moving when the server stopped before `boot`.
    pub async fn recover(&self, boot: DateTime<Utc>) {
        let (mut after, mut count) = (None, 0_u64);
        loop {
            let slice = match self.inner.store.runs.unfinished(after, SLICE).await {
                Ok(slice) => slice,
                Err(error) => {
                    tracing::error!(%error, "unfinished runs could not be read; they stay until the next start");
                    return;
                }
            };
            let Some(last) = slice.last() else { break };
            after = Some(last.header.id);
            let older = slice.into_iter().filter(|stored| stored.header.started_at < boot);
            let taken = stream::iter(older).map(|stored| self.take_up(stored)).buffer_unordered(AT_ONCE);
            count += taken.filter(|taken| std::future::ready(*taken)).count().await as u64;
        }
        if count > 0 {
            tracing::info!(runs = count, "took up the runs that were under way when the server stopped");
        }
    }

    async fn take_up(&self, stored: Stored) -> bool {
        let Some(inbox) = self.inner.slots.claim(stored.header.id) else { return false };
        self.revive(stored, inbox, |machine| due(machine, self.now())).await
    }

    /// Takes a sleeping run into memory because its moment has come.
    pub(super) async fn wake(&self, stored: Stored, now: DateTime<Utc>) -> bool {
        let Some(inbox) = self.inner.slots.claim(stored.header.id) else { return false };
        self.revive(stored, inbox, |machine| due(machine, now)).await
    }

    /// Rebuilds a run from its journal, hands it `events`, and drives it on; false when it cannot go on now.
    pub(super) async fn revive(
        &self,
        stored: Stored,
        inbox: Inbox,
        events: impl FnOnce(&Machine) -> Vec<Event>,
    ) -> bool {
        let id = stored.header.id;
        let version = match self.inner.versions.get(stored.header.version).await {
            Ok(version) => version,
            Err(error) => {
                self.inner.slots.release(id);
                tracing::error!(%error, run = %id, "a run cannot go on");
                return false;
            }
        };
        let mut machine =
            Machine::new(Arc::clone(&version.compiled), facts(&version, id, stored.header.started_at));
        for event in &stored.events {
            machine.apply(event);
        }
        let depth = match stored.events.first() {
            Some(Event::Started { output, .. }) => calls::depth(output),
            _ => 0,
        };
        let before = machine.outstanding();
        let begun: HashSet<_> = before.iter().filter_map(external_key).collect();
        let events = events(&machine);
        let mut effects: Vec<Effect> = before.into_iter().filter(is_internal).collect();
        for event in &events {
            effects.extend(machine.apply(event));
        }
        let mut header = stored.header;
        let mut said = Vec::new();
        if !events.is_empty() || !effects.is_empty() {
            match self.turn(Turn { header, machine, events, effects }).await {
                Ok(Settled::Done(done)) => {
                    (machine, header) = (done.machine, done.header);
                    said = done.effects;
                }
                Ok(Settled::Duplicate(_)) => {
                    self.inner.slots.release(id);
                    return false;
                }
                Err(error) => {
                    self.inner.slots.release(id);
                    tracing::error!(%error, run = %id, "a run could not be taken up; the next start tries again");
                    return false;
                }
            }
        }
        // What the machine waits for now is the whole truth; of the turn's effects only words to others are left.
        said.retain(|effect| matches!(effect, Effect::Respond(_) | Effect::Finish(_)));
        if !said.iter().any(|effect| matches!(effect, Effect::Finish(_))) {
            said.extend(machine.outstanding());
        }
        let drive = Drive::new(self.clone(), header, machine, inbox, depth).with_begun(begun);
        self.inner.tasks.spawn(drive.run(said));
        true
    }
}

/// The wake-ups that are due.
fn due(machine: &Machine, now: DateTime<Utc>) -> Vec<Event> {
    let woken = |effect| match effect {
        Effect::Wake { key, at } if at <= now => Some(Event::Woke { key, at: now }),
        _ => None,
    };
    machine.outstanding().into_iter().filter_map(woken).collect()
}

fn is_internal(effect: &Effect) -> bool {
    matches!(effect, Effect::Perform { operation, .. } if operation.performer.is_internal())
}

fn external_key(effect: &Effect) -> Option<trunkline_engine::run::EffectKey> {
    match effect {
        Effect::Perform { key, operation, .. } if !operation.performer.is_internal() => Some(key.clone()),
        _ => None,
    }
}
