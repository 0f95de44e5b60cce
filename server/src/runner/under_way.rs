//! What a run in memory has under way, by the key of the effect that asked for it.

use futures_util::future::{AbortHandle, Abortable, BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use trunkline_engine::run::{EffectKey, Event};

/// Work that ends with an event, or with none.
#[derive(Default)]
pub(super) struct UnderWay {
    work: FuturesUnordered<BoxFuture<'static, Ended>>,
    /// What ended while nobody asked.
    ended: VecDeque<Ended>,
    /// Which work each key waits for, and how to stop it.
    current: HashMap<EffectKey, (u64, AbortHandle)>,
    /// How many were begun.
    begun: u64,
}

/// Work that ended: whose, which, and what came of it.
type Ended = (EffectKey, u64, Option<Event>);

impl UnderWay {
    /// Begins `work`, which may be dropped at any moment.
    pub(super) fn begin(
        &mut self,
        key: EffectKey,
        work: impl Future<Output = Option<Event>> + Send + 'static,
    ) {
        let (handle, registration) = AbortHandle::new_pair();
        self.begun += 1;
        let number = self.begun;
        self.current.insert(key.clone(), (number, handle));
        let work = Abortable::new(work, registration);
        self.work.push(async move { (key, number, work.await.ok().flatten()) }.boxed());
    }

    /// Drops the work of `key`; no event comes of it.
    pub(super) fn abandon(&mut self, key: &EffectKey) {
        if let Some((_, handle)) = self.current.remove(key) {
            handle.abort();
        }
    }

    /// Whether something is under way for `key`.
    pub(super) fn has(&self, key: &EffectKey) -> bool {
        self.current.contains_key(key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.work.is_empty() && self.ended.is_empty()
    }

    /// The next work that ends, and its event; `None` when nothing is under way.
    pub(super) async fn next(&mut self) -> Option<Option<Event>> {
        let ended = match self.ended.pop_front() {
            Some(ended) => ended,
            None => self.work.next().await?,
        };
        Some(self.taken(ended))
    }

    /// Work that has ended already.
    pub(super) fn at_hand(&mut self) -> Option<Option<Event>> {
        self.next().now_or_never()?
    }

    /// Lets everything go on and keeps what ends, until this is dropped.
    pub(super) async fn go_on(&mut self) -> Infallible {
        while let Some(ended) = self.work.next().await {
            self.ended.push_back(ended);
        }
        std::future::pending().await
    }

    fn taken(&mut self, (key, number, event): Ended) -> Option<Event> {
        // Nobody waits for the event of what was abandoned; its key may be waiting for something else by now.
        self.current.get(&key).filter(|(current, _)| *current == number)?;
        self.current.remove(&key);
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    fn key(step: &str) -> EffectKey {
        EffectKey { step: step.into(), items: Vec::new() }
    }

    fn woke(step: &str) -> Event {
        Event::Woke { key: key(step), at: Utc::now() }
    }

    #[tokio::test]
    async fn abandoned_work_is_dropped_and_the_rest_goes_on() {
        let mut under_way = UnderWay::default();
        let (told, mut heard) = tokio::sync::mpsc::channel::<()>(1);
        under_way.begin(key("slow"), async move {
            std::future::pending::<()>().await;
            drop(told);
            None
        });
        under_way.begin(key("ended"), async { Some(woke("ended")) });
        under_way.begin(key("other"), async { Some(woke("other")) });
        under_way.abandon(&key("slow"));
        under_way.abandon(&key("ended"));
        let mut events = Vec::new();
        while let Some(event) = under_way.next().await {
            events.extend(event);
        }
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].key(), Some(&key("other")));
        assert!(heard.recv().await.is_none(), "the slow work is gone");
        assert!(under_way.is_empty());
    }

    #[tokio::test]
    async fn what_was_abandoned_is_not_taken_for_what_its_key_asked_for_next() {
        let mut under_way = UnderWay::default();
        under_way.begin(key("step"), async { Some(woke("first")) });
        assert!(under_way.go_on().now_or_never().is_none());
        under_way.abandon(&key("step"));
        under_way.begin(key("step"), async { Some(woke("second")) });
        let mut events = Vec::new();
        while let Some(event) = under_way.next().await {
            events.extend(event);
        }
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].key(), Some(&key("second")));
    }

    #[tokio::test]
    async fn what_ends_while_nobody_asks_is_kept() {
        let mut under_way = UnderWay::default();
        under_way.begin(key("step"), async { Some(woke("step")) });
        assert!(under_way.go_on().now_or_never().is_none());
        assert!(!under_way.is_empty() && under_way.has(&key("step")));
        assert_eq!(under_way.at_hand().unwrap().unwrap().key(), Some(&key("step")));
        assert!(under_way.is_empty() && !under_way.has(&key("step")));
    }
}
