//! Moments of schedules, and the server's own keys.

use super::Memory;
use crate::ports::{Answer, Keys, Tick, TickOutcome, Ticks};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use trunkline_engine::run::RunId;
use uuid::Uuid;

impl Ticks for Memory {
    fn note(
        &self,
        workflow: Uuid,
        step: String,
        ticks: Vec<Tick>,
        keep_from: DateTime<Utc>,
    ) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let tables = connection.tables()?;
                let noted = Arc::make_mut(&mut tables.ticks);
                noted.retain(|(of, which, at), _| *of != workflow || *which != step || *at >= keep_from);
                for tick in ticks {
                    noted.insert((workflow, step.clone(), tick.at), tick);
                    let fired = Arc::make_mut(&mut tables.fired);
                    let last = fired.entry((workflow, step.clone())).or_insert(tick.at);
                    *last = tick.at.max(*last);
                }
                Ok(())
            })
        }))
    }

    fn between(
        &self,
        workflow: Uuid,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Answer<'_, Vec<(String, Tick)>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let mut found: Vec<_> = tables
                .ticks
                .iter()
                .filter(|((of, _, at), _)| *of == workflow && (from..until).contains(at))
                .map(|((_, step, _), tick)| (step.clone(), *tick))
                .collect();
            found.sort_by(|a, b| (a.1.at, &a.0).cmp(&(b.1.at, &b.0)));
            Ok(found)
        })
    }

    fn last_run(&self, workflow: Uuid, step: String) -> Answer<'_, Option<RunId>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_step =
                tables.ticks.iter().rev().filter(|((of, which, _), _)| *of == workflow && *which == step);
            let run = of_step.filter_map(|(_, tick)| tick.run).next();
            Ok(run)
        })
    }

    fn queued(&self, workflow: Uuid, step: String, limit: u32) -> Answer<'_, Vec<DateTime<Utc>>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_step = tables.ticks.iter().filter(|((of, which, _), _)| *of == workflow && *which == step);
            let queued = of_step.filter(|(_, tick)| tick.outcome == TickOutcome::Queued);
            let queued = queued.take(limit as usize).map(|(_, tick)| tick.at).collect();
            Ok(queued)
        })
    }
}

impl Keys for Memory {
    fn link_key(&self, candidate: [u8; 32]) -> Answer<'_, [u8; 32]> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { Ok(*connection.tables()?.link_key.get_or_insert(candidate)) })
        }))
    }
}
