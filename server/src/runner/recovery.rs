//! Taking runs up again: from their journal, after a restart or a sleep.
//!
//! Replaying never performs anything. What was asked and not answered is asked again, except for writes whose outcome
//! nobody knows: those are answered with `RUN-0009`, and the machine decides by what their step promises.

use super::deliver::READ_PAUSE;
use super::drive::{Drive, is_wanted};
use super::slots::{Inbox, Post};
use super::start::trigger_output;
use super::versions::{Version, VersionError};
use super::{Runner, calls};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, RunId};
use trunkline_store::Error;
use trunkline_store::ports::{Begin, RunHeader, Settled, Stored, Turn};

/// Runs read from the store at a time.
const SLICE: u32 = 256;
/// Runs taken up at once.
const AT_ONCE: usize = 64;
/// Pauses between attempts to take a run up while the store refuses.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Runner {
    /// Takes up every run that was moving when the server stopped before `boot`.
    pub async fn recover(&self, boot: DateTime<Utc>) {
        self.recover_letters().await;
        let (mut after, mut count) = (None, 0_u64);
        loop {
            let slice = match self.inner.store.runs.unfinished(after, SLICE).await {
                Ok(slice) => slice,
                Err(Error::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "unfinished runs could not be read; trying again");
                    tokio::time::sleep(READ_PAUSE).await;
                    continue;
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
        if self.is_orphan(&stored).await {
            let by = "the workflow that called it".to_owned();
            return self
                .revive(stored, inbox, |_| vec![Event::Cancelled { by, at: self.now() }.into()])
                .await;
        }
        self.revive(stored, inbox, |machine| due(machine, self.now())).await
    }

    /// Whether a caller waited for this run and does not any more: the server stopped before it could say so.
    async fn is_orphan(&self, stored: &Stored) -> bool {
        let is_slice = stored.header.trigger_kind == "slice";
        let output = stored.events.first().and_then(trigger_output);
        let (true, Some((parent, key))) =
            (is_slice || output.is_some_and(calls::is_waited_for), &stored.header.parent)
        else {
            return false;
        };
        let Ok(Some(caller)) = self.inner.store.runs.stored(*parent).await else { return false };
        if caller.state.status.is_final() {
            return true;
        }
        let Some(version) = self.version_of(&caller).await else { return false };
        let machine = self.replay(&version, &caller);
        !machine.waits_for().any(|effect| effect.key() == Some(key))
    }

    /// Takes a sleeping run into memory because its moment has come.
    pub(super) async fn wake(&self, stored: Stored, now: DateTime<Utc>) -> bool {
        let Some(inbox) = self.inner.slots.claim(stored.header.id) else { return false };
        self.revive(stored, inbox, |machine| due(machine, now)).await
    }

    /// Rebuilds a run from its journal, hands it what `posts` gives, and drives it on; false when it cannot go on now.
    pub(super) async fn revive(
        &self,
        mut stored: Stored,
        inbox: Inbox,
        posts: impl FnOnce(&Machine) -> Vec<Post>,
    ) -> bool {
        let id = stored.header.id;
        let Some(version) = self.version_of(&stored).await else {
            self.inner.slots.release(id);
            return false;
        };
        let mut machine = self.replay(&version, &stored);
        let mut posts = posts(&machine);
        let mut pause = SHORTEST_PAUSE;
        let (machine, header, mut said, begun) = loop {
            // Looked at anew after every attempt: meanwhile somebody else may have moved the run on, and begun more.
            let begun: HashSet<_> = machine.outstanding().iter().filter_map(external_key).collect();
            let (wanted, unwanted): (Vec<Post>, Vec<Post>) =
                posts.into_iter().partition(|post| is_wanted(&machine, &post.event));
            posts = wanted;
            self.discard(unwanted.into_iter().filter_map(|post| post.letter).collect()).await;
            let turn = first_turn(&stored.header, machine, &posts);
            if turn.events.is_empty() && turn.effects.is_empty() {
                break (turn.machine, turn.header, Vec::new(), begun);
            }
            let by_letter = !turn.letters.is_empty();
            match self.turn(turn).await {
                Ok(Settled::Done(done)) => break (done.machine, done.header, done.effects, begun),
                // A letter that was taken in before counts once; everything else is still to be told.
                Err(Error::Fenced) if by_letter => posts.retain(|post| post.letter.is_none()),
                Ok(Settled::Duplicate(_)) | Err(Error::Fenced | Error::Closed) => {
                    self.inner.slots.release(id);
                    return false;
                }
                Err(error) => {
                    tracing::warn!(%error, run = %id, "a run could not be taken up; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
            stored = match self.inner.store.runs.stored(id).await {
                Ok(Some(stored)) => stored,
                Ok(None) | Err(Error::Closed) => {
                    self.inner.slots.release(id);
                    return false;
                }
                // As it was read before: nothing of the turn was kept.
                Err(_) => stored,
            };
            machine = self.replay(&version, &stored);
        };
        for taken in posts.into_iter().filter_map(|post| post.taken) {
            // An error means that nobody waits for it any more.
            let _ = taken.send(());
        }
        // What the machine waits for now is the whole truth; of the turn's effects only words to others are left.
        said.retain(|effect| {
            matches!(effect, Effect::Respond(_) | Effect::Abandon { .. } | Effect::Finish(_))
        });
        if machine.verdict().is_none() {
            said.extend(machine.outstanding());
        }
        let depth = stored.events.first().and_then(trigger_output).map_or(0, calls::depth);
        let drive = Drive::new(self.clone(), header, machine, inbox, depth).with_begun(begun);
        self.inner.tasks.spawn(drive.run(said));
        true
    }

    /// Ends a run as failed whose journal is lost, because somebody asked for its end.
    pub(super) async fn give_up(&self, id: RunId) {
        let Ok(Some(stored)) = self.inner.store.runs.outline(id).await else { return };
        let Some(version) = self.version_of(&stored).await else { return };
        let machine = self.replay(&version, &stored);
        let (header, begin) = (stored.header, Begin::Never(self.now()));
        let turn = Turn {
            header,
            machine,
            events: Vec::new(),
            effects: Vec::new(),
            begin,
            letters: Vec::new(),
            tick: None,
        };
        match self.turn(turn).await {
            Ok(_) => tracing::warn!(run = %id, "a run whose journal is lost was ended"),
            Err(error) => {
                tracing::error!(%error, run = %id, "a run whose journal is lost could not be ended");
            }
        }
    }

    /// What a run is pinned to; nothing when this build cannot run it, or the store is closed.
    pub(super) async fn version_of(&self, stored: &Stored) -> Option<Arc<Version>> {
        loop {
            match self.inner.versions.get(stored.header.version).await {
                Ok(version) => return Some(version),
                Err(VersionError::Store(error)) if error != Error::Closed => {
                    tracing::warn!(%error, run = %stored.header.id, "a version could not be read; trying again");
                    tokio::time::sleep(READ_PAUSE).await;
                }
                Err(error) => {
                    tracing::error!(%error, run = %stored.header.id, "a run cannot go on");
                    return None;
                }
            }
        }
    }

    /// The machine of a run as its journal left it.
    pub(super) fn replay(&self, version: &Version, stored: &Stored) -> Machine {
        let facts = self.facts(version, stored.header.id, stored.header.started_at);
        let mut machine = Machine::new(Arc::clone(&version.compiled), facts);
        for event in &stored.events {
            machine.apply(event);
        }
        machine
    }
}

/// The turn that takes `posts` in, and goes on with lead operations that a crash cut off.
fn first_turn(header: &RunHeader, mut machine: Machine, posts: &[Post]) -> Turn {
    let events: Vec<Event> = posts.iter().map(|post| post.event.clone()).collect();
    let letters: Vec<i64> = posts.iter().filter_map(|post| post.letter).collect();
    // A burst that is over still has to keep its place in the order, which the store knows.
    let asks = machine.is_held() && letters.is_empty() && matches!(events[..], [Event::Released { .. }]);
    let begin = if asks { Begin::IfAllowed } else { Begin::Now };
    let mut effects: Vec<Effect> = machine.outstanding().into_iter().filter(is_internal).collect();
    if begin == Begin::Now {
        effects.extend(events.iter().flat_map(|event| machine.apply(event)).collect::<Vec<_>>());
    }
    Turn { header: header.clone(), machine, events, effects, begin, letters, tick: None }
}

/// What has come due: wake-ups, waits that nobody answered, the end of a burst.
fn due(machine: &Machine, now: DateTime<Utc>) -> Vec<Post> {
    if machine.is_held() {
        return vec![Event::Released { at: now }.into()];
    }
    let woken = |effect| match effect {
        Effect::Wake { key, at } | Effect::Await { key, until: Some(at), .. } if at <= now => {
            Some(Event::Woke { key, at: now }.into())
        }
        _ => None,
    };
    machine.outstanding().into_iter().filter_map(woken).collect()
}

fn is_internal(effect: &Effect) -> bool {
    matches!(effect, Effect::Perform { operation, .. } if operation.performer.is_internal())
}

fn external_key(effect: &Effect) -> Option<EffectKey> {
    match effect {
        Effect::Perform { key, operation, .. } if !operation.performer.is_internal() => Some(key.clone()),
        _ => None,
    }
}
