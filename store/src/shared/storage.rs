//! How much room the store takes, and how much it may.

use super::retention::Retention;
use crate::columns::Columns;
use crate::ports::{Answer, Storage, Usage, WorkflowUsage, WorkspaceId};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use sqlx::QueryBuilder;
use std::collections::HashMap;
use uuid::Uuid;

macro_rules! storage {
    ($backend:ty, $database:ty) => {
        impl Storage for $backend {
            fn usage(&self, workspace: WorkspaceId) -> Answer<'_, Usage> {
                Box::pin(async move {
                    let bytes = self.bytes().await?;
                    let mut snapshot = self.readers.begin().await?;
                    let mut of: HashMap<Uuid, WorkflowUsage> = HashMap::new();
                    for row in &sqlx::query("SELECT id, name FROM workflow WHERE workspace = $1")
                        .bind(workspace.0)
                        .fetch_all(&mut *snapshot)
                        .await?
                    {
                        let workflow = row.id("id")?;
                        let name = row.string("name")?;
                        of.insert(workflow, WorkflowUsage { workflow, name, runs: 0, bytes: 0 });
                    }
                    for (sql, are_runs) in [
                        (
                            "SELECT workflow, count(*) AS n, CAST(sum(octet_length(journal)) AS BIGINT) AS bytes \
                            FROM run WHERE workspace = $1 GROUP BY workflow",
                            true,
                        ),
                        (
                            "SELECT r.workflow, count(*) AS n, CAST(sum(octet_length(j.body)) AS BIGINT) AS bytes \
                            FROM journal j JOIN run r ON r.id = j.run WHERE r.workspace = $1 GROUP BY r.workflow",
                            false,
                        ),
                        (
                            "SELECT r.workflow, count(*) AS n, CAST(sum(p.bytes) AS BIGINT) AS bytes FROM payload_use u \
                            JOIN payload p ON p.sha256 = u.sha256 JOIN run r ON r.id = u.run \
                            WHERE r.workspace = $1 GROUP BY r.workflow",
                            false,
                        ),
                    ] {
                        for row in &sqlx::query(sql).bind(workspace.0).fetch_all(&mut *snapshot).await? {
                            if let Some(usage) = of.get_mut(&row.id("workflow")?) {
                                usage.runs += if are_runs { row.count("n")? } else { 0 };
                                usage.bytes += row.count("bytes")?;
                            }
                        }
                    }
                    let sql = "SELECT count(*) AS n FROM erasure WHERE workspace = $1";
                    let erasures = sqlx::query(sql).bind(workspace.0).fetch_one(&mut *snapshot).await?.count("n")?;
                    let budget = snapshot.budget().await?;
                    let mut by_workflow: Vec<_> = of.into_values().filter(|usage| usage.runs > 0).collect();
                    by_workflow.sort_unstable_by(|a, b| (b.bytes, &a.name).cmp(&(a.bytes, &b.name)));
                    let runs = by_workflow.iter().map(|usage| usage.runs).sum();
                    Ok(Usage { bytes, budget, runs, by_workflow, erasures })
                })
            }

            fn budget(&self) -> Answer<'_, Option<u64>> {
                Box::pin(async move { self.readers.acquire().await?.budget().await })
            }

            fn set_budget(&self, bytes: Option<u64>) -> Answer<'_, ()> {
                Box::pin(async move {
                    self.writer
                        .write(move |connection| {
                            Box::pin(async move {
                                let mut sql = QueryBuilder::<$database>::new("");
                                match bytes {
                                    None => sql.push("DELETE FROM store_setting WHERE name = 'budget_bytes'"),
                                    Some(bytes) => sql
                                        .push("INSERT INTO store_setting (name, value) VALUES ('budget_bytes', ")
                                        .push_bind(bytes.to_string())
                                        .push(") ON CONFLICT (name) DO UPDATE SET value = excluded.value"),
                                };
                                sql.build().execute(connection).await?;
                                Ok(())
                            })
                        })
                        .await
                })
            }
        }
    };
}

storage!(Sqlite, sqlx::Sqlite);
storage!(Postgres, sqlx::Postgres);
