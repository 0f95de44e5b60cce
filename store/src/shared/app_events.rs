//! What happens in apps: positions of triggers that ask, what apps sent, and events that wait for their runs.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{
    Answer, AppEvent, AppEvents, Delivered, Delivery, DeliveryCount, Look, NewAppEvent, Refused, WorkspaceId,
};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// Most events of one answer.
const MOST: u32 = 1_000;
/// Rows in one statement.
const PIECE: usize = 1_000;
const LOOKS: &str = "SELECT workflow, step, source, begin_at, revision, position, looked_at, next_at, failures, trouble, \
    seen, started FROM app_look";

macro_rules! app_events {
    ($backend:ty, $database:ty, $connection:ty, $write:ident, $seen:ident, $count:ident) => {
        impl AppEvents for $backend {
            fn looks(&self, workflows: Vec<Uuid>) -> Answer<'_, Vec<Look>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(LOOKS);
                    if !workflows.is_empty() {
                        sql.push(" WHERE workflow IN (");
                        let mut list = sql.separated(", ");
                        for workflow in workflows {
                            list.push_bind(workflow);
                        }
                        list.push_unseparated(")");
                    }
                    sql.build().fetch_all(&self.readers).await?.iter().map(look).collect()
                })
            }

            fn looked(&self, look: Look, events: Vec<NewAppEvent>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = if look.revision == 0 {
                            "INSERT INTO app_look (workflow, step, source, begin_at, revision, position, looked_at, \
                            next_at, failures, trouble, seen, started) \
                            VALUES ($1, $2, $3, $4, $12 + 1, $5, $6, $7, $8, $9, $10, $11) \
                            ON CONFLICT (workflow, step) DO NOTHING"
                        } else {
                            "UPDATE app_look SET source = $3, begin_at = $4, position = $5, looked_at = $6, \
                            next_at = $7, failures = $8, trouble = $9, seen = $10, started = $11, \
                            revision = revision + 1 WHERE workflow = $1 AND step = $2 AND revision = $12"
                        };
                        let changed = sqlx::query(sql)
                            .bind(look.workflow)
                            .bind(look.step)
                            .bind(look.source)
                            .bind(to_json(&look.begin)?)
                            .bind(to_json(&look.position)?)
                            .bind(look.looked_at.map(micros))
                            .bind(micros(look.next_at))
                            .bind(i64::from(look.failures))
                            .bind(look.trouble.as_ref().map(to_json).transpose()?)
                            .bind(i64::try_from(look.seen).unwrap_or(i64::MAX))
                            .bind(i64::try_from(look.started).unwrap_or(i64::MAX))
                            .bind(look.revision)
                            .execute(&mut *connection)
                            .await?;
                        if changed.rows_affected() != 1 {
                            return Err(Error::Stale { current: look.revision + 1 });
                        }
                        $write(connection, &events).await
                    })
                }))
            }

            fn deliver(&self, delivery: Delivery) -> Answer<'_, Delivered> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let old = sqlx::query("DELETE FROM app_event_key WHERE at < $1");
                        old.bind(micros(delivery.since)).execute(&mut *connection).await?;
                        let keys = delivery.events.iter().filter_map(|(key, _)| *key).chain(delivery.proof);
                        let mut seen = $seen(connection, delivery.connection, keys.collect()).await?;
                        let is_replayed = delivery.proof.is_some_and(|proof| seen.contains(&proof));
                        let (mut fresh, mut count) = (Vec::new(), Delivered::default());
                        let mut noted: Vec<[u8; 32]> = delivery.proof.filter(|_| !is_replayed).into_iter().collect();
                        for (key, events) in delivery.events {
                            if is_replayed || key.is_some_and(|key| !seen.insert(key)) {
                                count.repeated += 1;
                                continue;
                            }
                            count.accepted += 1;
                            noted.extend(key);
                            fresh.extend(events);
                        }
                        for piece in noted.chunks(PIECE) {
                            let mut sql =
                                QueryBuilder::<$database>::new("INSERT INTO app_event_key (connection, digest, at) ");
                            sql.push_values(piece, |mut row, key| {
                                row.push_bind(delivery.connection)
                                    .push_bind(key.to_vec())
                                    .push_bind(micros(delivery.at));
                            });
                            sql.build().execute(&mut *connection).await?;
                        }
                        $write(connection, &fresh).await?;
                        let counts = [count.accepted, count.repeated, 0, 0, 0];
                        $count(connection, (delivery.connection, &delivery.webhook), counts, delivery.at).await?;
                        Ok(count)
                    })
                }))
            }

            fn refuse(
                &self,
                connection: Uuid,
                webhook: String,
                why: Refused,
                count: u64,
                at: DateTime<Utc>,
            ) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |writer| {
                    Box::pin(async move {
                        let counts = match why {
                            Refused::Forged => [0, 0, count, 0, 0],
                            Refused::TooOld => [0, 0, 0, count, 0],
                            Refused::Unreadable => [0, 0, 0, 0, count],
                        };
                        $count(writer, (connection, &webhook), counts, at).await
                    })
                }))
            }

            fn deliveries(&self, connection: Uuid) -> Answer<'_, Vec<DeliveryCount>> {
                Box::pin(async move {
                    let sql = "SELECT webhook, accepted, repeated, forged, too_old, unreadable, last_at, refused_at \
                        FROM app_delivery WHERE connection = $1 ORDER BY webhook";
                    let rows = sqlx::query(sql).bind(connection).fetch_all(&self.readers).await?;
                    rows.iter().map(delivery_count).collect()
                })
            }

            fn list(&self, limit: u32) -> Answer<'_, Vec<AppEvent>> {
                Box::pin(async move {
                    let sql = "SELECT id, workspace, workflow, step, output, at FROM app_event ORDER BY id LIMIT $1";
                    let rows = sqlx::query(sql).bind(i64::from(limit.clamp(1, MOST)));
                    rows.fetch_all(&self.readers).await?.iter().map(event).collect()
                })
            }

            fn done(&self, ids: Vec<i64>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        for piece in ids.chunks(PIECE) {
                            let mut sql = QueryBuilder::<$database>::new("DELETE FROM app_event WHERE id IN (");
                            let mut list = sql.separated(", ");
                            for id in piece {
                                list.push_bind(*id);
                            }
                            list.push_unseparated(")");
                            sql.build().execute(&mut *connection).await?;
                        }
                        Ok(())
                    })
                }))
            }
        }

        /// Writes events down, in the order in which they happened.
        async fn $write(connection: &mut $connection, events: &[NewAppEvent]) -> Result<(), Error> {
            for piece in events.chunks(PIECE) {
                let mut sql = QueryBuilder::<$database>::new(
                    "INSERT INTO app_event (workspace, workflow, step, output, at) ",
                );
                let outputs = piece.iter().map(|event| to_json(&event.output)).collect::<Result<Vec<_>, _>>()?;
                sql.push_values(piece.iter().zip(outputs), |mut row, (event, output)| {
                    row.push_bind(event.workspace.0)
                        .push_bind(event.workflow)
                        .push_bind(event.step.clone())
                        .push_bind(output)
                        .push_bind(micros(event.at));
                });
                sql.build().execute(&mut *connection).await?;
            }
            Ok(())
        }

        /// Those of `keys` that were seen.
        async fn $seen(
            connection: &mut $connection,
            of: Uuid,
            keys: Vec<[u8; 32]>,
        ) -> Result<HashSet<[u8; 32]>, Error> {
            let mut seen = HashSet::new();
            for piece in keys.chunks(PIECE) {
                let mut sql =
                    QueryBuilder::<$database>::new("SELECT digest FROM app_event_key WHERE connection = ");
                sql.push_bind(of).push(" AND digest IN (");
                let mut list = sql.separated(", ");
                for key in piece {
                    list.push_bind(key.to_vec());
                }
                list.push_unseparated(")");
                for row in sql.build().fetch_all(&mut *connection).await? {
                    let digest = row.bytes("digest")?;
                    seen.extend(<[u8; 32]>::try_from(digest));
                }
            }
            Ok(seen)
        }

        /// Adds to what came to an address.
        async fn $count(
            connection: &mut $connection,
            (of, webhook): (Uuid, &str),
            counts: [u64; 5],
            at: DateTime<Utc>,
        ) -> Result<(), Error> {
            let [accepted, repeated, forged, too_old, unreadable] =
                counts.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
            let is_refused = forged + too_old + unreadable > 0;
            let sql = "INSERT INTO app_delivery \
                (connection, webhook, accepted, repeated, forged, too_old, unreadable, last_at, refused_at) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (connection, webhook) DO UPDATE SET \
                accepted = app_delivery.accepted + excluded.accepted, \
                repeated = app_delivery.repeated + excluded.repeated, forged = app_delivery.forged + excluded.forged, \
                too_old = app_delivery.too_old + excluded.too_old, \
                unreadable = app_delivery.unreadable + excluded.unreadable, \
                last_at = coalesce(excluded.last_at, app_delivery.last_at), \
                refused_at = coalesce(excluded.refused_at, app_delivery.refused_at)";
            sqlx::query(sql)
                .bind(of)
                .bind(webhook)
                .bind(accepted)
                .bind(repeated)
                .bind(forged)
                .bind(too_old)
                .bind(unreadable)
                .bind((!is_refused).then_some(micros(at)))
                .bind(is_refused.then_some(micros(at)))
                .execute(connection)
                .await?;
            Ok(())
        }
    };
}

app_events!(Sqlite, sqlx::Sqlite, SqliteConnection, write_in_sqlite, seen_in_sqlite, count_in_sqlite);
app_events!(Postgres, sqlx::Postgres, PgConnection, write_in_postgres, seen_in_postgres, count_in_postgres);

fn look(row: &impl Columns) -> Result<Look, Error> {
    Ok(Look {
        workflow: row.id("workflow")?,
        step: row.string("step")?,
        source: row.string("source")?,
        begin: row.json("begin_at")?,
        revision: row.number("revision")?,
        position: row.json("position")?,
        looked_at: row.maybe_moment("looked_at")?,
        next_at: row.moment("next_at")?,
        failures: row.small("failures")?,
        trouble: row
            .maybe_text("trouble")?
            .map(|text| crate::columns::from_json("trouble", text))
            .transpose()?,
        seen: row.count("seen")?,
        started: row.count("started")?,
    })
}

fn event(row: &impl Columns) -> Result<AppEvent, Error> {
    let event = NewAppEvent {
        workspace: WorkspaceId(row.number("workspace")?),
        workflow: row.id("workflow")?,
        step: row.string("step")?,
        output: row.json("output")?,
        at: row.moment("at")?,
    };
    Ok(AppEvent { id: row.number("id")?, event })
}

fn delivery_count(row: &impl Columns) -> Result<DeliveryCount, Error> {
    Ok(DeliveryCount {
        webhook: row.string("webhook")?,
        accepted: row.count("accepted")?,
        repeated: row.count("repeated")?,
        forged: row.count("forged")?,
        too_old: row.count("too_old")?,
        unreadable: row.count("unreadable")?,
        last_at: row.maybe_moment("last_at")?,
        refused_at: row.maybe_moment("refused_at")?,
    })
}
