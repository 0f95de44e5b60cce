//! One slot per run in memory, so that only one turn of a run is under way.
//!
//! Handing over an event and leaving memory both happen under one lock, so no event falls between the two.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use trunkline_engine::run::{Event, RunId};

/// Events that may wait for a run before senders do.
const WAITING: usize = 64;

/// An event on its way to a run.
#[derive(Debug)]
pub(super) struct Post {
    /// What happened.
    pub(super) event: Event,
    /// The letter that brought it; gone with the turn that takes the event in.
    pub(super) letter: Option<i64>,
    /// Told once the turn that takes the event in is durable; dropped when the run was over before.
    pub(super) taken: Option<oneshot::Sender<()>>,
}

impl From<Event> for Post {
    fn from(event: Event) -> Self {
        Self { event, letter: None, taken: None }
    }
}

/// Where a run in memory gets its events.
pub(super) type Inbox = mpsc::Receiver<Post>;

/// The runs in memory.
#[derive(Debug, Default)]
pub(super) struct Slots {
    awake: Mutex<HashMap<RunId, mpsc::Sender<Post>>>,
}

/// What became of an event.
pub(super) enum Handed {
    /// The run in memory has it.
    Over,
    /// The run was not in memory; its slot and the event are the caller's now.
    Claimed(Inbox, Post),
    /// The run is busy; try again in a moment.
    Busy(Post),
}

impl Slots {
    /// Takes the slot of `run`, unless someone has it.
    pub(super) fn claim(&self, run: RunId) -> Option<Inbox> {
        let mut awake = self.awake.lock();
        let inbox = match awake.entry(run) {
            Entry::Occupied(_) => None,
            Entry::Vacant(entry) => Some(open(entry)),
        };
        show(awake.len());
        inbox
    }

    /// Hands an event to the run in memory, or gives its slot to the caller.
    pub(super) fn hand(&self, run: RunId, post: Post) -> Handed {
        let mut awake = self.awake.lock();
        match awake.entry(run) {
            Entry::Vacant(entry) => Handed::Claimed(open(entry), post),
            Entry::Occupied(entry) => match entry.get().try_send(post) {
                Ok(()) => Handed::Over,
                Err(TrySendError::Full(post)) => Handed::Busy(post),
                // Its task ended without giving the slot back, which only a panic does.
                Err(TrySendError::Closed(post)) => {
                    entry.remove();
                    Handed::Busy(post)
                }
            },
        }
    }

    /// Gives the slot back when nothing waits in `inbox`; otherwise gives the first event.
    pub(super) fn leave(&self, run: RunId, inbox: &mut Inbox) -> Option<Post> {
        let mut awake = self.awake.lock();
        let post = inbox.try_recv().ok();
        if post.is_none() {
            remove(&mut awake, run);
        }
        post
    }

    /// Gives the slot of an ended run back.
    pub(super) fn release(&self, run: RunId) {
        remove(&mut self.awake.lock(), run);
    }
}

/// Forgets a run. A burst of runs must not keep the room it needed once they sleep.
fn remove(awake: &mut HashMap<RunId, mpsc::Sender<Post>>, run: RunId) {
    awake.remove(&run);
    if awake.capacity() > 4_096 && awake.len() < awake.capacity() / 8 {
        awake.shrink_to(awake.capacity() / 4);
    }
    show(awake.len());
}

fn open(entry: std::collections::hash_map::VacantEntry<'_, RunId, mpsc::Sender<Post>>) -> Inbox {
    let (outbox, inbox) = mpsc::channel(WAITING);
    entry.insert(outbox);
    inbox
}

fn show(runs: usize) {
    metrics::gauge!("trunkline_runs_in_memory").set(u32::try_from(runs).map_or(f64::MAX, f64::from));
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    fn post() -> Post {
        Event::Cancelled { by: "test".into(), at: Utc::now() }.into()
    }

    #[test]
    fn an_event_is_never_lost_between_leaving_and_handing_over() {
        let (slots, run) = (Slots::default(), RunId::now_v7());
        let mut inbox = slots.claim(run).unwrap();
        assert!(slots.claim(run).is_none());
        assert!(matches!(slots.hand(run, post()), Handed::Over));
        assert!(slots.leave(run, &mut inbox).is_some(), "an event waits, so the run stays");
        assert!(slots.leave(run, &mut inbox).is_none());
        assert!(matches!(slots.hand(run, post()), Handed::Claimed(..)));
    }

    #[test]
    fn sleeping_runs_take_no_room() {
        let slots = Slots::default();
        let runs: Vec<_> = (0..50_000).map(|_| RunId::now_v7()).collect();
        let mut inboxes: Vec<_> = runs.iter().map(|run| slots.claim(*run).unwrap()).collect();
        for (run, inbox) in runs.iter().zip(&mut inboxes) {
            assert!(slots.leave(*run, inbox).is_none());
        }
        assert!(slots.awake.lock().capacity() <= 8_192, "{}", slots.awake.lock().capacity());
    }
}
