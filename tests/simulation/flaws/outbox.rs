//! Events of leads that are not kept until their runs are accepted, or not handed out in their order.

use super::Flaw;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use trunkline_store::Answer;
use trunkline_store::ports::{LeadEvent, LeadEvents};

/// Events with a flaw.
#[derive(Debug)]
pub(super) struct FlawedEvents {
    pub(super) flaw: Flaw,
    pub(super) events: Arc<dyn LeadEvents>,
}

impl LeadEvents for FlawedEvents {
    fn arrived(&self) -> BoxFuture<'_, ()> {
        self.events.arrived()
    }

    fn list(&self, limit: u32) -> Answer<'_, Vec<LeadEvent>> {
        Box::pin(async move {
            let mut events = self.events.list(limit).await?;
            if self.flaw == Flaw::ForgetsEvents {
                self.events.done(events.iter().map(|event| event.id).collect()).await?;
            } else {
                events.reverse();
            }
            Ok(events)
        })
    }

    fn done(&self, ids: Vec<i64>) -> Answer<'_, ()> {
        self.events.done(ids)
    }
}
