//! What tells activities apart where they come from: an activity that arrives twice is one.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::writer::ActivityKeys;
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use std::collections::HashSet;
use uuid::Uuid;

/// Keys of one statement.
const PIECE: usize = 500;

macro_rules! activity_keys {
    ($database:ty, $connection:ty) => {
        impl ActivityKeys for $connection {
            async fn known_activities(
                &mut self,
                workspace: WorkspaceId,
                keys: &HashSet<String>,
            ) -> Result<HashSet<String>, Error> {
                let (mut known, all) = (HashSet::new(), keys.iter().collect::<Vec<_>>());
                for piece in all.chunks(PIECE) {
                    let mut sql =
                        QueryBuilder::<$database>::new("SELECT key FROM activity_key WHERE workspace = ");
                    let mut list = sql.push_bind(workspace.0).push(" AND key IN (").separated(", ");
                    for key in piece {
                        list.push_bind((*key).clone());
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        known.insert(row.string("key")?);
                    }
                }
                Ok(known)
            }

            async fn add_activity_keys(
                &mut self,
                workspace: WorkspaceId,
                keys: Vec<(String, Uuid)>,
                at: DateTime<Utc>,
            ) -> Result<(), Error> {
                for piece in keys.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO activity_key (workspace, key, lead, at) ",
                    );
                    sql.push_values(piece, |mut row, (key, lead)| {
                        row.push_bind(workspace.0)
                            .push_bind(key.clone())
                            .push_bind(*lead)
                            .push_bind(micros(at));
                    });
                    sql.push(" ON CONFLICT DO NOTHING");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }
        }
    };
}

activity_keys!(sqlx::Sqlite, sqlx::sqlite::SqliteConnection);
activity_keys!(sqlx::Postgres, sqlx::postgres::PgConnection);
