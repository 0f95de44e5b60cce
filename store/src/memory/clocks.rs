//! Clocks of service levels.

use super::Memory;
use crate::ports::{Answer, SlaClocks, WorkspaceId};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use trunkline_leads::sla::{Clock, ClockState, PastRate};
use uuid::Uuid;

impl SlaClocks for Memory {
    fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<(WorkspaceId, Uuid, Uuid)>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let due = tables.clocks.values().filter_map(|(of, clock)| Some((clock.wake_at()?, *of, clock)));
            let mut due: Vec<_> = due.filter(|(at, ..)| *at <= now).collect();
            due.sort_by_key(|(at, _, clock)| (*at, clock.id));
            due.truncate(limit as usize);
            Ok(due.into_iter().map(|(_, of, clock)| (of, clock.lead_id, clock.id)).collect())
        })
    }

    fn next_wake(&self) -> Answer<'_, Option<DateTime<Utc>>> {
        Box::pin(async move {
            Ok(self.read().await?.clocks.values().filter_map(|(_, clock)| clock.wake_at()).min())
        })
    }

    fn open(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Clock>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let open = tables.clocks.values().filter(|(of, clock)| *of == workspace && clock.is_open());
            let mut open: Vec<Clock> = open.map(|(_, clock)| (**clock).clone()).collect();
            open.sort_by_key(|clock| (clock.due_at, clock.id));
            Ok(open)
        })
    }

    fn of_lead(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Vec<Clock>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of =
                tables.clocks.values().rev().filter(|(of, clock)| *of == workspace && clock.lead_id == lead);
            Ok(of.take(100).map(|(_, clock)| (**clock).clone()).collect())
        })
    }

    fn rates(&self, workspace: WorkspaceId, since: DateTime<Utc>) -> Answer<'_, Vec<PastRate>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let mut rates: BTreeMap<_, PastRate> = BTreeMap::new();
            for (of, clock) in tables.clocks.values() {
                if *of != workspace || clock.ended_at.is_none_or(|ended| ended < since) {
                    continue;
                }
                let rate = rates.entry((clock.policy.clone(), clock.kind)).or_insert_with(|| PastRate {
                    policy: clock.policy.clone(),
                    kind: clock.kind,
                    met: 0,
                    breached: 0,
                });
                rate.met += u64::from(clock.state == ClockState::Met);
                rate.breached += u64::from(clock.state == ClockState::Breached);
            }
            Ok(rates.into_values().collect())
        })
    }
}
