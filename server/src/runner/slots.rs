//! One slot per run in memory, so that only one turn of a run is under way.
//!
//! Handing over an event and leaving memory both happen under one lock, so no event falls between the two.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use trunkline_engine::run::{Event, RunId};

/// Events that may wait for a run before senders do.
const WAITING: usize = 64;

/// Where a run in memory gets its events.
pub(super) type Inbox = mpsc::Receiver<Event>;

/// The runs in memory.
#[derive(Debug, Default)]
pub(super) struct Slots {
    awake: Mutex<HashMap<RunId, mpsc::Sender<Event>>>,
}

/// What became of an event.
pub(super) enum Handed {
    /// The run in memory has it.
    Over,
    /// The run was not in memory; its slot and the event are the caller's now.
    Claimed(Inbox, Event),
    /// The run is busy; try again in a moment.
    Busy(Event),
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

    /// Hands `event` to the run in memory, or gives its slot to the caller.
    pub(super) fn hand(&self, run: RunId, event: Event) -> Handed {
        let mut awake = self.awake.lock();
        match awake.entry(run) {
            Entry::Vacant(entry) => Handed::Claimed(open(entry), event),
            Entry::Occupied(entry) => match entry.get().try_send(event) {
                Ok(()) => Handed::Over,
                Err(TrySendError::Full(event)) => Handed::Busy(event),
                // Its task ended without giving the slot back, which only a panic does.
                Err(TrySendError::Closed(event)) => {
                    entry.remove();
                    Handed::Busy(event)
                }
            },
        }
    }

    /// Gives the slot back when nothing waits in `inbox`; otherwise gives the first event.
    pub(super) fn leave(&self, run: RunId, inbox: &mut Inbox) -> Option<Event> {
        let mut awake = self.awake.lock();
        let event = inbox.try_recv().ok();
        if event.is_none() {
            awake.remove(&run);
            show(awake.len());
        }
        event
    }

    /// Gives the slot of an ended run back.
    pub(super) fn release(&self, run: RunId) {
        let mut awake = self.awake.lock();
        awake.remove(&run);
        show(awake.len());
    }
}

fn open(entry: std::collections::hash_map::VacantEntry<'_, RunId, mpsc::Sender<Event>>) -> Inbox {
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

    fn event() -> Event {
        Event::Cancelled { by: "test".into(), at: Utc::now() }
    }

    #[test]
    fn an_event_is_never_lost_between_leaving_and_handing_over() {
        let (slots, run) = (Slots::default(), RunId::now_v7());
        let mut inbox = slots.claim(run).unwrap();
        assert!(slots.claim(run).is_none());
        assert!(matches!(slots.hand(run, event()), Handed::Over));
        assert!(slots.leave(run, &mut inbox).is_some(), "an event waits, so the run stays");
        assert!(slots.leave(run, &mut inbox).is_none());
        assert!(matches!(slots.hand(run, event()), Handed::Claimed(..)));
    }
}
