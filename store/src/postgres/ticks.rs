//! Moments of schedules, and the server's own keys.

use super::Postgres;
use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{Answer, Keys, Tick, TickOutcome, Ticks};
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use trunkline_engine::run::RunId;
use uuid::Uuid;

impl Ticks for Postgres {
    fn note(
        &self,
        workflow: Uuid,
        step: String,
        ticks: Vec<Tick>,
        keep_from: DateTime<Utc>,
    ) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "INSERT INTO tick (workflow, step, at, outcome, run) \
                    SELECT $1, $2, * FROM UNNEST($3::bigint[], $4::text[], $5::uuid[]) \
                    ON CONFLICT (workflow, step, at) DO UPDATE SET outcome = excluded.outcome, run = excluded.run";
                sqlx::query(sql)
                    .bind(workflow)
                    .bind(&step)
                    .bind(ticks.iter().map(|tick| micros(tick.at)).collect::<Vec<_>>())
                    .bind(ticks.iter().map(|tick| tick.outcome.as_str()).collect::<Vec<_>>())
                    .bind(ticks.iter().map(|tick| tick.run).collect::<Vec<_>>())
                    .execute(&mut *connection)
                    .await?;
                if let Some(last) = ticks.iter().map(|tick| tick.at).max() {
                    let sql = "INSERT INTO schedule (workflow, step, last_fired) VALUES ($1, $2, $3) \
                        ON CONFLICT (workflow, step) DO UPDATE SET last_fired = greatest(schedule.last_fired, excluded.last_fired)";
                    sqlx::query(sql).bind(workflow).bind(&step).bind(micros(last)).execute(&mut *connection).await?;
                }
                let sql = "DELETE FROM tick WHERE workflow = $1 AND step = $2 AND at < $3";
                sqlx::query(sql).bind(workflow).bind(&step).bind(micros(keep_from)).execute(connection).await?;
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
            let sql = "SELECT step, at, outcome, run FROM tick \
                WHERE workflow = $1 AND at >= $2 AND at < $3 ORDER BY at, step";
            let rows = sqlx::query(sql).bind(workflow).bind(micros(from)).bind(micros(until));
            rows.fetch_all(&self.readers)
                .await?
                .iter()
                .map(|row| Ok((row.try_get("step")?, tick(row)?)))
                .collect()
        })
    }

    fn last_run(&self, workflow: Uuid, step: String) -> Answer<'_, Option<RunId>> {
        Box::pin(async move {
            let sql = "SELECT run FROM tick WHERE workflow = $1 AND step = $2 AND run IS NOT NULL \
                ORDER BY at DESC LIMIT 1";
            Ok(sqlx::query_scalar(sql).bind(workflow).bind(step).fetch_optional(&self.readers).await?)
        })
    }

    fn queued(&self, workflow: Uuid, step: String, limit: u32) -> Answer<'_, Vec<DateTime<Utc>>> {
        Box::pin(async move {
            let sql = "SELECT at FROM tick WHERE outcome = 'queued' AND workflow = $1 AND step = $2 \
                ORDER BY at LIMIT $3";
            let rows = sqlx::query(sql)
                .bind(workflow)
                .bind(step)
                .bind(i64::from(limit))
                .fetch_all(&self.readers)
                .await?;
            rows.iter().map(|row| row.moment("at")).collect()
        })
    }
}

fn tick(row: &PgRow) -> Result<Tick, Error> {
    let word: &str = row.try_get("outcome")?;
    let outcome =
        TickOutcome::parse(word).ok_or_else(|| Error::Corrupt("an unknown outcome of a tick".into()))?;
    Ok(Tick { at: row.moment("at")?, outcome, run: row.try_get("run")? })
}

impl Keys for Postgres {
    fn link_key(&self, candidate: [u8; 32]) -> Answer<'_, [u8; 32]> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "INSERT INTO server_key (name, key) VALUES ('links', $1) ON CONFLICT DO NOTHING";
                sqlx::query(sql).bind(&candidate[..]).execute(&mut *connection).await?;
                let sql = "SELECT key FROM server_key WHERE name = 'links'";
                let kept: Vec<u8> = sqlx::query_scalar(sql).fetch_one(connection).await?;
                kept.try_into().map_err(|_| Error::Corrupt("the key of links has another length".into()))
            })
        }))
    }
}
