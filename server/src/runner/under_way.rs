//! What a run in memory has under way, by the key of the effect that asked for it.

use futures_util::future::{AbortHandle, Abortable, BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::HashMap;
use trunkline_engine::run::{EffectKey, Event};

/// Work that ends with an event, or with none.
#[derive(Default)]
pub(super) struct UnderWay {
    work: FuturesUnordered<BoxFuture<'static, (EffectKey, Option<Event>)>>,
    /// How to stop each.
    stops: HashMap<EffectKey, AbortHandle>,
}

impl UnderWay {
    /// Begins `work`, which may be dropped at any moment.
    pub(super) fn begin(
        &mut self,
        key: EffectKey,
        work: impl Future<Output = Option<Event>> + Send + 'static,
    ) {
        let (handle, registration) = AbortHandle::new_pair();
        self.stops.insert(key.clone(), handle);
        let work = Abortable::new(work, registration);
        self.work.push(async move { (key, work.await.ok().flatten()) }.boxed());
    }

    /// Drops the work of `key`; no event comes of it.
    pub(super) fn abandon(&mut self, key: &EffectKey) {
        if let Some(handle) = self.stops.remove(key) {
            handle.abort();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.work.is_empty()
    }

    /// The next work that ends, and its event; `None` when nothing is under way.
    pub(super) async fn next(&mut self) -> Option<Option<Event>> {
        let (key, event) = self.work.next().await?;
        Some(self.taken(&key, event))
    }

    /// Work that has ended already.
    pub(super) fn at_hand(&mut self) -> Option<Option<Event>> {
        let (key, event) = self.work.next().now_or_never()??;
        Some(self.taken(&key, event))
    }

    fn taken(&mut self, key: &EffectKey, event: Option<Event>) -> Option<Event> {
        // What was abandoned is not in the map any more: nobody waits for its event.
        self.stops.remove(key).and(event)
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
}
