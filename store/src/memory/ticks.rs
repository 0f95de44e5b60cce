//! Moments of schedules, and the server's own keys.

use super::Memory;
use super::transaction::Transaction;
use crate::error::Error;
use crate::ports::{Answer, KEPT_TICKS, Keys, Tick, TickOutcome, Ticks};
use crate::writer::TickTables;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use trunkline_engine::document::StepId;
use trunkline_engine::run::RunId;
use uuid::Uuid;

impl TickTables for Transaction {
    async fn note_ticks(&mut self, workflow: Uuid, step: &str, ticks: &[Tick]) -> Result<(), Error> {
        let Some(last) = ticks.iter().map(|tick| tick.at).max() else { return Ok(()) };
        let tables = self.tables()?;
        let noted = Arc::make_mut(&mut tables.ticks);
        for tick in ticks {
            let place = noted.entry((workflow, step.to_owned(), tick.at)).or_insert(*tick);
            if place.run.is_none() {
                *place = *tick;
            }
        }
        let oldest = last - KEPT_TICKS;
        noted.retain(|(of, which, at), _| *of != workflow || which != step || *at >= oldest);
        let fired = Arc::make_mut(&mut tables.fired).entry((workflow, step.to_owned())).or_insert(last);
        *fired = last.max(*fired);
        Ok(())
    }
}

impl Ticks for Memory {
    fn note(&self, workflow: Uuid, step: StepId, ticks: Vec<Tick>) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { connection.note_ticks(workflow, &step, &ticks).await })
        }))
    }

    fn between(
        &self,
        workflow: Uuid,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Answer<'_, Vec<(StepId, Tick)>> {
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

    fn last_run(&self, workflow: Uuid, step: StepId) -> Answer<'_, Option<RunId>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_step =
                tables.ticks.iter().rev().filter(|((of, which, _), _)| *of == workflow && *which == step);
            let run = of_step.filter_map(|(_, tick)| tick.run).next();
            Ok(run)
        })
    }

    fn queued(&self, workflow: Uuid, step: StepId, limit: u32) -> Answer<'_, Vec<DateTime<Utc>>> {
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
