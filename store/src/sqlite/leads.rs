//! Leads as people look at them: the list, one lead, and where all of them are.

use super::Sqlite;
use super::codec::{Columns, hex};
use super::pools;
use crate::error::Error;
use crate::ports::{
    Answer, JobNote, LeadPage, LeadQuery, LeadRow, LeadView, Leads, ListRow, MemberRule, Named, Owner,
    PerformedByHand, Summary, TimelineEntry, WorkspaceId,
};
use crate::records::{activity, lead_row, list_row, named, owner_count};
use serde_json::json;
use sqlx::sqlite::SqliteConnection;
use trunkline_leads::activity::By;
use trunkline_leads::{Lead, Operation, Pool, Stage};
use uuid::Uuid;

impl Leads for Sqlite {
    fn list(&self, workspace: WorkspaceId, query: LeadQuery) -> Answer<'_, LeadPage> {
        Box::pin(self.list_leads(workspace, query))
    }

    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<LeadView>> {
        Box::pin(async move {
            let mut snapshot = self.readers.begin().await?;
            let sql = "SELECT l.record, o.id AS owner, o.name AS owner_name FROM lead l \
                LEFT JOIN owner o ON o.id = l.owner WHERE l.workspace = ?1 AND l.id = ?2";
            let found = sqlx::query(sql).bind(workspace.0).bind(id).fetch_optional(&mut *snapshot).await?;
            let Some(LeadRow { lead, owner }) = found.as_ref().map(lead_row).transpose()? else {
                return Ok(None);
            };
            let lists = lists_of(&mut snapshot, id).await?;
            let timeline = timeline(&mut snapshot, id).await?;
            Ok(Some(LeadView { lead, owner, lists, timeline }))
        })
    }

    fn some(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Lead>> {
        Box::pin(async move {
            let sql = "SELECT l.record FROM json_each(?1) j CROSS JOIN lead l ON l.id = unhex(j.value) \
                WHERE l.workspace = ?2 LIMIT 1000";
            let ids: Vec<String> = ids.into_iter().map(hex).collect();
            let rows = sqlx::query(sql)
                .bind(json!(ids).to_string())
                .bind(workspace.0)
                .fetch_all(&self.readers)
                .await?;
            rows.iter().map(|row| row.json("record")).collect()
        })
    }

    fn assigned_by(&self, workspace: WorkspaceId, run: Uuid) -> Answer<'_, Vec<TimelineEntry>> {
        Box::pin(async move {
            let sql = "SELECT a.* FROM activity a JOIN lead l ON l.id = a.lead \
                WHERE a.run = ?1 AND a.kind = 'assigned' AND l.workspace = ?2 ORDER BY a.id LIMIT 200";
            let rows = sqlx::query(sql).bind(run).bind(workspace.0).fetch_all(&self.readers).await?;
            rows.iter().map(activity).collect()
        })
    }

    fn perform(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
    ) -> Answer<'_, PerformedByHand> {
        Box::pin(self.writer.perform(workspace, operations, by, None))
    }

    fn perform_for_job(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
        note: JobNote,
    ) -> Answer<'_, PerformedByHand> {
        Box::pin(self.writer.perform(workspace, operations, by, Some(note)))
    }

    fn summary(&self, workspace: WorkspaceId) -> Answer<'_, Summary> {
        Box::pin(async move {
            let mut snapshot = self.readers.begin().await?;
            let connection = &mut *snapshot;
            Ok(Summary {
                total: count(connection, "SELECT count(*) AS n FROM lead WHERE workspace = ?1", workspace)
                    .await?,
                by_owner: by_owner(connection, workspace).await?,
                by_stage: by_stage(connection, workspace).await?,
                by_list: by_list(connection, workspace)
                    .await?
                    .into_iter()
                    .map(|row| (row.list, row.count))
                    .collect(),
            })
        })
    }

    fn owners(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Owner>> {
        Box::pin(pools::owners(&self.readers, workspace))
    }

    fn add_owner(&self, workspace: WorkspaceId, owner: Owner) -> Answer<'_, ()> {
        Box::pin(
            self.writer.write(move |connection| Box::pin(pools::add_owner(connection, workspace, owner))),
        )
    }

    fn pools(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Pool>> {
        Box::pin(pools::all(&self.readers, workspace))
    }

    fn add_pool(&self, workspace: WorkspaceId, pool: Named) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| Box::pin(pools::add(connection, workspace, pool))))
    }

    fn change_pool(&self, workspace: WorkspaceId, pool: Named, members: Vec<MemberRule>) -> Answer<'_, ()> {
        Box::pin(
            self.writer
                .write(move |connection| Box::pin(pools::change(connection, workspace, pool, members))),
        )
    }

    fn remove_pool(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| Box::pin(pools::remove(connection, workspace, id))))
    }

    fn lists(&self, workspace: WorkspaceId) -> Answer<'_, Vec<ListRow>> {
        Box::pin(async move {
            let mut connection = self.readers.acquire().await?;
            by_list(&mut connection, workspace).await
        })
    }

    fn stages(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Stage>> {
        Box::pin(pools::stages(&self.readers, workspace))
    }

    fn set_stages(&self, workspace: WorkspaceId, stages: Vec<Stage>) -> Answer<'_, ()> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move { pools::write_stages(connection, workspace, &stages).await })
        }))
    }
}

async fn lists_of(connection: &mut SqliteConnection, lead: Uuid) -> Result<Vec<Named>, Error> {
    let sql = "SELECT l.id, l.name FROM list_member m JOIN list l ON l.id = m.list WHERE m.lead = ?1 ORDER BY l.name";
    let rows = sqlx::query(sql).bind(lead).fetch_all(connection).await?;
    rows.iter().map(named).collect()
}

/// What happened to a lead, and to those that went into it: that stays theirs and is shown here. `CROSS` keeps SQLite from
/// reading what happened to everybody and looking for the lead in that.
pub(super) const TIMELINE: &str = "WITH RECURSIVE part (lead) AS (SELECT ?1 UNION SELECT m.merged FROM part p \
    JOIN lead_merge m ON m.survivor = p.lead AND m.undone_at IS NULL) \
    SELECT a.* FROM part p CROSS JOIN activity a ON a.lead = p.lead ORDER BY a.id DESC LIMIT 500";

async fn timeline(connection: &mut SqliteConnection, lead: Uuid) -> Result<Vec<TimelineEntry>, Error> {
    let rows = sqlx::query(TIMELINE).bind(lead).fetch_all(connection).await?;
    rows.iter().map(activity).collect()
}

async fn count(
    connection: &mut SqliteConnection,
    sql: &'static str,
    workspace: WorkspaceId,
) -> Result<u64, Error> {
    sqlx::query(sql).bind(workspace.0).fetch_one(connection).await?.count("n")
}

async fn by_owner(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
) -> Result<Vec<(Option<Named>, u64)>, Error> {
    let sql = "SELECT o.id, o.name, c.n FROM \
        (SELECT owner, count(*) AS n FROM lead WHERE workspace = ?1 GROUP BY owner) c \
        LEFT JOIN owner o ON o.id = c.owner ORDER BY c.n DESC, o.name";
    let rows = sqlx::query(sql).bind(workspace.0).fetch_all(connection).await?;
    rows.iter().map(owner_count).collect()
}

async fn by_stage(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
) -> Result<Vec<(String, u64)>, Error> {
    let sql = "SELECT c.stage, c.n FROM \
        (SELECT stage, count(*) AS n FROM lead WHERE workspace = ?1 GROUP BY stage) c \
        LEFT JOIN stage s ON s.workspace = ?1 AND s.name = c.stage ORDER BY s.rank, c.stage";
    let rows = sqlx::query(sql).bind(workspace.0).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.string("stage")?, row.count("n")?))).collect()
}

async fn by_list(connection: &mut SqliteConnection, workspace: WorkspaceId) -> Result<Vec<ListRow>, Error> {
    let sql = "SELECT l.id, l.name, (SELECT count(*) FROM list_member m WHERE m.list = l.id) AS n \
        FROM list l WHERE l.workspace = ?1 ORDER BY l.name";
    let rows = sqlx::query(sql).bind(workspace.0).fetch_all(connection).await?;
    rows.iter().map(list_row).collect()
}
